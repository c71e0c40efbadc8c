//! What the sender is told (RFC 3464): that recipients failed, or that they are late. Always from the null reverse-path;
//! a message that came from it is never answered (RFC 5321 §4.5.5), so that bounces do not bounce.

use std::sync::Arc;

use bytes::Bytes;
use message::dsn::{Action, Dsn, DsnRecipient, DsnRemote};
use message::{Date, Domain};

use crate::ledger::Entry;
use crate::{Body8, Envelope, Message, MessageState, Moment, QueueId, Recipient, Trouble};

/// Longer messages are not sent back whole, only their header.
const WHOLE_UP_TO: usize = 64 * 1024;

/// What is to be told, and by whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Teller<'a> {
    pub(crate) hostname: &'a Domain,
    pub(crate) now: Moment,
    /// Of the message that will be bounced or late.
    pub(crate) about: QueueId,
    /// Its body.
    pub(crate) body: &'a Bytes,
}

impl Teller<'_> {
    /// The bounce for all recipients that failed and are not told of; `None` if there are none, or nobody to tell.
    pub(crate) fn bounce(&self, entry: &Entry, id: QueueId) -> Option<Message> {
        self.notify(entry, id, entry.state.failed().collect(), Action::Failed)
    }

    /// The warning for all recipients that wait after an attempt.
    pub(crate) fn warning(&self, entry: &Entry, id: QueueId, gives_up: Moment) -> Option<Message> {
        let until = date(gives_up);
        self.notify(entry, id, entry.state.late().collect(), Action::Delayed { until })
    }

    fn notify(&self, entry: &Entry, id: QueueId, about: Vec<(usize, &Trouble)>, action: Action) -> Option<Message> {
        let sender = entry.envelope.reverse_path.as_ref()?;
        let recipients: Vec<_> = about.into_iter().filter_map(|(n, t)| self.recipient(&entry.envelope, n, t)).collect();
        if recipients.is_empty() {
            return None;
        }
        let dsn = Dsn {
            reporting_mta: self.hostname,
            sender,
            action,
            recipients: &recipients,
            arrival: date(entry.accepted),
            now: date(self.now),
            id: &id.to_string(),
            original: self.body,
            whole_up_to: WHOLE_UP_TO,
            smtputf8: entry.envelope.smtputf8,
        };
        let note = dsn.compose();
        let envelope = Envelope {
            reverse_path: None,
            recipients: vec![Recipient { address: sender.clone(), original: None }],
            body: if note.eight_bit { Body8::EightBitMime } else { Body8::SevenBit },
            smtputf8: note.smtputf8,
            authenticated: None,
            session: format!("notice about {}", self.about),
        };
        let state = MessageState::new(1, self.now);
        Some(Message { id, accepted: self.now, envelope: Arc::new(envelope), state, body: note.message.into() })
    }

    fn recipient<'a>(&self, envelope: &'a Envelope, n: usize, trouble: &'a Trouble) -> Option<DsnRecipient<'a>> {
        let recipient = envelope.recipients.get(n)?;
        Some(DsnRecipient {
            address: &recipient.address,
            original: recipient.original.as_ref(),
            status: &trouble.status,
            reason: &trouble.reason,
            remote: trouble.remote.as_ref().map(|r| DsnRemote { host: &r.host, reply: &r.reply }),
            last_attempt: Some(date(self.now)),
        })
    }
}

fn date(moment: Moment) -> Date {
    Date::utc(i64::try_from(moment.seconds()).unwrap_or(i64::MAX))
}
