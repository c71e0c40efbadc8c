//! Why a command could not be done.

use ::imap::response::{Code, Reply};
use mailbox::StoreError;

use super::driver::Driver;
use crate::session::End;

/// Why a command could not be done.
#[derive(Debug)]
pub(super) enum Failure {
    /// The client is told, and goes on.
    Reply(Reply),
    /// The mailboxes could not.
    Store(StoreError),
    /// The session ends.
    End(End),
}

impl From<End> for Failure {
    fn from(end: End) -> Self {
        Self::End(end)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Reply> for Failure {
    fn from(reply: Reply) -> Self {
        Self::Reply(reply)
    }
}

impl Driver {
    /// What a command is answered with.
    pub(super) fn reply(&self, outcome: Result<Reply, Failure>) -> Result<Reply, End> {
        match outcome {
            Ok(reply) | Err(Failure::Reply(reply)) => Ok(reply),
            Err(Failure::Store(error)) => Ok(self.refusal(&error)),
            Err(Failure::End(end)) => Err(end),
        }
    }

    /// The client is told what it can do something about; what only the operator can mend is in the log, under the id
    /// that the client is told.
    fn refusal(&self, error: &StoreError) -> Reply {
        match error {
            StoreError::NoSuchFolder(_) => Reply::no("no such mailbox").code(Code::NonExistent),
            StoreError::Exists(_) => Reply::no("there is such a mailbox already").code(Code::AlreadyExists),
            StoreError::BadName(why) => Reply::no(*why).code(Code::Cannot),
            StoreError::Gone => Reply::no("some of the messages are gone").code(Code::ExpungeIssued),
            StoreError::NoSpace => {
                tracing::error!(%error, "mail cannot be kept");
                self.client.recorder.note(&format!("mail cannot be kept: {error}"));
                Reply::no(error.to_string()).code(Code::OverQuota)
            }
            StoreError::Io { .. } | StoreError::Index(_) => {
                tracing::error!(%error, "the mailbox cannot be used");
                self.client.recorder.note(&format!("the mailbox cannot be used: {error}"));
                Reply::no("the mailbox cannot be used now").code(Code::Unavailable)
            }
        }
    }
}

/// RFC 3501 §6.3.11, §6.4.7: a target that is missing is told with `[TRYCREATE]`.
pub(super) fn try_create(error: StoreError) -> Failure {
    match error {
        StoreError::NoSuchFolder(_) => Failure::Reply(Reply::no("no such mailbox").code(Code::TryCreate)),
        other => Failure::Store(other),
    }
}
