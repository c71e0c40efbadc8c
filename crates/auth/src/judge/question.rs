//! What is asked.

use std::net::IpAddr;

use sasl::Evidence;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::module::{Request, Who};
use crate::{Rejection, Service};

/// The version of the question.
const VERSION: u8 = 1;

/// Room for the largest question: name and password at their longest, each octet escaped. The buffer never grows, so that
/// no copy of the password is left behind.
const ROOM: usize = 16 * 1024;

/// A question.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Question<'a> {
    v: u8,
    question: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    /// Missing if the name could be nobody's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mechanism: Option<String>,
    #[serde(flatten)]
    shown: Shown<'a>,
}

/// What a client has shown.
#[derive(Clone, Serialize)]
#[serde(untagged)]
enum Shown<'a> {
    Nothing {},
    Password { password: &'a str },
    Response { challenge: String, response: String },
}

impl std::fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shown(…)")
    }
}

impl<'a> Question<'a> {
    /// Is the judge there, and does it work?
    pub(crate) fn survey() -> Self {
        Self::new("survey")
    }

    /// Is somebody who they say?
    ///
    /// # Errors
    /// A judge cannot be asked about this evidence.
    pub(crate) fn check(request: &'a Request) -> Result<Self, Rejection> {
        let shown = match &request.evidence {
            // Everybody keeps passwords as UTF-8 (RFC 4616 §2), so this one can be nobody's.
            Evidence::Password(evidence) => std::str::from_utf8(evidence.password.expose())
                .map(|password| Shown::Password { password })
                .map_err(|_| Rejection::WrongPassword)?,
            Evidence::Cram(evidence) => Shown::Response {
                challenge: String::from_utf8_lossy(&evidence.challenge).into_owned(),
                response: hex(&evidence.digest),
            },
            Evidence::Apop(evidence) => {
                Shown::Response { challenge: evidence.timestamp.clone(), response: hex(&evidence.digest) }
            }
            _ => return Err(Rejection::MechanismNotPossible),
        };
        let attempt = request.attempt;
        let (peer, tls, mechanism) =
            (Some(attempt.peer), Some(attempt.tls), Some(request.evidence.mechanism().to_string()));
        Ok(Self { peer, tls, mechanism, shown, ..Self::about("check", &request.who) })
    }

    /// Is there such an account? For the keys of a mechanism, or for mail.
    pub(crate) fn lookup(who: &'a Who, mechanism: Option<&str>) -> Self {
        Self { mechanism: mechanism.map(str::to_owned), ..Self::about("lookup", who) }
    }

    fn about(question: &'static str, who: &'a Who) -> Self {
        let address = who.address.as_ref().map(ToString::to_string);
        Self { service: Some(Service::name(who.service)), user: Some(&who.identity), address, ..Self::new(question) }
    }

    fn new(question: &'static str) -> Self {
        let (service, peer, tls, user, address, mechanism) = (None, None, None, None, None, None);
        Self { v: VERSION, question, service, peer, tls, user, address, mechanism, shown: Shown::Nothing {} }
    }

    /// One line of JSON. It is wiped when it is dropped.
    pub(crate) fn line(&self) -> Zeroizing<Vec<u8>> {
        let mut line = Zeroizing::new(Vec::with_capacity(ROOM));
        // Writing to memory cannot fail, and there are only texts, numbers and flags to write.
        let written = serde_json::to_writer(&mut *line, self);
        debug_assert!(written.is_ok());
        line.push(b'\n');
        line
    }
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
