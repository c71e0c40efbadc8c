//! `checkpassword`: any program that speaks the checkpassword interface (MISSION 000-10, 001-04, 002-07).
//!
//! It gets `login`, NUL, `password`, NUL, `timestamp`, NUL on descriptor 3, and says by its exit code what it thinks; if it
//! accepts, it becomes the user and runs the words behind it: ours tell what it has become ([`report`]). It cannot say who
//! exists, so it knows nobody's address.

mod exit_code;
mod fields;
mod probe;
mod report;

use std::net::IpAddr;

use arc_swap::ArcSwapOption;
use config::{CheckpasswordProfile, Config, CramOrder};
use sasl::{Evidence, Secret};

pub use fields::{Fields, Misused};
pub use probe::{Probed, probe};

use crate::module::{Abilities, Ability, Answer, Module, Request, Who};
use crate::process::{Errand, Input, Program};
use crate::told::{Naming, Told};
use crate::trail::Trail;
use crate::{Attempt, Rejection, Service, TempFail, Verdict, password, random};
use exit_code::Meaning;
use fields::Shown;

const NAME: &str = "checkpassword";

/// A checker, as the chain asks it.
#[derive(Debug)]
pub(crate) struct Checkpassword {
    checker: Checker,
    naming: Naming,
    /// Whether it refuses somebody who does not exist; nobody is let in before that is known.
    refuses: ArcSwapOption<bool>,
}

/// A checker and what is known of it.
#[derive(Debug, Clone)]
struct Checker {
    program: Program,
    profile: CheckpasswordProfile,
    cram: CramOrder,
    apop: bool,
}

/// What a checker says of one login.
#[derive(Debug)]
enum Said {
    Accepted(Box<Told>),
    Rejected(Rejection),
}

impl Checkpassword {
    pub(crate) fn new(config: &Config) -> Self {
        let checker = Checker::new(&config.modules.checkpassword);
        Self { checker, naming: Naming::new(config), refuses: ArcSwapOption::empty() }
    }

    async fn judge(&self, request: &Request) -> Result<Verdict, TempFail> {
        let Some(shown) = self.checker.shown(&request.evidence) else {
            request
                .who
                .trail
                .say("this evidence is not for a checker (auth.checkpassword.cram and .apop say what it can verify)");
            return Ok(Verdict::Reject(Rejection::MechanismNotPossible));
        };
        match self.refuses.load_full().as_deref() {
            Some(true) => {}
            Some(false) => return Err(self.open()),
            None => self.try_nobody(&request.who.trail).await?,
        }
        let mut reason = Rejection::UnknownUser;
        for name in names(&request.who) {
            match self.checker.ask(&name, &shown, request.attempt, &request.who.trail).await? {
                Said::Accepted(told) => {
                    let account = self.naming.account(&request.who, *told);
                    return account.map(Verdict::accept).map_err(|cause| self.checker.program.tempfail(cause));
                }
                Said::Rejected(why) => reason = why,
            }
        }
        Ok(Verdict::Reject(reason))
    }

    /// Asks about somebody who does not exist. A chain of words whose checker is missing (`/bin/true` in its place) accepts
    /// everybody, and the server would be an open relay (MISSION 002-07).
    async fn try_nobody(&self, trail: &Trail) -> Result<(), TempFail> {
        let nobody = nobody();
        trail.say(format_args!("asking about {nobody}, whom it must refuse"));
        let attempt = Attempt::new(Service::Smtp, IpAddr::from([127, 0, 0, 1]), true);
        let random = password::generate();
        let refused =
            matches!(self.checker.ask(&nobody, &Shown::Password(&random), attempt, trail).await?, Said::Rejected(_));
        self.refuses.store(Some(std::sync::Arc::new(refused)));
        if refused { Ok(()) } else { Err(self.open()) }
    }

    fn open(&self) -> TempFail {
        let program = self.checker.program.name();
        self.checker.program.tempfail(format_args!(
            "{program} accepts a user who does not exist, with a random password: it would make an open relay. \
             auth.checkpassword.command begins with the program that checks, and what it runs comes behind: \
             [\"/usr/local/bin/checker\", \"/bin/true\"]"
        ))
    }
}

impl Checker {
    fn new(settings: &config::Checkpassword) -> Self {
        let (words, memory, timeout) = (settings.command.clone(), settings.memory, settings.guard.timeout);
        let program = Program { module: NAME, words, memory, timeout };
        Self { program, profile: settings.profile, cram: settings.cram, apop: settings.apop }
    }

    /// What of the evidence it can be shown.
    fn shown<'a>(&self, evidence: &'a Evidence) -> Option<Shown<'a>> {
        match evidence {
            Evidence::Password(evidence) => Some(Shown::Password(&evidence.password)),
            Evidence::Cram(evidence) => Shown::cram(self.cram, evidence),
            Evidence::Apop(evidence) if self.apop => Shown::apop(evidence),
            _ => None,
        }
    }

    async fn ask(&self, name: &str, shown: &Shown<'_>, attempt: Attempt, trail: &Trail) -> Result<Said, TempFail> {
        let question = match fields::write(name, shown, fields::limit(self.profile)) {
            Ok(question) => question,
            Err(unaskable) => {
                trail.say(format_args!("it is not asked about {name:?}: {unaskable}"));
                return Ok(Said::Rejected(Rejection::WrongPassword));
            }
        };
        trail.say(format_args!("running {} about {name:?}", self.program.name()));
        let errand = Errand {
            behind: report::WORDS,
            input: Input::Descriptor3,
            question,
            variables: variables(attempt),
            secret: shown.secret(),
            trail,
        };
        let done = self.program.run(errand).await.map_err(|error| self.program.tempfail(error))?;
        match exit_code::meaning(self.profile, done.ended) {
            Meaning::Accepted => {
                let told = report::read(&done.output, trail).map_err(|cause| self.program.tempfail(cause))?;
                Ok(Said::Accepted(Box::new(told)))
            }
            Meaning::Rejected(why, text) => {
                trail.say(format_args!("{}: {text}", done.ended));
                Ok(Said::Rejected(why))
            }
            Meaning::Temporary(text) => {
                Err(self.program.tempfail(format_args!("{}: {}: {text}", self.program.name(), done.ended)))
            }
        }
    }

    fn abilities(&self) -> Abilities {
        let program = self.program.name();
        let no = "a checker gets a password, or a response to a challenge, and nothing else (auth.checkpassword)";
        let mut abilities = Abilities::password_only(format!("{program} judges passwords"), no);
        abilities.cram = match self.cram {
            CramOrder::None => Ability::No("auth.checkpassword.cram is \"none\"".to_owned()),
            _ => Ability::Yes(format!("{program} judges CRAM-MD5, as auth.checkpassword.cram says")),
        };
        abilities.apop = if self.apop {
            Ability::Yes(format!("{program} judges APOP, as auth.checkpassword.apop says"))
        } else {
            Ability::No("auth.checkpassword.apop is false".to_owned())
        };
        abilities
    }
}

impl Module for Checkpassword {
    fn name(&self) -> &'static str {
        NAME
    }

    /// Nobody tells it without a password.
    fn can_look_up(&self) -> bool {
        false
    }

    fn check<'a>(&'a self, request: &'a Request) -> Answer<'a, Verdict> {
        Box::pin(async move { self.judge(request).await.unwrap_or_else(Verdict::TempFail) })
    }

    fn abilities(&self) -> Abilities {
        match self.refuses.load().as_deref() {
            Some(false) => Abilities::none(&self.open()),
            _ => self.checker.abilities(),
        }
    }

    fn survey<'a>(&'a self, trail: &'a Trail) -> Answer<'a, Result<(), TempFail>> {
        Box::pin(self.try_nobody(trail))
    }
}

/// The names to ask about: as it was typed, and then with the default domain.
fn names(who: &Who) -> Vec<String> {
    let full = who.address.as_ref().map(ToString::to_string).filter(|_| !who.identity.contains('@'));
    std::iter::once(who.identity.clone()).chain(full).collect()
}

/// A user whom nobody has.
fn nobody() -> String {
    let random: String = random::octets::<8>().iter().map(|octet| format!("{octet:02x}")).collect();
    format!("gatepost-nobody-{random}")
}

/// What tcpserver would have set: `vchkpw` tells the service by the port.
fn variables(attempt: Attempt) -> Vec<(&'static str, String)> {
    let port = match attempt.service {
        Service::Smtp => "587",
        Service::Imap => "143",
        Service::Pop3 => "110",
    };
    vec![
        ("PROTO", "TCP".to_owned()),
        ("TCPREMOTEIP", attempt.peer.to_string()),
        ("TCPLOCALPORT", port.to_owned()),
        ("SERVICE", attempt.service.name().to_owned()),
    ]
}

impl Shown<'_> {
    /// What must not come back in a line of the trail.
    fn secret(&self) -> Option<&Secret> {
        match self {
            Self::Password(password) => Some(password),
            Self::Response { .. } => None,
        }
    }
}
