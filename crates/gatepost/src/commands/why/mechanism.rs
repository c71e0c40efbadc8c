//! `gatepost why not`: why a mechanism is not offered.

use auth::Service as LoginService;
use auth::attempts::Outcome;
use auth::overview::{Accounts, InChain, Offered, Overview};
use auth::trial::{Password, Trial};
use config::{Config, Service};
use sasl::Mechanism;

use super::answer::Answer;
use crate::commands::auth as tried;
use crate::commands::check::{self, Listening};
use crate::exit::Failure;
use crate::process;

/// Say why a mechanism is not offered, listener by listener, and what it would take.
///
/// With --user, too, whether what is kept of that account could verify it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gatepost why not CRAM-MD5
  gatepost why not SCRAM-SHA-256 --listener imap --user alice@example.org")]
pub(super) struct Args {
    /// Such as PLAIN, CRAM-MD5, SCRAM-SHA-256, APOP
    #[arg(value_parser = tried::mechanism)]
    mechanism: Mechanism,
    /// Only at this listener: smtp, submission, submissions, imap, imaps, pop3, pop3s
    #[arg(long, value_parser = listener)]
    listener: Option<Service>,
    /// Whether this account could use it
    #[arg(long)]
    user: Option<String>,
}

fn listener(name: &str) -> Result<Service, String> {
    let known = || Service::ALL.map(Service::name).join(", ");
    let found = Service::ALL.into_iter().find(|service| service.name().eq_ignore_ascii_case(name));
    found.ok_or_else(|| format!("one of {}", known()))
}

/// Whether it is offered somewhere, in clear or inside TLS.
struct Place<'a> {
    listening: &'a Listening,
    clear: Option<&'a check::Mechanism>,
    tls: Option<&'a check::Mechanism>,
}

/// Computes what is offered, as `gatepost check` does.
pub(super) fn answer(args: &Args, config: &Config) -> Result<Answer, Failure> {
    let listeners = process::runtime()?.block_on(Listening::all(config));
    let (overview, _) = tried::overview(config)?;
    let name = args.mechanism.name();
    let wanted = |listening: &&Listening| args.listener.is_none_or(|service| service.name() == listening.service);
    let fitting = |listening: &&Listening| args.mechanism.is_sasl() || listening.service.starts_with("pop3");
    let places: Vec<_> = listeners.iter().filter(wanted).filter(fitting).map(|at| Place::of(at, name)).collect();
    if places.is_empty() {
        let service = args.listener.map_or("", Service::name);
        return Ok(Answer::new(format!(
            "{name} is not offered on {service}: it is a command of POP3 alone (RFC 1939 §7)."
        )));
    }
    let mut answer = verdict(name, &places);
    answer.seen.extend(places.iter().flat_map(Place::lines));
    answer.seen.extend(overview.mechanisms.iter().filter(|offered| offered.mechanism == name).map(counts));
    if let Some(user) = &args.user {
        answer = of_user(answer, user, args.mechanism, config)?;
    }
    if !places.iter().any(Place::offers) {
        answer.fix.extend(takes(args.mechanism, config, &overview));
    }
    Ok(answer.fix("Every mechanism at every listener, with its reason: gatepost check"))
}

/// In a sentence, with the reason that the listeners share.
fn verdict(name: &str, places: &[Place<'_>]) -> Answer {
    let names = |offers: bool| {
        places.iter().filter(|place| place.offers() == offers).map(|place| place.listening.service).collect::<Vec<_>>()
    };
    let (yes, no) = (names(true), names(false));
    let mut answer = Answer::new(match (yes.is_empty(), no.is_empty()) {
        (true, _) => format!("{name} is not offered on {}.", no.join(", ")),
        (false, true) => format!("{name} is offered on {}.", yes.join(", ")),
        (false, false) => format!("{name} is offered on {}, but not on {}.", yes.join(", "), no.join(", ")),
    });
    let whys = places.iter().filter(|place| !place.offers() || no.is_empty()).map(Place::why);
    for why in whys {
        if !answer.why.contains(&why) {
            answer.why.push(why);
        }
    }
    answer
}

impl<'a> Place<'a> {
    fn of(listening: &'a Listening, name: &str) -> Self {
        let find = |all: &'a [check::Mechanism]| all.iter().find(|mechanism| mechanism.name == name);
        let (clear, tls) = (find(&listening.mechanisms_in_clear), find(&listening.mechanisms_inside_tls));
        Self { listening, clear, tls }
    }

    fn offers(&self) -> bool {
        [self.clear, self.tls].into_iter().flatten().any(|mechanism| mechanism.offered)
    }

    /// What decides: inside TLS, where there is TLS.
    fn why(&self) -> String {
        let decides = self.tls.or(self.clear).map(|mechanism| mechanism.why.clone());
        decides.unwrap_or_else(|| self.listening.closed.unwrap_or("it is not open").to_owned())
    }

    fn lines(&self) -> Vec<String> {
        let service = self.listening.service;
        if let Some(closed) = self.listening.closed {
            return vec![format!("{service}: {closed}")];
        }
        let line = |(how, found): (&str, Option<&check::Mechanism>)| {
            let mechanism = found?;
            let is = if mechanism.offered { "offered" } else { "not offered" };
            Some(format!("{service}, {how}: {is}: {}", mechanism.why))
        };
        [("in clear", self.clear), ("inside TLS", self.tls)].into_iter().filter_map(line).collect()
    }
}

fn counts(offered: &Offered) -> String {
    format!(
        "logins by {} since the start: {} succeeded, {} failed",
        offered.mechanism, offered.successes, offered.failures
    )
}

/// Whether what is kept of an account could verify it. A mechanism that sends no password is tried with a random one: a
/// module that cannot verify it says so before it compares.
fn of_user(answer: Answer, user: &str, mechanism: Mechanism, config: &Config) -> Result<Answer, Failure> {
    let secret = (!mechanism.sends_secret()).then(|| Password(auth::accounts::generate_password()));
    let by = Some(mechanism.name().to_owned());
    let trial = Trial { mechanism: by, password: secret, ..Trial::of(user, LoginService::Imap) };
    let (report, _) = tried::ask(trial, config)?;
    let name = mechanism.name();
    Ok(match report.outcome {
        Outcome::WrongPassword | Outcome::BadExchange => {
            answer.seen(format!("{user}: what is kept of this account could verify {name}"))
        }
        Outcome::Ok => {
            answer.seen(format!("{user}: the account is known, and {name} takes any stored form of a password"))
        }
        Outcome::MechanismNotPossible => answer.because(format!("What is kept of {user} cannot verify {name}.")),
        Outcome::UnknownUser => answer.because(format!("Nobody has the name {user}.")),
        Outcome::Temporary => answer.because(format!("What is kept of {user} cannot be told now: {}", report.why)),
        other => answer.because(format!("{user}: {other}")),
    })
}

/// What it would take to offer it.
fn takes(mechanism: Mechanism, config: &Config, overview: &Overview) -> Vec<String> {
    let hidden = config.hide.iter().any(|rule| rule.mechanisms.contains(&mechanism.name()));
    let mut fix: Vec<String> = Vec::new();
    if overview.chain.iter().any(|module| !module.reachable) {
        fix.push("A module does not answer; first mend what `gatepost auth modules` says of it.".to_owned());
    }
    if hidden {
        fix.push(format!("Take {} out of the [[auth.hide]] that names it.", mechanism.name()));
    }
    let some = |module: &InChain| {
        module.verifies.iter().any(|each| each.mechanism == mechanism.name() && each.accounts == Accounts::Some)
    };
    if overview.chain.iter().any(some) {
        fix.push("Some accounts could use it: auth.offer_when = \"any\" offers it for their sake.".to_owned());
    }
    let text = match mechanism {
        Mechanism::CramMd5 | Mechanism::Apop => {
            "Set the programs to \"normal password\" (PLAIN) with TLS, or to SCRAM: hashes cannot verify it, and to keep passwords in \
             clear for it would be worse than not to have it."
        }
        Mechanism::ScramSha1 | Mechanism::ScramSha256 | Mechanism::ScramSha1Plus | Mechanism::ScramSha256Plus => {
            "Accounts of ours get keys with the next login by PLAIN inside TLS, or with: gatepost user passwd USER"
        }
        Mechanism::XOAuth2 | Mechanism::OAuthBearer => {
            "It takes an issuer of tokens: [auth.oauth], and \"oauth\" in auth.chain."
        }
        Mechanism::External => {
            "It takes certificates of the clients, and an authority that signs them: tls.client_ca in [tls]."
        }
        Mechanism::Plain | Mechanism::Login => {
            "Programs must use TLS (STARTTLS, or the ports 465, 993, 995); the server needs a certificate for that: gatepost check"
        }
    };
    fix.push(text.to_owned());
    fix
}
