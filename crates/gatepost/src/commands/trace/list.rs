//! `gatepost trace list`: sessions, one line each.

use std::collections::{HashSet, VecDeque};
use std::io::Write;
use std::ops::ControlFlow;

use ::trace::causes::{self, Facts};
use ::trace::record::{Direction, Outcome, Protocol, Record};
use ::trace::{SessionId, folder, reader};
use clap::ValueEnum;
use config::Config;
use jiff::Timestamp;
use server::control::Request;

use super::search::sessions;
use crate::choice::{Choice, follow, unread};
use crate::exit::Failure;
use crate::printer::{Format, visible};

/// Sessions that `--follow` begins with.
const FOLLOWED: usize = 10;

/// List sessions, the newest last: when each ended, its id, where it came from, who logged in, and how it ended.
///
/// Sessions that run stand at the end, where a server runs; --follow begins with the last ten, or with
/// those since a time, and waits for those that end.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gatepost trace list --failed --since 1h
  gatepost trace list --reason wrong-password --user alice
  gatepost trace list --protocol relay --failed --follow
  gatepost trace list --json | jq -r .id")]
pub(super) struct Args {
    #[command(flatten)]
    choice: Choice,
    /// Only this protocol; `relay` is mail that goes out
    #[arg(long, value_name = "P")]
    protocol: Option<Kind>,
    /// Only with this cause, result of a login, or end: "wrong-password", "tls_failed"
    #[arg(long, value_name = "R", value_parser = reason)]
    reason: Option<String>,
    /// Only the newest ones, so many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
}

/// What is spoken, and who began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Mail that comes in, and submission
    Smtp,
    /// IMAP
    Imap,
    /// POP3
    Pop3,
    /// Mail that goes out
    Relay,
}

/// A filter that knows the time, and how to print.
struct List<'a> {
    args: &'a Args,
    facts: &'a Facts,
    since: Option<Timestamp>,
    format: Format,
}

/// Reads the files.
pub(super) fn run(
    args: &Args,
    config: &Config,
    facts: &Facts,
    format: Format,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let list = List { args, facts, since: args.choice.since(), format };
    if args.choice.follow {
        return list.follow(config, out);
    }
    // Who runs is asked first: a session that ends meanwhile is in the files then.
    let running = sessions(&config.data, &Request::Sessions { id: None, most: usize::MAX });
    let mut ids: HashSet<_> = running.iter().map(|record| record.id).collect();
    let mut lines = list.newest(config, &mut ids)?;
    let running = running.iter().filter(|record| ids.contains(&record.id) && list.fits(record));
    lines.extend(running.map(|record| list.shown(record)));
    let skipped = lines.len().saturating_sub(list.limit());
    lines.into_iter().skip(skipped).try_for_each(|line| writeln!(out, "{line}")).map_err(Failure::from)
}

impl List<'_> {
    fn limit(&self) -> usize {
        let choice = &self.args.choice;
        // As `tail -f`, unless something else is asked for.
        let most = if choice.follow && choice.since().is_none() { FOLLOWED } else { usize::MAX };
        self.args.limit.map_or(most, |limit| usize::try_from(limit).unwrap_or(usize::MAX))
    }

    /// Those that are in the files, the newest last. Files are read backwards, and no further than is wanted.
    /// Their ids are taken out of `running`.
    fn newest(&self, config: &Config, running: &mut HashSet<SessionId>) -> Result<VecDeque<String>, Failure> {
        let mut found = VecDeque::new();
        let mut each = |record: Record| {
            running.remove(&record.id);
            let too_old = self.since.is_some_and(|since| when(&record) < since);
            if self.fits(&record) {
                found.push_front(self.shown(&record));
            }
            let enough = too_old || found.len() >= self.limit();
            Ok(if enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        };
        let read = reader(&config.data).newest_first("", &mut each);
        read.map_err(|error| unread(error, &folder(&config.data)))?;
        Ok(found)
    }

    /// The newest, and then those that come.
    fn follow(&self, config: &Config, out: &mut dyn Write) -> Result<(), Failure> {
        let mut reader = reader(&config.data);
        let failed = |error| unread(error, &folder(&config.data));
        // What is written meanwhile is shown twice rather than not at all.
        reader.pass_over().map_err(failed)?;
        self.newest(config, &mut HashSet::new())?.iter().try_for_each(|line| writeln!(out, "{line}"))?;
        follow(true, out, &mut |out| {
            let mut each = |record: Record| match self.fits(&record) {
                true => writeln!(out, "{}", self.shown(&record)),
                false => Ok(()),
            };
            reader.read(&mut each).map_err(failed)
        })
    }

    fn fits(&self, record: &Record) -> bool {
        let choice = &self.args.choice;
        let names = record.logins.iter().flat_map(|login| [Some(&login.identity), login.account.as_ref()]);
        let said = record.origin.as_ref().and_then(|origin| origin.login.as_ref());
        let names = names.flatten().chain(said).map(|name| &**name);
        let addresses = [Some(record.peer.ip()), record.origin.as_ref().map(|origin| origin.address)];
        choice.has_user(names)
            && choice.has_address(addresses.into_iter().flatten())
            && (!choice.failed || record.bad)
            && self.since.is_none_or(|since| when(record) >= since)
            && self.args.protocol.is_none_or(|kind| kind == Kind::of(record))
            && self.args.reason.as_deref().is_none_or(|reason| self.has_reason(record, reason))
    }

    fn has_reason(&self, record: &Record, wanted: &str) -> bool {
        spelt(record.outcome.word()) == wanted
            || record.logins.iter().any(|login| spelt(&login.outcome) == wanted)
            || causes::of(record, self.facts).iter().any(|finding| spelt(finding.cause) == wanted)
    }

    /// As a line of text or of JSON. Only lines are held: a record may have 64 KiB of what was said.
    fn shown(&self, record: &Record) -> String {
        if self.format.is_json() { serde_json::json!(record).to_string() } else { self.line(record) }
    }

    fn line(&self, record: &Record) -> String {
        let Record { id, service, outcome, .. } = record;
        let tls = if record.tls.is_some() { "TLS" } else { "clear" };
        let way = if record.direction == Direction::In { "from" } else { "to" };
        let address = record.origin.as_ref().map_or(record.peer.ip(), |origin| origin.address).to_canonical();
        let login = record.logins.iter().rfind(|login| login.accepted).or(record.logins.last());
        let name = login.map(|login| login.account.as_ref().unwrap_or(&login.identity));
        let name = name.filter(|name| !name.is_empty()).map_or("-", |name| name);
        let causes: Vec<_> = causes::of(record, self.facts).iter().map(|finding| finding.cause).collect();
        let why = if causes.is_empty() && record.bad { "no known cause".to_owned() } else { causes.join(", ") };
        let time = when(record);
        let line = format!("{time:.0}  {id}  {service:<11}  {way} {address}  {tls}  {name}  {outcome}  {why}");
        visible(line.trim_end())
    }
}

impl Kind {
    fn of(record: &Record) -> Self {
        match (record.direction, record.protocol) {
            (Direction::Out, _) => Self::Relay,
            (_, Protocol::Smtp) => Self::Smtp,
            (_, Protocol::Imap) => Self::Imap,
            (_, Protocol::Pop3) => Self::Pop3,
        }
    }
}

/// When it ended, or began where it runs.
fn when(record: &Record) -> Timestamp {
    record.ended.unwrap_or(record.began)
}

/// Causes have dashes, ends have underscores, results of logins have spaces: all are understood.
fn spelt(reason: &str) -> String {
    reason.trim().to_lowercase().replace(['-', ' '], "_")
}

/// One of those that there can be: a list that is empty as a word is misspelt would be a lie.
fn reason(text: &str) -> Result<String, String> {
    let ends = Outcome::ALL.into_iter().map(Outcome::word);
    let logins = auth::attempts::Outcome::ALL.into_iter().map(auth::attempts::Outcome::words);
    let known: Vec<_> = causes::all().map(|(name, _)| name).chain(ends).chain(logins).map(spelt).collect();
    let wanted = spelt(text);
    if known.contains(&wanted) {
        return Ok(wanted);
    }
    let like = config::nearest(&wanted, known.iter().map(String::as_str));
    let like = like.map(|like| format!("did you mean {like}? ")).unwrap_or_default();
    Err(format!("{like}what there is stands in the last columns of `gatepost trace list`"))
}
