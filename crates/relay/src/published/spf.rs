//! SPF (RFC 7208): whether a domain's record lets an address send.

mod check;
mod term;

pub use check::{Checked, Verdict};

use term::Term;

/// Longest record that is looked at, octets; RFC 7208 §3.4 recommends 450.
const LONGEST: usize = 4096;
/// Most terms of a record.
const MOST_TERMS: usize = 200;

/// A record, in its terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spf {
    terms: Vec<Term>,
}

/// Why a record is none: receivers treat the domain as if it were broken (permerror, RFC 7208 §4.6).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpfError {
    /// A word that means nothing.
    #[error("{0:?} is no mechanism of SPF")]
    Unknown(String),
    /// A mechanism whose value is not what it should be.
    #[error("{term:?}: {why}")]
    Value {
        /// Which.
        term: String,
        /// What is wrong.
        why: &'static str,
    },
    /// No record is that long.
    #[error("it is longer than receivers read")]
    TooLong,
}

impl Spf {
    /// Whether a text is meant as a record (RFC 7208 §4.5).
    pub fn is_meant(text: &str) -> bool {
        let version = text.get(..6).is_some_and(|version| version.eq_ignore_ascii_case("v=spf1"));
        version && matches!(text.as_bytes().get(6), None | Some(b' '))
    }

    /// Reads a record that begins with its version.
    ///
    /// # Errors
    /// See [`SpfError`].
    pub fn parse(text: &str) -> Result<Self, SpfError> {
        let words: Vec<_> = text.split(' ').skip(1).filter(|word| !word.is_empty()).collect();
        if text.len() > LONGEST || words.len() > MOST_TERMS {
            return Err(SpfError::TooLong);
        }
        // An unknown modifier is passed over (RFC 7208 §6).
        let terms: Result<Vec<_>, _> = words.into_iter().map(Term::parse).collect();
        Ok(Self { terms: terms?.into_iter().flatten().collect() })
    }

    /// Whether its last word lets everybody send in the domain's name.
    pub fn allows_everybody(&self) -> bool {
        self.terms.iter().any(Term::is_pass_all)
    }
}

#[cfg(test)]
mod tests;
