//! The mail of a session: the INBOX as it was at the login.

use std::io::ErrorKind;
use std::sync::Arc;

use bytes::Bytes;
use mailbox::{Folder, StoreError};
use pop3::server::{Answer, Failure, Maildrop};
use pop3::{Extent, Multiline};
use tracing::{debug, error, info};

use super::driver::Driver;
use crate::session::End;

/// The open INBOX, and the message that is about to be sent.
pub(super) struct Mail {
    folder: Arc<dyn Folder>,
    message: Bytes,
}

impl Driver {
    /// The INBOX as it is now; what comes later belongs to the next session (RFC 1939 §4).
    pub(super) async fn open_mail(&mut self) -> Answer {
        let Some(account) = self.account.take() else { return Answer::Failed(Failure::Temporary) };
        match self.client.context.store.open(&account.maildir, "INBOX").await {
            Ok(folder) => {
                let snapshot = folder.snapshot();
                let messages = snapshot.messages.iter().map(|message| (message.uid, message.size));
                let maildrop = Maildrop::new(snapshot.uid_validity, messages);
                self.mail = Some(Mail { folder, message: Bytes::new() });
                Answer::Maildrop(maildrop)
            }
            Err(cause) => {
                // MISSION 004-29: path, uid and errno for the operator; the client gets the id of this line.
                error!(account = %account.address, %cause, "mailbox not available");
                self.client.recorder.note(&format!("the mailbox is not available: {cause}"));
                Answer::Failed(failure(&cause))
            }
        }
    }

    pub(super) async fn read_message(&mut self, uid: u32) -> Answer {
        let Some(mail) = &mut self.mail else { return Answer::Failed(Failure::Temporary) };
        match mail.folder.read(uid).await {
            Ok(message) => {
                debug!(uid, octets = message.len(), "message read");
                mail.message = message;
                Answer::Message
            }
            Err(StoreError::Gone) => Answer::Gone,
            Err(cause) => {
                error!(uid, %cause, "message not readable");
                self.client.recorder.note(&format!("message {uid} is not readable: {cause}"));
                Answer::Failed(failure(&cause))
            }
        }
    }

    /// Sends the message that was just read, and lets go of it.
    pub(super) async fn send(&mut self, extent: Extent) -> Result<(), End> {
        let message = self.mail.as_mut().map(|mail| std::mem::take(&mut mail.message)).unwrap_or_default();
        let mut sent = 0;
        let mut result = Ok(());
        for slice in Multiline::new(&message, extent) {
            sent += slice.len() as u64;
            result = self.client.pass(slice).await;
            if result.is_err() {
                break;
            }
        }
        // Once for the whole message: one event for each slice would push all else out of the record.
        self.client.recorder.sent_body(trace::Body::Reply, sent);
        result
    }

    /// RFC 1939 §6. What another session has removed meanwhile is no error: it is gone, as the client wants it.
    pub(super) async fn remove_messages(&mut self, uids: Vec<u32>) -> Answer {
        let Some(mail) = &self.mail else { return Answer::Failed(Failure::Temporary) };
        match mail.folder.expunge(uids).await {
            Ok(removed) => {
                info!(removed = removed.len(), "messages removed");
                Answer::Removed
            }
            Err(cause) => {
                error!(%cause, "messages not removed");
                Answer::Failed(failure(&cause))
            }
        }
    }
}

/// What waiting will likely mend, and what somebody must.
fn failure(cause: &StoreError) -> Failure {
    match cause {
        StoreError::Io { error, .. } => match error.kind() {
            ErrorKind::PermissionDenied
            | ErrorKind::NotFound
            | ErrorKind::NotADirectory
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::AlreadyExists => Failure::Permanent,
            _ => Failure::Temporary,
        },
        StoreError::NoSuchFolder(_) | StoreError::BadName(_) | StoreError::Exists(_) => Failure::Permanent,
        StoreError::Gone | StoreError::NoSpace | StoreError::Index(_) => Failure::Temporary,
    }
}
