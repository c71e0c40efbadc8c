//! Events as segments of a connection.

use std::io;
use std::net::SocketAddr;

use super::block::{Blocks, Captured};
use super::packet::{ACK, FIN, PSH, SYN, Segment, one_family};
use crate::record::{Direction, Protocol, Record};
use crate::transcript::{Body, Event, Side, What};

/// Most octets of data in a segment.
const SEGMENT: usize = 1400;
/// The same of a segment that is only counted.
const COUNTED: u64 = 32 * 1024;
/// More than so many octets of one body are told in a comment alone: a capture must not grow without bounds.
const MOST_COUNTED: u64 = 64 << 20;

/// A connection, as far as it is played.
pub(super) struct Conversation<'a, 'b> {
    blocks: &'a mut Blocks<'b>,
    client: End,
    server: End,
    /// Microseconds since 1970.
    time: u64,
    /// What is to be said with the next packet.
    comment: String,
    /// Whether anything was said in this connection.
    said: bool,
}

struct End {
    address: SocketAddr,
    next: u32,
}

impl<'a, 'b> Conversation<'a, 'b> {
    pub(super) fn new(record: &Record, blocks: &'a mut Blocks<'b>) -> Self {
        let (peer, local) = one_family(record.peer, record.local);
        let (client, server) = if record.direction == Direction::In { (peer, local) } else { (local, peer) };
        let port = port(record.protocol, &record.service);
        // A client behind the same port would be taken for the server.
        let client_port = if client.port() == port || client.port() == 0 { 49152 } else { client.port() };
        let end = |address| End { address, next: 0 };
        Self {
            blocks,
            client: end(SocketAddr::new(client.ip(), client_port)),
            server: end(SocketAddr::new(server.ip(), port)),
            time: u64::try_from(record.began.as_microsecond()).unwrap_or_default(),
            comment: format!("Gatepost session {}", record.id),
            said: false,
        }
    }

    /// From the handshake to the end.
    pub(super) fn play(mut self, record: &Record) -> io::Result<()> {
        let began = self.time;
        self.open()?;
        if let Some(transcript) = &record.transcript {
            let lost = transcript.lost();
            if lost.events > 0 {
                self.say(&format!("{} events with {} octets before this are not kept", lost.events, lost.octets));
            }
            for event in transcript.events() {
                self.time = began + u64::try_from(event.at.as_micros()).unwrap_or_default();
                self.event(event)?;
            }
        }
        self.say(&format!("{}: {}", record.outcome, record.why));
        self.close()
    }

    fn event(&mut self, event: Event<'_>) -> io::Result<()> {
        match event.what {
            What::Line { side, octets, left_out } => {
                if left_out > 0 {
                    self.say(&format!("{left_out} octets of this line are not kept"));
                }
                self.data(side, &[octets, b"\r\n"].concat())
            }
            What::Body { side, body, octets } => self.body(side, body, octets),
            What::Note(note) => {
                self.say(note);
                Ok(())
            }
            What::TlsBegan => {
                if self.said {
                    self.say("STARTTLS: what follows was inside TLS, and is in a connection of its own here");
                    self.close()?;
                    let next = self.client.address.port().checked_add(1).unwrap_or(49152);
                    self.client.address.set_port(next);
                    self.open()?;
                }
                self.say("inside TLS, which is taken off");
                Ok(())
            }
        }
    }

    /// RFC 9293 §3.5. Both sides begin at 0, as Wireshark shows them anyway.
    fn open(&mut self) -> io::Result<()> {
        (self.client.next, self.server.next, self.said) = (0, 0, false);
        self.segment(Side::Client, SYN, &[], 0)?;
        self.segment(Side::Server, SYN | ACK, &[], 0)?;
        self.segment(Side::Client, ACK, &[], 0)
    }

    fn close(&mut self) -> io::Result<()> {
        self.segment(Side::Client, FIN | ACK, &[], 0)?;
        self.segment(Side::Server, FIN | ACK, &[], 0)?;
        self.segment(Side::Client, ACK, &[], 0)
    }

    fn data(&mut self, side: Side, octets: &[u8]) -> io::Result<()> {
        self.said = true;
        octets.chunks(SEGMENT).try_for_each(|piece| self.segment(side, PSH | ACK, piece, 0))
    }

    /// Headers alone, but for the dot that ends a message: a reader must know where commands go on.
    fn body(&mut self, side: Side, body: Body, octets: u64) -> io::Result<()> {
        let end: &[u8] = match body {
            Body::Data | Body::Reply => b"\r\n.\r\n",
            Body::Literal => b"",
        };
        self.say(&format!("{octets} octets of mail are not kept"));
        let mut left = octets.saturating_sub(end.len() as u64).min(MOST_COUNTED);
        while left > 0 {
            let piece = left.min(COUNTED);
            self.segment(side, ACK, &[], u16::try_from(piece).unwrap_or(u16::MAX))?;
            self.segment(side.other(), ACK, &[], 0)?;
            left -= piece;
        }
        if end.is_empty() { Ok(()) } else { self.data(side, end) }
    }

    fn segment(&mut self, side: Side, flags: u8, data: &[u8], missing: u16) -> io::Result<()> {
        let (from, to) = match side {
            Side::Client => (&mut self.client, &self.server),
            Side::Server => (&mut self.server, &self.client),
        };
        let acknowledgment = if flags & ACK == 0 { 0 } else { to.next };
        let (sequence, length) = (from.next, u32::try_from(data.len()).unwrap_or_default() + u32::from(missing));
        // RFC 9293 §3.4: SYN and FIN count as an octet.
        from.next = sequence.wrapping_add(length).wrapping_add(u32::from(flags & (SYN | FIN) != 0));
        let (from, to) = (from.address, to.address);
        let octets = Segment { from, to, sequence, acknowledgment, flags, data, missing }.encode();
        let comment = std::mem::take(&mut self.comment);
        self.blocks.packet(&Captured { time: self.time, octets: &octets, missing: missing.into(), comment: &comment })
    }

    fn say(&mut self, comment: &str) {
        if !self.comment.is_empty() {
            self.comment.push_str("; ");
        }
        self.comment.push_str(comment);
    }
}

/// Where the protocol is spoken in clear.
fn port(protocol: Protocol, service: &str) -> u16 {
    match protocol {
        Protocol::Smtp if service.starts_with("submission") => 587,
        Protocol::Smtp => 25,
        Protocol::Imap => 143,
        Protocol::Pop3 => 110,
    }
}
