//! Lines and fields within their bounds.

use zeroize::Zeroizing;

/// Longest line, octets. Courier's own buffers have 8 KiB.
pub(super) const LINE: usize = 8192;

/// Why something is not in the protocol's words. It never holds what was read: that may be a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// A line or a field beyond its bound.
    #[error("{0} is too long")]
    TooLong(&'static str),
    /// A field that is not there.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A field that is not what it should be.
    #[error("{0} cannot be read")]
    Unreadable(&'static str),
    /// A word that is none of the protocol's.
    #[error("it is no word of the protocol")]
    Unknown,
    /// A value with an octet that would end the field: it cannot be sent.
    #[error("{0} has a line end, a tab or a NUL, which this protocol cannot carry")]
    Uncarriable(&'static str),
}

/// A line, without its end, and what follows.
type Split<'a> = (&'a [u8], &'a [u8]);

/// The first line; `None` if its end has not come yet.
pub(super) fn line(input: &[u8]) -> Result<Option<Split<'_>>, Malformed> {
    let end = input.iter().take(LINE).position(|octet| *octet == b'\n');
    let split = end.and_then(|end| Some((input.get(..end)?, input.get(end + 1..)?)));
    match split {
        None if input.len() >= LINE => Err(Malformed::TooLong("a line")),
        split => Ok(split),
    }
}

/// A field as text.
pub(super) fn text(field: &[u8], name: &'static str) -> Result<String, Malformed> {
    let text = std::str::from_utf8(field).map_err(|_| Malformed::Unreadable(name))?;
    if text.contains('\0') { Err(Malformed::Unreadable(name)) } else { Ok(text.to_owned()) }
}

/// A number, as of a uid.
pub(super) fn number(field: &[u8], name: &'static str) -> Result<u32, Malformed> {
    let text = std::str::from_utf8(field).map_err(|_| Malformed::Unreadable(name))?;
    text.trim().parse().map_err(|_| Malformed::Unreadable(name))
}

/// What is to be sent; it may hold a password, so it is wiped.
#[derive(Debug)]
pub(super) struct Writer(Zeroizing<Vec<u8>>);

impl Default for Writer {
    /// With room enough: what grows leaves copies behind that nobody wipes.
    fn default() -> Self {
        Self(Zeroizing::new(Vec::with_capacity(2 * LINE)))
    }
}

impl Writer {
    /// Adds text of our own.
    pub(super) fn put(&mut self, text: &str) -> &mut Self {
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    /// Adds octets that were bounded before.
    pub(super) fn octets(&mut self, octets: &[u8]) -> &mut Self {
        self.0.extend_from_slice(octets);
        self
    }

    /// Adds a value that must not end a line.
    pub(super) fn value(&mut self, value: &[u8], name: &'static str) -> Result<&mut Self, Malformed> {
        self.field(value, name, &[b'\n', 0])
    }

    /// Adds a value that must have none of these octets.
    pub(super) fn field(&mut self, value: &[u8], name: &'static str, without: &[u8]) -> Result<&mut Self, Malformed> {
        if value.iter().any(|octet| without.contains(octet)) {
            return Err(Malformed::Uncarriable(name));
        }
        if value.len() > LINE / 2 {
            return Err(Malformed::TooLong(name));
        }
        self.0.extend_from_slice(value);
        Ok(self)
    }

    /// All of it.
    pub(super) fn done(self) -> Zeroizing<Vec<u8>> {
        self.0
    }
}
