//! The loop: read a line, take a step, say what came of it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use auth::Account;
use config::Config;
use net::{Connection, LineEnd, ReadError};
use pop3::Reply;
use pop3::server::{Farewell, MAX_LINE, Session, Step};
use tokio::sync::watch;
use tracing::{debug, info, warn};

use super::begin;
use super::mail::Mail;
use crate::context::drained;
use crate::{Context, SessionInfo};

/// Time for a reply, a handshake, a goodbye to get through.
pub(super) const WRITE: Duration = Duration::from_secs(60);
/// Time for a client to take the goodbye.
const GOODBYE: Duration = Duration::from_secs(5);
/// A line's buffer is given back when it was this large: idle sessions are many.
const KEPT_LINE: usize = 512;

/// One session with all that it needs.
pub(super) struct Driver {
    pub(super) conn: Connection,
    pub(super) cx: Arc<Context>,
    config: Arc<Config>,
    pub(super) session: Session,
    pub(super) info: SessionInfo,
    /// Whoever has just logged in, until the mail is open.
    pub(super) account: Option<Account>,
    /// The mail of whoever is logged in.
    pub(super) mail: Option<Mail>,
    draining: watch::Receiver<bool>,
    line: Vec<u8>,
}

/// Why a session ends.
pub(super) enum End {
    /// All is said, or the client left without a word.
    Done,
    /// The host ends it.
    Farewell(Farewell),
    /// There is nobody to say anything to.
    Gone(io::Error),
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        Self::Gone(error)
    }
}

impl Driver {
    pub(super) fn new(conn: Connection, cx: Arc<Context>, info: SessionInfo) -> Self {
        let config = cx.config.load_full();
        let (tls, mechanisms) = (begin::tls(&conn, &cx), begin::mechanisms(&conn, &cx));
        let session = Session::new(begin::policy(&config, &info), tls, mechanisms);
        let draining = cx.draining.clone();
        Self { conn, cx, config, session, info, account: None, mail: None, draining, line: Vec::new() }
    }

    pub(super) async fn run(mut self) {
        let greeting = self.session.greeting();
        self.say(&greeting);
        let end = loop {
            if let Err(end) = self.turn().await {
                break end;
            }
        };
        match end {
            End::Done => debug!("session ended"),
            End::Farewell(why) => {
                let reply = self.session.farewell(why);
                info!(%reply, "session ended");
                self.say(&reply);
            }
            // Said to the operator, as the client's user cannot see why.
            End::Gone(error) if net::spoke_tls(&error) => return info!("{error}"),
            End::Gone(error) => return debug!(%error, "connection lost"),
        }
        self.conn.close(GOODBYE).await;
    }

    /// One line, and all that follows from it.
    async fn turn(&mut self) -> Result<(), End> {
        let step = match self.read_line().await? {
            Line::Whole => self.session.command(&self.line),
            Line::TooLong => self.session.line_too_long(),
        };
        self.forget_line();
        if let Some(user) = self.session.take_exposed() {
            // MISSION 003-12
            warn!(user, "a password came in clear and was not looked at; whoever listened knows it: change it");
        }
        match step {
            Step::Reply(reply) => {
                self.reply(&reply);
                Ok(())
            }
            // Boxed, so that a session that only waits for a line stays small.
            step => Box::pin(self.perform(step)).await,
        }
    }

    /// Does what the session wants until it wants the next line.
    async fn perform(&mut self, mut step: Step) -> Result<(), End> {
        loop {
            step = match step {
                Step::Ask(question) => {
                    let answer = self.ask(question).await;
                    self.session.answer(answer)
                }
                Step::Reply(reply) => {
                    self.reply(&reply);
                    return Ok(());
                }
                Step::Send(reply, extent) => {
                    self.say(&reply);
                    return self.send(extent).await;
                }
                Step::StartTls(reply) => return self.start_tls(&reply).await,
                Step::Close(reply) => {
                    self.reply(&reply);
                    return Err(End::Done);
                }
            }
        }
    }

    /// Waits for a line, or for the server to drain.
    async fn read_line(&mut self) -> Result<Line, End> {
        let limits = &self.config.limits;
        let wait = if self.session.is_logged_in() { limits.pop3_idle } else { limits.login_timeout };
        let Self { conn, line, draining, .. } = self;
        let read = tokio::select! {
            biased;
            read = conn.read_line(line, LineEnd::Lf, MAX_LINE, wait) => read,
            // Only a client that waits is interrupted: what it has sent is answered first.
            () = drained(draining) => return Err(End::Farewell(Farewell::Draining)),
        };
        match read {
            Ok(()) => Ok(Line::Whole),
            Err(ReadError::LineTooLong(_)) => Ok(Line::TooLong),
            Err(ReadError::TimedOut(waited)) => Err(End::Farewell(Farewell::Silence(waited))),
            Err(ReadError::Closed) => Err(End::Done),
            Err(ReadError::Io(error)) => Err(End::Gone(error)),
        }
    }

    /// RFC 2595 §4.
    async fn start_tls(&mut self, reply: &Reply) -> Result<(), End> {
        // The certificate went while the session ran (SIGHUP).
        let Some(tls) = self.cx.tls.load_full() else { return Err(End::Farewell(Farewell::NoCertificate)) };
        self.say(reply);
        if let Err(error) = self.conn.accept_tls(&tls, WRITE).await {
            info!(%error, "TLS handshake failed");
            return Err(End::Gone(error));
        }
        self.session.tls_started(begin::mechanisms(&self.conn, &self.cx));
        Ok(())
    }

    /// Adds a reply to the output; a refusal is one line in the log.
    fn reply(&mut self, reply: &Reply) {
        if reply.is_refusal() {
            info!(%reply, "refused");
        }
        self.say(reply);
    }

    /// Adds a reply to the output. It is sent when the client's next line is waited for: replies to pipelined commands
    /// leave in one write (RFC 2449 §6.6).
    fn say(&mut self, reply: &Reply) {
        let mut octets = Vec::with_capacity(128);
        reply.encode(&mut octets);
        self.conn.write(&octets);
    }

    /// A line may hold a password: it is wiped, and given back where it was large.
    fn forget_line(&mut self) {
        self.line.fill(0);
        self.line.clear();
        if self.line.capacity() > KEPT_LINE {
            self.line = Vec::new();
        }
    }
}

/// What came.
enum Line {
    Whole,
    /// Over [`MAX_LINE`], and skipped.
    TooLong,
}
