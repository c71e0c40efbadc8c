//! Reverse-path and forward-path (RFC 5321 §4.1.2), strictly or as people type them.

use std::fmt;

use message::{Address, AddressError};

/// How much a client may deviate from the grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grammar {
    /// RFC 5321 to the letter.
    Strict,
    /// Spaces around the path, missing brackets (MISSION 004-09), EHLO without a name or with an odd one.
    Lenient,
}

/// Where a message goes (RFC 5321 §4.1.1.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ForwardPath {
    /// `<Postmaster>` without a domain, in any case (RFC 5321 §4.5.1).
    Postmaster,
    /// A mailbox.
    Mailbox(Address),
}

impl fmt::Display for ForwardPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Postmaster => f.write_str("postmaster"),
            Self::Mailbox(address) => address.fmt(f),
        }
    }
}

/// Why an argument does not begin with a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Nothing after the colon.
    #[error("the address is missing")]
    Missing,
    /// `MAIL FROM: <a@b>`
    #[error("space before <")]
    SpaceBefore,
    /// `MAIL FROM:a@b`
    #[error("the address is not inside <>")]
    NoBrackets,
    /// `MAIL FROM:< a@b >`
    #[error("spaces inside <>")]
    SpacesInside,
    /// `MAIL FROM:<a@b`
    #[error("the closing > is missing")]
    NoClosing,
    /// `MAIL FROM:<a@b>SIZE=1`
    #[error("no space after >")]
    NoSpaceAfter,
    /// `RCPT TO:<>`: the null path is for senders.
    #[error("the null path <> is not a recipient")]
    Null,
    /// `<@relay.example>` or one without a colon.
    #[error("the source route does not end with a colon")]
    SourceRoute,
    /// What is inside the brackets.
    #[error(transparent)]
    Address(#[from] AddressError),
}

/// Reads a reverse-path; `None` is the null one. Gives back the parameters behind it.
pub fn reverse_path(argument: &str, grammar: Grammar) -> Result<(Option<Address>, &str), PathError> {
    let (path, parameters) = split(argument, grammar)?;
    if path.is_empty() {
        return Ok((None, parameters));
    }
    Ok((Some(Address::parse(strip_source_route(path)?)?), parameters))
}

/// Reads a forward-path. Gives back the parameters behind it.
pub fn forward_path(argument: &str, grammar: Grammar) -> Result<(ForwardPath, &str), PathError> {
    let (path, parameters) = split(argument, grammar)?;
    if path.is_empty() {
        return Err(PathError::Null);
    }
    if path.eq_ignore_ascii_case("postmaster") {
        return Ok((ForwardPath::Postmaster, parameters));
    }
    Ok((ForwardPath::Mailbox(Address::parse(strip_source_route(path)?)?), parameters))
}

/// What is inside the brackets, and the parameters.
fn split(argument: &str, grammar: Grammar) -> Result<(&str, &str), PathError> {
    let trimmed = argument.trim_start_matches(' ');
    if trimmed.is_empty() {
        return Err(PathError::Missing);
    }
    if grammar == Grammar::Strict && trimmed.len() < argument.len() {
        return Err(PathError::SpaceBefore);
    }
    match trimmed.strip_prefix('<') {
        Some(inner) => bracketed(inner, grammar),
        None if grammar == Grammar::Strict => Err(PathError::NoBrackets),
        None => Ok(unbracketed(trimmed)),
    }
}

fn bracketed(inner: &str, grammar: Grammar) -> Result<(&str, &str), PathError> {
    let end = find_outside_quotes(inner, '>').ok_or(PathError::NoClosing)?;
    let (path, rest) = inner.split_at(end);
    let rest = rest.strip_prefix('>').unwrap_or(rest);
    if !rest.is_empty() && !rest.starts_with(' ') {
        return Err(PathError::NoSpaceAfter);
    }
    let trimmed = path.trim_matches(' ');
    if grammar == Grammar::Strict && trimmed.len() < path.len() {
        return Err(PathError::SpacesInside);
    }
    Ok((trimmed, rest))
}

/// The address ends at the first space; a `>` without its `<` stays in it, where no address can have one.
fn unbracketed(text: &str) -> (&str, &str) {
    text.split_at(find_outside_quotes(text, ' ').unwrap_or(text.len()))
}

/// Where a character stands that no quoted string (RFC 5321 §4.1.2 `Quoted-string`) covers.
fn find_outside_quotes(text: &str, wanted: char) -> Option<usize> {
    let mut quoted = false;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => quoted = !quoted,
            '\\' if quoted => {
                chars.next();
            }
            c if c == wanted && !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

/// RFC 5321 §4.1.1.3, appendix C: `@relay1,@relay2:user@domain` must be accepted, and the route should be ignored.
fn strip_source_route(path: &str) -> Result<&str, PathError> {
    if !path.starts_with('@') {
        return Ok(path);
    }
    path.split_once(':').map(|(_, mailbox)| mailbox).ok_or(PathError::SourceRoute)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn strict(argument: &str) -> Result<String, PathError> {
        reverse_path(argument, Grammar::Strict).map(|(p, rest)| format!("{}|{rest}", shown(p)))
    }

    fn lenient(argument: &str) -> Result<String, PathError> {
        reverse_path(argument, Grammar::Lenient).map(|(p, rest)| format!("{}|{rest}", shown(p)))
    }

    fn shown(path: Option<Address>) -> String {
        path.map_or("<>".into(), |a| a.to_string())
    }

    #[test]
    fn the_grammar_of_the_rfc() {
        for (argument, path) in [
            ("<a@example.org>", "a@example.org|"),
            ("<>", "<>|"),
            ("<> SIZE=1", "<>| SIZE=1"),
            ("<\"a> b\"@example.org> SIZE=1", "\"a> b\"@example.org| SIZE=1"),
            ("<a@[192.0.2.1]>", "a@[192.0.2.1]|"),
            ("<@one.example,@two.example:a@example.org>", "a@example.org|"),
        ] {
            assert_eq!(strict(argument).as_deref(), Ok(path), "{argument:?}");
            assert_eq!(lenient(argument).as_deref(), Ok(path), "{argument:?}");
        }
    }

    /// MISSION 004-09
    #[test]
    fn what_people_type_is_understood_or_named() {
        for (argument, error, path) in [
            (" <a@example.org>", PathError::SpaceBefore, "a@example.org|"),
            ("< a@example.org >", PathError::SpacesInside, "a@example.org|"),
            ("a@example.org SIZE=1", PathError::NoBrackets, "a@example.org| SIZE=1"),
            (" \"a b\"@example.org", PathError::SpaceBefore, "\"a b\"@example.org|"),
        ] {
            assert_eq!(strict(argument), Err(error), "{argument:?}");
            assert_eq!(lenient(argument).as_deref(), Ok(path), "{argument:?}");
        }
    }

    #[test]
    fn what_is_ambiguous_is_refused_either_way() {
        for argument in ["", "<a@example.org", "<a@example.org>SIZE=1", "<a b@example.org>", "<@a>", "<a>"] {
            assert!(strict(argument).is_err(), "{argument:?}");
            assert!(lenient(argument).is_err(), "{argument:?}");
        }
        assert!(lenient("a@example.org>").is_err());
        assert!(lenient("alice").is_err());
    }

    #[test]
    fn postmaster_needs_no_domain() {
        let read = |text| forward_path(text, Grammar::Strict).map(|(path, _)| path);
        assert_eq!(read("<PostMaster>"), Ok(ForwardPath::Postmaster));
        assert!(matches!(read("<postmaster@example.org>"), Ok(ForwardPath::Mailbox(_))));
        assert_eq!(read("<>"), Err(PathError::Null));
    }

    proptest! {
        /// Whatever address there is, its written path reads back.
        #[test]
        fn a_path_survives(local in "[ -~]{1,20}", domain in "[a-z]{1,9}(\\.[a-z]{1,9}){0,3}") {
            let quoted = local.replace('\\', "\\\\").replace('"', "\\\"");
            let address = Address::parse(&format!("\"{quoted}\"@{domain}")).expect("an address");
            for grammar in [Grammar::Strict, Grammar::Lenient] {
                let written = format!("<{address}> SIZE=1");
                prop_assert_eq!(reverse_path(&written, grammar), Ok((Some(address.clone()), " SIZE=1")));
            }
        }

        #[test]
        fn nothing_panics(text in "\\PC{0,40}") {
            let _ = (reverse_path(&text, Grammar::Lenient), forward_path(&text, Grammar::Lenient));
        }
    }
}
