//! What somebody asks about.

use ::trace::SessionId;
use ::trace::record::{Record, Transaction};
use queue::QueueId;
use serde::Serialize;

/// One way to understand what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject {
    /// A session of ours.
    Session(SessionId),
    /// A message in our queue, or one that was.
    Queue(QueueId),
    /// A Message-ID, another server's id, or whatever else was said in a session.
    Word(String),
}

impl Subject {
    /// Shorter words are in every record.
    const SHORTEST: usize = 5;

    /// All ways to understand a text, the likeliest first: another server's id may look like one of ours.
    pub(super) fn all(text: &str) -> Vec<Self> {
        let text = text.trim();
        let word = text.trim_start_matches(['<', '[']).trim_end_matches(['>', ']']);
        let session = text.parse().ok().map(Self::Session);
        let queue = word.parse().ok().map(Self::Queue);
        let word = (word.chars().count() >= Self::SHORTEST).then(|| Self::Word(word.to_owned()));
        [session, queue, word].into_iter().flatten().collect()
    }

    /// What every record that belongs to it has in its line.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Session(id) => id.to_string(),
            Self::Queue(id) => id.to_string(),
            Self::Word(word) => word.clone(),
        }
    }

    /// Whether a record belongs to it.
    pub(super) fn fits(&self, record: &Record) -> bool {
        match self {
            Self::Session(id) => record.id == *id,
            Self::Queue(id) => has_word(record, &id.to_string()),
            Self::Word(word) => has_word(record, word),
        }
    }

    /// Whether it is this message of a record; a session is all of its messages.
    pub(super) fn names(&self, mail: &Transaction) -> bool {
        !matches!(self, Self::Session(_)) && has_word(mail, &self.text())
    }
}

/// Whether a word stands in a record, or a part of it, as a whole: an id that begins like a longer one is another.
fn has_word(record: &impl Serialize, word: &str) -> bool {
    let (Ok(text), Ok(spelt)) = (serde_json::to_string(record), serde_json::to_string(word)) else { return false };
    // Without the quotes that JSON puts around it.
    let spelt = spelt.get(1..spelt.len() - 1).unwrap_or_default();
    let of_word = |c: char| c.is_alphanumeric();
    text.match_indices(spelt).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let behind = text.get(at + spelt.len()..).and_then(|behind| behind.chars().next());
        !before.is_some_and(of_word) && !behind.is_some_and(of_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_understood_in_every_way_that_it_can_be() {
        let session = "7HX2K9QF".parse().map(Subject::Session).expect("an id");
        let queue = "1K0R45EGNTP".parse().map(Subject::Queue).expect("an id");
        let word = |text: &str| Subject::Word(text.to_owned());
        assert_eq!(Subject::all("[7hx2-k9qf]"), [session, word("7hx2-k9qf")]);
        assert_eq!(Subject::all("1k0r45egntp"), [queue, word("1k0r45egntp")]);
        assert_eq!(Subject::all("<a.b@c.test>"), [word("a.b@c.test")]);
        assert_eq!(Subject::all("abc"), []);
    }
}
