//! The queue, for people and as JSON.

use std::io::{self, Write};

use jiff::Timestamp;
use queue::{MessageDetails, MessageInfo, Phase, QueueId, RecipientInfo};
use serde_json::json;

use crate::exit::Failure;
use crate::printer::{Printer, visible};

/// What is told of the queue.
pub(super) struct Report<'a>(pub(super) Printer<'a>);

impl Report<'_> {
    /// A list, one line a message and one a recipient that still waits.
    pub(super) fn messages(&mut self, messages: &[MessageInfo]) -> Result<(), Failure> {
        self.0.print(&messages, |out| {
            if messages.is_empty() {
                return writeln!(out, "the queue is empty");
            }
            for info in messages {
                message_line(info, out)?;
                let mut waiting = info.recipients.iter().filter(|recipient| recipient.phase != Phase::Delivered);
                waiting.try_for_each(|each| recipient(each, out))?;
            }
            Ok(())
        })
    }

    /// One message with everything that is known.
    pub(super) fn message(&mut self, message: &MessageDetails) -> Result<(), Failure> {
        self.0.print(message, |out| details(message, out))
    }

    /// How many were made due.
    pub(super) fn retried(&mut self, count: usize) -> Result<(), Failure> {
        let noun = if count == 1 { "message is due" } else { "messages are due" };
        self.0.print(&json!({ "retried": count }), |out| writeln!(out, "{count} {noun} now"))
    }

    /// What was done to one message.
    pub(super) fn done(&mut self, id: QueueId, what: &str) -> Result<(), Failure> {
        self.0.print(&json!({ "id": id, "done": what }), |out| writeln!(out, "{id} {what}"))
    }
}

fn details(message: &MessageDetails, out: &mut dyn Write) -> io::Result<()> {
    let info = &message.info;
    message_line(info, out)?;
    let submitted = info.authenticated.as_deref().unwrap_or("nobody (from another server)");
    writeln!(out, "  session {}, logged in: {}", visible(&info.session), visible(submitted))?;
    info.recipients.iter().try_for_each(|each| recipient(each, out))?;
    writeln!(out)?;
    message.headers.lines().try_for_each(|line| writeln!(out, "{}", visible(line)))
}

fn message_line(info: &MessageInfo, out: &mut dyn Write) -> io::Result<()> {
    let sender = if info.sender.is_empty() { "<>" } else { &info.sender };
    let state = match info.next_attempt {
        _ if info.held => "held".to_owned(),
        Some(next) => format!("next attempt {}", time(next)),
        None => "under way".to_owned(),
    };
    let (accepted, size) = (time(info.accepted), info.size);
    writeln!(out, "{}  {accepted}  {size} octets  from {}  {state}", info.id, visible(sender))
}

fn recipient(recipient: &RecipientInfo, out: &mut dyn Write) -> io::Result<()> {
    let phase = match recipient.phase {
        Phase::Waiting => "waits",
        Phase::Active => "under way",
        Phase::Delivered => "delivered",
        Phase::Failed => "failed",
    };
    write!(out, "  {}  {phase}, attempts: {}", visible(&recipient.address), recipient.attempts)?;
    if let (Some(status), Some(reason)) = (&recipient.status, &recipient.reason) {
        write!(out, "\n    {status} {}", visible(reason))?;
    }
    if let (Some(host), Some(reply)) = (&recipient.remote, &recipient.reply) {
        write!(out, "\n    {} said: {}", visible(host), visible(reply))?;
    }
    if recipient.configuration {
        write!(out, "\n    this needs your hand: it is never sent back to the sender")?;
    }
    writeln!(out)
}

fn time(seconds: u64) -> String {
    let timestamp = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    timestamp.map_or_else(|| seconds.to_string(), |timestamp| timestamp.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printer;

    fn message() -> MessageInfo {
        let recipient = RecipientInfo {
            address: "eve@example.org".into(),
            original: None,
            phase: Phase::Waiting,
            attempts: 2,
            next_attempt: Some(1_800_000_000),
            status: Some("4.4.1".into()),
            reason: Some("connection refused\x1b[2J".into()),
            remote: Some("mx.example.org [192.0.2.1]:25".into()),
            reply: Some("451 later".into()),
            configuration: false,
        };
        MessageInfo {
            id: QueueId(1_795_000_000_000_000),
            accepted: 1_795_000_000,
            size: 1234,
            sender: String::new(),
            authenticated: None,
            session: "ABCDEFGH".into(),
            held: false,
            next_attempt: Some(1_800_000_000),
            recipients: vec![recipient],
        }
    }

    fn printed(json: bool, messages: &[MessageInfo]) -> String {
        printer::tests::printed(json, |printer| Report(printer).messages(messages))
    }

    #[test]
    fn people_see_what_waits_and_why_and_no_stranger_steers_their_terminal() {
        let text = printed(false, &[message()]);
        assert!(
            text.contains("2026-11-18T11:06:40Z  1234 octets  from <>  next attempt 2027-01-15T08:00:00Z"),
            "{text}"
        );
        assert!(
            text.contains("eve@example.org  waits, attempts: 2\n    4.4.1 connection refused\u{FFFD}[2J"),
            "{text}"
        );
        assert!(text.contains("mx.example.org [192.0.2.1]:25 said: 451 later"), "{text}");
        assert_eq!(printed(false, &[]), "the queue is empty\n");
    }

    #[test]
    fn scripts_get_what_can_be_read_back() {
        let read: Vec<MessageInfo> = serde_json::from_str(&printed(true, &[message()])).unwrap();
        assert_eq!(read, [message()]);
    }
}
