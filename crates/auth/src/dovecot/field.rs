//! Fields and parameters.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sasl::Secret;
use zeroize::Zeroizing;

/// Longest line, octets: a token of 4 KiB in base64 has room, and its parameters.
pub const LINE: usize = 16 * 1024;

/// More parameters than this no line has.
const PARAMS: usize = 100;

/// Why a line is not in the protocol's words. It never holds what was read: that may be a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// A line, or the number of its parameters, beyond its bound.
    #[error("the line is too long")]
    TooLong,
    /// A field that is not there, or not what it should be.
    #[error("{0} is missing or cannot be read")]
    Field(&'static str),
}

/// The fields of a line, one after the other.
pub(super) struct Fields<'a>(Box<dyn Iterator<Item = &'a [u8]> + 'a>);

impl<'a> Fields<'a> {
    pub(super) fn of(line: &'a [u8]) -> Result<Self, Malformed> {
        if line.len() > LINE {
            return Err(Malformed::TooLong);
        }
        Ok(Self(Box::new(line.split(|octet| *octet == b'\t'))))
    }

    /// The next one as it is: a word of the protocol, or base64.
    pub(super) fn raw(&mut self, name: &'static str) -> Result<&'a [u8], Malformed> {
        self.0.next().ok_or(Malformed::Field(name))
    }

    pub(super) fn number(&mut self, name: &'static str) -> Result<u32, Malformed> {
        let text = std::str::from_utf8(self.raw(name)?).map_err(|_| Malformed::Field(name))?;
        text.parse().map_err(|_| Malformed::Field(name))
    }

    pub(super) fn text(&mut self, name: &'static str) -> Result<String, Malformed> {
        unescaped(self.raw(name)?).ok_or(Malformed::Field(name))
    }

    pub(super) fn data(&mut self) -> Result<Secret, Malformed> {
        // What is not there is empty: an empty challenge has an empty field, or none.
        data(self.0.next().unwrap_or_default())
    }

    /// All that is left.
    pub(super) fn params(self) -> Result<Params, Malformed> {
        let mut params = Params::default();
        for field in self.0 {
            if params.0.len() >= PARAMS {
                return Err(Malformed::TooLong);
            }
            let mut parts = field.splitn(2, |octet| *octet == b'=');
            let name = unescaped(parts.next().unwrap_or_default()).ok_or(Malformed::Field("a parameter"))?;
            let value = parts.next().map(|value| unescaped(value).ok_or(Malformed::Field("a parameter")));
            params.0.push((name, value.transpose()?));
        }
        Ok(params)
    }

    /// All that is left before `resp=`, and what is behind it, which is always last.
    pub(super) fn params_and_response(self) -> Result<(Params, Option<Secret>), Malformed> {
        let (mut before, mut response) = (Vec::new(), None);
        for field in self.0 {
            match field.strip_prefix(b"resp=") {
                Some(base64) => response = Some(data(base64)?),
                None => before.push(field),
            }
        }
        let params = Fields(Box::new(before.into_iter())).params()?;
        Ok((params, response))
    }
}

/// SASL data in base64. `=` alone is the empty response, as in SMTP (RFC 4954 §4).
fn data(field: &[u8]) -> Result<Secret, Malformed> {
    match field {
        b"=" => Ok(Secret::new(Vec::new())),
        field => STANDARD.decode(field).map(Secret::new).map_err(|_| Malformed::Field("the response")),
    }
}

fn unescaped(field: &[u8]) -> Option<String> {
    let mut octets = Vec::with_capacity(field.len());
    let mut input = field.iter();
    while let Some(octet) = input.next() {
        octets.push(match octet {
            1 => match input.next()? {
                b'0' => 0,
                b'1' => 1,
                b't' => b'\t',
                b'r' => b'\r',
                b'n' => b'\n',
                _ => return None,
            },
            octet => *octet,
        });
    }
    String::from_utf8(octets).ok()
}

/// Parameters: names with and without a value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Params(Vec<(String, Option<String>)>);

impl Params {
    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.as_deref())
    }

    /// Whether it is there, with or without a value.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// Adds one with a value.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.0.push((name.to_owned(), Some(value.to_string())));
        self
    }

    /// Adds one without.
    #[must_use]
    pub fn flag(mut self, name: &str) -> Self {
        self.0.push((name.to_owned(), None));
        self
    }

    /// The parameters that have no value.
    pub fn flags(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| name.as_str())
    }
}

/// A line to be sent; it may hold a password, so it is wiped.
#[derive(Debug)]
pub(super) struct Line(Zeroizing<Vec<u8>>);

impl Line {
    pub(super) fn new(word: &str) -> Self {
        // With room enough: what grows leaves copies behind that nobody wipes.
        let mut line = Zeroizing::new(Vec::with_capacity(LINE));
        line.extend_from_slice(word.as_bytes());
        Self(line)
    }

    pub(super) fn field(mut self, text: &str) -> Self {
        self.0.push(b'\t');
        self.escaped(text);
        self
    }

    pub(super) fn number(self, number: u32) -> Self {
        self.field(&number.to_string())
    }

    pub(super) fn params(mut self, params: &Params) -> Self {
        for (name, value) in &params.0 {
            self = self.field(name);
            if let Some(value) = value {
                self.0.push(b'=');
                self.escaped(value);
            }
        }
        self
    }

    /// Base64, behind a word of its own or as a field.
    pub(super) fn data(mut self, word: &str, data: &Secret) -> Self {
        self.0.push(b'\t');
        self.0.extend_from_slice(word.as_bytes());
        self.0.extend_from_slice(Zeroizing::new(STANDARD.encode(data.expose())).as_bytes());
        self
    }

    /// The line with its end.
    pub(super) fn done(mut self) -> Zeroizing<Vec<u8>> {
        self.0.push(b'\n');
        self.0
    }

    fn escaped(&mut self, text: &str) {
        for octet in text.bytes() {
            match octet {
                0 => self.0.extend_from_slice(b"\x010"),
                1 => self.0.extend_from_slice(b"\x011"),
                b'\t' => self.0.extend_from_slice(b"\x01t"),
                b'\r' => self.0.extend_from_slice(b"\x01r"),
                b'\n' => self.0.extend_from_slice(b"\x01n"),
                octet => self.0.push(octet),
            }
        }
    }
}
