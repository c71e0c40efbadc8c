//! How a client introduced itself (RFC 5321 §4.1.1.1).

use std::fmt;

use message::Domain;

/// Octets kept of a name that is none.
const MAX_ODD: usize = 255;

/// The client's greeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hello {
    /// `HELO`: no extensions.
    Helo(HelloName),
    /// `EHLO`.
    Ehlo(HelloName),
}

/// The name in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HelloName {
    /// A domain or an address literal, as the grammar has it.
    Domain(Domain),
    /// Something else; printable ASCII, what was not is `?`. Only where the grammar is lenient.
    Odd(String),
    /// Nothing. Only where the grammar is lenient (MISSION 000-05).
    None,
}

impl Hello {
    /// The name.
    pub fn name(&self) -> &HelloName {
        match self {
            Self::Helo(name) | Self::Ehlo(name) => name,
        }
    }
}

impl HelloName {
    /// Reads the argument as anything that can be kept.
    pub(super) fn of(argument: &str) -> Self {
        // What follows a bare line feed is no name, and may be a login: it must not get into `Received:`.
        let argument = argument.split(['\r', '\n']).next().unwrap_or_default().trim_matches(' ');
        if argument.is_empty() {
            return Self::None;
        }
        match Domain::parse(argument) {
            Ok(domain) => Self::Domain(domain),
            Err(_) => Self::Odd(argument.chars().take(MAX_ODD).map(printable).collect()),
        }
    }
}

fn printable(c: char) -> char {
    if matches!(c, ' '..='~') { c } else { '?' }
}

impl fmt::Display for HelloName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain(domain) => domain.fmt(f),
            Self::Odd(text) => f.write_str(text),
            Self::None => Ok(()),
        }
    }
}
