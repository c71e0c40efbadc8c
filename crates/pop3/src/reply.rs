//! A reply.

use std::borrow::Cow;
use std::fmt;

/// Response codes in brackets (RFC 2449 §8, RFC 3206): what a client may act on without reading the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// RFC 3206 §4: the credentials, or the way they were sent, are the trouble.
    Auth,
    /// RFC 3206 §3: a fault that will likely pass.
    SysTemp,
    /// RFC 3206 §3: a fault that needs somebody's hands.
    SysPerm,
}

impl Code {
    fn text(self) -> &'static str {
        match self {
            Self::Auth => "[AUTH] ",
            Self::SysTemp => "[SYS/TEMP] ",
            Self::SysPerm => "[SYS/PERM] ",
        }
    }
}

/// What a reply means for the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `+OK`
    Ok,
    /// `+`: a challenge of AUTH (RFC 5034 §4).
    Challenge,
    /// `-ERR` to a command that was well said.
    Refused(Option<Code>),
    /// `-ERR` to a command that is wrong in itself; these are counted.
    Wrong,
}

/// A reply, with the lines behind it if it is a multi-line one (RFC 1939 §3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    kind: Kind,
    text: Cow<'static, str>,
    /// Lines with their CRLF, none of which begins with a dot.
    lines: Option<String>,
}

impl Reply {
    /// `+OK`.
    pub const fn ok(text: &'static str) -> Self {
        Self { kind: Kind::Ok, text: Cow::Borrowed(text), lines: None }
    }

    /// `-ERR` with a response code.
    pub const fn refused(code: Code, text: &'static str) -> Self {
        Self { kind: Kind::Refused(Some(code)), text: Cow::Borrowed(text), lines: None }
    }

    /// Its response code.
    pub fn response_code(&self) -> Option<Code> {
        if let Kind::Refused(code) = self.kind { code } else { None }
    }

    /// `-ERR` to something that could have been granted.
    pub const fn denied(text: &'static str) -> Self {
        Self { kind: Kind::Refused(None), text: Cow::Borrowed(text), lines: None }
    }

    /// `-ERR` to something that no session would grant.
    pub const fn wrong(text: &'static str) -> Self {
        Self { kind: Kind::Wrong, text: Cow::Borrowed(text), lines: None }
    }

    /// `+ ` and a challenge in base64 (RFC 5034 §4).
    pub(crate) fn challenge(base64: String) -> Self {
        Self { kind: Kind::Challenge, text: Cow::Owned(base64), lines: None }
    }

    /// The same with more words.
    #[must_use]
    pub fn and(self, more: impl fmt::Display) -> Self {
        let text = format!("{}{more}", self.text);
        Self { text: Cow::Owned(text), ..self }
    }

    /// The same as a multi-line reply. Each line ends with CRLF, and none begins with a dot.
    #[must_use]
    pub(crate) fn with_lines(self, lines: String) -> Self {
        Self { lines: Some(lines), ..self }
    }

    /// Whether it is an `-ERR`.
    pub fn is_refusal(&self) -> bool {
        matches!(self.kind, Kind::Refused(_) | Kind::Wrong)
    }

    /// Whether the command was wrong in itself.
    pub(crate) fn is_wrong(&self) -> bool {
        self.kind == Kind::Wrong
    }

    /// The words, without status, code and lines.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn status(&self) -> &'static str {
        match self.kind {
            Kind::Ok => "+OK ",
            Kind::Challenge => "+ ",
            Kind::Refused(_) | Kind::Wrong => "-ERR ",
        }
    }

    fn code(&self) -> &'static str {
        match self.kind {
            Kind::Refused(Some(code)) => code.text(),
            _ => "",
        }
    }

    /// Adds the reply as the wire wants it. Control characters become `?`: whatever found its way into the text cannot
    /// start a line of its own.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.status().as_bytes());
        out.extend_from_slice(self.code().as_bytes());
        out.extend(self.text.bytes().map(|octet| if octet.is_ascii_control() { b'?' } else { octet }));
        out.extend_from_slice(b"\r\n");
        if let Some(lines) = &self.lines {
            out.extend_from_slice(lines.as_bytes());
            out.extend_from_slice(b".\r\n");
        }
    }
}

/// One line for logs.
impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.status(), self.code(), self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(reply: &Reply) -> String {
        let mut out = Vec::new();
        reply.encode(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn replies_on_the_wire() {
        assert_eq!(encoded(&Reply::ok("hello")), "+OK hello\r\n");
        assert_eq!(encoded(&Reply::refused(Code::SysPerm, "no mailbox")), "-ERR [SYS/PERM] no mailbox\r\n");
        assert_eq!(encoded(&Reply::wrong("what?").and(" [7HX2K9QF]")), "-ERR what? [7HX2K9QF]\r\n");
        assert_eq!(encoded(&Reply::ok("list").with_lines("1 2\r\n".to_owned())), "+OK list\r\n1 2\r\n.\r\n");
    }

    #[test]
    fn nothing_breaks_out_of_a_line() {
        assert_eq!(encoded(&Reply::denied("no ").and("x\r\n+OK fake")), "-ERR no x??+OK fake\r\n");
    }
}
