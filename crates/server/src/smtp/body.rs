//! A message's content on its way from the connection into the queue.

use std::time::Duration;

use bytes::Bytes;
use config::ReceivedUser;
use message::{Address, Date, header};
use queue::{AcceptError, Body8, Envelope, QueueId, Recipient};
use smtp::Reply;
use smtp::server::{Answer, Arrival, Body, Message, NotQueued, Step, Transaction};
use tokio::time::Instant;
use trace::record::{Fate, Text};
use trace::{Outcome, SessionId};
use tracing::{error, info};

use super::driver::Driver;
use super::say;
use crate::memory::{Sender, Share};
use crate::session::End;

/// The whole content must come within this many times the longest silence, so that nobody holds a buffer by an octet
/// a minute.
const BODY_WINDOWS: u32 = 12;

/// A message whose content is under way.
pub(super) struct Incoming {
    /// The id that it will have.
    id: QueueId,
    /// How the account stands in its `Received:`.
    user: Option<String>,
    /// Kept until the message is in the queue, or refused.
    memory: Share,
}

impl Driver {
    /// Reads the content straight from the connection's buffer into the message's.
    pub(super) async fn receive(&mut self, go: &Reply) -> Result<Step, End> {
        let (id, user) = (self.client.context.queue.reserve(), self.received_user());
        let sender = if self.session.login().is_some() { Sender::Account } else { Sender::Stranger };
        let incoming = Incoming { id, user, memory: self.client.context.memory.share(sender) };
        let (id, date) = (incoming.id.to_string(), now());
        self.session.receive(Arrival { id: &id, date: &date, user: incoming.user.as_deref() });
        self.incoming = Some(incoming);
        self.say(go);
        let mut came = 0;
        let content = self.content(&mut came).await;
        self.client.recorder.came_body(trace::Body::Data, came);
        content
    }

    /// The octets of the content, which are counted in `came`.
    async fn content(&mut self, came: &mut u64) -> Result<Step, End> {
        let silence = self.client.config.limits.smtp_idle;
        let deadline = Instant::now() + silence * BODY_WINDOWS;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left == Duration::ZERO {
                return Err(self.too_slow());
            }
            let octets = self.client.connection.read_some(silence.min(left)).await?;
            let data = self.session.data(octets);
            self.client.connection.consume(data.consumed);
            *came += data.consumed as u64;
            if let Some(step) = data.step {
                // What is refused gives its memory back at once; what is taken, once it is in the queue.
                self.incoming.take_if(|_| !matches!(step, Step::Commit(_)));
                return Ok(step);
            }
            self.account_for_memory();
        }
    }

    /// The session ends, as the message does not.
    fn too_slow(&mut self) -> End {
        let reply = self.session.tagged(say::BODY_TOO_SLOW);
        info!(%reply, "the message took too long");
        self.say(&reply);
        End::Closed { outcome: Outcome::TimedOut, why: "the message took too long".to_owned() }
    }

    /// Refuses the message under way where all messages together take too much.
    fn account_for_memory(&mut self) {
        let Some(incoming) = &mut self.incoming else { return };
        if !incoming.memory.resize(self.session.held(), self.client.config.limits.message_size) {
            self.session.no_room();
        }
    }

    /// Hands the message to the queue. 250 may be said once this says `Queued`: it is durable then.
    pub(super) async fn commit(&mut self, message: Message) -> Answer {
        let Some(Incoming { id, user, memory: _memory }) = self.incoming.take() else {
            return Answer::NotQueued(NotQueued::Failed);
        };
        let (size, content, account) = (message.size, message.content, message.login.clone());
        let envelope = envelope(message.transaction, message.login, self.client.info.id);
        let line = Accepted::of(&envelope);
        let recorder = &self.client.recorder;
        let transaction = recorder.is_on().then(|| recorded(id, &envelope, (size, &content)));
        match self.client.context.queue.accept_as(id, envelope, Bytes::from(content)).await {
            Ok(()) => {
                let account = account.map(tracing::field::display);
                info!(queue_id = %id, from = line.from, to = line.to, size, account, received_user = user, "accepted");
                if let Some(taken) = transaction {
                    recorder.transaction(taken);
                }
                Answer::Queued(id.to_string())
            }
            Err(error) => {
                error!(queue_id = %id, %error, "message not taken");
                if let Some(taken) = transaction {
                    let (fate, reply) = (Fate::Deferred, error.to_string().into());
                    recorder.transaction(trace::record::Transaction { fate, reply, ..taken });
                }
                Answer::NotQueued(match error {
                    AcceptError::NoSpace => NotQueued::NoSpace,
                    AcceptError::Journal(_) => NotQueued::Failed,
                    AcceptError::Closed => NotQueued::Closing,
                })
            }
        }
    }
}

impl Driver {
    /// The account in `Received:`, as the operator chose. The log names both when the message is accepted, so
    /// that a complaint about it leads to who sent it (MISSION 002-27, 002-28).
    fn received_user(&self) -> Option<String> {
        let login = self.session.login()?;
        match self.client.config.smtp.received_user {
            ReceivedUser::Full => Some(login.to_string()),
            ReceivedUser::Token => Some(self.client.context.user_tokens.token(login)),
            ReceivedUser::None => None,
        }
    }
}

/// The present moment as RFC 5322 §3.3 writes it.
fn now() -> String {
    Date::utc(jiff::Timestamp::now().as_second()).to_string()
}

fn envelope(transaction: Transaction, login: Option<Address>, session: SessionId) -> Envelope {
    let recipients = transaction.recipients.into_iter();
    Envelope {
        reverse_path: transaction.reverse_path,
        recipients: recipients.map(|r| Recipient { address: r.address, original: r.original }).collect(),
        body: match transaction.body {
            Body::SevenBit => Body8::SevenBit,
            Body::EightBitMime => Body8::EightBitMime,
        },
        smtputf8: transaction.smtputf8,
        authenticated: login,
        session: session.to_string(),
    }
}

/// What the record of the session says of a message that is taken.
fn recorded(id: QueueId, envelope: &Envelope, (size, content): (usize, &[u8])) -> trace::record::Transaction {
    let text = |address: &Address| Text::from(address.to_string());
    let named = envelope.recipients.iter().take(trace::record::Transaction::RECIPIENTS);
    let to: Vec<_> = named.map(|recipient| text(&recipient.address)).collect();
    trace::record::Transaction {
        time: jiff::Timestamp::now(),
        queue_id: Some(id.to_string().into()),
        message_id: message_id(content),
        from: envelope.reverse_path.as_ref().map(text).unwrap_or_default(),
        to_more: envelope.recipients.len() - to.len(),
        to,
        size: size as u64,
        fate: Fate::Accepted,
        reply: Text::default(),
    }
}

/// The Message-ID without its brackets, as people ask for it (RFC 5322 §3.6.4).
fn message_id(content: &[u8]) -> Option<Text> {
    let field = header::fields(content).find(|field| field.is("Message-ID"))?;
    let text = String::from_utf8_lossy(&field.unfolded()).into_owned();
    Some(text.trim().trim_start_matches('<').trim_end_matches('>').into())
}

/// What the log says of an accepted message.
struct Accepted {
    from: String,
    to: String,
}

impl Accepted {
    /// Recipients named; the rest are counted.
    const NAMED: usize = 10;

    fn of(envelope: &Envelope) -> Self {
        let from = format!("<{}>", envelope.reverse_path.as_ref().map(Address::to_string).unwrap_or_default());
        let named = envelope.recipients.iter().take(Self::NAMED).map(|r| format!("<{}>", r.address));
        let mut to = named.collect::<Vec<_>>().join(" ");
        if let Some(more) = envelope.recipients.len().checked_sub(Self::NAMED).filter(|more| *more > 0) {
            to.push_str(&format!(" and {more} more"));
        }
        Self { from, to }
    }
}
