//! `gatepost why login`: why somebody cannot log in.

use ::message::Address;
use ::trace::causes::Facts;
use auth::Service;
use auth::attempts::Outcome;
use auth::trial::{Mailbox, Password, Report, Trial};
use config::{Config, Network, nearest};

use super::answer::{Answer, capital};
use super::past::{self, Past, Whose};
use crate::accounts;
use crate::commands::{auth as tried, trace};
use crate::exit::Failure;
use crate::password;
use crate::printer::shell;
use crate::time::Moment;

/// Say why somebody cannot log in: what the chain says of the account now, and how the last logins went.
///
/// Without a password the account is only looked up; with one the very login is tried. Nothing is counted against anybody.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gatepost why login alice@example.org
  gatepost why login alice --service imap --since 1h
  printf '%s\\n' \"$PASS\" | gatepost why login alice@example.org --password-stdin")]
pub(super) struct Args {
    /// The name, as the client sends it
    user: String,
    /// Only logins to this service
    #[arg(long, value_parser = tried::service, value_name = "smtp|imap|pop3")]
    service: Option<Service>,
    /// Only logins from this address or network
    #[arg(long, value_name = "NET")]
    ip: Option<Network>,
    /// Only logins since then: "1h", "2d", or a time such as 2026-01-31T12:00:00Z [default: all that are kept]
    #[arg(long, value_name = "TIME")]
    since: Option<Moment>,
    /// Try this password: the first line of standard input
    #[arg(long)]
    password_stdin: bool,
}

/// Looks at the account, then at the records.
pub(super) fn answer(args: &Args, config: &Config) -> Result<Answer, Failure> {
    let password = if args.password_stdin { password::existing(true)? } else { None };
    let service = args.service.unwrap_or(Service::Imap);
    let trial = Trial { password: password.map(Password), ..Trial::of(&args.user, service) };
    let (report, asked) = tried::ask(trial, config)?;
    let facts = trace::facts(config);
    let names = [Some(args.user.as_str()), report.address.as_deref()].into_iter().flatten().collect();
    let whose = Whose { names, service: args.service, ip: args.ip, since: args.since.map(Moment::before_now) };
    let logins = past::logins(&whose, config, &facts)?;
    let mut answer = match now(&report, config)? {
        Some(answer) => answer,
        None => lately(&report, &logins, &facts),
    };
    answer.seen.extend(past::summed(&logins));
    if report.outcome == Outcome::Ok {
        let by = report.mechanism.as_ref().map_or("its name", |_| "its name and password");
        answer.seen.push(format!("now the account is found by {by} (asked: {asked})"));
    }
    answer.fix.extend(more(&answer, &logins));
    Ok(answer)
}

/// What keeps the user out as things are now; nothing, if nothing does.
fn now(report: &Report, config: &Config) -> Result<Option<Answer>, Failure> {
    let user = &report.user;
    let unusable = report.account.as_ref().and_then(|account| match &account.mailbox {
        Mailbox::Unusable(why) => Some(why),
        _ => None,
    });
    let answer = match (report.outcome, unusable) {
        (Outcome::Ok, None) => return barred(report, config),
        (Outcome::Ok, Some(why)) => Answer::new(format!("{user} can log in, but the mailbox cannot be opened."))
            .because(why)
            .fix("Give the folder to the user that the server runs as: chown -R, chmod 0700; what is no folder, move away.")
            .fix("The very command, for every home: gatepost check --deep"),
        (outcome, _) => refused(outcome, report),
    };
    let like = match report.outcome {
        Outcome::UnknownUser => neighbour(report, config)?,
        _ => None,
    };
    Ok(Some(match like {
        Some(like) => answer.fix(format!("Did somebody mean {like}?")),
        None => answer,
    }))
}

/// An account of our own that is switched off, or may not use the service: a look-up without a password does not tell.
fn barred(report: &Report, config: &Config) -> Result<Option<Answer>, Failure> {
    let (user, service) = (&report.user, &report.service);
    let found = report.account.as_ref().and_then(|account| Address::parse(&account.address).ok());
    let own = found.map_or(Ok(None), |address| accounts::user(config, &address))?;
    let answer = match own {
        Some(own) if !own.active => Answer::new(format!("{user} cannot log in: the account is switched off."))
            .because("Somebody did: gatepost user disable")
            .fix(format!("gatepost user enable {}", shell(&own.address.to_string()))),
        Some(own) if !Service::from_name(service).is_none_or(|service| own.services.allows(service)) => {
            Answer::new(format!("{user} cannot log in to {service}: the account may not use it."))
                .because("Somebody did: gatepost user deny")
                .fix(format!("gatepost user allow {} {service}", shell(&own.address.to_string())))
        }
        _ => return Ok(None),
    };
    Ok(Some(answer))
}

fn refused(outcome: Outcome, report: &Report) -> Answer {
    let user = &report.user;
    let answer = match outcome {
        Outcome::Temporary => {
            format!("Nobody can tell now whether {user} may log in: clients are told to try again later.")
        }
        Outcome::UnknownUser => format!("{user} cannot log in: nobody has this name."),
        outcome => format!("{user} cannot log in: {outcome}."),
    };
    let mut answer = Answer::new(answer);
    answer.why = tried::search(report);
    if !report.why.is_empty() {
        answer.why.insert(0, report.why.clone());
    }
    // A command stays as it is.
    let sentence = |fix: String| if fix.starts_with("gatepost ") { fix } else { capital(&fix) };
    answer.fix.extend(tried::advice(report).map(sentence));
    answer
}

/// An account of our own whose name is like it.
fn neighbour(report: &Report, config: &Config) -> Result<Option<String>, Failure> {
    let users = accounts::read(config, auth::accounts::Store::users)?;
    let names: Vec<_> = users.iter().map(|user| user.address.to_string()).collect();
    let name = report.address.as_deref().unwrap_or(&report.user);
    Ok(nearest(name, names.iter().map(String::as_str)).map(str::to_owned))
}

/// The account is as it should be: what the last login came to.
fn lately(report: &Report, logins: &[Past], facts: &Facts) -> Answer {
    let user = &report.user;
    let was = |past: &Past| past.place();
    match logins.first() {
        None => Answer::new(format!(
            "Nothing is known that keeps {user} from logging in, and no login of that name is kept."
        ))
        .because(
            "Perhaps the client never came so far: it spoke with another server, without TLS, or under another name.",
        )
        .fix("Let it be tried now, then ask again, or list what came: gatepost trace list --since 10m")
        .fix(format!("As a client sees the server: gatepost probe {}", facts.hostname)),
        Some(last) if last.accepted => {
            Answer::new(format!("Nothing keeps {user} from logging in: the last login worked, {}.", was(last)))
        }
        Some(last) => match last.finding.clone() {
            Some(finding) => Answer::of(finding),
            None => Answer::new(format!("The last login of {user} failed, {}.", was(last))).because("No known cause."),
        },
    }
}

/// Where to read more.
fn more(answer: &Answer, logins: &[Past]) -> Option<String> {
    let failed = logins.iter().find(|past| !past.accepted)?;
    (!answer.fix.is_empty()).then(|| format!("All of the last one that failed: gatepost trace {}", failed.session))
}
