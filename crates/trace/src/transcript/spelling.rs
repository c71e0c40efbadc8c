//! Octets as text that can be shown anywhere, and back.

use std::fmt;

use crate::record::steers;

/// Octets, for people: text as it is; controls, what is no UTF-8, and what could mislead as `\xNN`; a backslash twice.
/// Nothing is lost: [`octets`] reads it back. No control character reaches a terminal.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a>(pub &'a [u8]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            let mut plain = 0;
            let text = chunk.valid();
            for (at, c) in text.char_indices().filter(|(_, c)| *c == '\\' || steers(*c)) {
                f.write_str(text.get(plain..at).unwrap_or_default())?;
                plain = at + c.len_utf8();
                if c == '\\' {
                    f.write_str("\\\\")?;
                } else {
                    escape(c.encode_utf8(&mut [0; 4]).as_bytes(), f)?;
                }
            }
            f.write_str(text.get(plain..).unwrap_or_default())?;
            escape(chunk.invalid(), f)?;
        }
        Ok(())
    }
}

fn escape(octets: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    octets.iter().try_for_each(|octet| write!(f, "\\x{octet:02x}"))
}

/// The octets of what [`Shown`] has written. What it would not have written is taken as it is.
pub(super) fn octets(text: &str) -> Vec<u8> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    loop {
        rest = match rest {
            [] => return octets,
            [b'\\', b'\\', rest @ ..] => {
                octets.push(b'\\');
                rest
            }
            [b'\\', b'x', high, low, rest @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                let digit = |digit: u8| char::from(digit).to_digit(16).unwrap_or_default();
                octets.push(u8::try_from(digit(*high) * 16 + digit(*low)).unwrap_or_default());
                rest
            }
            [octet, rest @ ..] => {
                octets.push(*octet);
                rest
            }
        }
    }
}
