//! A reply: built here and sent by the server, read by the client.

use std::borrow::Cow;
use std::fmt;
use std::io::Write;

use crate::{Class, Detail, Status};

/// A reply of one or more lines (RFC 5321 §4.2). The server's are constants with their clause (`server::replies`);
/// the client's come from a [`ReplyReader`](crate::ReplyReader).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    code: u16,
    detail: Option<Detail>,
    /// Lines joined by `\n`.
    text: Cow<'static, str>,
}

impl Reply {
    /// A reply with an enhanced status code, whose class is that of the code: `new(550, 1, 1, "…")` is `550 5.1.1 …`.
    /// Lines of the text are joined by `\n`.
    pub const fn new(code: u16, subject: u16, detail: u16, text: &'static str) -> Self {
        Self { code, detail: Some(Detail { subject, detail }), text: Cow::Borrowed(text) }
    }

    /// A reply without one: greeting, EHLO and HELO (RFC 2034 §4), 334, 354.
    pub const fn bare(code: u16, text: &'static str) -> Self {
        Self { code, detail: None, text: Cow::Borrowed(text) }
    }

    /// What a peer sent. `text` has its lines joined by `\n`, without codes.
    pub(crate) fn received(code: u16, detail: Option<Detail>, text: String) -> Self {
        Self { code, detail, text: Cow::Owned(text) }
    }

    /// The same code with other words.
    #[must_use]
    pub fn with_text(&self, text: impl Into<String>) -> Self {
        Self { code: self.code, detail: self.detail, text: Cow::Owned(text.into()) }
    }

    /// The same with more words behind the last line: ` [7HX2K9QF]`, an address, a reason.
    #[must_use]
    pub fn and(self, more: impl fmt::Display) -> Self {
        let text = format!("{}{more}", self.text);
        Self { text: Cow::Owned(text), ..self }
    }

    /// The three digits.
    pub fn code(&self) -> u16 {
        self.code
    }

    /// The first digit. A code outside 200–599 cannot be read, and none is built here.
    pub fn class(&self) -> Class {
        Class::of(self.code).unwrap_or(Class::Permanent)
    }

    /// The enhanced status code, if the reply has one.
    pub fn status(&self) -> Option<Status> {
        self.detail.map(|detail| Status { class: self.class(), detail })
    }

    /// 4xx or 5xx.
    pub fn is_refusal(&self) -> bool {
        matches!(self.class(), Class::Transient | Class::Permanent)
    }

    /// The words, lines joined by `\n`, without codes.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The words, line by line, without codes.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.text.split('\n')
    }

    /// Adds the reply as the wire wants it: code and enhanced status on every line (RFC 5321 §4.2.1, RFC 2034 §4).
    /// Control characters become `?`: whatever found its way into the text cannot start a line of its own.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let mut lines = self.lines().peekable();
        while let Some(line) = lines.next() {
            let separator = if lines.peek().is_some() { '-' } else { ' ' };
            // Writing to a Vec cannot fail.
            let _ = match self.status() {
                Some(status) => write!(out, "{}{separator}{status} ", self.code),
                None => write!(out, "{}{separator}", self.code),
            };
            out.extend(line.bytes().map(|b| if b.is_ascii_control() { b'?' } else { b }));
            out.extend_from_slice(b"\r\n");
        }
    }
}

/// One line for logs: `550 5.1.1 No such user`, lines joined by ` / `.
impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some(status) = self.status() {
            write!(f, " {status}")?;
        }
        for (index, line) in self.lines().enumerate() {
            f.write_str(if index == 0 { " " } else { " / " })?;
            f.write_str(line)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(reply: &Reply) -> String {
        let mut out = Vec::new();
        reply.encode(&mut out);
        String::from_utf8(out).expect("replies are UTF-8")
    }

    #[test]
    fn the_class_follows_the_code() {
        assert_eq!(encoded(&Reply::new(250, 1, 5, "Ok")), "250 2.1.5 Ok\r\n");
        assert_eq!(encoded(&Reply::new(452, 5, 3, "Too many")), "452 4.5.3 Too many\r\n");
        assert_eq!(encoded(&Reply::bare(354, "Go")), "354 Go\r\n");
    }

    #[test]
    fn every_line_carries_the_code() {
        assert_eq!(encoded(&Reply::new(550, 7, 1, "a\nb")), "550-5.7.1 a\r\n550 5.7.1 b\r\n");
        assert_eq!(encoded(&Reply::bare(250, "host\nSIZE 5")), "250-host\r\n250 SIZE 5\r\n");
        assert_eq!(Reply::new(550, 7, 1, "a\nb").to_string(), "550 5.7.1 a / b");
    }

    #[test]
    fn nothing_breaks_out_of_a_line() {
        let reply = Reply::new(550, 1, 1, "No ").and("x\r250 fake\0");
        assert_eq!(encoded(&reply), "550 5.1.1 No x?250 fake?\r\n");
    }
}
