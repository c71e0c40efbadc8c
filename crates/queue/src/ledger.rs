//! All messages that are in the queue, in memory: who is due, who is under way. No I/O; the clock is handed in.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::body::CachedBody;
use crate::{Change, Envelope, Message, Moment, Outcome, QueueId, Recovered, Schedule};
use crate::{MessageState, RecipientState};

/// After a record could not be written.
const WRITE_AGAIN: Duration = Duration::from_secs(30);

/// What is being done with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Activity {
    /// Waits for that moment; without one it is held.
    Resting(Option<Moment>),
    /// Couriers have that many of its recipients.
    Carried(usize),
    /// The record that ends this round is being written.
    Recording {
        /// Recipients whose bounce is in that record.
        told: Vec<usize>,
        /// A warning is in it.
        warned: bool,
    },
}

/// One message.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) accepted: Moment,
    pub(crate) envelope: Arc<Envelope>,
    pub(crate) state: MessageState,
    pub(crate) size: u64,
    /// Its body, from acceptance to the first attempt, while the budget lasts.
    pub(crate) body: Option<Arc<CachedBody>>,
    /// An attempt may have been delivered without its outcome being known.
    pub(crate) replay: bool,
    pub(crate) activity: Activity,
}

impl Entry {
    /// A message that was just made durable.
    pub(crate) fn new(message: Message, body: Option<Arc<CachedBody>>) -> Self {
        Self {
            accepted: message.accepted,
            size: message.body.len() as u64,
            envelope: message.envelope,
            state: message.state,
            body,
            replay: false,
            activity: Activity::Resting(None),
        }
    }

    /// A message that was found after a restart.
    pub(crate) fn recovered(found: Recovered) -> Self {
        Self { size: found.size, replay: true, ..Self::new(found.message, None) }
    }

    /// The change that writes its present state.
    pub(crate) fn change(&self, id: QueueId) -> Change {
        if self.state.is_done() { Change::Settled(id) } else { Change::State { id, state: self.state.clone() } }
    }
}

/// Recipients of one message that are to be carried together.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    pub(crate) id: QueueId,
    pub(crate) accepted: Moment,
    pub(crate) envelope: Arc<Envelope>,
    pub(crate) recipients: Vec<usize>,
    /// Octets of the body.
    pub(crate) size: u64,
    pub(crate) body: Option<Arc<CachedBody>>,
    pub(crate) replay: bool,
}

/// A load that came back.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) load: Load,
    pub(crate) body: Bytes,
    /// One for each of the load's recipients.
    pub(crate) outcomes: Vec<Outcome>,
    /// It may have been delivered although an outcome says otherwise.
    pub(crate) unsure: bool,
}

/// A message whose time has come.
#[derive(Debug)]
pub(crate) enum Due {
    /// These recipients are to be carried.
    Carry(Load),
    /// Nobody waits, but the record of the last round could not be written.
    Record(QueueId),
}

/// All messages.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    entries: BTreeMap<QueueId, Entry>,
    due: BTreeSet<(Moment, QueueId)>,
}

impl Ledger {
    /// A message, if it is there and not done.
    pub(crate) fn get(&self, id: QueueId) -> Option<&Entry> {
        self.entries.get(&id).filter(|entry| !entry.state.is_done())
    }

    /// All that are not done, oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (QueueId, &Entry)> {
        self.entries.iter().filter(|(_, e)| !e.state.is_done()).map(|(id, e)| (*id, e))
    }

    /// Takes a message in; it rests until it is due.
    pub(crate) fn admit(&mut self, id: QueueId, entry: Entry) {
        let due = entry.state.due();
        self.entries.insert(id, entry);
        self.rest(id, due);
    }

    /// Takes a message out.
    pub(crate) fn remove(&mut self, id: QueueId) -> Option<Entry> {
        let entry = self.entries.remove(&id)?;
        if let Activity::Resting(Some(due)) = entry.activity {
            self.due.remove(&(due, id));
        }
        Some(entry)
    }

    /// When the next message is due.
    pub(crate) fn next_due(&self) -> Option<Moment> {
        self.due.first().map(|(due, _)| *due)
    }

    /// Takes what is due by now.
    pub(crate) fn take_due(&mut self, now: Moment) -> Vec<Due> {
        let mut taken = Vec::new();
        while let Some(&(due, id)) = self.due.first().filter(|(due, _)| *due <= now) {
            self.due.remove(&(due, id));
            taken.extend(self.entries.get_mut(&id).map(|entry| start(id, entry, now)));
        }
        taken
    }

    /// Applies the outcomes of a load. The entry, once nobody carries any of it.
    pub(crate) fn conclude(&mut self, finished: &mut Finished, schedule: &Schedule, now: Moment) -> Option<&mut Entry> {
        let entry = self.entries.get_mut(&finished.load.id)?;
        let outcomes = std::mem::take(&mut finished.outcomes);
        let count = outcomes.len();
        for (recipient, outcome) in finished.load.recipients.iter().zip(outcomes) {
            schedule.apply(&mut entry.state, *recipient, outcome, now);
        }
        // Other loads of the message may have ended surely, before or after: looking for a file too often harms nobody.
        entry.replay |= finished.unsure;
        let Activity::Carried(out) = &mut entry.activity else { return None };
        *out = out.saturating_sub(count);
        (*out == 0).then_some(entry)
    }

    /// The record of a round is durable: forgets the message or lets it rest.
    pub(crate) fn recorded(&mut self, id: QueueId) {
        let Some(entry) = self.entries.get(&id) else { return };
        if entry.state.is_done() {
            self.entries.remove(&id);
        } else {
            let due = entry.state.due();
            self.rest(id, due);
        }
    }

    /// The record of a round could not be written: what it told was not told. It is written again soon.
    pub(crate) fn not_recorded(&mut self, id: QueueId, now: Moment) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        if let Activity::Recording { told, warned } = std::mem::replace(&mut entry.activity, Activity::Resting(None)) {
            entry.state.untell(&told);
            entry.state.warned &= !warned;
        }
        self.rest(id, Some(now.plus(WRITE_AGAIN)));
    }

    /// The entry of a message whose record is to be written again.
    pub(crate) fn recording(&mut self, id: QueueId) -> Option<&mut Entry> {
        self.entries.get_mut(&id)
    }

    /// Holds a message. The change that says so; `None` if it is not there.
    pub(crate) fn hold(&mut self, id: QueueId) -> Option<Change> {
        self.alter(id, |state| state.held = true)
    }

    /// Ends a hold: the message is due, and its lifetime begins anew.
    pub(crate) fn release(&mut self, id: QueueId, now: Moment) -> Option<Change> {
        self.alter(id, |state| {
            if std::mem::take(&mut state.held) {
                state.life_from = now;
                state.hurry(now);
            }
        })
    }

    /// Makes a message due now, unless it is held or under way: then there is nothing to change. One whose last round is just
    /// being recorded is due as soon as that is done: the operator has seen its outcome already.
    pub(crate) fn retry(&mut self, id: QueueId, now: Moment) -> Option<Change> {
        let can_wait = |e: &&Entry| !e.state.held && !matches!(e.activity, Activity::Carried(_));
        self.get(id).filter(can_wait)?;
        self.alter(id, |state| {
            state.hurry(now);
        })
    }

    /// Changes a message's state; where it rests, when it is due changes with it.
    fn alter(&mut self, id: QueueId, change: impl FnOnce(&mut MessageState)) -> Option<Change> {
        let entry = self.entries.get_mut(&id).filter(|entry| !entry.state.is_done())?;
        change(&mut entry.state);
        let (written, due) = (entry.change(id), entry.state.due());
        if matches!(entry.activity, Activity::Resting(_)) {
            self.rest(id, due);
        }
        Some(written)
    }

    /// Lets a message rest until then, or, if it is held, until it is released.
    fn rest(&mut self, id: QueueId, due: Option<Moment>) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        if let Activity::Resting(Some(old)) = entry.activity {
            self.due.remove(&(old, id));
        }
        let due = due.filter(|_| !entry.state.held);
        entry.activity = Activity::Resting(due);
        self.due.extend(due.map(|due| (due, id)));
    }
}

/// Hands out the recipients that are due.
fn start(id: QueueId, entry: &mut Entry, now: Moment) -> Due {
    let is_due = |r: &RecipientState| r.due().is_some_and(|due| due <= now);
    let recipients: Vec<usize> =
        entry.state.recipients.iter().enumerate().filter(|(_, r)| is_due(r)).map(|(n, _)| n).collect();
    if recipients.is_empty() {
        return Due::Record(id);
    }
    entry.activity = Activity::Carried(recipients.len());
    Due::Carry(Load {
        id,
        accepted: entry.accepted,
        envelope: Arc::clone(&entry.envelope),
        recipients,
        size: entry.size,
        body: entry.body.take(),
        replay: entry.replay,
    })
}

#[cfg(test)]
mod tests {
    use message::Address;

    use super::*;
    use crate::{Body8, Recipient};

    #[test]
    fn a_retry_while_the_last_round_is_recorded_is_not_lost() {
        let (id, now, later) = (QueueId(1), Moment(1_000_000), Moment(2_000_000));
        let recipients = vec![Recipient { address: Address::parse("a@x.example").unwrap(), original: None }];
        let envelope = Envelope {
            reverse_path: None,
            recipients,
            body: Body8::SevenBit,
            smtputf8: false,
            authenticated: None,
            session: String::new(),
        };
        let state = MessageState::new(1, later);
        let message = Message { id, accepted: now, envelope: Arc::new(envelope), state, body: Bytes::new() };
        let recording = Activity::Recording { told: Vec::new(), warned: false };
        let mut ledger = Ledger::default();
        ledger.entries.insert(id, Entry { activity: recording, ..Entry::new(message, None) });
        assert!(ledger.retry(id, now).is_some());
        assert_eq!(ledger.next_due(), None, "the record comes first");
        ledger.recorded(id);
        assert_eq!(ledger.next_due(), Some(now));
    }
}
