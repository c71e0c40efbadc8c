//! Why sessions go wrong, and what to do about it: one table, a file for each family of causes.
//!
//! A row names a symptom, looks for its evidence in a [`Record`], and has the words and the fix. Looking is pure: what a
//! record does not hold, such as the name of this host, comes in as [`Facts`].

mod login;
mod mail;
mod proxy;
mod relay;
#[cfg(test)]
mod sample;
mod seen;
mod storage;
mod template;
#[cfg(test)]
mod tests;
mod tls;

use serde::Serialize;

use crate::record::{Login, Record};
use seen::Seen;
pub use template::shell_word;
use template::{Values, fill};

/// What a record does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// The server's own name.
    pub hostname: String,
    /// The domains whose mail stays here.
    pub domains: Vec<String>,
    /// `auth.default_domain`.
    pub default_domain: Option<String>,
    /// The data folder.
    pub data: String,
}

/// A cause that was recognised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Its name, for filters: `wrong-password`.
    pub cause: &'static str,
    /// What happened, in a sentence.
    pub happened: String,
    /// Why.
    pub why: String,
    /// What to do, each in a sentence, a command or a config line.
    pub fix: Vec<String>,
}

/// A row of the table. `{user}` and the like in its words stand for what was found: see [`template`].
pub(crate) struct Cause {
    name: &'static str,
    /// What people see of it.
    symptom: &'static str,
    look: Look,
    happened: &'static str,
    why: &'static str,
    fix: &'static [&'static str],
}

/// Where its evidence is looked for. What is found stands for `{detail}`.
enum Look {
    /// In a login that failed.
    Login(fn(&Login, &Seen<'_>) -> Option<String>),
    /// In the session as a whole.
    Session(fn(&Seen<'_>) -> Option<String>),
    /// In the reason why mail did not leave: of a session with another server, of the queue, or of a bounce.
    Reason(fn(&str) -> Option<String>),
}

/// Every row. Where several fit a login or a reason, the first counts: those that know more come first.
fn table() -> impl Iterator<Item = &'static Cause> {
    const FAMILIES: [&[Cause]; 12] = [
        login::account::CAUSES,
        login::mechanism::CAUSES,
        login::store::CAUSES,
        login::exchange::CAUSES,
        tls::CAUSES,
        proxy::CAUSES,
        relay::way::CAUSES,
        relay::tls::CAUSES,
        relay::login::CAUSES,
        relay::answer::CAUSES,
        mail::CAUSES,
        storage::CAUSES,
    ];
    FAMILIES.into_iter().flatten()
}

/// The names of all causes, with what people see of each.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    table().map(|cause| (cause.name, cause.symptom))
}

/// The causes that are seen in a record, in the order in which they were met. None where nothing is known.
pub fn of(record: &Record, facts: &Facts) -> Vec<Finding> {
    let seen = Seen { record, facts };
    let mut found = Vec::new();
    let failed = record.logins.iter().filter(|login| !login.accepted);
    found.extend(failed.filter_map(|login| of_login_in(login, &seen)));
    found.extend(seen.reasons().filter_map(|reason| of_reason_in(reason, &seen)));
    for cause in table() {
        if let Look::Session(look) = cause.look {
            found.extend(look(&seen).map(|detail| cause.finding(&Values::of(&seen, &detail))));
        }
    }
    dedup(found)
}

/// The cause of one login of a record that failed.
pub fn of_login(login: &Login, record: &Record, facts: &Facts) -> Option<Finding> {
    of_login_in(login, &Seen { record, facts }).filter(|_| !login.accepted)
}

fn of_login_in(login: &Login, seen: &Seen<'_>) -> Option<Finding> {
    let (cause, detail) = table().find_map(|cause| match cause.look {
        Look::Login(look) => look(login, seen).map(|detail| (cause, detail)),
        _ => None,
    })?;
    Some(cause.finding(&Values::of_login(seen, login, &detail)))
}

/// The cause of mail that did not leave, by the reason that the queue or a bounce gives.
pub fn of_reason(reason: &str, facts: &Facts) -> Option<Finding> {
    let (cause, detail) = by_reason(reason)?;
    Some(cause.finding(&Values::of_reason(facts, &detail)))
}

fn of_reason_in(reason: &str, seen: &Seen<'_>) -> Option<Finding> {
    let (cause, detail) = by_reason(reason)?;
    Some(cause.finding(&Values::of(seen, &detail)))
}

fn by_reason(reason: &str) -> Option<(&'static Cause, String)> {
    table().find_map(|cause| match cause.look {
        Look::Reason(look) => look(reason).map(|detail| (cause, detail)),
        _ => None,
    })
}

/// Three wrong passwords are one cause.
fn dedup(found: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::new();
    for finding in found {
        if !kept.contains(&finding) {
            kept.push(finding);
        }
    }
    kept
}

impl Cause {
    fn finding(&self, values: &Values<'_>) -> Finding {
        Finding {
            cause: self.name,
            happened: fill(self.happened, values, false),
            why: fill(self.why, values, false),
            fix: self.fix.iter().map(|line| fill(line, values, true)).collect(),
        }
    }
}
