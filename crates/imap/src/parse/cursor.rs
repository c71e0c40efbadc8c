//! A place in a command, and the smallest pieces of grammar (RFC 3501 §9).

use super::SyntaxError;

/// What is left of a command. A method that fails leaves the place where it was, or the whole command has failed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    pub(crate) fn new(octets: &'a [u8]) -> Self {
        Self(octets)
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes this octet, if it is next.
    pub(crate) fn eat(&mut self, octet: u8) -> bool {
        let found = self.peek() == Some(octet);
        if found {
            self.skip(1);
        }
        found
    }

    /// Takes this word in any case, if it is next.
    pub(crate) fn eat_word(&mut self, word: &str) -> bool {
        let found = self.0.get(..word.len()).is_some_and(|o| o.eq_ignore_ascii_case(word.as_bytes()));
        if found {
            self.skip(word.len());
        }
        found
    }

    pub(crate) fn expect(&mut self, octet: u8, what: &'static str) -> Result<(), SyntaxError> {
        if self.eat(octet) { Ok(()) } else { Err(SyntaxError::Expected(what)) }
    }

    /// One space. More than one is let pass: people type.
    pub(crate) fn space(&mut self) -> Result<(), SyntaxError> {
        self.expect(b' ', "a space")?;
        while self.eat(b' ') {}
        Ok(())
    }

    /// The octets for which `wanted` holds; maybe none.
    pub(crate) fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let n = self.0.iter().position(|&o| !wanted(o)).unwrap_or(self.0.len());
        self.take(n).unwrap_or_default()
    }

    /// Exactly `n` octets; `None` if there are fewer.
    pub(crate) fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(taken)
    }

    fn skip(&mut self, n: usize) {
        self.0 = self.0.get(n..).unwrap_or_default();
    }

    /// `1*DIGIT` of 32 bits.
    pub(crate) fn number(&mut self) -> Result<u32, SyntaxError> {
        let digits = self.take_while(|o| o.is_ascii_digit());
        let text = std::str::from_utf8(digits).unwrap_or_default();
        if text.is_empty() {
            Err(SyntaxError::Expected("a number"))
        } else {
            text.parse().map_err(|_| SyntaxError::Number)
        }
    }

    /// `nz-number`
    pub(crate) fn nz_number(&mut self) -> Result<u32, SyntaxError> {
        match self.number()? {
            0 => Err(SyntaxError::Number),
            n => Ok(n),
        }
    }

    /// `atom`
    pub(crate) fn atom(&mut self, what: &'static str) -> Result<&'a str, SyntaxError> {
        match self.take_while(is_atom_char) {
            [] => Err(SyntaxError::Expected(what)),
            // ATOM-CHARs are ASCII.
            octets => std::str::from_utf8(octets).map_err(|_| SyntaxError::Expected(what)),
        }
    }

    /// Nothing may be left.
    pub(crate) fn end(&mut self) -> Result<(), SyntaxError> {
        while self.eat(b' ') {}
        if self.is_empty() { Ok(()) } else { Err(SyntaxError::Trailing) }
    }
}

/// `ATOM-CHAR`: any CHAR but `(){ %*"\]`, controls and SP.
pub(crate) fn is_atom_char(octet: u8) -> bool {
    octet.is_ascii_graphic() && !matches!(octet, b'(' | b')' | b'{' | b'%' | b'*' | b'"' | b'\\' | b']')
}

/// `ASTRING-CHAR`: an ATOM-CHAR or `]`.
pub(crate) fn is_astring_char(octet: u8) -> bool {
    is_atom_char(octet) || octet == b']'
}
