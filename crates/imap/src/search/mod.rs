//! Which messages a SEARCH finds (RFC 3501 §6.4.4).

mod texts;

pub use texts::Texts;

use crate::date::Day;
use crate::flag::Flag;
use crate::sequence::SequenceSet;

/// How a day is compared; time and zone are disregarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// Earlier than the day.
    Before,
    /// Within it.
    On,
    /// Within it or later.
    Since,
}

impl Compare {
    fn holds(self, date: Day, wanted: Day) -> bool {
        match self {
            Self::Before => date < wanted,
            Self::On => date == wanted,
            Self::Since => date >= wanted,
        }
    }
}

/// What a message must be like. The many names of the grammar come down to these: `UNSEEN` is the negation of a flag,
/// `FROM` a header field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SearchKey {
    /// Every message.
    All,
    /// Sequence number in the set.
    Sequence(SequenceSet),
    /// UID in the set.
    Uid(SequenceSet),
    /// Has the flag.
    Flag(Flag),
    /// Is `\Recent`.
    Recent,
    /// INTERNALDATE.
    Internal(Compare, Day),
    /// The `Date:` field.
    Sent(Compare, Day),
    /// More octets than this.
    Larger(u32),
    /// Fewer.
    Smaller(u32),
    /// A field of this name holds the text; with an empty text, there is such a field.
    Header {
        /// Its name.
        field: String,
        /// UTF-8.
        text: String,
    },
    /// The body holds the text.
    Body(String),
    /// Header or body hold it.
    Text(String),
    /// The opposite.
    Not(Box<SearchKey>),
    /// Either.
    Or(Box<SearchKey>, Box<SearchKey>),
    /// All of them.
    And(Vec<SearchKey>),
}

/// What is known of a message without reading it.
#[derive(Clone, Copy)]
pub struct Candidate<'a> {
    /// Its sequence number.
    pub sequence: u32,
    /// That of the last message.
    pub last_sequence: u32,
    /// Its UID.
    pub uid: u32,
    /// The UID of the last message.
    pub last_uid: u32,
    /// Whether it has a flag.
    pub has: &'a dyn Fn(&Flag) -> bool,
    /// Whether it is `\Recent`.
    pub recent: bool,
    /// RFC822.SIZE
    pub size: u64,
    /// INTERNALDATE, seconds since 1970.
    pub internal_date: i64,
}

impl SearchKey {
    /// The opposite of this key.
    #[must_use]
    pub fn negated(self) -> Self {
        Self::Not(Box::new(self))
    }

    /// Whether the message matches. Without its text the answer may be `None`: it must be read to tell. A search of
    /// flags in a mailbox of a hundred thousand reads none.
    pub fn matches(&self, message: &Candidate<'_>, text: Option<&Texts<'_>>) -> Option<bool> {
        match self {
            Self::Not(key) => key.matches(message, text).map(|found| !found),
            Self::Or(a, b) => either(a.matches(message, text), || b.matches(message, text)),
            Self::And(keys) => all(keys, message, text),
            Self::Sent(..) | Self::Header { .. } | Self::Body(_) | Self::Text(_) => text.map(|t| self.in_text(t)),
            _ => Some(self.in_metadata(message)),
        }
    }

    fn in_metadata(&self, m: &Candidate<'_>) -> bool {
        match self {
            Self::All => true,
            Self::Sequence(set) => set.contains(m.sequence, m.last_sequence),
            Self::Uid(set) => set.contains(m.uid, m.last_uid),
            Self::Flag(flag) => (m.has)(flag),
            Self::Recent => m.recent,
            Self::Internal(compare, day) => compare.holds(Day::of(m.internal_date), *day),
            Self::Larger(size) => m.size > u64::from(*size),
            Self::Smaller(size) => m.size < u64::from(*size),
            _ => false,
        }
    }

    fn in_text(&self, text: &Texts<'_>) -> bool {
        match self {
            Self::Sent(compare, day) => text.sent().is_some_and(|d| compare.holds(d, *day)),
            Self::Header { field, text: wanted } => text.header_holds(field, wanted),
            Self::Body(wanted) => text.body_holds(wanted),
            Self::Text(wanted) => text.any_header_holds(wanted) || text.body_holds(wanted),
            _ => false,
        }
    }
}

fn either(one: Option<bool>, other: impl FnOnce() -> Option<bool>) -> Option<bool> {
    if one == Some(true) {
        return one;
    }
    match other() {
        Some(true) => Some(true),
        Some(false) => one,
        None => None,
    }
}

fn all(keys: &[SearchKey], message: &Candidate<'_>, text: Option<&Texts<'_>>) -> Option<bool> {
    let mut sum = Some(true);
    for key in keys {
        match key.matches(message, text) {
            Some(false) => return Some(false),
            Some(true) => {}
            None => sum = None,
        }
    }
    sum
}
