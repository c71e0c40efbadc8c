//! A session that runs, as far as it is known.

use jiff::Timestamp;
use memchr::memchr;

use super::Opening;
use super::clock::Moment;
use super::refusal::says_no;
use crate::record::{Login, Outcome, Protocol, Record, Software};
use crate::redact::{Redactor, announced};
use crate::transcript::{Body, Ring, Side};

/// What is known of it.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) record: Record,
    pub(super) ring: Ring,
    redactor: Redactor,
    began: Moment,
    /// Whether the client has said anything.
    heard: bool,
    /// Octets of a literal that are still to come from an IMAP server: mail, which is counted already.
    literal: usize,
    /// Octets of an IMAP client's last line up to its first space, if they are secret.
    hidden_tag: Option<usize>,
}

/// Where a secret begins, and whose it is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Hidden<'a> {
    pub(super) from: Option<usize>,
    pub(super) user: Option<&'a str>,
}

/// The record of a session that begins now.
pub(crate) fn begun(opening: Opening<'_>) -> Record {
    let Opening { id, direction, protocol, service, peer, local } = opening;
    Record {
        id,
        direction,
        protocol,
        service: service.into(),
        began: Timestamp::now(),
        ended: None,
        peer,
        local,
        origin: None,
        tls: None,
        software: Software::default(),
        logins: Vec::new(),
        transactions: Vec::new(),
        left_out: 0,
        refusals: 0,
        outcome: Outcome::Running,
        bad: false,
        why: "".into(),
        transcript: None,
    }
}

impl Live {
    pub(super) fn new(opening: Opening<'_>) -> Self {
        Self {
            record: begun(opening),
            ring: Ring::default(),
            redactor: Redactor::default(),
            began: Moment::now(),
            heard: false,
            literal: 0,
            hidden_tag: None,
        }
    }

    /// Milliseconds since the begin.
    pub(super) fn at(&self) -> u32 {
        self.began.elapsed()
    }

    /// One line or several, with their ends or without. A secret goes on to the end of all of them.
    pub(super) fn said(&mut self, side: Side, octets: &[u8], hidden: Hidden<'_>) {
        let (at, mut begin) = (self.at(), self.pass_over(side, octets.len()));
        while begin < octets.len() || octets.is_empty() {
            let rest = octets.get(begin..).unwrap_or_default();
            let end = memchr(b'\n', rest);
            let line = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let from = hidden.from.map(|from| from.saturating_sub(begin)).filter(|from| *from < line.len());
            self.line(at, side, line, Hidden { from, ..hidden });
            begin += end.map_or(rest.len(), |end| end + 1);
            begin += self.pass_over(side, octets.len().saturating_sub(begin));
            if octets.is_empty() {
                return;
            }
        }
    }

    /// How many of so many octets belong to a literal of an IMAP server.
    fn pass_over(&mut self, side: Side, octets: usize) -> usize {
        let passed = if side == Side::Server { self.literal.min(octets) } else { 0 };
        self.literal -= passed;
        passed
    }

    /// So many octets of mail.
    pub(super) fn body(&mut self, side: Side, body: Body, octets: u64) {
        // They were counted where the line in front of them was told.
        if side == Side::Server && std::mem::take(&mut self.literal) > 0 {
            return;
        }
        if side == Side::Client {
            self.redactor.counted();
        }
        self.ring.body(self.at(), side, body, octets);
    }

    fn line(&mut self, at: u32, side: Side, line: &[u8], hidden: Hidden<'_>) {
        let recognised = match side {
            Side::Client => {
                // Whoever answers the next command is done with the last one.
                (self.heard, self.literal) = (true, 0);
                self.redactor.client(line)
            }
            Side::Server => {
                self.record.refusals += u32::from(says_no(self.record.protocol, line));
                self.redactor.server(line)
            }
        };
        // Both fences count: of two begins, the first.
        let from = [recognised, hidden.from].into_iter().flatten().min();
        let from = self.with_tag(side, line, from);
        match from.and_then(|from| line.split_at_checked(from)) {
            Some((shown, secret)) => self.ring.secret(at, side, (shown, secret.len()), hidden.user),
            None => self.ring.line(at, side, line),
        }
        let mail = side == Side::Server && self.record.protocol == Protocol::Imap;
        if mail && let Some(size) = announced(line) {
            self.ring.body(at, side, Body::Literal, size as u64);
            self.literal = size;
        }
    }

    /// Where the secret of an IMAP line begins: a password that was sent as a line of its own is a tag for the server, which
    /// repeats it. It is known by its length: the octets themselves are not kept.
    fn with_tag(&mut self, side: Side, line: &[u8], from: Option<usize>) -> Option<usize> {
        if self.record.protocol != Protocol::Imap {
            return from;
        }
        let tag = memchr(b' ', line).unwrap_or(line.len());
        match side {
            Side::Client => {
                self.hidden_tag = from.filter(|from| *from < tag).map(|_| tag);
                from
            }
            Side::Server if self.hidden_tag == Some(tag) => Some(0),
            Side::Server => from,
        }
    }

    /// TLS began: what was said in clear counts no more.
    pub(super) fn tls_began(&mut self) {
        self.ring.tls(self.at());
        self.redactor = Redactor::default();
    }

    /// The record as it is now, with a copy of what was said.
    pub(super) fn snapshot(&self) -> Record {
        Record { transcript: Some(self.ring.clone().into_transcript()), ..self.record.clone() }
    }

    /// The record of a session that has ended: with what was said, and what the modules did, only where somebody may ask for
    /// it.
    pub(super) fn ended(mut self, outcome: Outcome, why: &str) -> Record {
        let bad = self.record.bad || outcome.is_bad() || self.record.refusals > 0;
        let asked = bad || (self.heard && self.record.came_to_nothing());
        if !asked {
            self.record.logins.iter_mut().for_each(Login::summarize);
        }
        let transcript = asked.then(|| self.ring.into_transcript());
        Record { ended: Some(Timestamp::now()), outcome, bad, why: why.into(), transcript, ..self.record }
    }
}
