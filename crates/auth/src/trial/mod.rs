//! Trying a login for an operator: the very same chain, but nothing is counted, delayed or remembered against anybody.

mod exchange;
mod password;
mod report;

use std::net::{IpAddr, Ipv4Addr};

use sasl::{Evidence, Mechanism, scram};
use serde::{Deserialize, Serialize};

pub use password::Password;
pub use report::{Found, Mailbox, Report};

use crate::attempts::{Outcome, Said};
use crate::module::Answer;
use crate::{Attempt, Auth, Line, Resolution, Service, TempFail, Verdict};
pub(crate) use exchange::{End, Judge, run};

/// What is to be tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// The name, as a client would send it.
    pub user: String,
    /// What the login is for.
    pub service: Service,
    /// The client's address, as far as modules look at it.
    pub peer: IpAddr,
    /// Whether it would be inside TLS.
    pub tls: bool,
    /// By which mechanism; PLAIN, if it is left out.
    pub mechanism: Option<String>,
    /// Without one the account is only looked up.
    pub password: Option<Password>,
}

impl Trial {
    /// Looks an account up by the name that a client would send, from this machine and inside TLS.
    pub fn of(user: impl Into<String>, service: Service) -> Self {
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
        Self { user: user.into(), service, peer, tls: true, mechanism: None, password: None }
    }
}

/// The chain as the server's side of an exchange, and what it said last.
struct Asked<'a> {
    auth: &'a Auth,
    attempt: Attempt,
    lines: parking_lot::Mutex<Vec<Line>>,
}

impl Auth {
    /// Tries a login, or looks an account up.
    pub async fn trial(&self, trial: &Trial) -> Report {
        let attempt = Attempt::new(trial.service, trial.peer, trial.tls);
        let address = self.address(&trial.user).map(|address| address.to_string());
        let report = Report {
            user: trial.user.clone(),
            address,
            service: trial.service.name().to_owned(),
            mechanism: None,
            modules: Vec::new(),
            outcome: Outcome::UnknownUser,
            why: String::new(),
            account: None,
            targets: Vec::new(),
        };
        match &trial.password {
            Some(password) => self.try_login(report, attempt, trial, password).await,
            None => self.only_look_up(report, &trial.user).await,
        }
    }

    async fn try_login(&self, mut report: Report, attempt: Attempt, trial: &Trial, password: &Password) -> Report {
        let name = trial.mechanism.as_deref().unwrap_or(Mechanism::Plain.name());
        let Some(mechanism) = Mechanism::ALL.into_iter().find(|known| known.name().eq_ignore_ascii_case(name)) else {
            return Report {
                outcome: Outcome::MechanismNotPossible,
                why: format!("there is no {name} here"),
                ..report
            };
        };
        report.mechanism = Some(mechanism.name().to_owned());
        let asked = Asked { auth: self, attempt, lines: parking_lot::Mutex::default() };
        let end = run(mechanism, (&trial.user, password.0.clone()), &asked).await;
        report.modules = Said::of(&asked.lines.into_inner());
        match end {
            End::Broken(why) => Report { outcome: Outcome::BadExchange, why, ..report },
            End::Judged(verdict) => {
                report.outcome = Outcome::from(&verdict);
                report.why = crate::attempts::why(&verdict);
                report.account = match &verdict {
                    Verdict::Accept(account) => Some(Found::of(account)),
                    _ => None,
                };
                report
            }
        }
    }

    async fn only_look_up(&self, report: Report, user: &str) -> Report {
        let (found, lines) = self.explain_lookup(user).await;
        let report = Report { modules: Said::of(&lines), ..report };
        match found {
            Resolution::Account(account) => {
                Report { outcome: Outcome::Ok, account: Some(Found::of(&account)), ..report }
            }
            Resolution::Alias(targets) => {
                let targets = targets.iter().map(ToString::to_string).collect();
                Report { why: "an alias, which nobody logs in to".to_owned(), targets, ..report }
            }
            Resolution::Unknown => Report { outcome: Outcome::UnknownUser, ..report },
            Resolution::TempFail(tempfail) => {
                Report { outcome: Outcome::Temporary, why: tempfail.to_string(), ..report }
            }
        }
    }
}

impl Judge for Asked<'_> {
    fn keys<'a>(&'a self, identity: &'a str, hash: scram::Hash) -> Answer<'a, Result<scram::Keys, TempFail>> {
        Box::pin(async move {
            let (keys, lines) = self.auth.explain_keys(self.attempt, identity, hash).await;
            *self.lines.lock() = lines;
            keys
        })
    }

    fn judge(&self, evidence: Evidence) -> Answer<'_, Verdict> {
        Box::pin(async move {
            let told = self.auth.explain(self.attempt, evidence).await;
            // It looks at all that the keys were looked up for, once more.
            *self.lines.lock() = told.lines;
            told.verdict
        })
    }
}
