//! Strings of the server: quoted where that is possible, literals where it is not (RFC 3501 §4.3).

/// Longer ones are literals: some clients have short line buffers.
const MAX_QUOTED: usize = 512;

/// `string`
pub(crate) fn string(out: &mut Vec<u8>, octets: &[u8]) {
    let plain = |o: &u8| matches!(o, 0x20..=0x7e | b'\t');
    if octets.len() <= MAX_QUOTED && octets.iter().all(plain) {
        quoted(out, octets);
    } else {
        literal_size(out, octets.len());
        out.extend_from_slice(octets);
    }
}

/// What stands before a literal.
pub(crate) fn literal_size(out: &mut Vec<u8>, size: usize) {
    out.extend_from_slice(format!("{{{size}}}\r\n").as_bytes());
}

fn quoted(out: &mut Vec<u8>, octets: &[u8]) {
    out.push(b'"');
    for &o in octets {
        if matches!(o, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(o);
    }
    out.push(b'"');
}

/// `nstring`
pub(crate) fn nstring(out: &mut Vec<u8>, octets: Option<&[u8]>) {
    match octets {
        Some(octets) => string(out, octets),
        None => out.extend_from_slice(b"NIL"),
    }
}

/// `mailbox`, always quoted: `NIL` and its like are names too.
pub(crate) fn mailbox(out: &mut Vec<u8>, name: &str) {
    string(out, crate::utf7::encode(name).as_bytes());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::command::Command;
    use crate::parse::parse;

    fn written(octets: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        string(&mut out, octets);
        out
    }

    #[test]
    fn what_cannot_be_quoted_is_a_literal() {
        assert_eq!(written(b"a \"b\" \\c"), b"\"a \\\"b\\\" \\\\c\"");
        assert_eq!(written(b""), b"\"\"");
        assert_eq!(written("ü".as_bytes()), b"{2}\r\n\xc3\xbc");
        assert_eq!(written(b"a\r\nb"), b"{4}\r\na\r\nb");
        assert!(written(&[b'x'; 513]).starts_with(b"{513}\r\nx"));
    }

    proptest! {
        /// What we write is what our own parser reads.
        #[test]
        fn every_string_comes_back(octets in prop::collection::vec(any::<u8>(), 0..600)) {
            let line = [b"a LOGIN x ", written(&octets).as_slice()].concat();
            let Ok((_, Command::Login(login))) = parse(&line) else { panic!("{}", line.escape_ascii()) };
            prop_assert_eq!(login.password.expose(), octets);
        }
    }
}
