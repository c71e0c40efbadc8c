//! What the operator sees of the queue and can do with it: the same on a running queue and on its files.

use serde::{Deserialize, Serialize};

use crate::{QueueId, SpoolError};

/// Which messages to list; all that is given must fit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// Part of the reverse-path, any case.
    pub sender: Option<String>,
    /// Part of a recipient's address, any case.
    pub recipient: Option<String>,
    /// Only held ones, or only others.
    pub held: Option<bool>,
}

/// Where a recipient stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Waits for its next attempt.
    Waiting,
    /// A courier has it just now.
    Active,
    /// Done.
    Delivered,
    /// Given up; the bounce is written or about to be.
    Failed,
}

/// One recipient in a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipientInfo {
    /// Where it goes.
    pub address: String,
    /// What the client said, where an alias changed it.
    pub original: Option<String>,
    /// Where it stands.
    pub phase: Phase,
    /// Attempts that have ended.
    pub attempts: u32,
    /// Seconds since 1970 of the next attempt; only while waiting.
    pub next_attempt: Option<u64>,
    /// RFC 3463 status of the last attempt that did not deliver.
    pub status: Option<String>,
    /// In words.
    pub reason: Option<String>,
    /// `mx.example.org [192.0.2.1]:25`, where a host spoke.
    pub remote: Option<String>,
    /// Its whole reply.
    pub reply: Option<String>,
    /// The operator must act: such a failure never bounces.
    pub configuration: bool,
}

/// One message in a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageInfo {
    /// Its id.
    pub id: QueueId,
    /// Seconds since 1970.
    pub accepted: u64,
    /// Octets of content.
    pub size: u64,
    /// Reverse-path; empty is the null one.
    pub sender: String,
    /// The account that submitted it.
    pub authenticated: Option<String>,
    /// The session that brought it.
    pub session: String,
    /// Held by the operator.
    pub held: bool,
    /// Seconds since 1970 of the next attempt for any recipient; none while held or under way.
    pub next_attempt: Option<u64>,
    /// All recipients, in the order of the envelope.
    pub recipients: Vec<RecipientInfo>,
}

/// One message with its header section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageDetails {
    /// Envelope and state.
    #[serde(flatten)]
    pub info: MessageInfo,
    /// Its header section, line ends as `\n`, at most 64 KiB; octets that are not UTF-8 are replaced.
    pub headers: String,
}

/// Why a verb did nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerbError {
    /// It is delivered, bounced or removed, or never was.
    #[error("no message {0} in the queue")]
    Unknown(QueueId),
    /// The change could not be made durable.
    #[error(transparent)]
    Spool(#[from] SpoolError),
}
