//! One attempt, as it stands in the log of attempts.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use trace::rfc3339;

use super::Outcome;
use crate::trail::{Kind, Line};
use crate::{Attempt, Unjudged};

/// Most octets of a text that are kept: a line of the log must not grow with what somebody sends.
const MAX_TEXT: usize = 500;
/// Most lines of all modules together.
const MAX_LINES: usize = 60;

/// A login attempt. It never holds a password, a token or a hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// When.
    #[serde(with = "rfc3339")]
    pub time: Timestamp,
    /// The session's id, as in the server's log; empty where there was no session.
    pub id: String,
    /// `smtp`, `imap`, `pop3`.
    pub service: String,
    /// The listener: `submissions`, `imaps`…
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listener: Option<String>,
    /// The client.
    pub address: IpAddr,
    /// Whether inside TLS.
    pub tls: bool,
    /// By which mechanism, as far as it is known.
    pub mechanism: Option<String>,
    /// The name as it was sent and decoded (MISSION 002-25); empty where none came.
    pub identity: String,
    /// The account that is logged in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The result.
    pub outcome: Outcome,
    /// More about it, if there is more.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// What each module did, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modules: Vec<Said>,
    /// A password came with it in clear, so that whoever listened knows it (MISSION 003-12).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exposed: bool,
}

/// What a module did for an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// As in `auth.chain`.
    pub module: String,
    /// Its verdict.
    pub verdict: Option<Kind>,
    /// How it came to that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// Its lines, without the one that it was tried.
    pub lines: Vec<String>,
}

impl Record {
    /// Of an attempt whose end is not known yet.
    pub(super) fn new(attempt: Attempt, mechanism: Option<&'static str>, identity: &str) -> Self {
        Self {
            time: Timestamp::now(),
            id: attempt.session.map(|id| id.to_string()).unwrap_or_default(),
            service: attempt.service.name().to_owned(),
            listener: attempt.listener.map(|listener| listener.name().to_owned()),
            address: attempt.peer,
            tls: attempt.tls,
            mechanism: mechanism.map(str::to_owned),
            identity: cut(identity),
            account: None,
            outcome: Outcome::Temporary,
            why: String::new(),
            modules: Vec::new(),
            exposed: false,
        }
    }

    /// Of one that ended before anybody could judge it.
    pub(super) fn unjudged(attempt: Attempt, unjudged: &Unjudged) -> Self {
        let mut record = Self::new(attempt, unjudged.mechanism.map(sasl::Mechanism::name), &unjudged.identity);
        (record.outcome, record.why) = unjudged.outcome();
        record.why = cut(&record.why);
        record.exposed = unjudged.is_exposed();
        record
    }

    /// With its end.
    pub(super) fn ended(mut self, outcome: Outcome, why: &str) -> Self {
        (self.outcome, self.why) = (outcome, cut(why));
        self
    }

    /// With what the modules did.
    pub(super) fn with(mut self, lines: &[Line]) -> Self {
        self.modules = Said::of(lines);
        self
    }
}

impl Said {
    /// The lines of a question, module by module.
    pub fn of(lines: &[Line]) -> Vec<Self> {
        let mut said: Vec<Self> = Vec::new();
        for line in lines.iter().take(MAX_LINES) {
            let new = line.kind == Kind::Trying || said.last().is_none_or(|last| last.module != line.module);
            if new {
                said.push(Self { module: line.module.to_owned(), verdict: None, outcome: None, lines: Vec::new() });
            }
            let Some(last) = said.last_mut() else { continue };
            if line.kind != Kind::Trying {
                last.lines.push(cut(&line.text));
            }
            if line.kind.is_verdict() {
                (last.verdict, last.outcome) = (Some(line.kind), line.outcome);
            }
        }
        said
    }
}

/// As much of a text as is kept.
fn cut(text: &str) -> String {
    if text.len() <= MAX_TEXT {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(MAX_TEXT);
    format!("{}…", text.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(module: &'static str, kind: Kind, text: &str) -> Line {
        Line { module, kind, outcome: None, text: text.to_owned() }
    }

    #[test]
    fn lines_are_put_together_module_by_module() {
        let lines = [
            line("userdb", Kind::Trying, "trying this module"),
            line("userdb", Kind::Note, "entry not found"),
            line("userdb", Kind::Reject, "REJECT"),
            line("pam", Kind::Trying, "trying this module"),
            line("pam", Kind::Accept, "ACCEPT"),
        ];
        let said = Said::of(&lines);
        assert_eq!(said.len(), 2);
        assert_eq!((said[0].verdict, said[0].lines.len()), (Some(Kind::Reject), 2));
        assert_eq!((said[1].module.as_str(), said[1].verdict), ("pam", Some(Kind::Accept)));
    }

    #[test]
    fn nothing_grows_without_bounds() {
        let long = "ä".repeat(100_000);
        assert!(cut(&long).len() < MAX_TEXT + 10);
        let lines: Vec<_> = (0..1000).map(|_| line("m", Kind::Note, &long)).collect();
        assert_eq!(Said::of(&lines)[0].lines.len(), MAX_LINES);
    }
}
