//! Header fields over raw octets (RFC 5322 §2.2), with their offsets. Nothing is decoded, nothing copied but an
//! unfolded value. Lines may end with CRLF or LF: stored mail has either.

use std::borrow::Cow;

/// A value is cut here when it is unfolded: no field of real mail comes near it, and one of many megabytes must
/// not be copied for every FETCH.
pub const MAX_VALUE: usize = 256 * 1024;

/// One field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    /// The name as written, without the white space that obsolete syntax allows before the colon.
    pub name: &'a [u8],
    /// What follows the colon, folded as it stands, without the last line end.
    pub value: &'a [u8],
    /// Offset of its first octet from where the iteration began.
    pub start: usize,
    /// Offset behind its last line end.
    pub end: usize,
}

impl Field<'_> {
    /// Whether this is the field `name`; case does not count (RFC 5322 §1.2.2).
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// The value on one line (RFC 5322 §2.2.3: only the line ends go), white space around it and NULs removed,
    /// at most [`MAX_VALUE`] octets of it.
    pub fn unfolded(&self) -> Cow<'_, [u8]> {
        let value = self.value.get(..MAX_VALUE).unwrap_or(self.value).trim_ascii();
        if memchr::memchr3(b'\r', b'\n', 0, value).is_none() {
            return Cow::Borrowed(value);
        }
        Cow::Owned(value.iter().copied().filter(|b| !matches!(b, b'\r' | b'\n' | 0)).collect())
    }
}

/// Iterates over the fields of a header; ends at the empty line or with the text. A line that is no field (no colon,
/// not a continuation, an mbox `From ` line) is stepped over: one broken line must not hide the rest.
#[derive(Debug, Clone)]
pub struct Fields<'a> {
    text: &'a [u8],
    at: usize,
}

/// The fields of the header that `text` begins with.
pub fn fields(text: &[u8]) -> Fields<'_> {
    Fields { text, at: 0 }
}

/// Offset of the body: behind the empty line, or the whole length where there is none.
pub fn body_offset(text: &[u8]) -> usize {
    let mut at = 0;
    while at < text.len() {
        let end = line_end(text, at);
        if is_blank(text.get(at..end).unwrap_or_default()) {
            return end;
        }
        at = end;
    }
    at
}

/// Offset behind the line that begins at `at`.
pub(crate) fn line_end(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    memchr::memchr(b'\n', rest).map_or(text.len(), |found| at + found + 1)
}

/// Whether a line is the empty one that ends a header.
pub(crate) fn is_blank(line: &[u8]) -> bool {
    matches!(line, b"\n" | b"\r\n")
}

/// A line without its end.
pub(crate) fn chomp(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        while self.at < self.text.len() {
            let start = self.at;
            let mut end = line_end(self.text, start);
            if is_blank(self.text.get(start..end)?) {
                return None;
            }
            while matches!(self.text.get(end), Some(b' ' | b'\t')) {
                end = line_end(self.text, end);
            }
            self.at = end;
            let whole = chomp(self.text.get(start..end)?);
            let Some(colon) = memchr::memchr(b':', whole) else { continue };
            let (name, value) = whole.split_at(colon);
            let name = name.trim_ascii_end();
            if !name.is_empty() && name.iter().all(u8::is_ascii_graphic) {
                return Some(Field { name, value: value.get(1..)?, start, end });
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn folds_names_and_offsets() {
        let text = b"From joe Mon\nSubject: a\r\n b\n\tc\r\nbroken\r\nX-Y : z\r\n\r\nTo: body\r\n";
        let found: Vec<_> = fields(text).map(|f| (f.name, f.unfolded().into_owned(), f.start, f.end)).collect();
        assert_eq!(found, [(&b"Subject"[..], b"a b\tc".to_vec(), 13, 32), (b"X-Y", b"z".to_vec(), 40, 49)]);
        assert_eq!(&text[body_offset(text)..], b"To: body\r\n");
        assert!(fields(text).next().is_some_and(|f| f.is("SUBJECT")));
    }

    #[test]
    fn a_header_may_be_all_there_is() {
        assert_eq!(fields(b"To: a").next().map(|f| f.end), Some(5));
        assert_eq!((body_offset(b"To: a"), body_offset(b""), body_offset(b"\n")), (5, 0, 1));
        assert_eq!(fields(b"\r\nTo: a").next(), None);
    }

    proptest! {
        #[test]
        fn hostile_text_stays_in_bounds(text in "[a: \r\n\t\0é]{0,80}") {
            let text = text.as_bytes();
            let body = body_offset(text);
            let mut before = 0;
            for field in fields(text) {
                prop_assert!(field.start >= before && field.end > field.start && field.end <= body);
                prop_assert!(!field.unfolded().contains(&b'\n'));
                before = field.end;
            }
        }
    }
}
