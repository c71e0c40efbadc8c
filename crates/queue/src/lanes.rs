//! Who goes next: one lane for local mail, one for each other destination, and how many may be on their way.

use std::collections::{BTreeMap, VecDeque};

use crate::Destination;
use crate::ledger::Load;

/// Calls of the local courier at once. While they run, mail gathers for the next ones: under load one call carries many
/// messages, without load each is carried at once.
const LOCAL_CALLS: usize = 2;

/// Messages for one connection.
const RELAY_BATCH: usize = 50;

/// Octets of bodies for one call, as all of them are in memory at once; a longer message is carried alone.
const BATCH_OCTETS: u64 = 32 << 20;

/// From `[queue]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Messages on their way to local mailboxes.
    pub(crate) local: usize,
    /// Connections to other servers.
    pub(crate) relay: usize,
    /// Connections to one destination.
    pub(crate) destination: usize,
}

/// Loads for one call of a courier.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) destination: Destination,
    pub(crate) loads: Vec<Load>,
}

#[derive(Debug, Default)]
struct Lane {
    waiting: VecDeque<Load>,
    /// Calls under way.
    calls: usize,
    /// It stands in [`Lanes::ready`].
    ready: bool,
}

impl Lane {
    /// How many of the first `most` that wait go into one call.
    fn fitting(&self, most: usize) -> usize {
        let mut octets = 0_u64;
        let fits = |load: &&Load| {
            octets = octets.saturating_add(load.size);
            octets <= BATCH_OCTETS
        };
        let count = self.waiting.iter().take(most).take_while(fits).count();
        count.max(1).min(most).min(self.waiting.len())
    }
}

/// All lanes.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    local: Lane,
    /// Messages in the local calls under way.
    local_messages: usize,
    relay: BTreeMap<String, Lane>,
    /// Destinations that may have something to start, in turn.
    ready: VecDeque<String>,
    relay_calls: usize,
}

impl Lanes {
    /// Adds a load.
    pub(crate) fn push(&mut self, destination: Destination, load: Load) {
        match destination {
            Destination::Local => self.local.waiting.push_back(load),
            Destination::Relay(name) => {
                let lane = self.relay.entry(name.clone()).or_default();
                lane.waiting.push_back(load);
                if !std::mem::replace(&mut lane.ready, true) {
                    self.ready.push_back(name);
                }
            }
        }
    }

    /// The next batch that may start.
    pub(crate) fn take(&mut self, limits: Limits) -> Option<Batch> {
        self.take_local(limits).or_else(|| self.take_relay(limits))
    }

    fn take_local(&mut self, limits: Limits) -> Option<Batch> {
        let free = limits.local.max(1).saturating_sub(self.local_messages);
        let share = self.local.fitting((limits.local / LOCAL_CALLS).max(1).min(free));
        if share == 0 || self.local.calls >= LOCAL_CALLS {
            return None;
        }
        self.local.calls += 1;
        self.local_messages += share;
        Some(Batch { destination: Destination::Local, loads: self.local.waiting.drain(..share).collect() })
    }

    fn take_relay(&mut self, limits: Limits) -> Option<Batch> {
        while self.relay_calls < limits.relay.max(1) {
            let name = self.ready.pop_front()?;
            let Some(lane) = self.relay.get_mut(&name) else { continue };
            lane.ready = false;
            let free = limits.destination.max(1).saturating_sub(lane.calls);
            if free == 0 || lane.waiting.is_empty() {
                continue;
            }
            let share = lane.fitting(lane.waiting.len().div_ceil(free).min(RELAY_BATCH));
            let loads = lane.waiting.drain(..share).collect();
            lane.calls += 1;
            self.relay_calls += 1;
            self.turn(&name);
            return Some(Batch { destination: Destination::Relay(name), loads });
        }
        None
    }

    /// A call for `messages` messages has ended.
    pub(crate) fn ended(&mut self, destination: &Destination, messages: usize) {
        match destination {
            Destination::Local => {
                self.local.calls -= 1;
                self.local_messages -= messages;
            }
            Destination::Relay(name) => {
                self.relay_calls -= 1;
                if let Some(lane) = self.relay.get_mut(name) {
                    lane.calls -= 1;
                }
                self.turn(name);
            }
        }
    }

    /// Puts a destination at the end of those that are ready, or forgets it if it has nothing to do.
    fn turn(&mut self, name: &str) {
        let Some(lane) = self.relay.get_mut(name) else { return };
        if lane.waiting.is_empty() {
            if lane.calls == 0 && !lane.ready {
                self.relay.remove(name);
            }
        } else if !std::mem::replace(&mut lane.ready, true) {
            self.ready.push_back(name.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{Body8, Envelope, Moment, QueueId};

    fn load(id: u64, size: u64) -> Load {
        let envelope = Envelope {
            reverse_path: None,
            recipients: Vec::new(),
            body: Body8::SevenBit,
            smtputf8: false,
            authenticated: None,
            session: String::new(),
        };
        let (accepted, recipients) = (Moment(0), vec![0]);
        Load { id: QueueId(id), accepted, envelope: Arc::new(envelope), recipients, size, body: None, replay: false }
    }

    /// All bodies of a call are in memory at once: sixteen messages of 50 MiB must not be.
    #[test]
    fn a_call_holds_few_large_messages() {
        for destination in [Destination::Local, Destination::Relay("a.example".into())] {
            let limits = Limits { local: 100, relay: 1, destination: 1 };
            let mut lanes = Lanes::default();
            let sizes = [50 << 20, 50 << 20, 20 << 20, 10 << 20, 10 << 20, 1000, 1000];
            for (id, size) in (1..).zip(sizes) {
                lanes.push(destination.clone(), load(id, size));
            }
            let mut counts = Vec::new();
            while let Some(batch) = lanes.take(limits) {
                counts.push(batch.loads.len());
                lanes.ended(&destination, batch.loads.len());
            }
            assert_eq!(counts, [1, 1, 2, 3], "{destination:?}");
        }
    }
}
