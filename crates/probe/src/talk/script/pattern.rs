//! The text of a script's lines: escapes, variables and the wildcard.

use std::fmt::Write;

use crate::dialogue::MASK;
use crate::talk::Variables;

/// The variables that there are.
const VARIABLES: [&str; 5] = ["user", "password", "user64", "password64", "plain"];

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    /// Octets.
    Octets(Vec<u8>),
    /// What a variable holds.
    Variable(String),
    /// `...`: anything, also nothing.
    Anything,
}

/// What a line of the server must look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<Token>);

impl Pattern {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        tokens(text).map(Self)
    }

    pub(super) fn tokens(&self) -> &[Token] {
        &self.0
    }

    /// Whether there is a wildcard in it.
    pub(crate) fn is_open(&self) -> bool {
        self.0.contains(&Token::Anything)
    }

    /// The text, where there is no wildcard.
    pub(crate) fn octets(&self, variables: &Variables) -> Vec<u8> {
        variables.fill(&self.0)
    }

    /// Whether a line looks so: these pieces in this order, with anything at the wildcards.
    pub(crate) fn matches(&self, line: &[u8], variables: &Variables) -> bool {
        let pieces: Vec<Vec<u8>> =
            self.0.split(|token| *token == Token::Anything).map(|piece| variables.fill(piece)).collect();
        let [first, middle @ .., last] = pieces.as_slice() else {
            return pieces.concat() == line;
        };
        let Some(rest) = line.strip_prefix(first.as_slice()).and_then(|rest| rest.strip_suffix(last.as_slice())) else {
            return false;
        };
        // The first place is the best for each piece: what comes later only gets more room by it.
        let found = middle.iter().filter(|piece| !piece.is_empty()).try_fold(rest, |rest, piece| {
            let at = rest.windows(piece.len()).position(|window| window == piece.as_slice())?;
            rest.get(at + piece.len()..)
        });
        found.is_some()
    }
}

/// Reads a text.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let (mut tokens, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        match (token(&mut rest)?, tokens.last_mut()) {
            (Token::Octets(more), Some(Token::Octets(octets))) => octets.extend(more),
            (token, _) => tokens.push(token),
        }
    }
    Ok(tokens)
}

fn token(rest: &mut &str) -> Result<Token, String> {
    if let Some(tail) = rest.strip_prefix("...") {
        *rest = tail;
        return Ok(Token::Anything);
    }
    if let Some(tail) = rest.strip_prefix("${") {
        let (name, tail) = tail.split_once('}').ok_or("${ without }")?;
        *rest = tail;
        let known = VARIABLES.contains(&name);
        return known.then(|| Token::Variable(name.to_owned())).ok_or(format!("no variable {name}"));
    }
    if let Some(tail) = rest.strip_prefix('\\') {
        *rest = tail;
        return escape(rest).map(|octet| Token::Octets(vec![octet])).ok_or("an escape that is not known".into());
    }
    let length = rest.chars().next().map_or(0, char::len_utf8);
    let (octets, tail) = rest.split_at(length);
    *rest = tail;
    Ok(Token::Octets(octets.into()))
}

/// What follows a backslash.
fn escape(rest: &mut &str) -> Option<u8> {
    let name = rest.chars().next()?;
    *rest = rest.strip_prefix(name)?;
    match name {
        'r' => Some(b'\r'),
        'n' => Some(b'\n'),
        't' => Some(b'\t'),
        '0' => Some(0),
        '\\' | '.' | '$' => u8::try_from(name).ok(),
        'x' => {
            let (digits, tail) = rest.split_at_checked(2)?;
            *rest = tail;
            u8::from_str_radix(digits, 16).ok()
        }
        _ => None,
    }
}

/// Writes octets so that they are read as they were. What is masked is a wildcard where `masks` says so.
pub(crate) fn encode(octets: &[u8], masks: bool) -> String {
    let mut text = String::new();
    for chunk in octets.utf8_chunks() {
        for part in pieces(chunk.valid(), masks) {
            match part {
                "..." => text.push_str("\\..."),
                "${" => text.push_str("\\${"),
                MASK if masks => text.push_str("..."),
                part => text.extend(part.chars().map(escaped)),
            }
        }
        for octet in chunk.invalid() {
            // Writing to a String cannot fail.
            let _ = write!(text, "\\x{octet:02x}");
        }
    }
    // Editors take spaces at the end of a line away.
    match text.strip_suffix(' ') {
        Some(head) => format!("{head}\\x20"),
        None => text,
    }
}

/// Cuts a text at what would be read as something else.
fn pieces(text: &str, masks: bool) -> Vec<&str> {
    let marks = |rest: &str| {
        let mask = if masks { MASK } else { "..." };
        ["...", "${", mask].into_iter().find(|mark| rest.starts_with(mark)).map(str::len)
    };
    let (mut found, mut rest) = (Vec::new(), text);
    while let Some(c) = rest.chars().next() {
        let (piece, tail) = rest.split_at(marks(rest).unwrap_or(c.len_utf8()));
        found.push(piece);
        rest = tail;
    }
    found
}

fn escaped(c: char) -> String {
    match c {
        '\\' => "\\\\".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        '\0' => "\\0".to_owned(),
        c if c.is_ascii_control() => format!("\\x{:02x}", u32::from(c)),
        // Longer ones are octets to those who read.
        c if c.is_control() || crate::dialogue::visible(c.encode_utf8(&mut [0; 4])).len() > c.len_utf8() => {
            c.encode_utf8(&mut [0; 4]).bytes().map(|octet| format!("\\x{octet:02x}")).collect()
        }
        c => c.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(pattern: &str, line: &str) -> bool {
        Pattern::parse(pattern).unwrap().matches(line.as_bytes(), &Variables::default())
    }

    #[test]
    fn the_wildcard_stands_for_anything() {
        for (pattern, line) in
            [("a...c", "abc"), ("a...c", "ac"), ("...", ""), ("a...b...c", "a b b c"), ("......x", "x")]
        {
            assert!(matches(pattern, line), "{pattern} {line}");
        }
        for (pattern, line) in [("a...c", "ab"), ("a", "ab"), ("ab...b", "ab"), ("a...bb...c", "abc")] {
            assert!(!matches(pattern, line), "{pattern} {line}");
        }
    }

    #[test]
    fn what_was_masked_may_be_anything() {
        assert_eq!(encode("535 ••• is ... $ ${x} \\".as_bytes(), true), "535 ... is \\... $ \\${x} \\\\");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(octets in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(&b".${}\\ \r"[..])], 0..40)) {
            let text = encode(&octets, false);
            let steers = text.contains(['\r', '\n', '\u{1b}', '\u{202e}']);
            prop_assert!(!steers, "{}", text);
            prop_assert_eq!(Variables::default().fill(&tokens(&text).unwrap()), octets);
        }
    }
}
