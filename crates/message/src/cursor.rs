//! Walks over the value of a structured field (RFC 5322 §3.2): words, quoted strings, comments.

/// A place in a value.
#[derive(Debug, Clone)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(value: &'a [u8]) -> Self {
        Self { rest: value }
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    pub(crate) fn bump(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    /// Takes `wanted` if it is next.
    pub(crate) fn eat(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.bump();
        }
        found
    }

    /// Skips white space and comments; the last comment's content is handed back.
    pub(crate) fn space(&mut self) -> Option<Vec<u8>> {
        let mut last = None;
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r' | b'\n') => {
                    self.bump();
                }
                Some(b'(') => last = Some(self.comment()),
                _ => return last,
            }
        }
    }

    /// `comment`, nested ones with their parentheses. An unclosed one ends with the text. Counted, not recursed:
    /// a megabyte of `(` costs nothing but its length.
    fn comment(&mut self) -> Vec<u8> {
        let mut content = Vec::new();
        let mut depth = 0_usize;
        while let Some(octet) = self.bump() {
            match octet {
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
            let octet = if octet == b'\\' { self.bump().unwrap_or(octet) } else { octet };
            content.push(octet);
        }
        content.get(1..).unwrap_or_default().trim_ascii().to_vec()
    }

    /// A quoted string's content, quoted pairs resolved; `None` where none begins. An unclosed one ends with the text.
    pub(crate) fn quoted(&mut self) -> Option<Vec<u8>> {
        if !self.eat(b'"') {
            return None;
        }
        let mut content = Vec::new();
        while let Some(octet) = self.bump() {
            match octet {
                b'"' => break,
                b'\\' => content.extend(self.bump()),
                b'\r' | b'\n' => {}
                other => content.push(other),
            }
        }
        Some(content)
    }

    /// The octets up to white space, a comment, a quote or one of `specials`; `None` where there are none.
    pub(crate) fn atom(&mut self, specials: &[u8]) -> Option<&'a [u8]> {
        let ends = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'(' | b'"' | 0) || specials.contains(b);
        let length = self.rest.iter().position(ends).unwrap_or(self.rest.len());
        let (atom, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        (!atom.is_empty()).then_some(atom)
    }

    /// A quoted string or an atom.
    pub(crate) fn word(&mut self, specials: &[u8]) -> Option<Vec<u8>> {
        self.quoted().or_else(|| self.atom(specials).map(<[u8]>::to_vec))
    }

    /// Skips to `wanted` and over it, quoted strings and comments passed whole. Whether it was there.
    pub(crate) fn skip_past(&mut self, wanted: u8) -> bool {
        loop {
            self.space();
            match self.peek() {
                None => return false,
                Some(b'"') => {
                    self.quoted();
                }
                Some(octet) => {
                    self.bump();
                    if octet == wanted {
                        return true;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_quotes_and_comments() {
        let mut cursor = Cursor::new(b" (a (b) c\\)) \"x \\\"y\"; z");
        assert_eq!(cursor.space().as_deref(), Some(&b"a (b) c)"[..]));
        assert_eq!(cursor.word(b";").as_deref(), Some(&b"x \"y"[..]));
        assert!(cursor.eat(b';'));
        cursor.space();
        assert_eq!(cursor.word(b";").as_deref(), Some(&b"z"[..]));
        assert_eq!((cursor.word(b";"), cursor.peek()), (None, None));
    }

    #[test]
    fn unclosed_things_end_with_the_text() {
        assert_eq!(Cursor::new(b"(((").space().as_deref(), Some(&b"(("[..]));
        assert_eq!(Cursor::new(b"\"a\\").quoted().as_deref(), Some(&b"a"[..]));
        assert!(!Cursor::new(b"a \"; b").skip_past(b';'));
    }
}
