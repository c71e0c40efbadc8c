//! What is known of the daemon.

use std::time::{Duration, Instant};

use crate::TempFail;
use crate::guard::{Health, Reach};
use crate::module::Abilities;
use crate::modules::LeftOut;

/// The last that it said of itself, and whether it answers.
#[derive(Debug, Default)]
pub(super) struct Known {
    abilities: Option<Vec<Abilities>>,
    health: Vec<Health>,
    pub(super) left_out: Vec<LeftOut>,
    pub(super) iterations: Option<u32>,
    down: Option<Down>,
}

#[derive(Debug)]
struct Down {
    since: Instant,
    failures: u32,
    last: TempFail,
}

impl Known {
    pub(super) fn learn(
        &mut self,
        abilities: Vec<Abilities>,
        health: Vec<Health>,
        left_out: Vec<(String, String)>,
        iterations: Option<u32>,
    ) {
        // Why, its own log says in full; here is a text of this program's.
        let left_out = left_out.into_iter().map(|(module, _)| LeftOut { module, why: "gatepost authd left it out" });
        *self = Self {
            abilities: Some(abilities),
            health,
            left_out: left_out.collect(),
            iterations,
            down: self.down.take(),
        };
        self.answered();
    }

    pub(super) fn answered(&mut self) {
        if self.down.take().is_some() {
            tracing::info!("gatepost authd answers again");
        }
    }

    pub(super) fn fail(&mut self, why: TempFail) {
        match &mut self.down {
            Some(down) => {
                down.failures = down.failures.saturating_add(1);
                down.last = why;
            }
            None => {
                tracing::error!(cause = why.cause, "gatepost authd cannot be asked");
                self.down = Some(Down { since: Instant::now(), failures: 1, last: why });
            }
        }
    }

    pub(super) fn is_up(&self) -> bool {
        self.down.is_none() && self.abilities.is_some()
    }

    pub(super) fn abilities(&self) -> Vec<Abilities> {
        match (&self.abilities, &self.down) {
            (Some(abilities), _) => abilities.clone(),
            (None, Some(down)) => vec![Abilities::away(&down.last)],
            (None, None) => vec![Abilities::away(&unasked())],
        }
    }

    pub(super) fn health(&self) -> Vec<Health> {
        self.down.iter().map(Down::health).chain(self.health.iter().cloned()).collect()
    }
}

impl Down {
    fn health(&self) -> Health {
        Health {
            module: super::NAME,
            reach: Reach::Fails { since: self.since.elapsed(), failures: self.failures },
            trouble: Some(self.last.clone()),
            accepted: 0,
            rejected: 0,
            tempfailed: u64::from(self.failures),
            spent: Duration::ZERO,
        }
    }
}

fn unasked() -> TempFail {
    TempFail { module: super::NAME, cause: "gatepost authd was not asked yet".to_owned() }
}
