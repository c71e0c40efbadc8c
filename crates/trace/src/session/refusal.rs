//! Replies that say no.

use crate::record::Protocol;

/// Whether a line of the server, which may go on with others, says no.
pub(crate) fn says_no(protocol: Protocol, line: &[u8]) -> bool {
    match protocol {
        // RFC 5321 §4.2.1: the last line of a reply has a space behind the code, or nothing.
        Protocol::Smtp => match line {
            [b'4' | b'5', a, b, rest @ ..] => {
                a.is_ascii_digit() && b.is_ascii_digit() && rest.first().is_none_or(|octet| *octet == b' ')
            }
            _ => false,
        },
        // RFC 1939 §3
        Protocol::Pop3 => line.get(..4).is_some_and(|begin| begin.eq_ignore_ascii_case(b"-ERR")),
        // RFC 3501 §7.1.2, §7.1.3: an untagged NO is a warning, an untagged BAD is an error.
        Protocol::Imap => {
            let mut words = line.splitn(3, |octet| *octet == b' ');
            let (tag, status) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            status.eq_ignore_ascii_case(b"BAD") || (status.eq_ignore_ascii_case(b"NO") && !matches!(tag, b"*" | b"+"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_is_no_in_every_protocol() {
        for (protocol, no, yes) in [
            (Protocol::Smtp, &["535 5.7.8 no", "421", "554 no"][..], &["250 OK", "550-first of two", "5000", ""][..]),
            (Protocol::Imap, &["a1 NO no", "a1 bad", "* BAD line"], &["a1 OK NO", "* NO nearly full", "+ NO", "NO"]),
            (Protocol::Pop3, &["-ERR [AUTH] no"], &["+OK -ERR", "-", ""]),
        ] {
            no.iter().for_each(|line| assert!(says_no(protocol, line.as_bytes()), "{line}"));
            yes.iter().for_each(|line| assert!(!says_no(protocol, line.as_bytes()), "{line}"));
        }
    }
}
