//! A text out of a session, as a record keeps it.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::SmolStr;

/// A text of at most [`Text::MOST`] octets without control characters: a record must not grow with what somebody sends, and
/// what strangers wrote must not steer the terminal of whoever reads it.
/// Short ones are kept in place: a session has a dozen, and memory that one thread takes and another gives back is what costs
/// most of a record.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Text(SmolStr);

impl Text {
    /// Most octets that are kept; where there were more, a `…` follows.
    pub const MOST: usize = 500;

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        if is_plain(text) { Self(text.into()) } else { Self::cleaned(text) }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        if is_plain(&text) { Self(text.into()) } else { Self::cleaned(&text) }
    }
}

/// Nearly all texts are: short and printable ASCII. Every octet is looked at, so that many are at once.
fn is_plain(text: &str) -> bool {
    text.len() <= Text::MOST && text.bytes().fold(true, |plain, octet| plain & matches!(octet, b' '..=b'~'))
}

impl Text {
    fn cleaned(text: &str) -> Self {
        let end = text.floor_char_boundary(Self::MOST);
        let kept = text.get(..end).unwrap_or_default();
        if end == text.len() && !kept.chars().any(steers) {
            return Self(kept.into());
        }
        let mut clean: String = kept.chars().map(|c| if steers(c) { char::REPLACEMENT_CHARACTER } else { c }).collect();
        clean.truncate(clean.floor_char_boundary(Self::MOST));
        if end < text.len() {
            clean.push('…');
        }
        Self(clean.into())
    }
}

/// Whether a terminal does something else with a character than showing it in its place: controls, and what changes the
/// direction or is not seen, so that one text looks like another (Unicode TR 36 §3.1).
pub(crate) fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_bounded_and_harmless() {
        assert_eq!(&*Text::from("alice@example.test"), "alice@example.test");
        assert_eq!(&*Text::from("a\u{1b}[2J\r\nb\u{202e}"), "a\u{fffd}[2J\u{fffd}\u{fffd}b\u{fffd}");
        let long = Text::from(&*"ä\n".repeat(10_000));
        assert!(long.len() <= Text::MOST + '…'.len_utf8() && long.ends_with('…'));
        let again: Text = serde_json::from_str(&serde_json::to_string(&long).expect("JSON")).expect("read");
        assert!(again.len() <= Text::MOST + '…'.len_utf8());
    }
}
