//! The queue of a running server, asked through its control socket, or the files of one that does not run.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use queue::{Filter, MessageDetails, MessageInfo, Offline, OpenError, QueueId, VerbError};
use server::control::{self, AskError, Refusal, Request, Response};

use crate::exit::{Code, Failure, code};
use crate::running_server::{ask, unexpected};

/// Where the queue is reached.
pub(in crate::commands) enum Access {
    /// Through the server that runs on this data folder.
    Server(PathBuf),
    /// In its files.
    Files(Offline),
}

impl Access {
    /// The server if one runs, else the files.
    pub(in crate::commands) fn to(data: PathBuf) -> Result<Self, Failure> {
        match control::ask(&data, &Request::Status) {
            Ok(_) => Ok(Self::Server(data)),
            Err(AskError::NotRunning(_)) => {
                not_as_root(&data)?;
                Offline::open(&data).map(Self::Files).map_err(|error| unopened(&error))
            }
            Err(error) => Err(Failure::new(Code::Failed, error.to_string())),
        }
    }

    /// What is in the queue.
    pub(in crate::commands) fn list(&self, filter: Filter) -> Result<Vec<MessageInfo>, Failure> {
        match self {
            Self::Files(files) => Ok(files.list(&filter)),
            Self::Server(data) => match put(data, &Request::QueueList { filter })? {
                Response::Messages(messages) => Ok(messages),
                other => Err(unexpected(&other)),
            },
        }
    }

    /// One message.
    pub(super) fn show(&self, id: QueueId) -> Result<MessageDetails, Failure> {
        match self {
            Self::Files(files) => files.show(id).map_err(|error| refused(&error)),
            Self::Server(data) => match put(data, &Request::QueueShow { id })? {
                Response::Message(message) => Ok(*message),
                other => Err(unexpected(&other)),
            },
        }
    }

    /// Makes one message or all due; how many.
    pub(super) fn retry(&self, id: Option<QueueId>) -> Result<usize, Failure> {
        match self {
            Self::Files(files) => files.retry(id).map_err(|error| refused(&error)),
            Self::Server(data) => match put(data, &Request::QueueRetry { id })? {
                Response::Retried(count) => Ok(count),
                other => Err(unexpected(&other)),
            },
        }
    }

    /// Drops a message.
    pub(super) fn remove(&self, id: QueueId) -> Result<(), Failure> {
        self.change(&Request::QueueRemove { id }, |files| files.remove(id))
    }

    /// Holds a message.
    pub(super) fn hold(&self, id: QueueId) -> Result<(), Failure> {
        self.change(&Request::QueueHold { id }, |files| files.hold(id))
    }

    /// Ends a hold.
    pub(super) fn release(&self, id: QueueId) -> Result<(), Failure> {
        self.change(&Request::QueueRelease { id }, |files| files.release(id))
    }

    fn change(
        &self,
        request: &Request,
        offline: impl FnOnce(&Offline) -> Result<(), VerbError>,
    ) -> Result<(), Failure> {
        match self {
            Self::Files(files) => offline(files).map_err(|error| refused(&error)),
            Self::Server(data) => match put(data, request)? {
                Response::Done => Ok(()),
                other => Err(unexpected(&other)),
            },
        }
    }
}

/// Opening the queue may make files, and the server could not read those that are root's.
fn not_as_root(data: &Path) -> Result<(), Failure> {
    let owner = data.metadata().map_or(0, |meta| meta.uid());
    if owner == 0 || !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let text = format!(
        "no server runs, and {} belongs to uid {owner}: run this as that user (runuser -u USER -- gatepost queue …)",
        data.display()
    );
    Err(Failure::new(Code::Permission, text))
}

fn put(data: &Path, request: &Request) -> Result<Response, Failure> {
    match ask(data, request)? {
        Response::Refused { refusal: Refusal::NoSuchMessage, text } => Err(Failure::new(Code::NotFound, text)),
        Response::Refused { text, .. } => Err(Failure::new(Code::Failed, text)),
        response => Ok(response),
    }
}

fn refused(error: &VerbError) -> Failure {
    let code = match error {
        VerbError::Unknown(_) => Code::NotFound,
        VerbError::Spool(_) => Code::Failed,
    };
    Failure::new(code, error.to_string())
}

fn unopened(error: &OpenError) -> Failure {
    match error {
        OpenError::Locked { .. } => {
            Failure::new(Code::Temporary, format!("{error} (a server is just starting or stopping: try again)"))
        }
        OpenError::Io { error: cause, .. } => Failure::new(code(cause), error.to_string()),
    }
}
