//! `gatepost why route`: where mail for an address goes.

use ::message::{Address, Domain};
use ::trace::causes::{self, Facts};
use auth::attempts::Outcome;
use auth::trial::{Mailbox, Report};
use config::{Config, Route, RouteTls};
use queue::{Filter, MessageInfo, Phase};
use relay::{MxError, Target, Way, way};

use super::answer::Answer;
use super::message::look_up;
use crate::commands::queue::Access;
use crate::commands::trace;
use crate::exit::{Code, Failure};
use crate::printer::shell;
use crate::process;

/// Say where mail for an address goes: a mailbox here, an alias, a [[route]], or the domain's own mail hosts, and what keeps it.
///
/// The DNS is asked, as the server would ask it; nobody is connected to.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gatepost why route alice@example.org
  gatepost why route example.com               any address of a domain")]
pub(super) struct Args {
    /// The address, or a domain
    address: String,
}

/// Follows the address.
pub(super) fn answer(args: &Args, config: &Config) -> Result<Answer, Failure> {
    let asked = args.address.trim_start_matches('<').trim_end_matches('>');
    let (domain, address) = match (Address::parse(asked), Domain::parse(asked)) {
        (Ok(address), _) => (address.domain().clone(), Some(address)),
        (_, Ok(domain)) => (domain, None),
        (Err(error), _) => {
            let text = format!("{asked:?} is neither an address (alice@example.org) nor a domain: {error}");
            return Err(Failure::new(Code::Data, text));
        }
    };
    match (config.domains.contains(&domain), address) {
        (true, Some(address)) => here(&address.to_string(), config),
        (true, None) => Ok(Answer::new(format!("Mail for {domain} stays here: it is one of `domains`."))
            .because("Whose mailbox it is depends on the address.")
            .fix(format!("Ask for one: gatepost why route somebody@{domain}"))),
        (false, _) => elsewhere(&domain, config),
    }
}

/// An address of a domain of ours.
fn here(address: &str, config: &Config) -> Result<Answer, Failure> {
    let report = look_up(address, config).map_err(|why| Failure::new(Code::Failed, why))?;
    let answer = local(address, &report);
    Ok(report.modules.iter().fold(answer, |answer, said| {
        let last = said.lines.last().map_or("", |line| line);
        answer.seen(format!("{}: {last}", said.module))
    }))
}

fn local(address: &str, report: &Report) -> Answer {
    if !report.targets.is_empty() {
        let answer = Answer::new(format!("Mail for {address} goes to {}.", report.targets.join(", ")));
        let answer = answer.because(format!("{address} is an alias."));
        return report
            .targets
            .iter()
            .fold(answer, |answer, target| answer.fix(format!("Further: gatepost why route {}", shell(target))));
    }
    match &report.account {
        Some(account) => {
            let maildir = account.maildir.display();
            let answer = Answer::new(format!("Mail for {address} is put into {maildir}."))
                .because(format!("It is the account {}.", account.address));
            match &account.mailbox {
                Mailbox::Ready => answer,
                Mailbox::NotYet => answer.because("That folder is not there yet: the first message makes it."),
                Mailbox::Unusable(why) => answer
                    .because(format!("It cannot be written, so mail waits in the queue: {why}"))
                    .fix(format!("Give it to the user that the server runs as: chown -R USER {maildir}")),
            }
        }
        None if report.outcome == Outcome::Temporary => Answer::new(format!(
            "Nobody can tell now whose mailbox {address} is, so clients are told to try again later (451)."
        ))
        .because(&report.why)
        .fix("Ask the modules: gatepost auth modules"),
        None => Answer::new(format!("Mail for {address} is refused at RCPT (550 5.1.1)."))
            .because(
                "Its domain is one of `domains`, and no module of auth.chain has an account or alias of that name.",
            )
            .fix(format!("An account: gatepost user add {}", shell(address)))
            .fix(format!("Or an alias: gatepost alias add {} TARGET", shell(address)))
            .fix("See which there are: gatepost user list; gatepost alias list"),
    }
}

/// A domain that is not ours.
fn elsewhere(domain: &Domain, config: &Config) -> Result<Answer, Failure> {
    let facts = trace::facts(config);
    let Way { target, hosts } = process::runtime()?.block_on(way(config, domain));
    let waiting = waiting(domain, config);
    let answer = match (&hosts, stuck(&waiting, &facts)) {
        (Err(error), _) => astray(domain, error, &facts),
        (Ok(_), Some(answer)) => answer,
        (Ok(hosts), None) => {
            let first = hosts.first().map_or_else(String::new, |host| host.host.clone());
            Answer::new(format!("Mail for {domain} goes to {first}."))
        }
    };
    let mut answer = why(answer, &target, domain, config);
    for candidate in hosts.iter().flatten() {
        answer.seen.push(format!("would be tried: {candidate}"));
    }
    answer.seen.push(match waiting.len() {
        0 => "no message for it waits in the queue".to_owned(),
        count => format!("messages for it that wait in the queue: {count}"),
    });
    if let Some(message) = waiting.first() {
        answer.fix.push(format!("The oldest that waits: gatepost why message {}", message.id));
    }
    Ok(match target {
        Target::Domain(_) => {
            answer.fix(format!("To send it another way: [[route]] with to = \"{domain}\" and via = \"HOST:587\""))
        }
        Target::Route(_) => answer.fix("To see each route tried, with its login: gatepost check --deep"),
    })
}

/// Which line of the config, or which rule, decided.
fn why(answer: Answer, target: &Target, domain: &Domain, config: &Config) -> Answer {
    let Target::Route(route) = target else {
        let none = if config.routes.is_empty() { "there is no [[route]]" } else { "no [[route]] fits it" };
        return answer.because(format!("{domain} is none of `domains`, and {none}: its MX hosts in the DNS count."));
    };
    let place = config.routes.iter().position(|other| other == &**route).map_or(0, |place| place + 1);
    let fits = match route.to.as_str() {
        "*" => "which is for everything that no other one fits".to_owned(),
        to if to.starts_with('.') => format!("which is for all names below {to}"),
        _ => "which is for this very name".to_owned(),
    };
    let answer = answer.because(format!(
        "The {} [[route]] of the config decides, with to = \"{}\", {fits}.",
        ordinal(place),
        route.to
    ));
    answer.because(manner(route))
}

fn ordinal(place: usize) -> String {
    match place {
        1 => "first".to_owned(),
        2 => "second".to_owned(),
        3 => "third".to_owned(),
        other => format!("{other}th"),
    }
}

/// How the route's host is spoken to.
fn manner(route: &Route) -> String {
    let tls = match route.tls {
        RouteTls::Starttls => "STARTTLS with a good certificate, or not at all",
        RouteTls::Implicit => "TLS from the first octet, with a good certificate",
        RouteTls::Opportunistic => "TLS where it is offered, whatever the certificate",
        RouteTls::None => "without TLS",
    };
    let login = match (&route.user, &route.token_file) {
        (Some(user), None) => format!(
            "as {user}, with the password in {}",
            route.password_file.as_deref().unwrap_or("?".as_ref()).display()
        ),
        (Some(user), Some(file)) => format!("as {user}, with the token in {}", file.display()),
        (None, _) => "without a login".to_owned(),
    };
    format!("It goes to {}:{} by {tls}, {login}.", route.host, route.port)
}

/// There is no host to try.
fn astray(domain: &Domain, error: &MxError, facts: &Facts) -> Answer {
    match causes::of_reason(&error.to_string(), facts) {
        Some(finding) => Answer::of(finding),
        None => Answer::new(format!("Mail for {domain} cannot be sent: {error}.")),
    }
}

/// What keeps mail for it in the queue.
fn stuck(waiting: &[MessageInfo], facts: &Facts) -> Option<Answer> {
    let recipients = waiting.iter().flat_map(|message| &message.recipients);
    let said = recipients.flat_map(|recipient| [&recipient.reason, &recipient.reply]).flatten();
    said.filter_map(|said| causes::of_reason(said, facts)).next().map(Answer::of)
}

/// Messages that have been tried for a domain and wait, the oldest first; none where the queue cannot be read now.
fn waiting(domain: &Domain, config: &Config) -> Vec<MessageInfo> {
    let filter = Filter { recipient: Some(format!("@{domain}")), ..Filter::default() };
    let all = Access::to(config.data.clone()).and_then(|access| access.list(filter)).unwrap_or_default();
    let is_for = |address: &str| Address::parse(address).is_ok_and(|address| address.domain() == domain);
    let waits = |message: &MessageInfo| {
        let tried = |recipient: &queue::RecipientInfo| recipient.phase == Phase::Waiting && is_for(&recipient.address);
        message.recipients.iter().any(tried)
    };
    all.into_iter().filter(waits).collect()
}
