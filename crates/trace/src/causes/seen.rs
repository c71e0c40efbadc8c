//! A record as those see it who look for causes in it.

use std::net::IpAddr;

use super::Facts;
use crate::record::{Direction, Record};
use crate::session::says_no;
use crate::transcript::{Side, What};

/// A record, and what it does not hold.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) record: &'a Record,
    pub(super) facts: &'a Facts,
}

impl<'a> Seen<'a> {
    /// Where the session comes from really.
    pub(super) fn client(&self) -> IpAddr {
        let behind_proxy = self.record.origin.as_ref().map(|origin| origin.address);
        behind_proxy.unwrap_or_else(|| self.record.peer.ip()).to_canonical()
    }

    /// Who is logged in, or else tried last.
    pub(super) fn user(&self) -> Option<&'a str> {
        let logins = &self.record.logins;
        let login = logins.iter().rfind(|login| login.accepted).or(logins.last())?;
        let name = login.account.as_ref().unwrap_or(&login.identity);
        (!name.is_empty()).then_some(name)
    }

    pub(super) fn is_inbound(&self) -> bool {
        self.record.direction == Direction::In
    }

    /// Whether the session, as far as it is kept, was in clear all the time.
    pub(super) fn in_clear(&self) -> bool {
        self.record.tls.is_none()
    }

    /// Lines of the server, as text.
    pub(super) fn replies(&self) -> impl Iterator<Item = String> {
        self.lines(Side::Server)
    }

    /// Lines of the client, as text.
    pub(super) fn commands(&self) -> impl Iterator<Item = String> {
        self.lines(Side::Client)
    }

    fn lines(&self, wanted: Side) -> impl Iterator<Item = String> {
        let events = self.record.transcript.iter().flat_map(|transcript| transcript.events());
        events.filter_map(move |event| match event.what {
            What::Line { side, octets, .. } if side == wanted => Some(String::from_utf8_lossy(octets).into_owned()),
            _ => None,
        })
    }

    /// The first refusal of ours that has one of these texts. Only in a session in which we are the server: another server
    /// may say what it likes. Only refusals: a FETCH may show a subject with our very words, and somebody chose it.
    pub(super) fn we_said(&self, texts: &[&str]) -> Option<String> {
        let refusal = |line: &String| says_no(self.record.protocol, line.as_bytes());
        let mut refusals = self.replies().filter(refusal);
        refusals.find(|line| self.is_inbound() && texts.iter().any(|text| line.contains(text)))
    }

    /// Why a session with another server came to nothing: how it ended, what was said of its mail, and its refusals.
    pub(super) fn reasons(&self) -> impl Iterator<Item = &'a str> {
        let outbound = !self.is_inbound();
        let refused = self.record.transactions.iter().filter(|transaction| transaction.fate.is_bad());
        let reasons = [&*self.record.why].into_iter().chain(refused.map(|transaction| &*transaction.reply));
        reasons.filter(move |reason| outbound && !reason.is_empty())
    }
}

/// The text, if it has one of these in it, whatever the case.
pub(super) fn having(text: &str, any: &[&str]) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    any.iter().any(|part| lower.contains(part)).then(|| text.to_owned())
}
