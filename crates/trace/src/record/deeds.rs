//! What a session did: its logins and its mail.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Text;
use crate::rfc3339;

/// A login, of whichever side. It holds no password, no token and no hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// When it was judged.
    #[serde(with = "rfc3339")]
    pub time: Timestamp,
    /// By which mechanism, as far as it is known: `PLAIN`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mechanism: Option<Text>,
    /// The name as it was sent and decoded; empty where none came.
    pub identity: Text,
    /// The account that is logged in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Text>,
    /// Whether somebody is logged in now.
    pub accepted: bool,
    /// The result, in the words of whoever judged.
    pub outcome: Text,
    /// More about it, if there is more.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub why: Text,
    /// What each module of the chain did, in order; not of sessions that went well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modules: Vec<Module>,
}

/// What a module of the chain did for a login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Module {
    /// As in `auth.chain`.
    pub name: Text,
    /// `ACCEPT`, `REJECT`, `TEMPFAIL`, `SKIP`; nothing where it did not get so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Text>,
    /// How it came to that, in the words of whoever judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Text>,
    /// Its lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Text>,
}

impl Login {
    /// Most lines of all modules together.
    const LINES: usize = 60;

    /// Leaves what came of it; what the modules did is in the log of attempts, too.
    pub(crate) fn summarize(&mut self) {
        self.modules = Vec::new();
    }

    /// With no more than a record keeps.
    pub(crate) fn bounded(mut self) -> Self {
        let mut left = Self::LINES;
        self.modules.truncate(left);
        for module in &mut self.modules {
            module.lines.truncate(left);
            left -= module.lines.len();
        }
        self
    }
}

/// A mail transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// When it ended.
    #[serde(with = "rfc3339")]
    pub time: Timestamp,
    /// Under which it is, or was, in our queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue_id: Option<Text>,
    /// The Message-ID, where somebody has read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<Text>,
    /// The reverse-path; empty for the null one.
    pub from: Text,
    /// The recipients, at most [`Transaction::RECIPIENTS`].
    pub to: Vec<Text>,
    /// How many recipients more there were.
    #[serde(default, skip_serializing_if = "is_none")]
    pub to_more: usize,
    /// Octets of the message; 0 where it did not get so far.
    pub size: u64,
    /// What became of it.
    pub fate: Fate,
    /// The reply, of whichever side: out of it the id in the other server's queue is found.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub reply: Text,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_none(more: &usize) -> bool {
    *more == 0
}

impl Transaction {
    /// Most recipients that are kept by name.
    pub const RECIPIENTS: usize = 20;

    /// With no more than a record keeps.
    pub(crate) fn bounded(mut self) -> Self {
        self.to_more += self.to.len().saturating_sub(Self::RECIPIENTS);
        self.to.truncate(Self::RECIPIENTS);
        self
    }
}

/// What became of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Whoever took it is responsible now, for every recipient.
    Accepted,
    /// For some recipients, and not for others.
    PartlyAccepted,
    /// Not now: it may be tried again.
    Deferred,
    /// Not ever.
    Refused,
    /// It was given up before there was an answer: RSET, or a connection that broke.
    GivenUp,
}

impl Fate {
    /// Whether something went wrong.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::PartlyAccepted | Self::Deferred | Self::Refused)
    }
}
