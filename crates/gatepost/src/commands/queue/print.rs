//! The queue, for people and as JSON.

use std::io::Write;

use jiff::Timestamp;
use queue::{MessageDetails, MessageInfo, Phase, QueueId, RecipientInfo};
use serde_json::json;

use crate::exit::Failure;

/// Where to print, and how.
pub(super) struct Printer<'a> {
    pub(super) out: &'a mut dyn Write,
    pub(super) json: bool,
}

impl Printer<'_> {
    /// A list, one line a message and one a recipient that still waits.
    pub(super) fn messages(&mut self, messages: &[MessageInfo]) -> Result<(), Failure> {
        if self.json {
            return Ok(writeln!(self.out, "{}", json!(messages))?);
        }
        if messages.is_empty() {
            return Ok(writeln!(self.out, "the queue is empty")?);
        }
        for message in messages {
            self.message_line(message)?;
            for recipient in message.recipients.iter().filter(|recipient| recipient.phase != Phase::Delivered) {
                self.recipient(recipient)?;
            }
        }
        Ok(())
    }

    /// One message with everything that is known.
    pub(super) fn message(&mut self, message: &MessageDetails) -> Result<(), Failure> {
        if self.json {
            return Ok(writeln!(self.out, "{}", json!(message))?);
        }
        let info = &message.info;
        self.message_line(info)?;
        let submitted = info.authenticated.as_deref().unwrap_or("nobody (from another server)");
        writeln!(self.out, "  session {}, logged in: {}", visible(&info.session), visible(submitted))?;
        for recipient in &info.recipients {
            self.recipient(recipient)?;
        }
        writeln!(self.out)?;
        for line in message.headers.lines() {
            writeln!(self.out, "{}", visible(line))?;
        }
        Ok(())
    }

    /// How many were made due.
    pub(super) fn retried(&mut self, count: usize) -> Result<(), Failure> {
        if self.json {
            return Ok(writeln!(self.out, "{}", json!({ "retried": count }))?);
        }
        Ok(writeln!(self.out, "{count} {} now", if count == 1 { "message is due" } else { "messages are due" })?)
    }

    /// What was done to one message.
    pub(super) fn done(&mut self, id: QueueId, what: &str) -> Result<(), Failure> {
        if self.json {
            return Ok(writeln!(self.out, "{}", json!({ "id": id, "done": what }))?);
        }
        Ok(writeln!(self.out, "{id} {what}")?)
    }

    fn message_line(&mut self, info: &MessageInfo) -> Result<(), Failure> {
        let sender = if info.sender.is_empty() { "<>" } else { &info.sender };
        let state = match info.next_attempt {
            _ if info.held => "held".to_owned(),
            Some(next) => format!("next attempt {}", time(next)),
            None => "under way".to_owned(),
        };
        let (accepted, size) = (time(info.accepted), info.size);
        Ok(writeln!(self.out, "{}  {accepted}  {size} octets  from {}  {state}", info.id, visible(sender))?)
    }

    fn recipient(&mut self, recipient: &RecipientInfo) -> Result<(), Failure> {
        let phase = match recipient.phase {
            Phase::Waiting => "waits",
            Phase::Active => "under way",
            Phase::Delivered => "delivered",
            Phase::Failed => "failed",
        };
        write!(self.out, "  {}  {phase}, attempts: {}", visible(&recipient.address), recipient.attempts)?;
        if let (Some(status), Some(reason)) = (&recipient.status, &recipient.reason) {
            write!(self.out, "\n    {status} {}", visible(reason))?;
        }
        if let (Some(host), Some(reply)) = (&recipient.remote, &recipient.reply) {
            write!(self.out, "\n    {} said: {}", visible(host), visible(reply))?;
        }
        if recipient.configuration {
            write!(self.out, "\n    this needs your hand: it is never sent back to the sender")?;
        }
        Ok(writeln!(self.out)?)
    }
}

/// What strangers wrote must not steer the terminal.
fn visible(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\t' { '\u{FFFD}' } else { c }).collect()
}

fn time(seconds: u64) -> String {
    let timestamp = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    timestamp.map_or_else(|| seconds.to_string(), |timestamp| timestamp.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let mut out = Vec::new();
        Printer { out: &mut out, json }.messages(messages).unwrap();
        String::from_utf8(out).unwrap()
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
