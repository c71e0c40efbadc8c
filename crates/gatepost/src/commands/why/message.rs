//! `gatepost why message`: where a message is, and what keeps it.

use std::path::PathBuf;

use ::message::Address;
use ::trace::causes::{self, Facts};
use ::trace::record::{Direction, Fate, Record, Transaction};
use auth::Service;
use auth::trial::{Report, Trial};
use config::Config;
use jiff::Timestamp;
use mailbox::delivered_file;
use queue::{MessageInfo, Phase, QueueId, RecipientInfo};

use super::answer::{Answer, capital};
use crate::commands::auth as tried;
use crate::commands::trace::{self, Found, Search};
use crate::exit::Failure;
use crate::printer::shell;

/// Say where a message is, for each recipient: waiting and why, handed on, delivered here, refused, or sent back.
///
/// Takes what `gatepost trace` takes: an id in the queue, a Message-ID, another server's id, or a file with a bounce.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gatepost why message 1K4Q7ZC0M2A
  gatepost why message '<20260131.x@example.org>'
  gatepost why message bounce.eml")]
pub(super) struct Args {
    /// The message's id in the queue, its Message-ID, another server's id for it, or a file (- for standard input)
    id: String,
}

/// What became of it for a recipient, and the weight of that: the worst is the answer.
struct Fortune {
    weight: u8,
    line: String,
    /// A reason, for the table of causes.
    reason: Option<String>,
}

/// Looks into the queue and the records.
pub(super) fn answer(args: &Args, config: &Config) -> Result<Answer, Failure> {
    let found = Search::new(config).find(&args.id)?;
    let facts = trace::facts(config);
    let mut fortunes: Vec<Fortune> = found.queued.iter().flat_map(waits).collect();
    for record in &found.records {
        for transaction in &record.transactions {
            fortunes.extend(told(record, transaction, &found, config));
        }
    }
    fortunes.extend(found.reasons.iter().map(|said| sent_back(said)));
    fortunes.sort_by_key(|fortune| std::cmp::Reverse(fortune.weight));
    let mut answer = verdict(&fortunes, &found, &facts);
    let others = fortunes.into_iter().map(|fortune| fortune.line).filter(|line| sentence(line) != answer.answer);
    answer.seen.extend(others.collect::<Vec<_>>());
    answer.seen.dedup();
    if let Some(message) = found.queued.first() {
        let id = message.id;
        let next = if message.held {
            format!("Let it go on: gatepost queue release {id}")
        } else {
            format!("Then try it at once: gatepost queue retry {id}")
        };
        answer.fix.push(next);
    }
    answer.fix.push(format!("All that is known of it: gatepost trace {}", shell(&args.id)));
    Ok(answer)
}

/// The worst first; a reason that the table knows has its words and its fix.
fn verdict(fortunes: &[Fortune], found: &Found, facts: &Facts) -> Answer {
    let held = found.queued.iter().find(|message| message.held);
    if let Some(message) = held {
        return Answer::new(format!("Message {} is held: it is not tried until somebody releases it.", message.id));
    }
    let cause = fortunes.iter().find_map(|fortune| causes::of_reason(fortune.reason.as_deref()?, facts));
    match (cause, fortunes.first()) {
        (Some(finding), _) => Answer::of(finding),
        (None, Some(worst)) => {
            let answer = Answer::new(sentence(&worst.line));
            worst.reason.iter().fold(answer, |answer, reason| answer.because(reason))
        }
        (None, None) => of_session(found, facts),
    }
}

fn sentence(line: &str) -> String {
    format!("{}.", capital(line))
}

/// No message came about: what ended the session is the answer.
fn of_session(found: &Found, facts: &Facts) -> Answer {
    let finding = found.records.iter().rev().find_map(|record| causes::of(record, facts).into_iter().next());
    finding.map_or_else(|| Answer::new("No message came about in the sessions that belong to it."), Answer::of)
}

/// What the queue says of each recipient.
fn waits(message: &MessageInfo) -> Vec<Fortune> {
    message.recipients.iter().map(queued).collect()
}

fn queued(recipient: &RecipientInfo) -> Fortune {
    let RecipientInfo { address, phase, attempts, next_attempt, reason, reply, .. } = recipient;
    let said = reply.as_ref().or(reason.as_ref()).cloned();
    let (weight, line) = match phase {
        Phase::Waiting if *attempts == 0 => (1, format!("the mail for <{address}> has not been tried yet")),
        Phase::Waiting => (
            4,
            format!(
                "the mail for <{address}> waits in the queue, attempts so far: {attempts}, the next {}",
                then(*next_attempt)
            ),
        ),
        Phase::Active => (1, format!("the mail for <{address}> is on its way just now")),
        Phase::Delivered => (0, format!("the mail for <{address}> is delivered")),
        Phase::Failed => (5, format!("the mail for <{address}> was given up, and a bounce is written")),
    };
    Fortune { weight, line, reason: said }
}

fn then(seconds: Option<u64>) -> String {
    let time = seconds.and_then(|seconds| Timestamp::from_second(i64::try_from(seconds).ok()?).ok());
    time.map_or_else(|| "once it is released".to_owned(), |time| format!("at {time:.0}"))
}

fn sent_back(said: &str) -> Fortune {
    Fortune { weight: 6, line: format!("the bounce says: {said}"), reason: Some(said.to_owned()) }
}

/// What a transaction in a record says of each recipient.
fn told(record: &Record, transaction: &Transaction, found: &Found, config: &Config) -> Vec<Fortune> {
    let Transaction { to, reply, fate, queue_id, .. } = transaction;
    if record.direction == Direction::Out {
        return to.iter().map(|to| handed_on(record, to, *fate, reply)).collect();
    }
    if matches!(fate, Fate::Deferred | Fate::Refused | Fate::GivenUp) {
        let line = format!("it was not taken from {}: {reply}", record.peer.ip());
        return vec![Fortune { weight: 5, line, reason: None }];
    }
    let id = queue_id.as_ref().and_then(|id| id.parse::<QueueId>().ok());
    let waiting = found.queued.iter().any(|message| Some(message.id) == id);
    let local = |to: &&::trace::record::Text| Address::parse(to).is_ok_and(|to| config.domains.contains(to.domain()));
    match id {
        // The queue knows better.
        _ if waiting => Vec::new(),
        Some(id) => to.iter().filter(local).map(|to| delivered(to, id, config)).collect(),
        None => Vec::new(),
    }
}

fn handed_on(record: &Record, to: &str, fate: Fate, reply: &str) -> Fortune {
    let host = record.peer;
    let (weight, line) = match fate {
        Fate::Accepted => (0, format!("{host} took the mail for <{to}>: {reply}")),
        Fate::PartlyAccepted => {
            (3, format!("{host} took it for some recipients, <{to}> among those that were asked for: {reply}"))
        }
        Fate::Deferred => (2, format!("{host} did not take the mail for <{to}> yet: {reply}")),
        Fate::Refused => (5, format!("{host} refused the mail for <{to}>, and it went back to the sender: {reply}")),
        Fate::GivenUp => (2, format!("there was no answer of {host} for <{to}>")),
    };
    let bad = fate.is_bad() && !reply.is_empty();
    Fortune { weight, line, reason: bad.then(|| reply.to_owned()) }
}

/// The queue has forgotten it: it lies in the mailbox, or did.
fn delivered(to: &str, id: QueueId, config: &Config) -> Fortune {
    let line = match mailboxes(to, config) {
        Ok(mailboxes) if mailboxes.is_empty() => {
            format!("<{to}> is nobody's address now; the queue has nothing left of it")
        }
        Ok(mailboxes) => match mailboxes.iter().find_map(|maildir| delivered_file(maildir, id).ok()?) {
            Some(path) => format!("the mail for <{to}> was delivered: {}", path.display()),
            None => format!(
                "the mail for <{to}> has left the queue, and is not in the inbox in {} (any more): it was moved, fetched or deleted, or \
                 an alias led elsewhere",
                mailboxes.iter().map(|maildir| maildir.display().to_string()).collect::<Vec<_>>().join(", "),
            ),
        },
        Err(why) => format!("the mail for <{to}> has left the queue; whose mailbox that is cannot be told: {why}"),
    };
    Fortune { weight: 0, line, reason: None }
}

/// The Maildirs that mail for an address goes to.
fn mailboxes(to: &str, config: &Config) -> Result<Vec<PathBuf>, String> {
    let report = look_up(to, config)?;
    if let Some(account) = report.account {
        return Ok(vec![account.maildir]);
    }
    let targets = report.targets.iter().filter_map(|target| look_up(target, config).ok()?.account);
    Ok(targets.map(|account| account.maildir).collect())
}

/// Whose address it is.
pub(super) fn look_up(address: &str, config: &Config) -> Result<Report, String> {
    let ask = |user: &str| tried::ask(Trial::of(user, Service::Imap), config).map_err(|failure| failure.text);
    let (report, _) = ask(address)?;
    let nobody = report.account.is_none() && report.targets.is_empty();
    // RFC 5233: with its detail or, failing that, without.
    let plain = Address::parse(address).ok().and_then(|parsed| {
        let (local, detail) = parsed.split_detail();
        detail.map(|_| format!("{local}@{}", parsed.domain()))
    });
    match plain {
        Some(plain) if nobody => ask(&plain).map(|(report, _)| report),
        _ => Ok(report),
    }
}
