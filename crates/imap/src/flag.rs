//! Flags of a message (RFC 3501 §2.3.2).

use std::fmt;

/// A flag that a client may set. `\Recent` is not among them: it is the server's.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Flag {
    /// `\Answered`
    Answered,
    /// `\Flagged`
    Flagged,
    /// `\Deleted`
    Deleted,
    /// `\Seen`
    Seen,
    /// `\Draft`
    Draft,
    /// A keyword: an atom, compared without case.
    Keyword(String),
}

impl Flag {
    /// The system flags, in the order of RFC 3501 §9 `flag`.
    pub const SYSTEM: [Self; 5] = [Self::Answered, Self::Flagged, Self::Deleted, Self::Seen, Self::Draft];

    /// The system flag of this name (with its backslash), in any case.
    pub fn system(name: &str) -> Option<Self> {
        Self::SYSTEM.into_iter().find(|f| f.as_str().eq_ignore_ascii_case(name))
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Answered => "\\Answered",
            Self::Flagged => "\\Flagged",
            Self::Deleted => "\\Deleted",
            Self::Seen => "\\Seen",
            Self::Draft => "\\Draft",
            Self::Keyword(name) => name,
        }
    }
}

impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
