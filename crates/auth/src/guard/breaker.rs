//! A circuit breaker: a store that is down is not asked by every login, each waiting for its timeout.

use std::time::{Duration, Instant};

use super::Reach;
use crate::TempFail;

/// Failures in a row before it opens.
const FAILURES: u32 = 5;

/// The first time that it stays open; each further one is twice as long…
const FIRST: Duration = Duration::from_secs(1);
/// … up to this.
const LONGEST: Duration = Duration::from_secs(30);

/// Whether a module is asked.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    opens: bool,
    failures: u32,
    since: Option<Instant>,
    last: Option<TempFail>,
    /// Nobody is asked before this; then one question is let through.
    closed_again: Option<Instant>,
}

impl Breaker {
    /// A new one; `opens` is false for a store that is asked every time.
    pub(super) fn new(opens: bool) -> Self {
        Self { opens, ..Self::default() }
    }

    /// Whether a question may be asked now; why not, in words.
    pub(super) fn admit(&mut self, now: Instant) -> Result<(), String> {
        let Some(until) = self.closed_again else { return Ok(()) };
        if now >= until {
            // This one tries for all; the others wait until it is settled.
            self.closed_again = Some(now + self.pause());
            return Ok(());
        }
        let last = self.last.as_ref().map_or("", |last| last.cause.as_str());
        let wait = until.saturating_duration_since(now).as_secs() + 1;
        Err(format!("not asked for another {wait} s, after {} failures in a row: {last}", self.failures))
    }

    /// Takes the outcome of a question.
    pub(super) fn settle(&mut self, failed: Option<&TempFail>, now: Instant) {
        let Some(failed) = failed else {
            *self = Self::new(self.opens);
            return;
        };
        self.failures = self.failures.saturating_add(1);
        self.since.get_or_insert(now);
        self.last = Some(failed.clone());
        if self.opens && self.failures >= FAILURES {
            self.closed_again = Some(now + self.pause());
        }
    }

    /// Where it stands, and what went wrong last.
    pub(super) fn reach(&self, now: Instant) -> (Reach, Option<TempFail>) {
        let reach = match (self.since, self.closed_again) {
            (None, _) => Reach::Answers,
            (Some(since), None) => {
                Reach::Fails { since: now.saturating_duration_since(since), failures: self.failures }
            }
            (Some(since), Some(_)) => {
                Reach::Spared { since: now.saturating_duration_since(since), failures: self.failures }
            }
        };
        (reach, self.last.clone())
    }

    fn pause(&self) -> Duration {
        let doublings = self.failures.saturating_sub(FAILURES).min(8);
        (FIRST * 2u32.saturating_pow(doublings)).min(LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn down() -> TempFail {
        TempFail { module: "ldap", cause: "connection refused".to_owned() }
    }

    #[test]
    fn opens_after_some_failures_tries_again_and_closes() {
        let (mut breaker, start) = (Breaker::new(true), Instant::now());
        for _ in 0..FAILURES {
            assert_eq!(breaker.admit(start), Ok(()));
            breaker.settle(Some(&down()), start);
        }
        let refused = breaker.admit(start).expect_err("it is open");
        assert!(refused.contains("after 5 failures in a row: connection refused"), "{refused}");
        let later = start + FIRST;
        assert_eq!(breaker.admit(later), Ok(()), "one tries for all");
        assert!(breaker.admit(later).is_err());
        breaker.settle(Some(&down()), later);
        assert!(breaker.admit(later + FIRST).is_err(), "the second pause is longer");
        assert_eq!(breaker.admit(later + 2 * FIRST), Ok(()));
        breaker.settle(None, later + 2 * FIRST);
        assert_eq!(breaker.reach(later).0, Reach::Answers);
    }

    /// One account's broken line in a file must not keep the others out.
    #[test]
    fn a_local_store_is_asked_every_time() {
        let (mut breaker, start) = (Breaker::new(false), Instant::now());
        (0..1000).for_each(|_| breaker.settle(Some(&down()), start));
        assert_eq!(breaker.admit(start), Ok(()));
        assert!(matches!(breaker.reach(start).0, Reach::Fails { failures: 1000, .. }));
    }

    #[test]
    fn the_pause_has_a_bound() {
        let (mut breaker, start) = (Breaker::new(true), Instant::now());
        (0..1000).for_each(|_| breaker.settle(Some(&down()), start));
        assert!(breaker.admit(start + LONGEST).is_ok());
    }
}
