//! The queue's handle.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use config::Config;
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::desk::{Desk, committed};
use crate::journal::{Contents, Journal};
use crate::ledger::Entry;
use crate::settings::Settings;
use crate::{Change, Clock, Courier, Envelope, Filter, MessageDetails, MessageInfo, QueueId, Router, Spool};
use crate::{SpoolError, SystemClock, VerbError, operator, scheduler};

/// The queue's handle; cheap to clone.
#[derive(Clone)]
pub struct Queue(Arc<Inner>);

struct Inner {
    desk: Arc<Desk>,
    /// Becomes true when the queue shuts.
    stop: watch::Sender<bool>,
    scheduler: Mutex<Option<JoinHandle<()>>>,
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Queue")
    }
}

/// Who carries messages where.
pub struct Couriers {
    /// Tells where a recipient's mail goes.
    pub router: Arc<dyn Router>,
    /// For [`crate::Destination::Local`].
    pub local: Arc<dyn Courier>,
    /// For [`crate::Destination::Relay`].
    pub relay: Arc<dyn Courier>,
}

/// Why a message was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AcceptError {
    /// Less than `queue.min_free` left on the disk, or nothing at all.
    #[error("disk almost full")]
    NoSpace,
    /// The journal could not be written.
    #[error("journal: {0}")]
    Journal(String),
    /// The server is going down.
    #[error("shutting down")]
    Closed,
}

/// Why the queue could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it: a running server, which the verbs then have to ask.
    #[error("{dir} is in use{}", pid.map(|p| format!(" by process {p}")).unwrap_or_default())]
    Locked {
        /// The queue's folder.
        dir: PathBuf,
        /// Who holds it, where the lock file says so.
        pid: Option<u32>,
    },
    /// The files could not be read or made.
    #[error("{path}: {error}")]
    Io {
        /// Which one.
        path: PathBuf,
        /// What happened.
        error: std::io::Error,
    },
}

impl Queue {
    /// Opens `<data>/queue` and recovers what is in it. Blocks while it reads the journal. Messages can be accepted at
    /// once; nothing is carried before [`Self::start`].
    pub fn open(config: &Config) -> Result<Self, OpenError> {
        let (journal, contents) = Journal::open(&config.data.join("queue"), config.queue.segment_size)?;
        Ok(Self::on(Arc::new(journal), contents, Arc::new(SystemClock), Settings::new(config)))
    }

    /// A queue on any spool, by any clock.
    pub(crate) fn on(spool: Arc<dyn Spool>, contents: Contents, clock: Arc<dyn Clock>, settings: Settings) -> Self {
        if !contents.messages.is_empty() {
            tracing::info!(messages = contents.messages.len(), "messages found in the queue");
        }
        let desk = Desk::new(spool, clock, settings, contents.last_id);
        {
            let mut ledger = desk.ledger.lock();
            for found in contents.messages {
                ledger.admit(found.message.id, Entry::recovered(found));
            }
        }
        let (stop, _) = watch::channel(false);
        Self(Arc::new(Inner { desk: Arc::new(desk), stop, scheduler: Mutex::default() }))
    }

    /// Starts to carry messages. To be called once, inside the runtime.
    pub fn start(&self, couriers: Couriers) {
        let run = scheduler::run(Arc::clone(&self.0.desk), couriers, self.0.stop.subscribe());
        *self.0.scheduler.lock() = Some(tokio::spawn(run));
    }

    /// Obeys another config from now on (SIGHUP); segment size and place stay as they were.
    pub fn reconfigure(&self, config: &Config) {
        *self.0.desk.settings.write() = Arc::new(Settings::new(config));
        self.0.desk.wake.notify_one();
    }

    /// Takes a message. Returns when it is durable: only then may 250 be said.
    pub async fn accept(&self, envelope: Envelope, body: Bytes) -> Result<QueueId, AcceptError> {
        let id = self.reserve();
        self.accept_as(id, envelope, body).await.map(|()| id)
    }

    /// As [`Self::accept`] under an id from [`Self::reserve`], which is used only once. If the caller does not wait for the
    /// end, the message may be in the queue or not.
    pub async fn accept_as(&self, id: QueueId, envelope: Envelope, body: Bytes) -> Result<(), AcceptError> {
        if *self.0.stop.borrow() {
            return Err(AcceptError::Closed);
        }
        self.0.desk.accept(id, envelope, body).await
    }

    /// An id for a message that is on its way in, so that its `Received:` can name it. One that is not used is not missed.
    pub fn reserve(&self) -> QueueId {
        self.0.desk.reserve()
    }

    /// Takes no more, lets what is under way end (the caller bounds the time) and writes everything. The lock on the files
    /// goes with the last handle.
    pub async fn shutdown(&self) {
        self.0.stop.send_replace(true);
        let scheduler = self.0.scheduler.lock().take();
        if let Some(scheduler) = scheduler
            && scheduler.await.is_err()
        {
            tracing::error!("the scheduler has panicked");
        }
        let desk = Arc::clone(&self.0.desk);
        if tokio::task::spawn_blocking(move || desk.spool.close()).await.is_err() {
            tracing::error!("the journal has panicked while closing");
        }
    }

    /// What is in the queue, oldest first.
    pub fn list(&self, filter: &Filter) -> Vec<MessageInfo> {
        operator::list(&self.0.desk.ledger.lock(), filter)
    }

    /// One message.
    pub async fn show(&self, id: QueueId) -> Result<MessageDetails, VerbError> {
        let info = {
            let ledger = self.0.desk.ledger.lock();
            operator::info(id, ledger.get(id).ok_or(VerbError::Unknown(id))?)
        };
        let desk = Arc::clone(&self.0.desk);
        let read = tokio::task::spawn_blocking(move || desk.spool.body(id)).await;
        let body = read.map_err(|error| SpoolError::Read(error.to_string()))??;
        Ok(MessageDetails { info, headers: operator::headers(&body) })
    }

    /// Tries one message, or all that wait and are not held, at once. How many.
    pub async fn retry(&self, id: Option<QueueId>) -> Result<usize, VerbError> {
        let ids: Vec<QueueId> = match id {
            Some(id) => {
                self.0.desk.ledger.lock().get(id).ok_or(VerbError::Unknown(id))?;
                vec![id]
            }
            None => self.0.desk.ledger.lock().iter().map(|(id, _)| id).collect(),
        };
        let mut count = 0;
        for id in ids {
            if let Some(result) = committed(&self.0.desk, |ledger, now| ledger.retry(id, now)).await {
                result?;
                count += 1;
            }
        }
        Ok(count)
    }

    /// Removes a message without a bounce. What a courier has already taken, it may still deliver.
    pub async fn remove(&self, id: QueueId) -> Result<(), VerbError> {
        let mut removed = None;
        let take = |ledger: &mut crate::ledger::Ledger, _| {
            ledger.get(id)?;
            removed = ledger.remove(id);
            Some(Change::Settled(id))
        };
        let result = committed(&self.0.desk, take).await.ok_or(VerbError::Unknown(id))?;
        if let (Err(_), Some(entry)) = (&result, removed) {
            // It is still on the disk, so it stays in the queue.
            self.0.desk.ledger.lock().admit(id, Entry { replay: true, ..entry });
        }
        Ok(result?)
    }

    /// Keeps a message from being carried until it is released; it does not expire meanwhile.
    pub async fn hold(&self, id: QueueId) -> Result<(), VerbError> {
        let result = committed(&self.0.desk, |ledger, _| ledger.hold(id)).await;
        Ok(result.ok_or(VerbError::Unknown(id))??)
    }

    /// Ends a hold; the message is due at once.
    pub async fn release(&self, id: QueueId) -> Result<(), VerbError> {
        let result = committed(&self.0.desk, |ledger, now| ledger.release(id, now)).await;
        Ok(result.ok_or(VerbError::Unknown(id))??)
    }
}
