//! Lines on their way to the disk: whoever has a record spells it itself, and one thread takes all lines at once.
//!
//! A record that is handed over as it is would be read and freed by another core, and its thread woken for each: together that
//! costs more than all the rest of recording a session (bench/trace).

use std::time::Duration;

use parking_lot::{Condvar, Mutex};

/// Octets of lines that may wait for the disk. More are dropped, and counted: a flood must not fill the memory.
pub(super) const WAITING: usize = 16 << 20;

/// Octets of memory that are kept for the next lines; after a flood the rest is given back.
const KEPT: usize = 1 << 20;

/// How long the writer lets lines come together.
const GATHER: Duration = Duration::from_millis(50);

/// The lines, and who waits for whom.
#[derive(Debug, Default)]
pub(super) struct Pending {
    state: Mutex<State>,
    /// For the writer: there is something to do.
    work: Condvar,
    /// For those who flush: all lines up to a number are in the files.
    written: Condvar,
}

#[derive(Debug, Default)]
struct State {
    lines: Vec<u8>,
    /// Batches that were taken, and that are done.
    taken: u64,
    done: u64,
    /// Somebody waits for the disk.
    hurry: bool,
    /// Nobody will hand over any more.
    closed: bool,
}

/// What the writer is to do.
pub(super) enum Batch {
    /// Write these lines.
    Lines(Vec<u8>),
    /// Nothing came for long enough.
    Nothing,
    /// Nothing will come any more.
    Closed,
}

impl Pending {
    /// Adds a line with its end. `false`: too many wait.
    pub(super) fn add(&self, line: &[u8]) -> bool {
        let mut state = self.state.lock();
        if state.lines.len() + line.len() > WAITING {
            return false;
        }
        let first = state.lines.is_empty();
        state.lines.extend_from_slice(line);
        drop(state);
        if first {
            self.work.notify_one();
        }
        true
    }

    /// The writer's: waits for lines, and a little longer for more of them. `used` is the memory of the last batch, to be
    /// used again.
    pub(super) fn take(&self, mut used: Vec<u8>, patience: Duration) -> Batch {
        let mut state = self.state.lock();
        if state.lines.is_empty() && !state.hurry && !state.closed {
            self.work.wait_for(&mut state, patience);
        }
        if !state.lines.is_empty() && !state.hurry && !state.closed {
            self.work.wait_for(&mut state, GATHER);
        }
        if state.lines.is_empty() && state.closed {
            return Batch::Closed;
        }
        state.hurry = false;
        state.taken += 1;
        if state.lines.is_empty() {
            return Batch::Nothing;
        }
        used.clear();
        used.shrink_to(KEPT);
        Batch::Lines(std::mem::replace(&mut state.lines, used))
    }

    /// The writer's: the last batch is in the files, or given up.
    pub(super) fn done(&self) {
        let mut state = self.state.lock();
        state.done = state.taken;
        self.written.notify_all();
    }

    /// Waits until all lines so far are in the files, or so long.
    pub(super) fn flush(&self, patience: Duration) {
        let mut state = self.state.lock();
        // What is under way now has the number of the last batch; what waits will have the next.
        let wanted = state.taken + 1;
        state.hurry = true;
        self.work.notify_one();
        self.written.wait_while_for(&mut state, |state| state.done < wanted, patience);
    }

    /// Nobody hands over any more: the writer ends once all is written.
    pub(super) fn close(&self) {
        self.state.lock().closed = true;
        self.work.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_bounded_and_taken_at_once() {
        let pending = Pending::default();
        let line = [b'x'; 1 << 20];
        let added = (0..100).filter(|_| pending.add(&line)).count();
        assert_eq!(added, WAITING >> 20);
        let Batch::Lines(lines) = pending.take(Vec::new(), Duration::ZERO) else { panic!() };
        assert_eq!(lines.len(), WAITING);
        assert!(matches!(pending.take(lines, Duration::ZERO), Batch::Nothing));
        assert!(pending.add(&line), "there is room again");
        pending.close();
        assert!(matches!(pending.take(Vec::new(), Duration::ZERO), Batch::Lines(..)), "the rest is written");
        assert!(matches!(pending.take(Vec::new(), Duration::ZERO), Batch::Closed));
    }
}
