//! One message to some recipients: MAIL, RCPT, DATA (RFC 5321 §3.3).

use std::fmt::Write;

use message::Address;

use super::{Capabilities, Stage};
use crate::{Class, Reply};

/// Commands sent in one go where PIPELINING is offered. Bounded, so that neither side ever waits for the other to read
/// (RFC 2920 §3.1).
const GROUP: usize = 50;

/// What is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailEnvelope {
    /// `None` is `<>`.
    pub reverse_path: Option<Address>,
    /// At least one.
    pub recipients: Vec<Address>,
    /// Octets of the content.
    pub size: u64,
    /// What the content and the paths need.
    pub needs: Needs,
}

/// What a message needs from the server beyond RFC 5321.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Needs {
    /// 8BITMIME (RFC 6152): there is an octet above 127.
    pub eight_bit: bool,
    /// SMTPUTF8 (RFC 6531): a local part or a header field is not ASCII.
    pub smtputf8: bool,
}

/// Why this server cannot have the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsendable {
    /// RFC 6152 §3.
    #[error("the message has 8-bit content and the server does not offer 8BITMIME")]
    EightBit,
    /// RFC 6531 §3.2.
    #[error("the message needs SMTPUTF8 and the server does not offer it")]
    Utf8,
    /// RFC 1870 §6.3, found out before sending.
    #[error("the server takes messages of at most {0} octets")]
    TooLarge(u64),
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub enum MailStep {
    /// Send this, then hand in the next reply.
    Send(Vec<u8>),
    /// More was sent than answered: hand in the next reply.
    Wait,
    /// Send the content through a [`ContentWriter`](super::ContentWriter), then hand in the next reply.
    SendContent,
    /// Every recipient has its answer.
    Done(After),
}

/// In which state the session is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// The next transaction may begin.
    Clean,
    /// Say RSET before the next one.
    Reset,
    /// The server said 421: it closes (RFC 5321 §3.8).
    Closing,
}

/// What the server said for a recipient, and at which command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The command. [`Stage::Content`] with a 2xx reply means delivered.
    pub stage: Stage,
    /// The reply.
    pub reply: Reply,
}

/// One transaction.
#[derive(Debug)]
pub struct Mail {
    /// MAIL and every RCPT, as lines.
    commands: Vec<String>,
    /// How many are sent together.
    group: usize,
    sent: usize,
    answered: usize,
    state: State,
    refused: Option<Answer>,
    answers: Vec<Option<Answer>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Envelope,
    Data,
    Content,
}

impl Mail {
    /// Prepares a transaction.
    ///
    /// # Errors
    /// The server cannot take the message: see [`Unsendable`].
    pub fn new(capabilities: &Capabilities, envelope: &MailEnvelope) -> Result<Self, Unsendable> {
        let needs = envelope.needs;
        match capabilities.size {
            Some(limit) if limit > 0 && envelope.size > limit => return Err(Unsendable::TooLarge(limit)),
            _ if needs.smtputf8 && !capabilities.smtputf8 => return Err(Unsendable::Utf8),
            _ if needs.eight_bit && !capabilities.eight_bit => return Err(Unsendable::EightBit),
            _ => {}
        }
        let mut commands = vec![mail(capabilities, envelope)?];
        for recipient in &envelope.recipients {
            commands.push(format!("RCPT TO:<{}>\r\n", path(recipient, needs)?));
        }
        let group = if capabilities.pipelining { GROUP } else { 1 };
        let answers = vec![None; envelope.recipients.len()];
        Ok(Self { commands, group, sent: 0, answered: 0, state: State::Envelope, refused: None, answers })
    }

    /// The command that the next reply belongs to.
    pub fn stage(&self) -> Stage {
        match self.state {
            State::Envelope if self.answered == 0 => Stage::Mail,
            State::Envelope => Stage::Recipient,
            State::Data => Stage::Data,
            State::Content => Stage::Content,
        }
    }

    /// The first commands.
    pub fn start(&mut self) -> MailStep {
        self.send_group()
    }

    /// Takes the server's next reply.
    pub fn reply(&mut self, reply: Reply) -> MailStep {
        let answer = Answer { stage: self.stage(), reply };
        if answer.reply.code() == 421 {
            let answer = self.refused.take().unwrap_or(answer);
            return self.end(&answer, After::Closing);
        }
        match self.state {
            State::Envelope => self.envelope_reply(answer),
            State::Data if answer.reply.class() == Class::Intermediate => {
                self.state = State::Content;
                MailStep::SendContent
            }
            State::Data => self.end(&answer, After::Reset),
            State::Content => self.end(&answer, After::Clean),
        }
    }

    /// What was said for each recipient so far, in the order of the envelope: whoever has nothing yet when the connection
    /// breaks was not told anything final.
    pub fn answers(self) -> Vec<Option<Answer>> {
        self.answers
    }

    fn envelope_reply(&mut self, answer: Answer) -> MailStep {
        let accepted = answer.reply.class() == Class::Success;
        if self.answered == 0 {
            self.refused = (!accepted).then_some(answer);
        } else if let Some(place) = self.answers.get_mut(self.answered - 1) {
            *place = (!accepted).then_some(answer);
        }
        self.answered += 1;
        if self.answered < self.sent {
            return MailStep::Wait;
        }
        // RCPT behind a refused MAIL was only answered because it had been sent already.
        if let Some(refused) = self.refused.take() {
            self.answers.fill(None);
            return self.end(&refused, After::Clean);
        }
        if self.sent < self.commands.len() {
            return self.send_group();
        }
        if self.answers.iter().all(Option::is_some) {
            return MailStep::Done(After::Reset);
        }
        // Not sent in one go with RCPT: were all recipients refused, 354 would have to be answered with an empty message.
        self.state = State::Data;
        MailStep::Send(b"DATA\r\n".to_vec())
    }

    fn send_group(&mut self) -> MailStep {
        let group = self.commands.iter().skip(self.sent).take(self.group);
        let octets = group.flat_map(|command| command.bytes()).collect();
        self.sent = self.commands.len().min(self.sent + self.group);
        MailStep::Send(octets)
    }

    /// Gives an answer to all that have none.
    fn end(&mut self, answer: &Answer, after: After) -> MailStep {
        for place in self.answers.iter_mut().filter(|place| place.is_none()) {
            *place = Some(answer.clone());
        }
        MailStep::Done(after)
    }
}

/// `MAIL FROM:<reverse-path> [SP Mail-parameters]`
fn mail(capabilities: &Capabilities, envelope: &MailEnvelope) -> Result<String, Unsendable> {
    let needs = envelope.needs;
    let from = match &envelope.reverse_path {
        Some(address) => path(address, needs)?,
        None => String::new(),
    };
    let mut line = format!("MAIL FROM:<{from}>");
    if capabilities.size.is_some() {
        // Writing to a String cannot fail.
        let _ = write!(line, " SIZE={}", envelope.size);
    }
    if needs.eight_bit {
        line.push_str(" BODY=8BITMIME");
    }
    if needs.smtputf8 {
        line.push_str(" SMTPUTF8");
    }
    line.push_str("\r\n");
    Ok(line)
}

/// RFC 6531 §3.2: without SMTPUTF8 domains are in A-labels, and a local part that is not ASCII has no spelling.
fn path(address: &Address, needs: Needs) -> Result<String, Unsendable> {
    if needs.smtputf8 { Ok(address.to_string()) } else { address.to_ascii().ok_or(Unsendable::Utf8) }
}
