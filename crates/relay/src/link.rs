//! A connection to a server that speaks SMTP: replies in, octets out.

use std::io;
use std::time::Duration;

use net::{Connection, LineEnd, ReadError};
use sasl::Secret;
use smtp::client::{After, ContentWriter, Mail, MailStep, QUIT, RSET, Ready, Stage};
use smtp::{Class, Reply, ReplyError, ReplyReader};
use tokio::time::timeout;
use trace::{Body, Outcome, Recorder, SessionId};

use crate::echo::Echo;
use crate::mx::Candidate;

/// Longest line of a reply, octets; RFC 5321 §4.5.3.1.5 allows 512, some servers write more.
const MAX_LINE: usize = 4096;
/// Octets of content handed to the socket at once.
const CHUNK: usize = 32 * 1024;
/// How long a server that was told QUIT may take.
const GOODBYE: Duration = Duration::from_secs(5);

/// Why a connection is of no use any more.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WireError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("nothing could be sent: {0}")]
    Write(io::Error),
    #[error(transparent)]
    Reply(#[from] ReplyError),
}

/// A connection, before or after its opening.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) connection: Connection,
    reader: ReplyReader,
    line: Vec<u8>,
    /// What the server may repeat, and nobody must see.
    echo: Echo,
    /// Time for a reply.
    pub(crate) wait: Duration,
    /// The session's id, and what is kept of it.
    pub(crate) session: SessionId,
    pub(crate) recorder: Recorder,
}

impl Wire {
    pub(crate) fn new(connection: Connection, wait: Duration, (session, recorder): (SessionId, Recorder)) -> Self {
        let (reader, line, echo) = (ReplyReader::default(), Vec::new(), Echo::default());
        Self { connection, reader, line, echo, wait, session, recorder }
    }

    /// From now on this is in no reply, whatever the server repeats.
    pub(crate) fn hide(&mut self, secret: &Secret) {
        self.echo.hide(secret);
    }

    /// Adds a command to the output.
    pub(crate) fn say(&mut self, octets: &[u8]) {
        self.recorder.sent(octets);
        self.connection.write(octets);
    }

    /// Adds a line of a login to the output. Of AUTH the mechanism is recorded, and else nothing (RFC 4954 §4).
    pub(crate) fn say_secret(&mut self, secret: &Secret, user: Option<&str>) {
        let line = secret.expose();
        let mut words = line.iter().enumerate().filter(|(_, octet)| **octet == b' ').map(|(at, _)| at + 1);
        let from = if line.starts_with(b"AUTH ") { words.nth(1).unwrap_or(line.len()) } else { 0 };
        self.recorder.sent_secret(line, from, user);
        self.echo.hide_sent(line.get(from..).unwrap_or_default());
        self.connection.write(line);
    }

    /// Says goodbye, without anybody waiting for it, and ends the record. RFC 5321 §4.1.1.10: QUIT before closing, also where
    /// a session could not be opened.
    pub(crate) fn quit(mut self, outcome: Outcome, why: &str) {
        self.say(QUIT);
        self.recorder.finish(outcome, why);
        tokio::spawn(self.connection.close(GOODBYE));
    }

    /// Sends what is to be sent, and reads one reply, all of it within `wait`.
    pub(crate) async fn reply(&mut self, wait: Duration) -> Result<Reply, WireError> {
        let whole = async {
            loop {
                // RFC 5321 §2.3.8 wants CRLF; a reply with a bare LF can be understood and harms nobody.
                self.connection.read_line(&mut self.line, LineEnd::Lf, MAX_LINE, wait).await?;
                self.echo.mask(&mut self.line);
                self.recorder.came(&self.line);
                if let Some(reply) = self.reader.line(&self.line)? {
                    return Ok(reply);
                }
            }
        };
        timeout(wait, whole).await.unwrap_or_else(|_| Err(ReadError::TimedOut(wait).into()))
    }

    /// Sends content, dots stuffed, with the final dot.
    async fn content(&mut self, body: &[u8]) -> Result<(), WireError> {
        self.recorder.sent_body(Body::Data, body.len() as u64);
        let (mut writer, mut octets) = (ContentWriter::default(), Vec::with_capacity(body.len().min(CHUNK) + 512));
        for piece in body.chunks(CHUNK) {
            writer.push(piece, &mut octets);
            self.connection.write(&octets);
            octets.clear();
            if self.connection.unsent() > CHUNK {
                self.connection.flush(self.wait).await.map_err(WireError::Write)?;
            }
        }
        writer.finish(&mut octets);
        self.connection.write(&octets);
        self.connection.flush(self.wait).await.map_err(WireError::Write)
    }
}

/// A session that is open for mail.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) wire: Wire,
    pub(crate) ready: Ready,
    pub(crate) candidate: Candidate,
    /// Messages sent over it.
    pub(crate) carried: usize,
}

/// How a transaction broke off.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) stage: Stage,
    pub(crate) error: WireError,
}

impl Link {
    /// Runs a transaction to its end. When the connection breaks, `mail` still knows who had been answered.
    pub(crate) async fn send(&mut self, mail: &mut Mail, body: &[u8]) -> Result<After, Broken> {
        self.carried += 1;
        let mut step = mail.start();
        loop {
            let stage = mail.stage();
            let broken = |error| Broken { stage, error };
            match step {
                MailStep::Send(octets) => self.wire.say(&octets),
                MailStep::Wait => {}
                MailStep::SendContent => self.wire.content(body).await.map_err(broken)?,
                MailStep::Done(after) => return Ok(after),
            }
            // RFC 5321 §4.5.3.2.6: after the dot the server may work on the message for longer.
            let wait = if stage == Stage::Content { self.wire.wait * 2 } else { self.wire.wait };
            step = mail.reply(self.wire.reply(wait).await.map_err(broken)?);
        }
    }

    /// Drops a transaction that was begun; whether the link can go on.
    pub(crate) async fn reset(mut self) -> Option<Self> {
        self.wire.say(RSET);
        let reply = self.wire.reply(self.wire.wait).await;
        let lost = |error: &WireError| self.wire.recorder.finish(Outcome::ConnectionLost, &error.to_string());
        let reply = reply.inspect_err(lost).ok()?;
        (reply.class() == Class::Success).then_some(self)
    }

    /// How the link is protected, for the log.
    pub(crate) fn protection(&self) -> &'static str {
        self.wire.connection.tls().map_or("no TLS", |tls| tls.version)
    }

    /// Says goodbye, and waits for the end.
    pub(crate) async fn leave(mut self) {
        self.wire.say(QUIT);
        self.wire.connection.close(GOODBYE).await;
    }

    /// Says goodbye, without anybody waiting for it.
    pub(crate) fn quit(self) {
        self.wire.quit(Outcome::Completed, "");
    }
}
