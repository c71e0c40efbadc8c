//! The writer's thread: takes everything that waits, has it written with one flush, and begins again.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use super::appender::{Appender, Slot};
use super::disk::Disk;
use super::pending::Pending;
use crate::{SpoolError, Urgency};

/// How long a record that nobody waits for may wait for company.
const LINGER: Duration = Duration::from_millis(100);

/// What waits.
#[derive(Default)]
struct Inbox {
    pending: Vec<Pending>,
    /// When it has to be written; `None` while nothing waits.
    deadline: Option<Instant>,
    /// Segments made ahead.
    spares: Vec<io::Result<Slot>>,
    closed: bool,
}

#[derive(Default)]
struct Shared {
    inbox: Mutex<Inbox>,
    wake: Condvar,
}

/// The thread's handle. Dropping it writes what waits.
pub(super) struct Writer {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(appender: Appender, disk: Arc<dyn Disk>) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let run = Run { shared: Arc::clone(&shared), appender, disk, spare: None };
        let thread = thread::Builder::new().name("journal".into()).spawn(|| run.run())?;
        Ok(Self { shared, thread: Mutex::new(Some(thread)) })
    }

    /// Has a record written.
    pub(super) fn push(&self, record: Pending, urgency: Urgency) {
        let mut inbox = self.shared.inbox.lock();
        if inbox.closed {
            // On another thread, for the caller may hold what the callback has to lock.
            let refused = thread::Builder::new().spawn(move || (record.done)(Err(SpoolError::Closed)));
            return drop(refused);
        }
        inbox.pending.push(record);
        let now = Instant::now();
        let deadline = match urgency {
            Urgency::Now => now,
            Urgency::Soon => now + LINGER,
        };
        if inbox.deadline.is_none_or(|d| deadline < d) {
            inbox.deadline = Some(deadline);
            self.shared.wake.notify_one();
        }
    }

    /// Writes what waits and ends the thread.
    pub(super) fn close(&self) {
        self.shared.inbox.lock().closed = true;
        self.shared.wake.notify_one();
        // The last handle may be dropped by what the thread itself calls back.
        let thread = self.thread.lock().take().filter(|t| t.thread().id() != thread::current().id());
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the journal's writer has panicked");
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.close();
    }
}

/// What the thread owns.
struct Run {
    shared: Arc<Shared>,
    appender: Appender,
    disk: Arc<dyn Disk>,
    /// The thread that makes a segment ahead.
    spare: Option<JoinHandle<()>>,
}

impl Run {
    fn run(mut self) {
        while let Some(batch) = self.next() {
            self.appender.append(batch);
            self.make_spare();
        }
        // It holds the folder, and so the lock.
        if let Some(spare) = self.spare.take()
            && spare.join().is_err()
        {
            tracing::error!("making a journal segment has panicked");
        }
    }

    /// Waits for records that are due; `None` when closed and all is written.
    fn next(&mut self) -> Option<Vec<Pending>> {
        let mut inbox = self.shared.inbox.lock();
        loop {
            for spare in std::mem::take(&mut inbox.spares) {
                match spare {
                    Ok(slot) => {
                        self.spare = None;
                        self.appender.add_spare(slot);
                    }
                    // Not tried ahead again: the disk is full or broken, and the next segment will tell who waits for it.
                    Err(error) => tracing::warn!(%error, "no journal segment could be made ahead"),
                }
            }
            let due = inbox.deadline.is_some_and(|d| d <= Instant::now());
            if due || (inbox.closed && !inbox.pending.is_empty()) {
                inbox.deadline = None;
                return Some(std::mem::take(&mut inbox.pending));
            }
            match (inbox.closed, inbox.deadline) {
                (true, _) => return None,
                (false, Some(deadline)) => {
                    self.shared.wake.wait_until(&mut inbox, deadline);
                }
                (false, None) => self.shared.wake.wait(&mut inbox),
            }
        }
    }

    /// Fills the next segment with zeros in another thread, so that nobody has to wait for that.
    fn make_spare(&mut self) {
        if self.spare.is_some() || !self.appender.wants_spare() {
            return;
        }
        let (number, size) = self.appender.reserve_slot();
        let (shared, disk) = (Arc::clone(&self.shared), Arc::clone(&self.disk));
        let spawned = thread::Builder::new().name("journal-spare".into()).spawn(move || {
            let slot = disk.create(number, size).map(|file| Slot { number, size, file });
            shared.inbox.lock().spares.push(slot);
        });
        self.spare = spawned.ok();
    }
}
