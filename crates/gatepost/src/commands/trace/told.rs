//! All that was found, one story after the other, or as one JSON value.

use std::io::Write;

use ::trace::causes::{self, Facts, Finding};
use ::trace::record::Record;
use queue::{MessageInfo, Phase};
use serde::Serialize;

use super::search::Found;
use super::story;
use crate::exit::Failure;
use crate::printer::{Format, visible};

/// `--json`
#[derive(Serialize)]
struct Told<'a> {
    asked: &'a str,
    sessions: Vec<Session<'a>>,
    queued: Vec<Queued<'a>>,
    reasons: Vec<Reason<'a>>,
}

#[derive(Serialize)]
struct Session<'a> {
    #[serde(flatten)]
    record: &'a Record,
    causes: Vec<Finding>,
}

#[derive(Serialize)]
struct Queued<'a> {
    #[serde(flatten)]
    message: &'a MessageInfo,
    causes: Vec<Finding>,
}

/// What a bounce says.
#[derive(Serialize)]
struct Reason<'a> {
    said: &'a str,
    cause: Option<Finding>,
}

/// Prints it.
pub(super) fn print(found: &Found, facts: &Facts, format: Format, out: &mut dyn Write) -> Result<(), Failure> {
    let sessions = found.records.iter().map(|record| Session { record, causes: causes::of(record, facts) });
    let queued = found.queued.iter().map(|message| Queued { message, causes: reasons(message, facts) });
    let reasons = found.reasons.iter().map(|said| Reason { said, cause: causes::of_reason(said, facts) });
    let told = Told {
        asked: &found.asked,
        sessions: sessions.collect(),
        queued: queued.collect(),
        reasons: reasons.collect(),
    };
    format.to(out).print(&told, |out| {
        told.reasons.iter().try_for_each(|reason| bounced(reason, out))?;
        // What keeps a message now comes before how it got here.
        told.queued.iter().try_for_each(|queued| waits(queued, out))?;
        for (n, session) in told.sessions.iter().enumerate() {
            if n > 0 {
                writeln!(out, "\n{}\n", "=".repeat(80))?;
            }
            story::print(session.record, &session.causes, out)?;
        }
        Ok(())
    })
}

/// What keeps a message in the queue.
fn reasons(message: &MessageInfo, facts: &Facts) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for recipient in &message.recipients {
        let said = [&recipient.reason, &recipient.reply].into_iter().flatten();
        let finding = said.filter_map(|text| causes::of_reason(text, facts)).next();
        found.extend(finding.filter(|finding| !found.contains(finding)));
    }
    found
}

fn bounced(reason: &Reason<'_>, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "The bounce says: {}", visible(reason.said))?;
    match &reason.cause {
        Some(finding) => story::finding(finding, out),
        None => writeln!(out, "Why:           no known cause\n"),
    }
}

fn waits(queued: &Queued<'_>, out: &mut dyn Write) -> std::io::Result<()> {
    let Queued { message, causes } = queued;
    writeln!(out, "Message {} is in the queue, from <{}>:", message.id, visible(&message.sender))?;
    for recipient in message.recipients.iter().filter(|recipient| recipient.phase != Phase::Delivered) {
        write!(out, "  {}: attempts: {}", visible(&recipient.address), recipient.attempts)?;
        let said = [&recipient.status, &recipient.reason].into_iter().flatten();
        said.map(|text| visible(text)).try_for_each(|text| write!(out, ", {text}"))?;
        writeln!(out)?;
    }
    causes.iter().try_for_each(|finding| story::finding(finding, out))?;
    writeln!(out, "More: gatepost queue show {}\n", message.id)
}
