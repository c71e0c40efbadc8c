//! The text of a dialogue's lines: escapes, variables and the wildcard.

use std::fmt;

/// What a server's line must look like: these pieces in this order, with anything between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    pieces: Vec<Vec<u8>>,
}

/// One step in reading a text.
enum Token {
    Octets(Vec<u8>),
    Anything,
}

impl Pattern {
    pub(super) fn parse(text: &str, variables: &[(String, String)]) -> Result<Self, String> {
        let mut pieces = vec![Vec::new()];
        let mut rest = text;
        while !rest.is_empty() {
            match token(&mut rest, variables)? {
                Token::Anything => pieces.push(Vec::new()),
                Token::Octets(octets) => pieces.last_mut().expect("one at least").extend(octets),
            }
        }
        Ok(Self { pieces })
    }

    pub(super) fn matches(&self, line: &[u8]) -> bool {
        let [first, middle @ .., last] = self.pieces.as_slice() else {
            return self.pieces.concat() == line;
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

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pieces: Vec<String> = self.pieces.iter().map(|piece| piece.escape_ascii().to_string()).collect();
        write!(f, "\"{}\"", pieces.join("..."))
    }
}

/// A client's text; dots are dots here.
pub(super) fn literal(text: &str, variables: &[(String, String)]) -> Result<Vec<u8>, String> {
    let mut octets = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        match token(&mut rest, variables)? {
            Token::Anything => octets.extend(b"..."),
            Token::Octets(more) => octets.extend(more),
        }
    }
    Ok(octets)
}

fn token(rest: &mut &str, variables: &[(String, String)]) -> Result<Token, String> {
    if let Some(tail) = rest.strip_prefix("...") {
        *rest = tail;
        return Ok(Token::Anything);
    }
    if let Some(tail) = rest.strip_prefix("${") {
        let (name, tail) = tail.split_once('}').ok_or("${ without }")?;
        *rest = tail;
        let value = variables.iter().rev().find(|(known, _)| known == name);
        return value.map(|(_, value)| Token::Octets(value.clone().into())).ok_or(format!("no variable {name}"));
    }
    if let Some(tail) = rest.strip_prefix('\\') {
        *rest = tail;
        return escape(rest).map(|octet| Token::Octets(vec![octet])).ok_or("an escape that is not known".to_owned());
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

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, line: &str) -> bool {
        Pattern::parse(pattern, &[]).unwrap().matches(line.as_bytes())
    }

    #[test]
    fn the_wildcard_stands_for_anything() {
        for (pattern, line) in [
            ("a...c", "abc"),
            ("a...c", "ac"),
            ("...", ""),
            ("a...b...c", "a b b c"),
            ("* OK", "* OK"),
            ("......x", "x"),
        ] {
            assert!(matches(pattern, line), "{pattern} {line}");
        }
        for (pattern, line) in [("a...c", "ab"), ("a", "ab"), ("ab...b", "ab"), ("* OK", "a OK"), ("a...bb...c", "abc")]
        {
            assert!(!matches(pattern, line), "{pattern} {line}");
        }
    }

    #[test]
    fn escapes_are_octets() {
        assert_eq!(literal(r"\r\n\0\t\\\.\$\xff...é", &[]), Ok(b"\r\n\0\t\\.$\xff...\xc3\xa9".to_vec()));
        assert!(matches(r"\....", ". and more") && matches(r"\.\.\.", "..."));
        for bad in [r"\", r"\q", r"\x1", r"\xgg", "${", "${nobody}"] {
            assert!(literal(bad, &[]).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_variables_value_is_taken_as_it_is() {
        let variables = [("a".to_owned(), r"1\n...".to_owned())];
        assert_eq!(literal("x${a}y", &variables), Ok(br"x1\n...y".to_vec()));
        assert!(!Pattern::parse("${a}", &variables).unwrap().matches(br"1\n + more"));
    }
}
