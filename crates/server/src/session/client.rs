//! A session's client, and what the drivers of all protocols do with it in the same way.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use config::Config;
use net::{Connection, LineEnd, ReadError, TlsInfo};
use sasl::Mechanism;
use tokio::sync::watch;
use trace::Recorder;
use trace::record::{Origin, Text, Tls};
use tracing::{debug, info};

use super::{End, HANDSHAKE, Line};
use crate::admission::{Full, Place};
use crate::advertise::{Protection, mechanisms};
use crate::context::drained;
use crate::hidden::{Told, hide};
use crate::{Context, SessionInfo};

/// Output beyond this is sent before more is made.
const MAX_UNSENT: usize = 64 * 1024;
/// Longest wait for a client to take a piece of what it asked for.
const SEND: Duration = Duration::from_secs(60);
/// A client that says nothing for so long idles.
const THINKS: Duration = Duration::from_secs(30);
/// Longest wait for a client to take the goodbye.
const GOODBYE: Duration = Duration::from_secs(5);

/// One client: its connection, and what its session knows of the server.
pub(crate) struct Client {
    pub(crate) connection: Connection,
    pub(crate) context: Arc<Context>,
    /// The config of this session's start.
    pub(crate) config: Arc<Config>,
    pub(crate) info: SessionInfo,
    /// What is kept of the session.
    pub(crate) recorder: Recorder,
    /// TLS is that of a proxy which speaks for its client (XCLIENT): the certificate and the bindings are none of the client's.
    spoken_for: bool,
    /// Among all sessions.
    pub(crate) place: Place,
    /// What it has said of itself, where a rule asks for it.
    told: Option<Box<Told>>,
    draining: watch::Receiver<bool>,
}

/// What was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Came {
    /// A line.
    Line,
    /// One over the limit, which was skipped.
    TooLong,
}

impl Client {
    /// At the start of its session.
    pub(crate) fn new(
        connection: Connection,
        (context, info): (Arc<Context>, SessionInfo),
        recorder: Recorder,
        place: Place,
    ) -> Self {
        let (config, draining) = (context.config.load_full(), context.draining.clone());
        if let Some(tls) = connection.tls() {
            recorder.tls(recorded(tls));
        }
        Self { connection, context, config, info, recorder, spoken_for: false, place, told: None, draining }
    }

    /// Where TLS stands.
    pub(crate) fn protection(&self) -> Protection {
        match self.connection.tls() {
            Some(_) => Protection::Tls,
            None if self.context.tls.load().is_some() => Protection::BeforeTls,
            None => Protection::Clear,
        }
    }

    /// The cipher inside TLS; empty in clear.
    pub(crate) fn cipher(&self) -> String {
        self.connection.tls().map(|tls| tls.cipher.clone()).unwrap_or_default()
    }

    /// What a login may use now: EXTERNAL only with a certificate, -PLUS only where TLS gives a binding.
    pub(crate) fn mechanisms(&self) -> Vec<Mechanism> {
        let mut mechanisms = mechanisms(&self.context.auth, self.protection());
        let tls = self.own_tls();
        let certificate = tls.is_some_and(|tls| tls.client.is_some());
        let bindings = tls.is_some_and(|tls| tls.exporter.is_some() || tls.server_end_point.is_some());
        mechanisms.retain(|mechanism| match mechanism {
            Mechanism::External => certificate,
            mechanism => bindings || !mechanism.is_plus(),
        });
        let client = (self.info.service, self.info.peer.ip());
        hide(&mut mechanisms, &self.config.hide, client, self.told.as_deref());
        mechanisms
    }

    /// TLS with the client itself, as far as mechanisms may rely on it.
    pub(super) fn own_tls(&self) -> Option<&TlsInfo> {
        self.connection.tls().filter(|_| !self.spoken_for)
    }

    /// Whether what a client says of itself changes what it is offered.
    pub(crate) fn minds_names(&self) -> bool {
        self.config.hide.iter().any(|rule| rule.ehlo.is_some() || rule.id.is_some())
    }

    /// The client has said what it is.
    pub(crate) fn is_told(&mut self, told: Told) {
        self.told = Some(Box::new(told));
    }

    /// Somebody trusted has said whose session this is. `Err`: there are too many of that client.
    pub(crate) fn is_of(&mut self, peer: SocketAddr, origin: Origin) -> Result<(), Full> {
        tracing::info!(client = %peer, by = &*origin.said_by, "the session is another client's");
        self.place.change(peer.ip(), &self.config.limits)?;
        // What the proxy said and showed of itself counts no more.
        (self.told, self.spoken_for) = (None, true);
        self.recorder.origin(origin);
        self.info.proxy = self.info.proxy.or(Some(self.info.peer));
        self.info.peer = peer;
        Ok(())
    }

    /// Waits for a line of at most `limit` octets, or for the server to drain. Output is sent first.
    pub(crate) async fn read_line(
        &mut self,
        line: &mut Line,
        end: LineEnd,
        limit: usize,
        wait: Duration,
    ) -> Result<Came, End> {
        let mut left = wait;
        loop {
            let turn = left.min(THINKS);
            let read = tokio::select! {
                biased;
                read = self.connection.read_line(line.buffer(), end, limit, turn) => read,
                // Only a client that waits is interrupted: what it has sent is answered first.
                () = drained(&mut self.draining) => return Err(End::Draining),
            };
            match read {
                Ok(()) => return Ok(Came::Line),
                Err(ReadError::LineTooLong(_)) => return Ok(Came::TooLong),
                Err(ReadError::TimedOut(_)) => left = self.still(left - turn, wait)?,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Waits for octets, or for the server to drain. Output is sent first.
    pub(crate) async fn read_some(&mut self, wait: Duration) -> Result<&[u8], End> {
        let mut left = wait;
        while !self.connection.has_input() {
            let turn = left.min(THINKS);
            let read = tokio::select! {
                biased;
                octets = self.connection.read_some(turn) => octets.map(drop),
                () = drained(&mut self.draining) => return Err(End::Draining),
            };
            match read {
                Err(ReadError::TimedOut(_)) => left = self.still(left - turn, wait)?,
                read => read?,
            }
        }
        Ok(self.connection.read_some(Duration::ZERO).await?)
    }

    /// Nothing came for a while: the record of an idle session is small. Returns how long to wait on.
    fn still(&self, left: Duration, wait: Duration) -> Result<Duration, End> {
        self.recorder.idle();
        if left.is_zero() { Err(End::Silence(wait)) } else { Ok(left) }
    }

    /// Records what the client said, without what is secret from a place on; but whose it is, if the line says so.
    pub(crate) fn record(&self, line: &[u8], secret: Option<usize>, whose: fn(&[u8]) -> Option<String>) {
        match secret {
            Some(from) if self.recorder.is_on() => self.recorder.came_secret(line, from, whose(line).as_deref()),
            Some(_) => {}
            None => self.recorder.came(line),
        }
    }

    /// Adds a reply to the output. It is sent when the client's next line is waited for: replies to pipelined commands
    /// leave in one write (RFC 2920 §3.2, RFC 2449 §6.6).
    pub(crate) fn say(&mut self, encode: impl FnOnce(&mut Vec<u8>)) {
        let mut octets = Vec::with_capacity(128);
        encode(&mut octets);
        self.write(&octets);
    }

    /// The same with what is encoded already.
    pub(crate) fn write(&mut self, octets: &[u8]) {
        self.recorder.sent(octets);
        self.connection.write(octets);
    }

    /// Sends an answer.
    pub(crate) async fn send(&mut self, octets: &[u8]) -> Result<(), End> {
        self.recorder.sent(octets);
        self.pass(octets).await
    }

    /// Sends in pieces: a large answer is never in memory a second time. It is not recorded: whoever sends mail counts it.
    pub(crate) async fn pass(&mut self, octets: &[u8]) -> Result<(), End> {
        for piece in octets.chunks(MAX_UNSENT / 2) {
            self.connection.write(piece);
            if self.connection.unsent() >= MAX_UNSENT {
                self.connection.flush(SEND).await?;
            }
        }
        Ok(())
    }

    /// Says the reply that the client begins TLS after, and does the handshake. What was sent in clear behind the command
    /// is gone then (RFC 3207 §4.2).
    pub(crate) async fn start_tls(&mut self, encode_reply: impl FnOnce(&mut Vec<u8>)) -> Result<(), End> {
        let tls = self.context.tls.load_full().ok_or(End::NoCertificate)?;
        self.say(encode_reply);
        if let Err(error) = self.connection.accept_tls(&tls, HANDSHAKE).await {
            info!(%error, "TLS handshake failed");
            return Err(End::Handshake(error));
        }
        if let Some(tls) = self.connection.tls() {
            self.recorder.tls(recorded(tls));
        }
        // RFC 3207 §4.2: what was said in clear counts no more.
        self.told = None;
        debug!(cipher = self.cipher(), "TLS started");
        Ok(())
    }

    /// Tells the log why the session ends, and waits for the client to take what is still to be sent.
    pub(crate) async fn part(self, end: &End) {
        let (outcome, why) = end.recorded();
        self.recorder.finish(outcome, &why);
        match end {
            // Said to the operator, as the client's user cannot see why.
            End::Lost(error) if net::spoke_tls(error) => return info!("{error}"),
            End::Lost(error) => return debug!(%error, "connection lost"),
            // It is in the log already.
            End::Handshake(_) => return,
            End::Said | End::Left | End::Closed { .. } => debug!(%end, "session ended"),
            End::Silence(_) | End::Draining | End::NoCertificate => info!(%end, "session ended"),
        }
        self.connection.close(GOODBYE).await;
    }
}

/// What the record of a session says of TLS.
fn recorded(tls: &TlsInfo) -> Tls {
    let client_certificate = tls.client.as_deref().map(|client| client.names.join(", ").as_str().into());
    let server_name = tls.server_name.as_deref().map(Text::from);
    Tls { version: tls.version.into(), cipher: tls.cipher.as_str().into(), server_name, client_certificate }
}
