//! What the modules did for one question, line by line: for `auth test`, the log and the attempts on disk.

use std::fmt::Display;
use std::sync::Arc;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::attempts::Outcome;
use crate::{Rejection, TempFail};

/// More lines than this of one question are not kept: a module that loops must not fill the memory.
const MAX: usize = 200;

/// The lines of one question, in order. Cheap to clone; all clones write the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trail(Arc<Mutex<Lines>>);

#[derive(Debug, Default)]
struct Lines {
    module: &'static str,
    answered: bool,
    hashing: bool,
    lines: Vec<Line>,
}

/// One line. It never holds a password, a token or a hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Who says it.
    pub module: &'static str,
    /// What kind of line it is.
    pub kind: Kind,
    /// The verdict, where the line is one.
    pub outcome: Option<Outcome>,
    /// What.
    pub text: String,
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The module is asked.
    Trying,
    /// What it looked up, and what came of it.
    Note,
    /// Its verdict: known, and right.
    Accept,
    /// Its verdict: not known here, or wrong.
    Reject,
    /// Its verdict: could not tell, and nobody else is asked.
    TempFail,
    /// It could not tell, and the next ones are asked.
    Skip,
}

impl Kind {
    /// Whether it ends what a module says.
    pub fn is_verdict(self) -> bool {
        !matches!(self, Self::Trying | Self::Note)
    }

    /// In capitals, as people search for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Trying => "trying",
            Self::Note => "",
            Self::Accept => "ACCEPT",
            Self::Reject => "REJECT",
            Self::TempFail => "TEMPFAIL",
            Self::Skip => "SKIP",
        }
    }
}

impl Trail {
    /// From now on this module speaks.
    pub(crate) fn speaks(&self, module: &'static str) {
        let mut lines = self.0.lock();
        (lines.module, lines.answered, lines.hashing) = (module, false, false);
    }

    /// The module that speaks is done with its store, and computes hashes: it keeps nobody else from the store.
    pub(crate) fn hashes(&self) {
        self.0.lock().hashing = true;
    }

    /// Whether it does.
    pub(crate) fn is_hashing(&self) -> bool {
        self.0.lock().hashing
    }

    /// The store of the module that speaks has answered: what is wrong from now on is not that it cannot be reached.
    pub(crate) fn answered(&self) {
        self.0.lock().answered = true;
    }

    /// Whether it has.
    pub(crate) fn has_answered(&self) -> bool {
        self.0.lock().answered
    }

    /// Adds a line of the module that speaks. It is for operators: what was looked up, and what came of it.
    pub(crate) fn say(&self, text: impl Display) {
        self.line(Kind::Note, text);
    }

    /// Adds a line of the chain about the module that speaks.
    pub(crate) fn line(&self, kind: Kind, text: impl Display) {
        self.line_of(kind, None, text);
    }

    /// Adds the line of a module that rejected.
    pub(crate) fn rejected(&self, why: Rejection) {
        let text = format_args!("REJECT ({}) - try next module", crate::record::words(why));
        self.line_of(Kind::Reject, Some(Outcome::from(why)), text);
    }

    /// Adds the line of a module that could not tell.
    pub(crate) fn stopped(&self, tempfail: &TempFail) {
        let text = format_args!("{} - TEMPFAIL, no more modules will be tried", tempfail.cause);
        self.line_of(Kind::TempFail, Some(Outcome::Temporary), text);
    }

    /// Adds the line of a module that could not tell, and may be skipped.
    pub(crate) fn skipped(&self, tempfail: &TempFail) {
        let text = format_args!("{} - TEMPFAIL, but on_unreachable = \"skip\": try next module", tempfail.cause);
        self.line_of(Kind::Skip, Some(Outcome::Temporary), text);
    }

    /// Adds a line with its verdict.
    pub(crate) fn line_of(&self, kind: Kind, outcome: Option<Outcome>, text: impl Display) {
        let mut lines = self.0.lock();
        // A verdict is never left out.
        if lines.lines.len() < MAX || kind.is_verdict() {
            let line = Line { module: lines.module, kind, outcome, text: text.to_string() };
            tracing::debug!(module = line.module, "{}", line.text);
            lines.lines.push(line);
        }
    }

    /// All lines so far.
    pub(crate) fn lines(&self) -> Vec<Line> {
        self.0.lock().lines.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_the_speakers_and_bounded() {
        let trail = Trail::default();
        trail.speaks("userdb");
        (0..MAX + 5).for_each(|n| trail.say(n));
        let lines = trail.lines();
        assert_eq!((lines.len(), lines[0].module, lines[0].text.as_str()), (MAX, "userdb", "0"));
    }
}
