//! What the chain can say. Temporary and permanent are different values.

use std::net::IpAddr;

use message::Address;
use serde::{Deserialize, Serialize};
use trace::SessionId;

use crate::Account;

/// What an account may use; each is a flag of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// Submission, and AUTH on port 25.
    Smtp,
    /// IMAP.
    Imap,
    /// POP3.
    Pop3,
}

impl Service {
    /// Every service.
    pub const ALL: [Self; 3] = [Self::Smtp, Self::Imap, Self::Pop3];

    /// `smtp`, `imap`, `pop3`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::Imap => "imap",
            Self::Pop3 => "pop3",
        }
    }

    /// Reads a name, in any case, with those that Courier and others use for the same (`esmtp`, `submission`).
    pub fn from_name(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "smtp" | "esmtp" | "submission" | "submissions" => Some(Self::Smtp),
            "imap" | "imaps" => Some(Self::Imap),
            "pop3" | "pop3s" | "pop" => Some(Self::Pop3),
            _ => None,
        }
    }
}

/// The circumstances of a login attempt.
#[derive(Debug, Clone, Copy)]
pub struct Attempt {
    /// What the login is for.
    pub service: Service,
    /// Who asks.
    pub peer: IpAddr,
    /// Whether inside TLS.
    pub tls: bool,
    /// The session, for the log of attempts.
    pub session: Option<SessionId>,
    /// Where the client came in.
    pub listener: Option<config::Service>,
}

impl Attempt {
    /// One that belongs to no session.
    pub fn new(service: Service, peer: IpAddr, tls: bool) -> Self {
        Self { service, peer, tls, session: None, listener: None }
    }
}

/// The chain's answer to a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// ACCEPT.
    Accept(Box<Account>),
    /// REJECT by all.
    Reject(Rejection),
    /// TEMPFAIL: could not tell. Never shown as a wrong password.
    TempFail(TempFail),
}

impl Verdict {
    /// ACCEPT.
    pub(crate) fn accept(account: Account) -> Self {
        Self::Accept(Box::new(account))
    }
}

/// Why a login was refused. For the log; the client is told the same for all but the last two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rejection {
    /// No module knows the user.
    UnknownUser,
    /// Known, but the evidence is wrong.
    WrongPassword,
    /// Known and right, but the account is switched off, or may not use this service.
    Disabled,
    /// Known and right, but account or password are past their time.
    Expired,
    /// What is kept of the account cannot verify this mechanism.
    MechanismNotPossible,
    /// An authorization identity other than the account's own.
    Authzid,
    /// Too many failures from this address or for this account.
    Throttled,
}

/// Why the chain could not tell: which module, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{module}: {cause}")]
pub struct TempFail {
    /// The module.
    pub module: &'static str,
    /// Path, errno, uid and what to do, for the operator.
    pub cause: String,
}

/// Who receives mail for an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// This account.
    Account(Account),
    /// An alias: these addresses, local or elsewhere, without duplicates.
    Alias(Vec<Address>),
    /// Nobody here.
    Unknown,
    /// Could not tell.
    TempFail(TempFail),
}
