//! A command line's first word and the rest (RFC 5321 §4.1.1).

/// Longest command line but for AUTH, octets without CRLF. RFC 5321 §4.5.3.1.4 asks for 510; MAIL's parameters and
/// UTF-8 paths (RFC 1870 §3, RFC 4954 §3, RFC 6531 §3.4) add to it.
pub const MAX_COMMAND: usize = 2048;

/// Longest line of an AUTH exchange, octets without CRLF (RFC 4954 §4: 12288 octets with it).
pub const MAX_AUTH: usize = 12_286;

/// Splits a line into verb and argument. Spaces and tabs at the line's end are dropped (RFC 5321 §4.1.1: tolerate
/// trailing white space).
pub fn split(line: &str) -> (&str, &str) {
    let line = line.trim_end_matches([' ', '\t']);
    match line.split_once(' ') {
        Some((verb, argument)) => (verb, argument.trim_start_matches(' ')),
        None => (line, ""),
    }
}

/// Takes `FROM:` or `TO:` off the argument, in any case; the rest follows the colon.
pub fn strip_keyword<'a>(argument: &'a str, keyword: &str) -> Option<&'a str> {
    let (head, rest) = argument.split_at_checked(keyword.len())?;
    if head.eq_ignore_ascii_case(keyword) { Some(rest) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verb_and_argument() {
        assert_eq!(split("NOOP"), ("NOOP", ""));
        assert_eq!(split("QUIT \t "), ("QUIT", ""));
        assert_eq!(split("mail FROM:<a@b> SIZE=1 "), ("mail", "FROM:<a@b> SIZE=1"));
        assert_eq!(split(" x"), ("", "x"));
        assert_eq!(split(""), ("", ""));
        assert_eq!(strip_keyword("from:<>", "FROM:"), Some("<>"));
        assert_eq!(strip_keyword("FRO", "FROM:"), None);
        assert_eq!(strip_keyword("frömm:", "FROM:"), None);
    }
}
