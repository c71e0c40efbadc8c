//! What the chain says.

use std::path::PathBuf;
use std::time::Duration;

use config::Modules;
use message::Address;
use sasl::scram;
use serde::{Deserialize, Serialize};

use super::sealed::Sealed;
use crate::attempts::Outcome;
use crate::guard::{Health, Reach};
use crate::trail::Kind;
use crate::{Account, Options, Rejection, Resolution, TempFail, Verdict};

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Person {
    address: String,
    maildir: PathBuf,
    home: Option<PathBuf>,
    uid: Option<u32>,
    gid: Option<u32>,
    quota: Option<String>,
    name: Option<String>,
    options: Vec<(String, String)>,
}

/// [`Verdict`], as it is sent.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Said {
    Accept(Person),
    Reject(Rejection),
    TempFail(Told),
}

/// [`Resolution`], as it is sent.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Whose {
    Account(Person),
    Alias(Vec<String>),
    Unknown,
    TempFail(Told),
}

/// [`TempFail`], as it is sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Told {
    module: String,
    cause: String,
}

/// [`crate::Line`], as it is sent.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Line {
    module: String,
    pub(crate) kind: Kind,
    pub(crate) outcome: Option<Outcome>,
    pub(crate) text: String,
}

/// [`Health`], as it is sent.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Fared {
    module: String,
    reach: Reach,
    trouble: Option<Told>,
    accepted: u64,
    rejected: u64,
    tempfailed: u64,
    spent: Duration,
}

/// SCRAM keys, as they are sent.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Kept {
    salt: Sealed,
    iterations: u32,
    stored_key: Sealed,
    server_key: Sealed,
}

/// The name of a module as this program has it; what it does not know is the daemon's.
pub(crate) fn module(name: &str) -> &'static str {
    Modules::NAMES.iter().find(|known| **known == name).copied().unwrap_or(crate::remote::NAME)
}

impl From<Account> for Person {
    fn from(account: Account) -> Self {
        let Account { address, maildir, home, uid, gid, quota, name, options } = account;
        Self { address: address.to_string(), maildir, home, uid, gid, quota, name, options: options.into_pairs() }
    }
}

impl Person {
    fn account(self) -> Option<Account> {
        let Self { address, maildir, home, uid, gid, quota, name, options } = self;
        let (address, options) = (Address::parse(&address).ok()?, Options::from_pairs(options));
        Some(Account { address, maildir, home, uid, gid, quota, name, options })
    }
}

impl From<TempFail> for Told {
    fn from(tempfail: TempFail) -> Self {
        Self { module: tempfail.module.to_owned(), cause: tempfail.cause }
    }
}

impl Told {
    pub(crate) fn tempfail(self) -> TempFail {
        TempFail { module: module(&self.module), cause: self.cause }
    }
}

impl From<Verdict> for Said {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Accept(account) => Self::Accept((*account).into()),
            Verdict::Reject(why) => Self::Reject(why),
            Verdict::TempFail(tempfail) => Self::TempFail(tempfail.into()),
        }
    }
}

impl Said {
    /// The verdict; `None` if it has an address that is none.
    pub(crate) fn verdict(self) -> Option<Verdict> {
        Some(match self {
            Self::Accept(person) => Verdict::accept(person.account()?),
            Self::Reject(why) => Verdict::Reject(why),
            Self::TempFail(told) => Verdict::TempFail(told.tempfail()),
        })
    }
}

impl From<Resolution> for Whose {
    fn from(resolution: Resolution) -> Self {
        match resolution {
            Resolution::Account(account) => Self::Account(account.into()),
            Resolution::Alias(targets) => Self::Alias(targets.iter().map(ToString::to_string).collect()),
            Resolution::Unknown => Self::Unknown,
            Resolution::TempFail(tempfail) => Self::TempFail(tempfail.into()),
        }
    }
}

impl Whose {
    /// Who it is; `None` if it has an address that is none.
    pub(crate) fn resolution(self) -> Option<Resolution> {
        Some(match self {
            Self::Account(person) => Resolution::Account(person.account()?),
            Self::Alias(targets) => {
                let targets: Option<_> = targets.iter().map(|target| Address::parse(target).ok()).collect();
                Resolution::Alias(targets?)
            }
            Self::Unknown => Resolution::Unknown,
            Self::TempFail(told) => Resolution::TempFail(told.tempfail()),
        })
    }
}

impl From<crate::Line> for Line {
    fn from(line: crate::Line) -> Self {
        Self { module: line.module.to_owned(), kind: line.kind, outcome: line.outcome, text: line.text }
    }
}

impl Line {
    pub(crate) fn module(&self) -> &'static str {
        module(&self.module)
    }
}

impl From<Health> for Fared {
    fn from(health: Health) -> Self {
        let Health { module, reach, trouble, accepted, rejected, tempfailed, spent } = health;
        let (module, trouble) = (module.to_owned(), trouble.map(Told::from));
        Self { module, reach, trouble, accepted, rejected, tempfailed, spent }
    }
}

impl Fared {
    pub(crate) fn health(self) -> Health {
        let Self { module: name, reach, trouble, accepted, rejected, tempfailed, spent } = self;
        let (module, trouble) = (module(&name), trouble.map(Told::tempfail));
        Health { module, reach, trouble, accepted, rejected, tempfailed, spent }
    }
}

impl From<scram::Keys> for Kept {
    fn from(keys: scram::Keys) -> Self {
        Self {
            salt: Sealed::of(&keys.salt),
            iterations: keys.iterations,
            stored_key: Sealed::of(keys.stored_key.expose()),
            server_key: Sealed::of(keys.server_key.expose()),
        }
    }
}

impl Kept {
    /// The keys of this hash; `None` if they are not of its length.
    pub(crate) fn keys(self, hash: scram::Hash) -> Option<scram::Keys> {
        let key = |sealed: &Sealed| scram::Key::new(hash, &sealed.octets());
        let (stored_key, server_key) = (key(&self.stored_key)?, key(&self.server_key)?);
        Some(scram::Keys { hash, salt: self.salt.octets(), iterations: self.iterations, stored_key, server_key })
    }
}
