//! What can be asked of a running server, and what it answers: one JSON object a line.

use auth::attempts::{Debugged, Wanted};
use auth::overview::Overview;
use auth::trial::{Report, Trial};
use queue::{Filter, MessageDetails, MessageInfo, QueueId};
use serde::{Deserialize, Serialize};
use trace::{Record, SessionId};

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Request {
    /// What waits.
    QueueList {
        /// Which of it.
        filter: Filter,
    },
    /// One message.
    QueueShow {
        /// Which.
        id: QueueId,
    },
    /// Try now.
    QueueRetry {
        /// Which; all, if it is left out.
        id: Option<QueueId>,
    },
    /// Drop without a bounce.
    QueueRemove {
        /// Which.
        id: QueueId,
    },
    /// Keep from being tried.
    QueueHold {
        /// Which.
        id: QueueId,
    },
    /// End a hold.
    QueueRelease {
        /// Which.
        id: QueueId,
    },
    /// Try a login, or look an account up.
    AuthTest(Trial),
    /// The chain, its modules and mechanisms.
    AuthModules,
    /// Look into somebody's logins for a limited time.
    AuthDebug {
        /// Whose.
        wanted: Wanted,
    },
    /// Whose logins are looked into.
    AuthDebugList,
    /// End that.
    AuthDebugOff {
        /// Which; all, if it is left out.
        id: Option<u64>,
    },
    /// The sessions that run.
    Sessions {
        /// Which, with what was said in it; all, without, if it is left out.
        id: Option<SessionId>,
        /// At most so many.
        most: usize,
    },
    /// All numbers.
    Metrics,
    /// How the server is.
    Status,
    /// Read config and certificates again.
    Reload,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Response {
    /// To `queue-list`.
    Messages(Vec<MessageInfo>),
    /// To `queue-show`.
    Message(Box<MessageDetails>),
    /// To `queue-retry`: how many messages.
    Retried(usize),
    /// It is done.
    Done,
    /// To `sessions`.
    Sessions(Vec<Record>),
    /// To `auth-test`.
    Tried(Box<Report>),
    /// To `auth-modules`.
    AuthModules(Box<Overview>),
    /// To `auth-debug` and `auth-debug-list`.
    AuthDebug(Vec<Debugged>),
    /// To `auth-debug-off`: how many ended.
    AuthDebugOff(usize),
    /// To `metrics`: OpenMetrics text.
    Metrics(String),
    /// To `status`.
    Status(Status),
    /// To `reload`: the keys that have changed but need a restart.
    Reloaded {
        /// Their names.
        restart_for: Vec<String>,
    },
    /// Nothing was done.
    Refused {
        /// Of what kind.
        refusal: Refusal,
        /// In words.
        text: String,
    },
}

/// Why nothing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// The line was no request.
    NotUnderstood,
    /// No such message.
    NoSuchMessage,
    /// The queue's files failed.
    Spool,
    /// It may not be.
    NotAllowed,
    /// The new config or certificate is broken; the old one stays.
    BrokenConfig,
}

/// How the server is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Its process.
    pub pid: u32,
    /// Its version.
    pub version: String,
    /// Since when, seconds since 1970.
    pub started: u64,
    /// Sessions now.
    pub sessions: usize,
    /// Messages in the queue.
    pub queued: usize,
    /// Open ports.
    pub listeners: Vec<Listening>,
    /// Mechanisms that are not offered any more, as the server's test of itself failed, and why.
    #[serde(default)]
    pub withdrawn: Vec<(String, String)>,
    /// Whole days until the certificate expires.
    pub certificate_days: Option<i64>,
}

/// One open port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listening {
    /// As in `[listen]`.
    pub service: String,
    /// Where.
    pub address: String,
}

impl From<&config::Listener> for Listening {
    fn from(listener: &config::Listener) -> Self {
        Self { service: listener.service.name().to_owned(), address: listener.address.to_string() }
    }
}
