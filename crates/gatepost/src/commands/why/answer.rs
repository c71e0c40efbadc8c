//! What every question is answered with.

use std::io::{self, Write};

use ::trace::causes::Finding;
use serde::Serialize;

use crate::printer::visible;

/// An answer: in a sentence, why it is so, what it is built on, and the fix.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Answer {
    /// In a sentence.
    pub(super) answer: String,
    /// Why it is so.
    pub(super) why: Vec<String>,
    /// What was looked at, and what was there.
    pub(super) seen: Vec<String>,
    /// What to do: sentences, commands, config lines. Empty where all is well.
    pub(super) fix: Vec<String>,
    /// The cause of `gatepost trace` that was recognised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cause: Option<&'static str>,
}

impl Answer {
    /// An answer that is a sentence so far.
    pub(super) fn new(answer: impl Into<String>) -> Self {
        Self { answer: answer.into(), ..Self::default() }
    }

    /// That a cause was recognised.
    pub(super) fn of(finding: Finding) -> Self {
        let Finding { cause, happened, why, fix } = finding;
        Self { answer: happened, why: vec![why], seen: Vec::new(), fix, cause: Some(cause) }
    }

    /// With a reason more.
    pub(super) fn because(mut self, why: impl Into<String>) -> Self {
        self.why.push(why.into());
        self
    }

    /// With something more that was seen.
    pub(super) fn seen(mut self, seen: impl Into<String>) -> Self {
        self.seen.push(seen.into());
        self
    }

    /// With something more to do.
    pub(super) fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix.push(fix.into());
        self
    }

    /// For people.
    pub(super) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", visible(&self.answer))?;
        for (label, lines) in [("Why:", &self.why), ("Seen:", &self.seen), ("What to do:", &self.fix)] {
            let labels = [label].into_iter().chain(std::iter::repeat(""));
            for (label, line) in labels.zip(lines) {
                writeln!(out, "{label:<12} {}", visible(line))?;
            }
        }
        Ok(())
    }
}

/// As a sentence begins.
pub(super) fn capital(line: &str) -> String {
    let mut letters = line.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_from_the_top() {
        let answer = Answer::new("No.").because("a").because("b\u{1b}").seen("c").fix("gatepost check");
        let mut text = Vec::new();
        answer.print(&mut text).expect("printed");
        let lines = "No.\nWhy:         a\n             b\u{FFFD}\nSeen:        c\nWhat to do:  gatepost check\n";
        assert_eq!(String::from_utf8(text).expect("UTF-8"), lines);
    }
}
