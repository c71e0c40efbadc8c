//! What a module of the chain can do.

use std::fmt;
use std::pin::Pin;

use message::Address;
use sasl::{Evidence, scram};
use serde::{Deserialize, Serialize};

use crate::inventory::Inventory;
use crate::trail::Trail;
use crate::{Account, Attempt, Service, TempFail, Verdict};

/// A future in a box, so that modules of different kinds stand in one list.
pub(crate) type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A source of accounts. It answers for itself only; the chain puts the answers together, and [`crate::guard`] holds its
/// time and its number of questions within bounds. A module whose store can be read implements
/// [`crate::directory::Directory`] instead, which is simpler.
pub(crate) trait Module: fmt::Debug + Send + Sync {
    /// As in `auth.chain`.
    fn name(&self) -> &'static str;

    /// Whether its store is a file of this machine. Then no failure costs a timeout that the next login should be
    /// spared, and one account's broken line must not keep all others out: it is asked every time.
    fn is_local(&self) -> bool {
        false
    }

    /// Judges evidence. It must take the same time for an unknown user as for a wrong password. Whatever keeps it from
    /// looking is a TEMPFAIL; evidence that it can never verify is `Reject(MechanismNotPossible)`.
    fn check<'a>(&'a self, request: &'a Request) -> Answer<'a, Verdict>;

    /// The SCRAM keys of an account; `None` if there is none, or it keeps no keys.
    fn scram_keys<'a>(&'a self, _: &'a Who, _: scram::Hash) -> Answer<'a, Result<Option<scram::Keys>, TempFail>> {
        Box::pin(async { Ok(None) })
    }

    /// The rounds of the SCRAM keys that it keeps; invented keys have as many.
    fn scram_iterations(&self) -> Option<u32> {
        None
    }

    /// Who receives mail for an address, without following aliases. A module that cannot look up without a password
    /// knows nobody.
    fn lookup<'a>(&'a self, _: &'a Address, _: &'a Trail) -> Answer<'a, Found> {
        Box::pin(async { Found::Unknown })
    }

    /// Whether it has accounts of its own. One that has none only says who somebody is: then the chain asks the others whether
    /// there is such an account.
    fn has_accounts(&self) -> bool {
        true
    }

    /// Whether it knows every address of its accounts: then one that it does not know is nobody's.
    fn can_look_up(&self) -> bool {
        true
    }

    /// Which mechanisms could succeed, as of the last [`Self::survey`].
    fn abilities(&self) -> Abilities;

    /// Asks the store whether it is there, and what its accounts keep. Called at the start and at intervals.
    fn survey<'a>(&'a self, trail: &'a Trail) -> Answer<'a, Result<(), TempFail>>;

    /// What else it can tell an operator.
    fn inventory(&self) -> Option<&dyn Inventory> {
        None
    }
}

/// Whose login it would be.
#[derive(Debug, Clone)]
pub(crate) struct Who {
    /// The name as it was sent, without spaces around it. It has no control characters and at most 255 octets.
    pub(crate) identity: String,
    /// The address that it stands for, with the default domain; `None` if the name could be nobody's address.
    pub(crate) address: Option<Address>,
    /// What the login is for.
    pub(crate) service: Service,
    /// Where what is done is written down.
    pub(crate) trail: Trail,
}

/// A login to judge.
#[derive(Debug)]
pub(crate) struct Request {
    /// Its circumstances.
    pub(crate) attempt: Attempt,
    /// Whose it would be.
    pub(crate) who: Who,
    /// What was shown.
    pub(crate) evidence: Evidence,
    /// Whether somebody logged in to it from there not long ago: such a login goes first where many wait.
    pub(crate) known: bool,
}

/// Who receives mail for an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// This account.
    Account(Box<Account>),
    /// These addresses, which may be aliases again.
    Targets(Vec<Address>),
    /// Nobody that this module knows.
    Unknown,
    /// Could not tell.
    TempFail(TempFail),
}

/// What a module can verify, each as FORMATS 2.11 asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Abilities {
    /// A password in clear: PLAIN, LOGIN.
    pub(crate) password: Ability,
    /// CRAM-MD5.
    pub(crate) cram: Ability,
    /// APOP.
    pub(crate) apop: Ability,
    /// SCRAM-SHA-1.
    pub(crate) scram_sha1: Ability,
    /// SCRAM-SHA-256.
    pub(crate) scram_sha256: Ability,
    /// OAUTHBEARER, XOAUTH2.
    pub(crate) token: Ability,
    /// EXTERNAL: whether it can tell whose a certificate's address is.
    pub(crate) certificate: Ability,
}

/// Whether, and why, in words for the operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ability {
    /// For all of its accounts.
    Yes(String),
    /// For some of its accounts.
    Some(String),
    /// For none.
    No(String),
    /// It has no accounts that anybody would log in to by this kind of mechanism: the others decide.
    Abstains,
}

impl Abilities {
    /// A module that takes passwords and hands them on to somebody who judges (PAM, a bind, a checker): no secret ever
    /// comes back, so nothing else can be verified.
    pub(crate) fn password_only(password: String, others: &str) -> Self {
        let no = || Ability::No(others.to_owned());
        Self {
            password: Ability::Yes(password),
            cram: no(),
            apop: no(),
            scram_sha1: no(),
            scram_sha256: no(),
            token: Ability::Abstains,
            certificate: no(),
        }
    }

    /// A module that could not look. Passwords are still taken, to be answered as temporary: "no login here" would make a
    /// client believe that it is configured wrongly.
    pub(crate) fn away(cause: &TempFail) -> Self {
        let TempFail { module, cause: why } = cause;
        let password = format!("{module} takes passwords, though it cannot tell now: {why}");
        Self::password_only(password, &cause.to_string())
    }

    /// A module that must not be asked.
    pub(crate) fn none(cause: &TempFail) -> Self {
        Self { password: Ability::No(cause.to_string()), ..Self::password_only(String::new(), &cause.to_string()) }
    }
}
