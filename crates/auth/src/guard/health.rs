//! How a module fares: for `gatepost check`, `gatepost auth modules` and the metrics.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{TempFail, Verdict};

/// Whether a module answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// The last question was answered, or none was asked.
    Answers,
    /// It could not tell, this many times in a row.
    Fails {
        /// For how long.
        since: Duration,
        /// How often.
        failures: u32,
    },
    /// The same, and it is spared most questions for now.
    Spared {
        /// For how long.
        since: Duration,
        /// How often.
        failures: u32,
    },
}

/// A module, as it fares since the start or the last reload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// As in `auth.chain`.
    pub module: &'static str,
    /// Whether it answers.
    pub reach: Reach,
    /// What went wrong last, if it does not.
    pub trouble: Option<TempFail>,
    /// Logins that it accepted.
    pub accepted: u64,
    /// Logins that it rejected.
    pub rejected: u64,
    /// Logins that it could not judge.
    pub tempfailed: u64,
    /// The time of all its answers together.
    pub spent: Duration,
}

/// What is counted.
#[derive(Debug, Default)]
pub(super) struct Counts {
    accepted: u64,
    rejected: u64,
    tempfailed: u64,
    spent: Duration,
}

impl Counts {
    pub(super) fn count(&mut self, verdict: &Verdict, took: Duration) {
        self.spent += took;
        match verdict {
            Verdict::Accept(_) => self.accepted += 1,
            Verdict::Reject(_) => self.rejected += 1,
            Verdict::TempFail(_) => self.tempfailed += 1,
        }
    }

    pub(super) fn health(&self, module: &'static str, reach: Reach, trouble: Option<TempFail>) -> Health {
        let Self { accepted, rejected, tempfailed, spent } = *self;
        Health { module, reach, trouble, accepted, rejected, tempfailed, spent }
    }
}
