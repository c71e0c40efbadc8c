//! What the operator sees of the queue and can do with it: the same on a running queue and on its files.

use serde::{Deserialize, Serialize};

use crate::ledger::{Activity, Entry, Ledger};
use crate::{QueueId, Recipient, RecipientState, SpoolError, Stage};

/// Octets of a header section that are shown.
const SHOWN: usize = 64 * 1024;

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

impl Filter {
    fn fits(&self, entry: &Entry) -> bool {
        let holds = |text: &str, part: &Option<String>| {
            part.as_ref().is_none_or(|part| text.to_lowercase().contains(&part.to_lowercase()))
        };
        let sender = entry.envelope.reverse_path.as_ref().map(ToString::to_string).unwrap_or_default();
        holds(&sender, &self.sender)
            && self.held.is_none_or(|held| held == entry.state.held)
            && entry.envelope.recipients.iter().any(|r| holds(&r.address.to_string(), &self.recipient))
    }
}

/// Messages in the queue, oldest first.
pub(crate) fn list(ledger: &Ledger, filter: &Filter) -> Vec<MessageInfo> {
    ledger.iter().filter(|(_, entry)| filter.fits(entry)).map(|(id, entry)| info(id, entry)).collect()
}

/// One message as the operator sees it.
pub(crate) fn info(id: QueueId, entry: &Entry) -> MessageInfo {
    let envelope = &entry.envelope;
    let next = match entry.activity {
        Activity::Resting(due) => due,
        Activity::Carried(_) | Activity::Recording { .. } => None,
    };
    let resting = matches!(entry.activity, Activity::Resting(_));
    let recipients = envelope.recipients.iter().zip(&entry.state.recipients);
    MessageInfo {
        id,
        accepted: entry.accepted.seconds(),
        size: entry.size,
        sender: envelope.reverse_path.as_ref().map(ToString::to_string).unwrap_or_default(),
        authenticated: envelope.authenticated.as_ref().map(ToString::to_string),
        session: envelope.session.clone(),
        held: entry.state.held,
        next_attempt: next.map(|due| due.seconds()),
        recipients: recipients.map(|(recipient, state)| recipient_info(recipient, state, resting)).collect(),
    }
}

fn recipient_info(recipient: &Recipient, state: &RecipientState, resting: bool) -> RecipientInfo {
    let (phase, trouble) = match &state.stage {
        Stage::Waiting { trouble, .. } if resting => (Phase::Waiting, trouble.as_ref()),
        Stage::Waiting { trouble, .. } => (Phase::Active, trouble.as_ref()),
        Stage::Delivered => (Phase::Delivered, None),
        Stage::Failed(trouble) | Stage::Told(trouble) => (Phase::Failed, Some(trouble)),
    };
    let remote = trouble.and_then(|t| t.remote.as_ref());
    RecipientInfo {
        address: recipient.address.to_string(),
        original: recipient.original.as_ref().map(ToString::to_string),
        phase,
        attempts: state.attempts,
        next_attempt: state.due().filter(|_| phase == Phase::Waiting).map(|due| due.seconds()),
        status: trouble.map(|t| t.status.clone()),
        reason: trouble.map(|t| t.reason.clone()),
        remote: remote.map(|r| r.host.clone()),
        reply: remote.map(|r| r.reply.clone()),
        configuration: trouble.is_some_and(|t| t.configuration),
    }
}

/// The header section of a body, for people.
pub(crate) fn headers(body: &[u8]) -> String {
    let start = body.get(..SHOWN).unwrap_or(body);
    let end = start.windows(4).position(|w| w == b"\r\n\r\n").map_or(start.len(), |at| at + 2);
    String::from_utf8_lossy(start.get(..end).unwrap_or(start)).replace("\r\n", "\n")
}
