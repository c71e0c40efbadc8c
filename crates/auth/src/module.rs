//! What a module of the chain can do.

use std::fmt;
use std::pin::Pin;

use message::Address;
use sasl::{Evidence, scram};

use crate::{Account, Attempt, TempFail, Verdict};

/// A future in a box, so that modules of different kinds stand in one list.
pub(crate) type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A source of accounts. It answers for itself only; the chain puts the answers together.
pub(crate) trait Module: fmt::Debug + Send + Sync {
    /// As in `auth.chain`.
    fn name(&self) -> &'static str;

    /// Judges evidence. It must take the same time for an unknown user as for a wrong password.
    fn check<'a>(&'a self, request: &'a Request) -> Answer<'a, Verdict>;

    /// The SCRAM keys of an account that may use the service; `None` if there is none, or it keeps no keys.
    fn scram_keys<'a>(&'a self, user: &'a Address) -> Answer<'a, Result<Option<scram::Keys>, TempFail>>;

    /// Keys for a user that no module knows: always the same for one name, whoever asks. `None` if this module cannot.
    fn invented_keys(&self, name: &str) -> Option<scram::Keys>;

    /// Who receives mail for an address, without following aliases.
    fn lookup(&self, recipient: &Address) -> Found;

    /// Which mechanisms could succeed.
    fn abilities(&self) -> Abilities;
}

/// A login to judge.
#[derive(Debug)]
pub(crate) struct Request {
    /// Its circumstances.
    pub(crate) attempt: Attempt,
    /// Whose login it would be; `None` if the name could be nobody's.
    pub(crate) user: Option<Address>,
    /// What was shown.
    pub(crate) evidence: Evidence,
}

/// Who receives mail for an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// This account.
    Account(Account),
    /// These addresses, which may be aliases again.
    Targets(Vec<Address>),
    /// Nobody that this module knows.
    Unknown,
    /// Could not tell.
    TempFail(TempFail),
}

/// What a module can verify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Abilities {
    /// A password in clear.
    pub(crate) password: Ability,
    /// A SCRAM-SHA-256 proof, for every account.
    pub(crate) scram: Ability,
    /// A CRAM-MD5 response, for every account.
    pub(crate) cram: Ability,
}

/// Whether, and why, in words for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ability {
    /// It can.
    Yes(String),
    /// It cannot.
    No(String),
}
