//! Sessions: the one that was asked for, or the newest that failed, each with its story, what was said, and the chain's lines;
//! and login attempts (MISSION 004-28).

use std::collections::{HashMap, VecDeque};
use std::ops::ControlFlow;

use ::trace::causes;
use ::trace::record::Record;
use auth::attempts::{self, Filter};
use config::Config;

use super::super::bundle::Bundle;
use crate::commands::trace::{self, Found};
use crate::exit::Failure;
use crate::printer::Format;

/// Sessions that are taken along.
const MOST: usize = 20;
/// Of them so many with one cause: an attack, or a probe, must not hide all else. `check --deep` alone is there with half a dozen
/// causes.
const MOST_ALIKE: usize = 2;
/// Sessions that are looked at for them.
const MOST_LOOKED_AT: usize = 20_000;
/// Login attempts that are.
const MOST_ATTEMPTS: usize = 200;
/// What is masked in them was masked before it was written down.
const MASKED: &str = "passwords, tokens and proofs, when they were recorded; mail is never in them";

/// What the bundle is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// One id.
    Asked,
    /// Whatever failed last.
    Newest,
}

/// What belongs to an id.
pub(super) fn asked_for(config: &Config, id: &str) -> Result<Found, Failure> {
    trace::Search::new(config).find(id)
}

/// The newest sessions that went wrong, not too many for the same reason; `None` if they cannot be read.
pub(super) fn newest(config: &Config, bundle: &mut Bundle) -> Option<Found> {
    let (mut found, mut looked_at, mut by_cause, facts) = (Vec::new(), 0, HashMap::new(), trace::facts(config));
    let mut each = |record: Record| {
        looked_at += 1;
        if record.bad {
            let cause = causes::of(&record, &facts).first().map(|finding| finding.cause);
            let alike: &mut usize = by_cause.entry(cause).or_default();
            *alike += 1;
            if *alike <= MOST_ALIKE {
                found.push(record);
            }
        }
        let enough = found.len() >= MOST || looked_at >= MOST_LOOKED_AT;
        Ok(if enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    };
    if let Err(error) = ::trace::reader(&config.data).newest_first("", &mut each) {
        bundle.lacks("sessions", format!("{}: {error}", ::trace::folder(&config.data).display()));
        return None;
    }
    if found.is_empty() {
        bundle.lacks("sessions", "none that failed is in the records");
    }
    found.reverse();
    Some(Found::of_records("the newest sessions that failed", found))
}

/// Adds a file of each kind for every session.
pub(super) fn add(config: &Config, found: &Found, scope: Scope, bundle: &mut Bundle) {
    for record in found.records.iter().rev().take(MOST) {
        let one = Found::of_records(&record.id.to_string(), vec![record.clone()]);
        let mut story = Vec::new();
        // A Vec takes all that is written.
        drop(trace::tell(&one, config, Format::TEXT, &mut story));
        let (name, why) = (
            format!("sessions/{}.txt", record.id),
            format!("{} session: what happened, why, what was said, the chain's lines", record.service),
        );
        bundle.add(name, &why, Some(MASKED), &String::from_utf8_lossy(&story));
    }
    let mut json = Vec::new();
    drop(trace::tell(found, config, Format::JSON, &mut json));
    bundle.add("sessions.json", "the same for programs", Some(MASKED), &String::from_utf8_lossy(&json));
    transcripts(found, bundle);
    queued(config, found, bundle);
    attempts(config, (found, scope), bundle);
}

/// As somebody would see it who spoke with the server by hand.
fn transcripts(found: &Found, bundle: &mut Bundle) {
    let mut raw = Vec::new();
    for record in found.records.iter().rev().take(MOST) {
        drop(trace::raw(record, &mut raw));
    }
    let why = "what was said, line by line, as by telnet";
    bundle.add("transcripts.txt", why, Some(MASKED), &String::from_utf8_lossy(&raw));
}

/// Messages that wait, without their text.
fn queued(config: &Config, found: &Found, bundle: &mut Bundle) {
    if found.queued.is_empty() {
        return;
    }
    let waiting =
        Found { asked: found.asked.clone(), records: Vec::new(), queued: found.queued.clone(), reasons: Vec::new() };
    let mut text = Vec::new();
    drop(trace::tell(&waiting, config, Format::TEXT, &mut text));
    bundle.add(
        "queue.txt",
        "the message in the queue: for whom, and why it waits; its text is not here",
        None,
        &String::from_utf8_lossy(&text),
    );
}

/// The attempts of the sessions, and the last ones that failed; where one session was asked for, only those by the same name or
/// from the same address: the others are nobody's business.
fn attempts(config: &Config, (found, scope): (&Found, Scope), bundle: &mut Bundle) {
    let ids: Vec<_> = found.records.iter().map(|record| record.id.to_string()).collect();
    let logins = || found.records.iter().flat_map(|record| &record.logins);
    let same = |record: &attempts::Record| {
        logins().any(|login| !login.identity.is_empty() && *login.identity == record.identity)
            || found.records.iter().any(|session| session.peer.ip().to_canonical() == record.address)
    };
    let filter = Filter { user: None, from: None, failed: true, since: None };
    let mut last: VecDeque<String> = VecDeque::new();
    let mut each = |record: attempts::Record| {
        let failed = filter.fits(&record) && (scope == Scope::Newest || same(&record));
        if failed || ids.contains(&record.id) {
            last.push_back(serde_json::json!(record).to_string());
            if last.len() > MOST_ATTEMPTS {
                last.pop_front();
            }
        }
        Ok(())
    };
    match attempts::Reader::new(&config.data).read(&mut each) {
        Ok(()) if last.is_empty() => bundle.lacks("login attempts", "none that failed is in the log"),
        Ok(()) => {
            let text: String = last.iter().map(|line| format!("{line}\n")).collect();
            let why = "login attempts that failed, the newest last: who, from where, what each module said";
            bundle.add("attempts.jsonl", why, Some("no password is ever in them"), &text);
        }
        Err(error) => bundle.lacks("login attempts", format!("{}: {error}", config.data.join("auth-log").display())),
    }
}
