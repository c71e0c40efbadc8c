//! Our own `Received:` (RFC 5321 §4.4).

use std::fmt::Write;

use message::Address;

use super::{Hello, HelloName, Policy, Tls, Transaction};

/// What a `Received:` tells of.
pub(super) struct Trace<'a> {
    pub(super) policy: &'a Policy,
    pub(super) hello: Option<&'a Hello>,
    pub(super) tls: &'a Tls,
    pub(super) login: Option<&'a Address>,
    pub(super) transaction: &'a Transaction,
}

impl Trace<'_> {
    /// The field with its folds and its CRLF. Nothing in it comes from the client unread: names are parsed domains
    /// or printable ASCII inside a comment, so no CR or LF can get in.
    pub(super) fn field(&self, id: &str, user: Option<&str>, date: &str) -> String {
        let mut field = String::with_capacity(384);
        // Writing to a String cannot fail.
        let _ = self.write(&mut field, id, user, date);
        field
    }

    fn write(&self, out: &mut String, id: &str, user: Option<&str>, date: &str) -> std::fmt::Result {
        let Policy { hostname, session, .. } = self.policy;
        write!(out, "Received: from ")?;
        self.from(out)?;
        let (hostname, protocol) = (hostname.as_ascii(), self.protocol());
        write!(out, "\r\n\tby {hostname} with {protocol} id {id}/{session}")?;
        if let Some(user) = user {
            write!(out, "\r\n\t(Authenticated sender: {})", comment(user))?;
        }
        // With more than one recipient, `for` would tell each of the others (RFC 5321 §7.2, §7.6).
        if let [only] = self.transaction.recipients.as_slice() {
            write!(out, "\r\n\tfor <{}>", only.original.as_ref().unwrap_or(&only.address))?;
        }
        // RFC 8314 §4.3
        if let Tls::Active(cipher) = self.tls {
            write!(out, "\r\n\ttls {}", cipher.replace(|c: char| !c.is_ascii_alphanumeric() && c != '_', "?"))?;
        }
        write!(out, ";\r\n\t{date}\r\n")
    }

    /// `Extended-Domain`: the name that the client gave and the address that it has. A name that is none stands in a
    /// comment (MISSION 000-05, 004-08).
    fn from(&self, out: &mut String) -> std::fmt::Result {
        let peer = self.policy.peer_literal();
        match self.hello.map(Hello::name) {
            // A-labels: a field that is not ASCII would make SMTPUTF8 a need of the message (RFC 6531 §3.2).
            Some(HelloName::Domain(name)) => write!(out, "{} ({peer})", name.as_ascii()),
            Some(HelloName::Odd(text)) => write!(out, "{peer} (HELO {})", comment(text)),
            Some(HelloName::None) | None => write!(out, "{peer} (no HELO name)"),
        }
    }

    /// RFC 3848 §1, RFC 6531 §4.3.
    fn protocol(&self) -> &'static str {
        if matches!(self.hello, Some(Hello::Helo(_)) | None) {
            return "SMTP";
        }
        match (self.transaction.smtputf8, self.tls, self.login) {
            (false, Tls::Active(_), Some(_)) => "ESMTPSA",
            (false, Tls::Active(_), None) => "ESMTPS",
            (false, _, Some(_)) => "ESMTPA",
            (false, _, None) => "ESMTP",
            (true, Tls::Active(_), Some(_)) => "UTF8SMTPSA",
            (true, Tls::Active(_), None) => "UTF8SMTPS",
            (true, _, Some(_)) => "UTF8SMTPA",
            (true, _, None) => "UTF8SMTP",
        }
    }
}

/// Text inside a comment (RFC 5322 §3.2.2): brackets and backslashes quoted, control characters gone.
fn comment(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '(' | ')' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push('?'),
            c => quoted.push(c),
        }
    }
    quoted
}
