//! Attempts, counted since the start.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::{Outcome, Record};

/// How many attempts had the same service, mechanism and outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// `smtp`, `imap`, `pop3`.
    pub service: String,
    /// By its name; `unknown` where none was named.
    pub mechanism: String,
    /// How they ended.
    pub outcome: Outcome,
    /// How many.
    pub attempts: u64,
}

type Key = (String, String, Outcome);

/// The counts. They are few: all three are of closed sets.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<BTreeMap<Key, u64>>);

impl Tally {
    pub(super) fn count(&self, record: &Record) {
        let mechanism = record.mechanism.clone().unwrap_or_else(|| "unknown".to_owned());
        *self.0.lock().entry((record.service.clone(), mechanism, record.outcome)).or_default() += 1;
    }

    pub(super) fn counts(&self) -> Vec<Count> {
        let counts = self.0.lock();
        let count = |((service, mechanism, outcome), attempts): (&Key, &u64)| Count {
            service: service.clone(),
            mechanism: mechanism.clone(),
            outcome: *outcome,
            attempts: *attempts,
        };
        counts.iter().map(count).collect()
    }
}
