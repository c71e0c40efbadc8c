//! What the chain can say. Temporary and permanent are different values.

use std::net::IpAddr;
use std::path::PathBuf;

use message::Address;

/// What an account may use; each is a flag of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// Submission, and AUTH on port 25.
    Smtp,
    /// IMAP.
    Imap,
    /// POP3.
    Pop3,
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
}

/// An account that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its address, which is also its name.
    pub address: Address,
    /// Its Maildir (absolute).
    pub maildir: PathBuf,
}

/// The chain's answer to a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// ACCEPT.
    Accept(Account),
    /// REJECT by all.
    Reject(Rejection),
    /// TEMPFAIL: could not tell. Never shown as a wrong password.
    TempFail(TempFail),
}

/// Why a login was refused. For the log; the client is told the same for the first three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// No module knows the user.
    UnknownUser,
    /// Known, but the evidence is wrong.
    WrongPassword,
    /// Known and right, but the account may not use this service.
    NotAllowed,
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
