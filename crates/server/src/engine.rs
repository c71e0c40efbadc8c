//! The running server, as those see it who steer it: signals and the control socket.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use relay::RelayCourier;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::admission::Admission;
use crate::control::{Listening, Status};
use crate::lock::DataLock;
use crate::{Context, notify};

/// The longest time that commands and deliveries under way may take once the server is told to end.
const DRAIN: Duration = Duration::from_secs(10);

/// What the queue's last flush gets at least, however long the sessions took.
const FLUSH: Duration = Duration::from_secs(2);

/// All that is shared by listeners, control socket and signals.
pub(crate) struct Engine {
    /// What the sessions have.
    pub(crate) context: Arc<Context>,
    /// The sessions.
    pub(crate) admission: Arc<Admission>,
    /// Has a config of its own, to be renewed with the others'.
    pub(crate) relay: Arc<RelayCourier>,
    /// The config's file, read again on SIGHUP.
    pub(crate) source: PathBuf,
    /// When it was ready.
    pub(crate) started: SystemTime,
    /// The open ports.
    pub(crate) listening: Vec<Listening>,
    /// Told once, when the server is to end.
    pub(crate) draining: watch::Sender<bool>,
    /// Held as long as the server runs.
    pub(crate) _lock: DataLock,
}

impl Engine {
    /// How the server is.
    pub(crate) fn status(&self) -> Status {
        let seconds = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let now = i64::try_from(seconds(SystemTime::now())).unwrap_or(i64::MAX);
        Status {
            pid: std::process::id(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started: seconds(self.started),
            sessions: self.admission.total(),
            queued: self.context.queue.list(&queue::Filter::default()).len(),
            listeners: self.listening.clone(),
            withdrawn: self.context.auth.withdrawn(),
            certificate_days: self.context.tls.load().as_ref().map(|tls| tls.facts().days_left(now)),
        }
    }

    /// Takes no more connections, lets sessions finish the command under way and say goodbye, lets deliveries under
    /// way end, and flushes the queue.
    pub(crate) async fn drain(&self) {
        notify::tell("STOPPING=1");
        tracing::info!(sessions = self.admission.total(), "draining");
        self.draining.send_replace(true);
        let end = Instant::now() + DRAIN;
        if timeout_at(end, self.admission.emptied()).await.is_err() {
            tracing::warn!(sessions = self.admission.total(), "cut off: their command took longer than {DRAIN:?}");
        }
        let end = end.max(Instant::now() + FLUSH);
        if timeout_at(end, self.context.queue.shutdown()).await.is_err() {
            tracing::warn!("deliveries were cut short; they are tried again at the next start");
        }
        self.context.auth.attempts().flush();
        self.context.tracer.flush();
        tracing::info!("stopped");
    }
}
