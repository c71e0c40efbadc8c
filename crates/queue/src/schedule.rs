//! When a message is tried again, when it is late, and when it is given up. Pure: the clock is handed in.

use std::time::Duration;

use crate::state::{MessageState, RecipientState, Stage, Trouble};
use crate::{Moment, Outcome};

/// RFC 3463 §3.5: "Delivery time expired", useful only as a persistent transient error.
const EXPIRED: &str = "4.4.7";

/// Where the list of waits is empty: RFC 5321 §4.5.4.1 wants at least 30 minutes.
const FALLBACK_WAIT: Duration = Duration::from_mins(30);

/// The rules, from `[queue]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Waits between attempts; the last one repeats.
    pub retry: Vec<Duration>,
    /// A message older than this is given up.
    pub lifetime: Duration,
    /// The sender is told once that a message is late, after this; zero never tells.
    pub warn_after: Duration,
}

impl Schedule {
    /// Applies an attempt's outcome to one recipient of a message.
    pub fn apply(&self, state: &mut MessageState, recipient: usize, outcome: Outcome, now: Moment) {
        let life_from = match &outcome {
            // A route whose login fails is the operator's fault: it never costs a user's message its life.
            Outcome::Deferred { configuration: true, .. } => now,
            _ => state.life_from,
        };
        state.life_from = life_from;
        let expires = life_from.plus(self.lifetime);
        if let Some(r) = state.recipients.get_mut(recipient) {
            r.attempts = r.attempts.saturating_add(1);
            r.stage = self.stage(r, outcome, expires, now);
        }
    }

    /// The stage after an attempt that was the recipient's `attempts`-th.
    fn stage(&self, recipient: &RecipientState, outcome: Outcome, expires: Moment, now: Moment) -> Stage {
        match outcome {
            Outcome::Delivered(_) => Stage::Delivered,
            Outcome::Failed { status, reason, remote } => {
                Stage::Failed(Trouble { status, reason, remote, configuration: false })
            }
            Outcome::Deferred { status, reason, remote, configuration } => {
                let trouble = Trouble { status, reason, remote, configuration };
                if now >= expires {
                    return Stage::Failed(self.expired(trouble));
                }
                // The last attempt comes when the time is up, not a whole wait before it.
                let due = now.plus(self.wait(recipient.attempts)).min(expires);
                Stage::Waiting { due, trouble: Some(trouble) }
            }
        }
    }

    /// The wait after the `attempts`-th attempt.
    fn wait(&self, attempts: u32) -> Duration {
        let index = (attempts.max(1) as usize - 1).min(self.retry.len().saturating_sub(1));
        self.retry.get(index).copied().unwrap_or(FALLBACK_WAIT)
    }

    /// What the bounce says: that time is up, and why it came to that.
    fn expired(&self, last: Trouble) -> Trouble {
        let reason = format!("not delivered within {}; the last attempt: {}", hours(self.lifetime), last.reason);
        Trouble { status: EXPIRED.into(), reason, ..last }
    }

    /// Whether the sender is to be told now that the message is late.
    pub fn is_late(&self, state: &MessageState, accepted: Moment, now: Moment) -> bool {
        let wanted = !self.warn_after.is_zero() && !state.warned;
        wanted && now.since(accepted) >= self.warn_after && state.late().next().is_some()
    }

    /// When a message that is late now will be given up.
    pub fn gives_up(&self, state: &MessageState) -> Moment {
        state.life_from.plus(self.lifetime)
    }
}

/// A lifetime in words.
fn hours(time: Duration) -> String {
    match time.as_secs() {
        s if s >= 172_800 => format!("{} days", s / 86_400),
        s if s >= 7_200 => format!("{} hours", s / 3_600),
        s => format!("{} minutes", s / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);
    const START: Moment = Moment(1_795_000_000_000_000);

    fn schedule() -> Schedule {
        Schedule { retry: vec![MINUTE, 5 * MINUTE], lifetime: 60 * MINUTE, warn_after: 10 * MINUTE }
    }

    fn deferred(configuration: bool) -> Outcome {
        Outcome::Deferred { status: "4.2.0".into(), reason: "busy".into(), remote: None, configuration }
    }

    /// Tries whenever due until it is given up (or 100 times): the waits.
    fn run(configuration: bool) -> (MessageState, Vec<u64>) {
        let (schedule, mut state, mut now) = (schedule(), MessageState::new(1, START), START);
        let mut waits = Vec::new();
        for _ in 0..100 {
            schedule.apply(&mut state, 0, deferred(configuration), now);
            let Some(due) = state.recipients[0].due() else { break };
            waits.push(due.since(now).as_secs() / 60);
            now = due;
        }
        (state, waits)
    }

    #[test]
    fn waits_follow_the_list_and_the_last_one_repeats_until_time_is_up() {
        let (state, waits) = run(false);
        assert_eq!(waits, [1, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 4]);
        let (_, trouble) = state.failed().next().expect("given up");
        assert_eq!(trouble.status, "4.4.7");
        assert_eq!(trouble.reason, "not delivered within 60 minutes; the last attempt: busy");
        assert_eq!(state.recipients[0].attempts, 14);
    }

    /// MISSION 001-14.
    #[test]
    fn a_failure_of_configuration_never_ends_a_message() {
        let (state, waits) = run(true);
        assert_eq!(waits.len(), 100);
        assert!(state.failed().next().is_none());
    }

    #[test]
    fn time_spent_on_a_failure_of_configuration_does_not_count() {
        let (schedule, mut state) = (schedule(), MessageState::new(1, START));
        let later = START.plus(600 * MINUTE);
        schedule.apply(&mut state, 0, deferred(true), later);
        schedule.apply(&mut state, 0, deferred(false), later.plus(59 * MINUTE));
        assert!(state.failed().next().is_none());
        schedule.apply(&mut state, 0, deferred(false), later.plus(60 * MINUTE));
        assert!(state.failed().next().is_some());
    }

    #[test]
    fn the_sender_is_told_once_and_only_of_what_was_tried() {
        let (schedule, mut state) = (schedule(), MessageState::new(2, START));
        let now = START.plus(10 * MINUTE);
        assert!(!schedule.is_late(&state, START, now), "nothing was tried");
        schedule.apply(&mut state, 1, deferred(false), now);
        assert!(!schedule.is_late(&state, START, START.plus(9 * MINUTE)));
        assert!(schedule.is_late(&state, START, now));
        assert_eq!(state.late().map(|(n, _)| n).collect::<Vec<_>>(), [1]);
        state.warned = true;
        assert!(!schedule.is_late(&state, START, now));
    }

    #[test]
    fn zero_never_warns_and_an_empty_list_waits_half_an_hour() {
        let schedule = Schedule { retry: vec![], warn_after: Duration::ZERO, ..schedule() };
        let mut state = MessageState::new(1, START);
        schedule.apply(&mut state, 0, deferred(false), START);
        assert_eq!(state.due(), Some(START.plus(30 * MINUTE)));
        assert!(!schedule.is_late(&state, START, START.plus(1000 * MINUTE)));
    }

    #[test]
    fn a_clock_set_back_expires_nothing() {
        let (schedule, mut state) = (schedule(), MessageState::new(1, START));
        schedule.apply(&mut state, 0, deferred(false), Moment(0));
        assert_eq!(state.due(), Some(Moment(0).plus(MINUTE)));
    }
}
