//! Who goes next: one lane for local mail, one for each other destination, and how many may be on their way.

use std::collections::{BTreeMap, VecDeque};

use crate::Destination;
use crate::ledger::Load;

/// Calls of the local courier at once. While they run, mail gathers for the next ones: under load one call carries many
/// messages, without load each is carried at once.
const LOCAL_CALLS: usize = 2;

/// Messages for one connection.
const RELAY_BATCH: usize = 50;

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
        let share = (limits.local / LOCAL_CALLS).max(1).min(free).min(self.local.waiting.len());
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
            let share = lane.waiting.len().div_ceil(free).min(RELAY_BATCH);
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
