//! Mailbox addresses (RFC 5321 §4.1.2 `Mailbox`, RFC 6531 for UTF-8).

use std::fmt;

/// A domain name in its A-label or U-label form, or an address literal with its brackets.
/// Compared without case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Domain(String);

/// A mailbox: `local-part@domain`. The local part is kept as written, unquoted; quotes are put back where
/// the grammar wants them. The domain is kept in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    local: String,
    domain: Domain,
}

/// Why a text is not an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct AddressError(pub &'static str);

impl Domain {
    /// Parses a domain or an address literal (RFC 5321 §4.1.2, §4.1.3); at most 255 octets.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let _ = text;
        todo!("owner: message")
    }

    /// The text, in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Address {
    /// Parses a `Mailbox`; local part at most 64 octets (RFC 5321 §4.5.3.1.1). UTF-8 is allowed: see [`Self::is_ascii`].
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let _ = text;
        todo!("owner: message")
    }

    /// The local part, unquoted.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The domain.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// The local part without its `+detail` (RFC 5233), and the detail.
    pub fn split_detail(&self) -> (&str, Option<&str>) {
        match self.local.split_once('+') {
            Some((user, detail)) if !user.is_empty() => (user, Some(detail)),
            _ => (&self.local, None),
        }
    }

    /// Whether no SMTPUTF8 is needed to carry it.
    pub fn is_ascii(&self) -> bool {
        self.local.is_ascii() && self.domain.0.is_ascii()
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Address {
    /// As the wire wants it, the local part quoted where it must be, without angle brackets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}
