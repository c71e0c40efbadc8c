//! What the host has decided before the first octet comes.

use std::net::IpAddr;

use message::Domain;

use super::Wording;
use crate::{BareNewline, Grammar};

/// What a listener is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Port 25: mail for our own domains from anybody, for others only after a login.
    Exchange,
    /// Ports 587 and 465 (RFC 6409): nothing before a login; missing fields are added.
    Submission,
}

/// Where TLS stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// There is no certificate.
    Unavailable,
    /// STARTTLS is offered.
    Offered,
    /// Inside TLS, with this cipher (RFC 8446 §B.4 name).
    Active(String),
}

/// Over a limit there is a clear reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Octets of a message as sent, dots unstuffed (RFC 1870 §5).
    pub message_size: u64,
    /// RCPT commands of one transaction.
    pub recipients: usize,
    /// `Received:` fields before a message counts as looping (RFC 5321 §6.3).
    pub hops: usize,
    /// Commands before a login or a first transaction.
    pub commands_before_login: u32,
    /// Commands that are wrong in themselves.
    pub bad_commands: u32,
    /// Recipients who do not exist, of a client that is not logged in.
    pub unknown_recipients: u32,
    /// Failed logins.
    pub auth_failures: u32,
}

/// All that a session must know of its host and its client.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Our name.
    pub hostname: Domain,
    /// The session's id, which stands in the greeting and in every refusal.
    pub session: String,
    /// The client.
    pub peer: IpAddr,
    /// Whether the client is a proxy that may say for whom it speaks (XCLIENT).
    pub xclient: bool,
    /// What the listener is for.
    pub role: Role,
    /// Whether AUTH works inside TLS only.
    pub auth_needs_tls: bool,
    /// Whether an AUTH in clear against that ends the session.
    pub cleartext_closes: bool,
    /// How AUTH's replies are worded.
    pub wording: Wording,
    /// Whether EHLO has the old `AUTH=` line, too.
    pub legacy_auth_line: bool,
    /// How commands are read.
    pub grammar: Grammar,
    /// What a bare CR or LF in a message does.
    pub bare_newline: BareNewline,
    /// How much is too much.
    pub limits: Limits,
}

impl Policy {
    /// The client as an address literal (RFC 5321 §4.1.3). An IPv4 address that came over an IPv6 socket is shown
    /// as what it is.
    pub(super) fn peer_literal(&self) -> String {
        match self.peer.to_canonical() {
            IpAddr::V4(v4) => format!("[{v4}]"),
            IpAddr::V6(v6) => format!("[IPv6:{v6}]"),
        }
    }
}
