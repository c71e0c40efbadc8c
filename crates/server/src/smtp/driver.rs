//! The loop: read a line, take a step, say what came of it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use config::Config;
use net::{Connection, LineEnd, ReadError};
use smtp::server::{Role, Session, Step};
use smtp::{Reply, verb};
use tokio::sync::watch;
use tracing::{debug, info, warn};

use super::body::Incoming;
use super::{begin, say};
use crate::context::drained;
use crate::{Context, SessionInfo};

/// Time for a reply, a handshake, a goodbye to get through.
const WRITE: Duration = Duration::from_secs(60);
/// Time for a client to take the goodbye.
const GOODBYE: Duration = Duration::from_secs(5);
/// A line's buffer is given back when it was this large: idle sessions are many.
const KEPT_LINE: usize = 512;

/// One session with all that it needs.
pub(super) struct Driver {
    pub(super) conn: Connection,
    pub(super) cx: Arc<Context>,
    pub(super) config: Arc<Config>,
    pub(super) session: Session,
    pub(super) info: SessionInfo,
    pub(super) incoming: Option<Incoming>,
    draining: watch::Receiver<bool>,
    /// The last line: the log of a refusal shows it.
    line: Vec<u8>,
    /// AUTH has just ended: a client that does not listen sends its password as if it were a command.
    secret_may_follow: bool,
}

/// Why a session ends.
pub(super) enum End {
    /// All is said.
    Done,
    /// This must still be said.
    Say(Reply),
    /// There is nobody to say anything to.
    Gone(io::Error),
}

impl From<ReadError> for End {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Closed => Self::Done,
            ReadError::TimedOut(waited) => Self::Say(say::idle(waited)),
            ReadError::LineTooLong(limit) => Self::Gone(io::Error::other(format!("line longer than {limit} octets"))),
            ReadError::Io(error) => Self::Gone(error),
        }
    }
}

impl Driver {
    pub(super) fn new(conn: Connection, cx: Arc<Context>, info: SessionInfo) -> Self {
        let config = cx.config.load_full();
        let (tls, mechanisms) = (begin::tls(&conn, &cx), begin::mechanisms(&conn, &cx));
        let session = Session::new(begin::policy(&config, &info), tls, mechanisms);
        let draining = cx.draining.clone();
        let (incoming, line, secret_may_follow) = (None, Vec::new(), false);
        Self { conn, cx, config, session, info, incoming, draining, line, secret_may_follow }
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
            End::Done => {}
            End::Say(reply) => {
                let reply = self.session.tagged(reply);
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
        let step = match self.read_line().await {
            Ok(()) => self.command(),
            Err(ReadError::LineTooLong(_)) => self.session.line_too_long(),
            Err(error) => return Err(self.ended(error)),
        };
        let result = match step {
            Step::Reply(reply) => {
                self.reply(&reply);
                Ok(())
            }
            // Boxed, so that a session that only waits for a line stays small.
            step => Box::pin(self.perform(step)).await,
        };
        self.forget_line();
        result
    }

    /// A response of an AUTH exchange is a secret: from here on the line only says that it was one.
    fn command(&mut self) -> Step {
        let secret = self.session.expects_secret();
        let step = self.session.command(&self.line);
        if secret {
            self.line.fill(0);
            self.line.clear();
            self.line.extend_from_slice(b"AUTH response");
        }
        step
    }

    /// Does what the session wants until it wants the next line.
    async fn perform(&mut self, mut step: Step) -> Result<(), End> {
        loop {
            step = match step {
                Step::Reply(reply) => {
                    self.reply(&reply);
                    return Ok(());
                }
                Step::Ask(question) => {
                    let answer = self.ask(question).await;
                    self.session.answer(answer)
                }
                Step::StartTls(reply) => return self.start_tls(&reply).await,
                Step::Receive(reply) => self.receive(&reply).await?,
                Step::Commit(message) => {
                    let answer = self.commit(*message).await;
                    self.session.answer(answer)
                }
                Step::Close(reply) => {
                    self.reply(&reply);
                    return Err(End::Done);
                }
            }
        }
    }

    /// Waits for a line, or for the server to drain.
    async fn read_line(&mut self) -> Result<(), ReadError> {
        let wait = self.patience();
        let Self { conn, line, draining, .. } = self;
        tokio::select! {
            biased;
            read = conn.read_line(line, LineEnd::Crlf, verb::MAX_AUTH, wait) => read,
            // Only a client that waits is interrupted: what it has sent is answered first.
            () = drained(draining) => Err(ReadError::Closed),
        }
    }

    /// A read that failed: the server drains, or the client is gone.
    fn ended(&self, error: ReadError) -> End {
        match error {
            ReadError::Closed if *self.draining.borrow() => End::Say(say::DRAINING),
            error => error.into(),
        }
    }

    /// How long silence is borne.
    fn patience(&self) -> Duration {
        let limits = &self.config.limits;
        let submission = begin::role(self.info.service) == Role::Submission;
        if submission && self.session.login().is_none() { limits.login_timeout } else { limits.smtp_idle }
    }

    /// RFC 3207 §4.
    async fn start_tls(&mut self, reply: &Reply) -> Result<(), End> {
        let Some(tls) = self.cx.tls.load_full() else { return Err(End::Say(say::NO_CERTIFICATE)) };
        self.say(reply);
        if let Err(error) = self.conn.accept_tls(&tls, WRITE).await {
            info!(%error, "TLS handshake failed");
            return Err(End::Gone(error));
        }
        let cipher = self.conn.tls().map(|tls| tls.cipher.clone()).unwrap_or_default();
        debug!(cipher, "TLS started");
        self.session.tls_started(cipher, begin::mechanisms(&self.conn, &self.cx));
        Ok(())
    }

    /// Adds a reply to the output; a refusal is one line in the log. (A login that was refused has its own.)
    fn reply(&mut self, reply: &Reply) {
        if reply.is_refusal() && reply.code() != 535 {
            self.log_refusal(reply);
        }
        // Unknown commands (500) behind AUTH change nothing: LOGIN has two lines.
        let unknown = reply.code() == 500 && self.secret_may_follow;
        self.secret_may_follow = unknown || say::is_auth(&self.line);
        self.say(reply);
    }

    fn log_refusal(&self, reply: &Reply) {
        if let Some(identity) = smtp::server::exposed_identity(&self.line)
            && self.conn.tls().is_none()
            && self.config.auth.require_tls
        {
            // MISSION 003-12
            warn!(%identity, "a password came in clear and was not looked at; whoever listened knows it: change it");
        }
        let secret = self.secret_may_follow && matches!(reply.code(), 421 | 500);
        let command = if secret { "?".to_owned() } else { say::shown(&self.line) };
        info!(command, %reply, "refused");
    }

    /// Adds a reply to the output. It is sent when the client's next line is waited for: replies to pipelined commands
    /// leave in one write (RFC 2920 §3.2).
    pub(super) fn say(&mut self, reply: &Reply) {
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
