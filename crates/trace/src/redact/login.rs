//! The arguments of IMAP's LOGIN.

/// The first argument of some octets that begin with it.
pub(super) enum Argument {
    /// It stands in the line, until here.
    Until(usize),
    /// It is a literal of so many octets, which come next.
    Literal(usize),
    /// A quoted one without its end.
    Broken,
}

/// RFC 3501 §9: `astring = 1*ASTRING-CHAR / string`.
pub(super) fn argument(line: &[u8]) -> Argument {
    match line.split_first() {
        Some((b'"', rest)) => match quoted(rest) {
            // A quote that has spaces in it, or ends elsewhere than in front of one, was forgotten, and has more in it than a
            // name.
            Some(end) if is_name(rest, end) => Argument::Until(1 + end),
            _ => Argument::Broken,
        },
        Some((b'{', _)) if size(line).is_some() => Argument::Literal(size(line).unwrap_or_default()),
        _ => Argument::Until(line.iter().position(|octet| super::separates(*octet)).unwrap_or(line.len())),
    }
}

/// Whether the quoted text that ends there is a name alone.
fn is_name(rest: &[u8], end: usize) -> bool {
    let quoted = rest.get(..end).unwrap_or_default();
    matches!(rest.get(end), None | Some(b' ')) && !quoted.iter().any(|octet| super::separates(*octet))
}

/// Behind the quote that ends it.
fn quoted(rest: &[u8]) -> Option<usize> {
    let mut escaped = false;
    let end = rest.iter().position(|octet| {
        let ends = *octet == b'"' && !escaped;
        escaped = *octet == b'\\' && !escaped;
        ends
    });
    end.map(|end| end + 1)
}

/// Whether this is a literal's size and nothing else: it may be seen.
pub(super) fn is_literal(line: &[u8]) -> bool {
    size(line).is_some()
}

/// The size of the literal that a line announces at its end.
pub(crate) fn announced(line: &[u8]) -> Option<usize> {
    // Nearly no line ends so, and every line of an IMAP server is looked at.
    line.iter().rfind(|octet| !super::separates(**octet)).filter(|last| **last == b'}')?;
    size(line.get(line.iter().rposition(|octet| *octet == b'{')?..)?)
}

/// RFC 3501 §4.3, RFC 7888 §3: `{5}`, `{5+}`, `{5-}`.
fn size(line: &[u8]) -> Option<usize> {
    let end = line.iter().rposition(|octet| !super::separates(*octet))? + 1;
    let inner = line.get(..end)?.strip_prefix(b"{")?.strip_suffix(b"}")?;
    let digits = inner.strip_suffix(b"+").or_else(|| inner.strip_suffix(b"-")).unwrap_or(inner);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    // A size that is no number here is a large one.
    Some(str::from_utf8(digits).ok()?.parse().unwrap_or(usize::MAX))
}
