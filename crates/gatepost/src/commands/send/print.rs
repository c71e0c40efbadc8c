//! What became of the message, for people and for scripts.

use std::io::{self, Write};

use probe::send::Sent;
use serde::Serialize;
use smtp::Class;
use smtp::client::{Answer, Stage};

use crate::printer::visible;

/// What became of it.
#[derive(Debug, Serialize)]
pub(super) struct Json<'a> {
    /// Whether all recipients have it.
    sent: bool,
    /// Whether it stopped where it should.
    stopped: bool,
    login: Option<&'static str>,
    tls: Option<&'a str>,
    recipients: Vec<Recipient>,
    dialogue: &'a [String],
}

/// One recipient.
#[derive(Debug, Serialize)]
struct Recipient {
    address: String,
    outcome: &'static str,
    /// The command that was answered so.
    stage: Option<String>,
    code: Option<u16>,
    reply: Option<String>,
}

/// Why nothing was sent.
#[derive(Debug, Serialize)]
pub(super) struct Failed<'a> {
    sent: bool,
    error: &'a str,
    dialogue: &'a [String],
}

/// For scripts.
pub(super) fn as_json<'a>(sent: &'a Sent, dialogue: &'a [String]) -> Json<'a> {
    let recipients: Vec<Recipient> = sent
        .recipients
        .iter()
        .map(|(address, answer)| Recipient {
            address: address.to_string(),
            outcome: outcome(answer.as_ref()),
            stage: answer.as_ref().map(|answer| answer.stage.to_string()),
            code: answer.as_ref().map(|answer| answer.reply.code()),
            reply: answer.as_ref().map(|answer| visible(&answer.reply.to_string())),
        })
        .collect();
    Json {
        sent: recipients.iter().all(|recipient| recipient.outcome == "taken"),
        stopped: sent.stopped,
        login: sent.mechanism.map(sasl::Mechanism::name),
        tls: sent.tls.as_deref(),
        recipients,
        dialogue,
    }
}

/// For scripts, when nothing was sent.
pub(super) fn failed<'a>(error: &'a str, dialogue: &'a [String]) -> Failed<'a> {
    Failed { sent: false, error, dialogue }
}

pub(super) fn outcome(answer: Option<&Answer>) -> &'static str {
    match answer {
        None => "not sent",
        Some(answer) => match answer.reply.class() {
            Class::Permanent => "refused",
            Class::Transient => "later",
            Class::Success if answer.stage == Stage::Content => "taken",
            Class::Success | Class::Intermediate => "not sent",
        },
    }
}

/// For people, below the dialogue: what became of each recipient. `quiet` leaves out what went well.
pub(super) fn summary(sent: &Sent, quiet: bool, out: &mut dyn Write) -> io::Result<()> {
    if sent.stopped {
        return if quiet { Ok(()) } else { writeln!(out, "-- stopped as you said; nothing was sent") };
    }
    for (address, answer) in &sent.recipients {
        let Some(answer) = answer else { continue };
        let outcome = outcome(Some(answer));
        if !quiet || outcome != "taken" {
            writeln!(out, "-- {address}: {outcome} ({}: {})", answer.stage, visible(&answer.reply.to_string()))?;
        }
    }
    Ok(())
}
