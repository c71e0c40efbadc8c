//! One thing that happened in a session, and how a [`super::Ring`] holds it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Who said something. The client is who opened the connection; it may be we.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Who opened the connection.
    Client,
    /// Who was listening.
    Server,
}

/// Octets that are never kept, only counted: they are somebody's mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Body {
    /// A message after DATA, with the dot that ends it.
    Data,
    /// A literal of IMAP.
    Literal,
    /// The rest of a multi-line reply of POP3, with the dot that ends it.
    Reply,
}

/// One thing that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event<'a> {
    /// When, since the session's begin; to the millisecond.
    pub at: Duration,
    /// What.
    pub what: What<'a>,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What<'a> {
    /// A line, without its end. Secrets in it are masked already: `AUTH PLAIN [secret: 36 octets]`.
    Line {
        /// Who said it.
        side: Side,
        /// Its octets, the first ones; for people see [`super::Shown`].
        octets: &'a [u8],
        /// How many more it had.
        left_out: u32,
    },
    /// Octets that are only counted.
    Body {
        /// Who sent them.
        side: Side,
        /// What they are.
        body: Body,
        /// How many.
        octets: u64,
    },
    /// All that follows is inside TLS.
    TlsBegan,
    /// Something that we did or found.
    Note(&'a str),
}

/// Octets before an event's own: what it is (1), milliseconds (4), how many own octets follow (2).
pub(super) const HEADER: usize = 7;

/// An event's own octets, as they are kept: at most two pieces, and some more behind for the mask of a secret.
pub(super) struct Header {
    tag: u8,
    at: u32,
}

const LINE: u8 = 0;
const SHORTENED: u8 = 1;
const BODY: u8 = 2;
const TLS: u8 = 3;
const NOTE: u8 = 4;
/// Set where the server said it.
const SERVER: u8 = 0x80;

impl Side {
    /// To whom it is said.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }

    fn bit(self) -> u8 {
        match self {
            Self::Client => 0,
            Self::Server => SERVER,
        }
    }
}

impl Header {
    pub(super) fn line(at: u32, side: Side, shortened: bool) -> Self {
        Self { tag: side.bit() | if shortened { SHORTENED } else { LINE }, at }
    }

    pub(super) fn body(at: u32, side: Side) -> Self {
        Self { tag: side.bit() | BODY, at }
    }

    pub(super) fn tls(at: u32) -> Self {
        Self { tag: TLS, at }
    }

    pub(super) fn note(at: u32) -> Self {
        Self { tag: NOTE, at }
    }

    /// In front of so many octets.
    pub(super) fn encode(&self, length: u16) -> [u8; HEADER] {
        let ([a, b, c, d], [e, f]) = (self.at.to_le_bytes(), length.to_le_bytes());
        [self.tag, a, b, c, d, e, f]
    }
}

impl Body {
    pub(super) fn octet(self) -> u8 {
        match self {
            Self::Data => 0,
            Self::Literal => 1,
            Self::Reply => 2,
        }
    }

    fn of(octet: u8) -> Self {
        match octet {
            0 => Self::Data,
            1 => Self::Literal,
            _ => Self::Reply,
        }
    }
}

/// The first event, and what follows it. `None` at the end.
pub(super) fn decode(octets: &[u8]) -> Option<(Event<'_>, &[u8])> {
    let ([tag, a, b, c, d, e, f], rest) = octets.split_first_chunk::<HEADER>()?;
    let (own, rest) = rest.split_at_checked(u16::from_le_bytes([*e, *f]).into())?;
    let side = if tag & SERVER == 0 { Side::Client } else { Side::Server };
    let what = match tag & !SERVER {
        LINE => What::Line { side, octets: own, left_out: 0 },
        SHORTENED => {
            let (left_out, octets) = own.split_first_chunk()?;
            What::Line { side, octets, left_out: u32::from_le_bytes(*left_out) }
        }
        BODY => {
            let (count, kind) = own.split_first_chunk()?;
            What::Body { side, body: Body::of(*kind.first()?), octets: u64::from_le_bytes(*count) }
        }
        TLS => What::TlsBegan,
        // Notes are texts that were cut at a character.
        _ => What::Note(str::from_utf8(own).unwrap_or_default()),
    };
    let at = Duration::from_millis(u32::from_le_bytes([*a, *b, *c, *d]).into());
    Some((Event { at, what }, rest))
}
