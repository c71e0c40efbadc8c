//! What the running server still has of a message.

use std::path::Path;

use queue::{Filter, MessageInfo, QueueId};
use server::control::{self, Request, Response};

/// Messages whose header is looked at for a Message-ID: each is a question to the server.
const MOST: usize = 500;

/// A message that waits; nothing where no server runs, or it is gone.
pub(super) fn show(data: &Path, id: QueueId) -> Option<MessageInfo> {
    match control::ask(data, &Request::QueueShow { id }) {
        Ok(Response::Message(message)) => Some(message.info),
        _ => None,
    }
}

/// The message in the queue that has this Message-ID.
pub(super) fn by_message_id(data: &Path, message_id: &str) -> Option<QueueId> {
    // RFC 5322 §3.6.4: nothing else has an @ in it here.
    if !message_id.contains('@') {
        return None;
    }
    let Ok(Response::Messages(all)) = control::ask(data, &Request::QueueList { filter: Filter::default() }) else {
        return None;
    };
    let has_it = |info: &&MessageInfo| match control::ask(data, &Request::QueueShow { id: info.id }) {
        Ok(Response::Message(message)) => {
            let fields = message::header::fields(message.headers.as_bytes());
            let mut ids = fields.filter(|field| field.is("Message-ID"));
            ids.any(|field| field.unfolded() == format!("<{message_id}>").as_bytes())
        }
        _ => false,
    };
    all.iter().take(MOST).find(has_it).map(|info| info.id)
}
