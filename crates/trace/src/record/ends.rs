//! What is known of the two ends of a session.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Text;

/// Who began it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// A client came to us.
    In,
    /// We went to another server.
    Out,
}

/// Which protocol is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// SMTP, submission, LMTP.
    Smtp,
    /// IMAP.
    Imap,
    /// POP3.
    Pop3,
}

/// Where a session comes from really, as somebody trusted has said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// How it was said: `PROXY`, `XCLIENT`.
    pub said_by: Text,
    /// The client's address.
    pub address: IpAddr,
    /// Its port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// Its name in EHLO.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ehlo: Option<Text>,
    /// As whom it is logged in there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<Text>,
}

/// What TLS agreed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tls {
    /// `TLSv1.3`.
    pub version: Text,
    /// `TLS_AES_256_GCM_SHA384`.
    pub cipher: Text,
    /// The name that the client asked for (SNI).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_name: Option<Text>,
    /// The name in the certificate that the client showed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_certificate: Option<Text>,
}

/// What the other side says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Software {
    /// Its name in EHLO, HELO or LHLO; of another server, the one in its greeting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ehlo: Option<Text>,
    /// The pairs of IMAP's ID, at most 30 (RFC 2971 §3.3).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub id: Vec<(Text, Text)>,
}

impl Software {
    /// Whether it has said nothing of itself.
    pub(super) fn is_unknown(&self) -> bool {
        self.ehlo.is_none() && self.id.is_empty()
    }
}
