//! The chain at one moment: what is compiled in, loaded and reachable, what each module can verify, and how logins went.

use sasl::Mechanism;
use serde::{Deserialize, Serialize};

use crate::attempts::Count;
use crate::guard::{Health, Reach};
use crate::module::{Abilities, Ability};
use crate::{Auth, offers, self_test};

/// Everything that an operator may want to know of the chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    /// Every module that Gatepost can have, and whether this build does.
    pub known: Vec<Known>,
    /// Those of the chain, in the order in which they are asked.
    pub chain: Vec<InChain>,
    /// Those that `auth.chain` names, but the chain does not have, and why.
    pub left_out: Vec<(String, String)>,
    /// Every mechanism.
    pub mechanisms: Vec<Offered>,
    /// Attempts since the start, in the process that was asked.
    pub attempts: Vec<Count>,
    /// Mechanisms by which somebody tried, and nobody ever succeeded, with the failures.
    pub never_worked: Vec<(String, u64)>,
    /// Attempts that could not be written down.
    pub dropped: u64,
    /// Password hashes since the start or the last reload.
    pub hashes: u64,
}

/// A module that Gatepost can have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// As in `auth.chain`.
    pub module: String,
    /// Whether it is compiled in.
    pub compiled: bool,
}

/// A module of the chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InChain {
    /// As in `auth.chain`.
    pub module: String,
    /// Whether the last question was answered.
    pub reachable: bool,
    /// Why not; or what else is wrong.
    pub trouble: Option<String>,
    /// For how many seconds it has not answered.
    pub since: Option<u64>,
    /// Logins that it accepted.
    pub accepted: u64,
    /// Logins that it rejected.
    pub rejected: u64,
    /// Logins that it could not judge.
    pub tempfailed: u64,
    /// The time of all its answers together, seconds.
    pub seconds: f64,
    /// What it can verify.
    pub verifies: Vec<Verifies>,
}

/// Whether a module can verify a mechanism.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verifies {
    /// Which.
    pub mechanism: String,
    /// For whom.
    pub accounts: Accounts,
    /// Why.
    pub why: String,
}

/// For how many of its accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Accounts {
    /// For all.
    All,
    /// For some.
    Some,
    /// For none.
    None,
    /// It has no account that this would be about.
    Nobody,
}

/// A mechanism, and whether it is offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offered {
    /// Which.
    pub mechanism: String,
    /// Inside TLS.
    pub inside_tls: bool,
    /// In clear.
    pub in_clear: bool,
    /// Why, or why not, inside TLS.
    pub why: String,
    /// Logins that succeeded.
    pub successes: u64,
    /// Attempts that did not.
    pub failures: u64,
}

impl Auth {
    /// The chain as it is now. Asks nobody: [`Auth::survey`] does.
    pub fn overview(&self) -> Overview {
        let attempts = self.attempts().counts();
        let left_out = self.left_out();
        let left_out: Vec<_> = left_out.into_iter().map(|left| (left.module, left.why.to_string())).collect();
        Overview {
            known: config::Modules::NAMES.iter().map(|name| Known::of(name)).collect(),
            chain: self.in_chain(),
            left_out,
            mechanisms: self.offered(&attempts),
            never_worked: self_test::never_worked(&attempts),
            attempts,
            dropped: self.attempts().dropped(),
            hashes: self.hashes(),
        }
    }

    fn in_chain(&self) -> Vec<InChain> {
        let (health, abilities) = (self.modules(), self.abilities().0);
        // A daemon that does not answer has a health of its own, and then nobody knows what its modules can.
        let same = health.len() == abilities.len();
        let of = |(n, health)| InChain::of(health, abilities.get(n).filter(|_| same));
        health.into_iter().enumerate().map(of).collect()
    }

    fn offered(&self, attempts: &[Count]) -> Vec<Offered> {
        let in_clear = self.offers(false);
        let each = self.offers(true).into_iter().map(|offer| {
            let name = offer.mechanism.name();
            let count = |failed: bool| {
                let of =
                    attempts.iter().filter(|count| count.mechanism == name && count.outcome.is_failure() == failed);
                of.map(|count| count.attempts).sum()
            };
            Offered {
                mechanism: name.to_owned(),
                inside_tls: offer.offered,
                in_clear: in_clear.iter().any(|clear| clear.mechanism == offer.mechanism && clear.offered),
                why: offer.why,
                successes: count(false),
                failures: count(true),
            }
        });
        each.collect()
    }
}

impl Known {
    fn of(name: &str) -> Self {
        let compiled = match name {
            "ldap" => cfg!(feature = "ldap"),
            "postgres" => cfg!(feature = "postgres"),
            "mysql" => cfg!(feature = "mysql"),
            "http" | "oauth" => cfg!(feature = "http"),
            _ => true,
        };
        Self { module: name.to_owned(), compiled }
    }
}

impl InChain {
    fn of(health: Health, abilities: Option<&Abilities>) -> Self {
        let (reachable, since) = match health.reach {
            Reach::Answers => (true, None),
            Reach::Fails { since, .. } | Reach::Spared { since, .. } => (false, Some(since.as_secs())),
        };
        let of = |abilities| {
            Mechanism::ALL.map(|mechanism| Verifies::of(mechanism, offers::ability(abilities, mechanism))).into()
        };
        Self {
            module: health.module.to_owned(),
            reachable,
            trouble: health.trouble.map(|tempfail| tempfail.cause),
            since,
            accepted: health.accepted,
            rejected: health.rejected,
            tempfailed: health.tempfailed,
            seconds: health.spent.as_secs_f64(),
            verifies: abilities.map(of).unwrap_or_default(),
        }
    }
}

impl Verifies {
    fn of(mechanism: Mechanism, ability: &Ability) -> Self {
        let (accounts, why) = match ability {
            Ability::Yes(why) => (Accounts::All, why.clone()),
            Ability::Some(why) => (Accounts::Some, why.clone()),
            Ability::No(why) => (Accounts::None, why.clone()),
            Ability::Abstains => (Accounts::Nobody, String::new()),
        };
        Self { mechanism: mechanism.name().to_owned(), accounts, why }
    }
}
