//! Delivery status notifications: `multipart/report` (RFC 6522) with a `message/delivery-status` (RFC 3464), in UTF-8
//! form (RFC 6533) where an address or the original's header needs it. Pure: time and ids are handed in.

mod human;
mod status;

use std::borrow::Cow;
use std::fmt::Write;

use memchr::memmem;

use crate::header::body_offset;
use crate::{Address, Date, Domain};

/// What is said of all recipients of one notification (RFC 3464 §2.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Given up.
    Failed,
    /// Late; tried again until then.
    Delayed {
        /// `Will-Retry-Until` (RFC 3464 §2.3.9).
        until: Date,
    },
}

/// The host that refused, and what it said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DsnRemote<'a> {
    /// `mx.example.org [192.0.2.1]:25`.
    pub host: &'a str,
    /// The whole reply, lines joined by `\n`.
    pub reply: &'a str,
}

/// One recipient that mail could not be delivered to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DsnRecipient<'a> {
    /// Where it went in the end.
    pub address: &'a Address,
    /// What the sender had said, where an alias changed it.
    pub original: Option<&'a Address>,
    /// RFC 3463 status, `5.1.1`.
    pub status: &'a str,
    /// Why, in words.
    pub reason: &'a str,
    /// Who said so.
    pub remote: Option<DsnRemote<'a>>,
    /// When it was tried last.
    pub last_attempt: Option<Date>,
}

/// All that a notification is made of.
#[derive(Debug, Clone, Copy)]
pub struct Dsn<'a> {
    /// Our host name.
    pub reporting_mta: &'a Domain,
    /// The reverse-path of the message: who is told. (A message with the null one is never answered, RFC 5321 §6.1.)
    pub sender: &'a Address,
    /// What happened.
    pub action: Action,
    /// To whom, at least one.
    pub recipients: &'a [DsnRecipient<'a>],
    /// When the message came.
    pub arrival: Date,
    /// When the notification is written.
    pub now: Date,
    /// Unique on this host for ever: left of the `@` in `Message-ID`, and in the boundary.
    pub id: &'a str,
    /// The message, CRLF line ends.
    pub original: &'a [u8],
    /// A longer message is not sent back, only its header; octets.
    pub whole_up_to: usize,
    /// The message came with SMTPUTF8 (RFC 6531).
    pub smtputf8: bool,
}

/// A composed notification, to be sent from the null reverse-path (RFC 3464 §2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The message, CRLF line ends.
    pub message: Vec<u8>,
    /// It holds 8-bit text: `BODY=8BITMIME`.
    pub eight_bit: bool,
    /// It needs SMTPUTF8.
    pub smtputf8: bool,
}

impl Dsn<'_> {
    /// Writes it.
    pub fn compose(&self) -> Notification {
        let smtputf8 = self.needs_utf8();
        let human = human::text(self);
        let status = status::fields(self, smtputf8);
        let (kind, original) = self.returned(smtputf8);
        let eight_bit = !(human.is_ascii() && status.is_ascii() && original.is_ascii());
        let boundary = self.boundary(original);
        let report = if smtputf8 { "global-delivery-status" } else { "delivery-status" };

        let mut top = self.header(&boundary, report);
        if eight_bit {
            top.push_str("Content-Transfer-Encoding: 8bit\r\n");
        }
        top.push_str("\r\nThis is a MIME-encapsulated message.\r\n");
        part(&mut top, &boundary, ("Notification", "text/plain; charset=utf-8"), human.is_ascii());
        top.push_str(&human);
        part(&mut top, &boundary, ("Delivery report", &format!("message/{report}")), status.is_ascii());
        top.push_str(&status);
        part(&mut top, &boundary, ("Undelivered message", kind), original.is_ascii());
        let mut message = top.into_bytes();
        message.reserve(original.len() + boundary.len() + 8);
        message.extend_from_slice(original);
        message.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        Notification { message, eight_bit, smtputf8 }
    }

    /// RFC 6533 §4: addresses or a returned header in UTF-8. A body does not count, 8BITMIME carries that; nor does a
    /// header with 8-bit junk that came without SMTPUTF8: the way back may have no SMTPUTF8 either.
    fn needs_utf8(&self) -> bool {
        let header = self.original.get(..body_offset(self.original)).unwrap_or_default();
        let ascii = |r: &DsnRecipient<'_>| r.address.is_ascii() && r.original.is_none_or(Address::is_ascii);
        !self.sender.is_ascii() || !self.recipients.iter().all(ascii) || (self.smtputf8 && !header.is_ascii())
    }

    /// The third part's type and content (RFC 6522 §3: the message or its header; RFC 6533 §4 in UTF-8).
    fn returned(&self, utf8: bool) -> (&'static str, &[u8]) {
        let whole = self.original.len() <= self.whole_up_to;
        let header = self.original.get(..body_offset(self.original)).unwrap_or_default();
        match (whole, utf8) {
            (true, false) => ("message/rfc822", self.original),
            (true, true) => ("message/global", self.original),
            (false, false) => ("text/rfc822-headers", header),
            (false, true) => ("message/global-headers", header),
        }
    }

    /// A boundary that the original does not hold: a sender who guesses the id must not end the part for us.
    fn boundary(&self, original: &[u8]) -> String {
        let id: String = self.id.chars().filter(|c| c.is_ascii_alphanumeric()).take(40).collect();
        let mut boundary = format!("=_{id}");
        while memmem::find(original, boundary.as_bytes()).is_some() {
            boundary.push('=');
        }
        boundary
    }

    fn header(&self, boundary: &str, report: &str) -> String {
        let host = self.reporting_mta.as_ascii();
        let subject = match self.action {
            // qmail's subject, which filters know.
            Action::Failed => "failure notice",
            Action::Delayed { .. } => "delivery delayed",
        };
        let mut text = String::with_capacity(2048 + self.original.len().min(self.whole_up_to));
        // RFC 3834 §5: `Auto-Submitted` keeps vacation programs from answering.
        let _ = write!(
            text,
            "Date: {}\r\nFrom: Mail Delivery System <MAILER-DAEMON@{host}>\r\nTo: <{}>\r\nSubject: {subject}\r\n\
             Message-ID: <{}@{host}>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/report; report-type={report};\r\n\tboundary=\"{boundary}\"\r\n",
            self.now, self.sender, self.id,
        );
        text
    }
}

/// Begins a part.
fn part(text: &mut String, boundary: &str, (description, kind): (&str, &str), ascii: bool) {
    let encoding = if ascii { "" } else { "Content-Transfer-Encoding: 8bit\r\n" };
    let _ = write!(
        text,
        "\r\n--{boundary}\r\nContent-Description: {description}\r\nContent-Type: {kind}\r\n{encoding}\r\n"
    );
}

/// Lines of a foreign text: other servers' replies must bring no control characters, no endless line and no page.
fn lines(text: &str) -> impl Iterator<Item = String> {
    const LINES: usize = 50;
    const COLUMNS: usize = 400;
    let clean = |line: &str| line.chars().map(|c| if c.is_control() { '?' } else { c }).take(COLUMNS).collect();
    text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty()).take(LINES).map(clean)
}

/// ASCII only, for fields that can hold nothing else.
fn ascii(text: &str, utf8: bool) -> Cow<'_, str> {
    if utf8 || text.is_ascii() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect())
}

#[cfg(test)]
mod tests;
