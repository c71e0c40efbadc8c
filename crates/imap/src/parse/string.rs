//! Strings: atoms, quoted strings, literals, and the mailbox names and flags that are made of them (RFC 3501 §9).

use std::borrow::Cow;

use sasl::Secret;

use super::SyntaxError;
use super::cursor::{Cursor, is_astring_char};
use crate::command::MailboxName;
use crate::flag::Flag;
use crate::utf7;

/// `string = quoted / literal`
pub(crate) fn string<'a>(c: &mut Cursor<'a>) -> Result<Cow<'a, [u8]>, SyntaxError> {
    match c.peek() {
        Some(b'"') => quoted(c),
        Some(b'{') => literal(c).map(Cow::Borrowed),
        _ => Err(SyntaxError::Expected("a string")),
    }
}

/// `astring = 1*ASTRING-CHAR / string`
pub(crate) fn astring<'a>(c: &mut Cursor<'a>) -> Result<Cow<'a, [u8]>, SyntaxError> {
    match c.take_while(is_astring_char) {
        [] => string(c),
        atom => Ok(Cow::Borrowed(atom)),
    }
}

/// An astring that is text: UTF-8 is let pass where the grammar has ASCII only (user names).
pub(crate) fn text(c: &mut Cursor<'_>) -> Result<String, SyntaxError> {
    String::from_utf8(astring(c)?.into_owned()).map_err(|_| SyntaxError::Charset)
}

/// An astring that nobody may see. A quoted one leaves no copy behind that is not wiped.
pub(crate) fn secret(c: &mut Cursor<'_>) -> Result<Secret, SyntaxError> {
    astring(c).map(|s| Secret::new(s.into_owned()))
}

/// `quoted = DQUOTE *QUOTED-CHAR DQUOTE`; 8-bit octets are let pass.
fn quoted<'a>(c: &mut Cursor<'a>) -> Result<Cow<'a, [u8]>, SyntaxError> {
    const CLOSE: &str = "a closing quote";
    c.expect(b'"', "a quoted string")?;
    let plain = |o| !matches!(o, b'"' | b'\\' | b'\r' | b'\n' | 0);
    let mut text = Cow::Borrowed(c.take_while(plain));
    while c.eat(b'\\') {
        match c.take(1) {
            Some(escaped @ (b"\"" | b"\\")) => text.to_mut().extend_from_slice(escaped),
            _ => return Err(SyntaxError::Expected("\\\" or \\\\ in a quoted string")),
        }
        text.to_mut().extend_from_slice(c.take_while(plain));
    }
    c.expect(b'"', CLOSE)?;
    Ok(text)
}

/// `literal = "{" number ["+"] "}" CRLF *CHAR8` (RFC 7888 §3). The framer made sure that the octets are here.
fn literal<'a>(c: &mut Cursor<'a>) -> Result<&'a [u8], SyntaxError> {
    const LITERAL: SyntaxError = SyntaxError::Expected("a literal");
    c.expect(b'{', "a literal")?;
    let size = usize::try_from(c.number()?).map_err(|_| LITERAL)?;
    c.eat(b'+');
    c.expect(b'}', "a closing brace")?;
    c.eat(b'\r');
    c.expect(b'\n', "the end of the line after a literal's size")?;
    c.take(size).ok_or(LITERAL)
}

/// `mailbox = "INBOX" / astring`, in modified UTF-7; INBOX in any case.
pub(crate) fn mailbox(c: &mut Cursor<'_>) -> Result<MailboxName, SyntaxError> {
    let name = utf7::decode(&astring(c)?)?;
    Ok(if name.eq_ignore_ascii_case("INBOX") { "INBOX".to_owned() } else { name })
}

/// `list-mailbox = 1*list-char / string`: wildcards and `]` need no quotes.
pub(crate) fn list_mailbox(c: &mut Cursor<'_>) -> Result<String, SyntaxError> {
    let wild = c.take_while(|o| is_astring_char(o) || matches!(o, b'%' | b'*'));
    let octets = if wild.is_empty() { string(c)? } else { Cow::Borrowed(wild) };
    Ok(utf7::decode(&octets)?)
}

/// `flag`
pub(crate) fn flag(c: &mut Cursor<'_>) -> Result<Flag, SyntaxError> {
    if c.eat(b'\\') {
        let name = format!("\\{}", c.atom("a flag")?);
        return Flag::system(&name).ok_or(SyntaxError::SystemFlag);
    }
    c.atom("a flag").map(|name| Flag::Keyword(name.to_owned()))
}

/// `flag-list = "(" [flag *(SP flag)] ")"`
pub(crate) fn flag_list(c: &mut Cursor<'_>) -> Result<Vec<Flag>, SyntaxError> {
    c.expect(b'(', "a list of flags")?;
    let mut flags = Vec::new();
    while !c.eat(b')') {
        flags.push(flag(c)?);
        while c.eat(b' ') {}
    }
    Ok(flags)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Result<Vec<u8>, SyntaxError> {
        let mut c = Cursor::new(text);
        let value = astring(&mut c)?.into_owned();
        c.end().map(|()| value)
    }

    #[test]
    fn the_three_forms_of_a_string() {
        assert_eq!(read(b"a]b").unwrap(), b"a]b");
        assert_eq!(read(b"\"a \\\"b\\\\\"").unwrap(), b"a \"b\\");
        assert_eq!(read(b"{3}\r\n\r\n)").unwrap(), b"\r\n)");
        assert_eq!(read(b"{0+}\r\n").unwrap(), b"");
    }

    #[test]
    fn broken_strings() {
        for text in [&b"\"abc"[..], b"\"a\\b\"", b"\"a\nb\"", b"{5}\r\nabc", b"{5}abcde", b"{}\r\n", b"", b"("] {
            assert!(read(text).is_err(), "{}", text.escape_ascii());
        }
        assert_eq!(read(b"{99999999999}\r\n"), Err(SyntaxError::Number));
    }

    #[test]
    fn the_inbox_has_no_case() {
        assert_eq!(mailbox(&mut Cursor::new(b"\"iNbOx\"")).unwrap(), "INBOX");
        assert_eq!(mailbox(&mut Cursor::new(b"Entw&APw-rfe")).unwrap(), "Entwürfe");
    }

    #[test]
    fn recent_is_the_servers() {
        assert_eq!(flag(&mut Cursor::new(b"\\Recent")), Err(SyntaxError::SystemFlag));
        let flags = flag_list(&mut Cursor::new(b"(\\seen $MDNSent)")).unwrap();
        assert_eq!(flags, [Flag::Seen, Flag::Keyword("$MDNSent".to_owned())]);
    }
}
