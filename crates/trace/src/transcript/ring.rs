//! The last of what was said in a session that still runs.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::Transcript;
use super::event::{Body, HEADER, Header, Side};

/// What a ring forgot, as there was no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Lost {
    /// So many events, the oldest ones.
    pub events: u32,
    /// With so many octets.
    pub octets: u64,
}

/// Events in the order in which they came, one behind the other in one buffer. The buffer grows as needed, up to a bound;
/// then the oldest events go. An empty ring has no buffer.
#[derive(Debug, Clone, Default)]
pub struct Ring {
    octets: VecDeque<u8>,
    lost: Lost,
}

impl Ring {
    /// The buffer of a ring that runs, in octets: no more is ever kept.
    pub const MOST: usize = 64 * 1024;
    /// The buffer of a ring that idles.
    pub const IDLE: usize = 4 * 1024;
    /// Longest line that is kept whole.
    pub const LINE: usize = 1000;
    /// Longest user name behind a secret's mask.
    const USER: usize = 256;
    /// The first buffer: the commands and replies of one message, or of one login.
    const FIRST: usize = 1024;

    /// Adds a line without its end, and without secrets. What is beyond [`Ring::LINE`] is left out and counted.
    pub(crate) fn line(&mut self, at: u32, side: Side, line: &[u8]) {
        let (kept, more) = line.split_at_checked(Self::LINE).unwrap_or((line, &[]));
        self.kept(at, side, kept, u32::try_from(more.len()).unwrap_or(u32::MAX));
    }

    /// Adds what was kept of a line, with how many octets were not.
    pub(super) fn kept(&mut self, at: u32, side: Side, kept: &[u8], left_out: u32) {
        // Only a file that somebody has changed has longer ones: a line with a secret's mask has a bounded rest.
        let kept = kept.get(..4 * Self::LINE).unwrap_or(kept);
        match left_out {
            0 => self.push(&Header::line(at, side, false), &[kept]),
            _ => self.push(&Header::line(at, side, true), &[&left_out.to_le_bytes(), kept]),
        }
    }

    /// Adds a line that ends in a secret: what is in front of the secret, how long the secret is, and whose.
    pub(crate) fn secret(&mut self, at: u32, side: Side, (shown, secret): (&[u8], usize), user: Option<&str>) {
        let header = Header::line(at, side, false);
        let shown = shown.get(..Self::LINE).unwrap_or(shown);
        let mut digits = itoa::Buffer::new();
        let user = user.unwrap_or_default();
        let user = user.get(..user.floor_char_boundary(Self::USER)).unwrap_or_default().as_bytes();
        let count = digits.format(secret).as_bytes();
        let pieces = [shown, b"[secret: ", count, b" octets]", b" (user ", user, b")"];
        self.push(&header, if user.is_empty() { pieces.get(..4).unwrap_or_default() } else { &pieces });
    }

    /// Adds octets that are only counted.
    pub(crate) fn body(&mut self, at: u32, side: Side, body: Body, octets: u64) {
        self.push(&Header::body(at, side), &[&octets.to_le_bytes(), &[body.octet()]]);
    }

    /// Adds that TLS began.
    pub(crate) fn tls(&mut self, at: u32) {
        self.push(&Header::tls(at), &[]);
    }

    /// Adds a note.
    pub(crate) fn note(&mut self, at: u32, note: &str) {
        let note = note.get(..note.floor_char_boundary(Self::LINE)).unwrap_or_default();
        self.push(&Header::note(at), &[note.as_bytes()]);
    }

    /// The session idles: all but the last [`Ring::IDLE`] octets go, and their memory is given back. Costs nothing where
    /// there is no more.
    pub fn idle(&mut self) {
        if self.octets.capacity() > Self::IDLE {
            self.keep(Self::IDLE);
            self.octets.shrink_to(Self::IDLE);
        }
    }

    /// Octets of memory behind it.
    pub fn capacity(&self) -> usize {
        self.octets.capacity()
    }

    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.octets.is_empty()
    }

    /// What is in it, as a transcript. Copies nothing.
    pub fn into_transcript(self) -> Transcript {
        Transcript { octets: self.octets.into(), lost: self.lost }
    }

    /// Every piece is bounded, so that all of them together are far below [`Ring::MOST`].
    fn push(&mut self, header: &Header, pieces: &[&[u8]]) {
        let length: usize = pieces.iter().map(|piece| piece.len()).sum();
        let total = HEADER + length;
        self.keep(Self::MOST.saturating_sub(total));
        let needed = self.octets.len() + total;
        if needed > self.octets.capacity() {
            let capacity = needed.next_power_of_two().clamp(Self::FIRST, Self::MOST);
            self.octets.reserve_exact(capacity - self.octets.len());
        }
        self.octets.extend(header.encode(u16::try_from(length).unwrap_or(u16::MAX)));
        pieces.iter().for_each(|piece| self.octets.extend(*piece));
    }

    /// The oldest go until at most so many octets are left.
    fn keep(&mut self, most: usize) {
        while self.octets.len() > most {
            let octet = |at| self.octets.get(at).copied().unwrap_or_default();
            let length = usize::from(u16::from_le_bytes([octet(HEADER - 2), octet(HEADER - 1)]));
            self.octets.drain(..(HEADER + length).min(self.octets.len()));
            self.lost.events = self.lost.events.saturating_add(1);
            self.lost.octets += length as u64;
        }
    }
}
