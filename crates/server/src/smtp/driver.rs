//! The loop: read a line, take a step, say what came of it.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use net::LineEnd;
use sasl::Early;
use smtp::server::{Role, Session, Speaker, Step, exposed_identity, named_mechanism};
use smtp::{Reply, verb};
use trace::Outcome;
use trace::record::{Origin, Text};
use tracing::info;

use super::body::Incoming;
use super::{begin, say};
use crate::hidden::Told;
use crate::session::{Came, Client, End, Line};

/// One session with all that it needs.
pub(super) struct Driver {
    pub(super) client: Client,
    pub(super) session: Session,
    pub(super) incoming: Option<Incoming>,
    /// The last line: the log of a refusal shows it.
    line: Line,
    /// AUTH has just ended: a client that does not listen sends its password as if it were a command.
    secret_may_follow: bool,
}

impl Driver {
    pub(super) fn new(client: Client) -> Self {
        let tls = begin::tls(client.protection(), client.cipher());
        let mut session = Session::new(begin::policy(&client.config, &client.info), tls, client.mechanisms());
        if client.connection.tls().is_some() {
            session.set_channel(client.channel());
        }
        Self { client, session, incoming: None, line: Line::default(), secret_may_follow: false }
    }

    /// Boxed, as it would be in the future twice otherwise.
    pub(super) async fn run(mut self: Box<Self>) {
        let greeting = self.session.greeting();
        self.say(&greeting);
        let Err(end) = self.serve().await;
        if let Some(mechanism) = self.session.login_under_way() {
            self.client.ended_early((Some(mechanism), Early::Left));
        }
        if let Some(goodbye) = say::goodbye(&end) {
            let goodbye = self.session.tagged(goodbye);
            self.say(&goodbye);
        }
        Box::pin(self.client.part(&end)).await;
    }

    /// There is no way on: a session ends with an [`End`].
    async fn serve(&mut self) -> Result<Infallible, End> {
        loop {
            self.turn().await?;
        }
    }

    /// One line, and all that follows from it.
    async fn turn(&mut self) -> Result<(), End> {
        let wait = self.patience();
        let step = match self.client.read_line(&mut self.line, LineEnd::Crlf, verb::MAX_AUTH, wait).await? {
            Came::Line => self.command(),
            Came::TooLong => self.session.line_too_long(),
        };
        if let Some(early) = self.session.take_early() {
            self.client.ended_early(early);
        }
        let result = match step {
            Step::Reply(reply) => {
                self.reply(&reply);
                Ok(())
            }
            // Boxed, so that a session that only waits for a line stays small.
            step => Box::pin(self.perform(step)).await,
        };
        self.line.forget();
        result
    }

    /// A response of an AUTH exchange is a secret: from here on the line only says that it was one.
    fn command(&mut self) -> Step {
        let secret = self.session.expects_secret();
        if let Some(name) = self.session.greets_as(&self.line) {
            self.client.recorder.ehlo(&name);
            if self.client.minds_names() {
                self.client.is_told(Told { ehlo: Some(name), ..Told::default() });
                self.session.offer(self.client.mechanisms());
            }
        }
        self.record();
        let step = self.session.command(&self.line);
        if secret {
            self.line.hide_behind("AUTH response");
        }
        step
    }

    /// What was said, without the secrets of AUTH.
    fn record(&self) {
        let recorder = &self.client.recorder;
        match self.session.secret_in(&self.line) {
            Some(from) => recorder.came_secret(&self.line, from, exposed_identity(&self.line).as_deref()),
            None => recorder.came(&self.line),
        }
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
                Step::SpeaksFor(speaker) => return self.speaks_for(*speaker),
                Step::Receive(reply) => self.receive(&reply).await?,
                Step::Commit(message) => {
                    let answer = self.commit(*message).await;
                    self.session.answer(answer)
                }
                Step::Close(ending, reply) => {
                    self.reply(&reply);
                    return Err(say::end(ending, &reply));
                }
            }
        }
    }

    /// How long silence is borne.
    fn patience(&self) -> Duration {
        let limits = &self.client.config.limits;
        let submission = begin::role(self.client.info.service) == Role::Submission;
        if submission && self.session.login().is_none() { limits.login_timeout } else { limits.smtp_idle }
    }

    /// RFC 3207 §4.
    async fn start_tls(&mut self, reply: &Reply) -> Result<(), End> {
        self.client.start_tls(|out| reply.encode(out)).await?;
        self.session.tls_started(self.client.cipher(), self.client.mechanisms());
        self.session.set_channel(self.client.channel());
        Ok(())
    }

    /// XCLIENT: the session is another client's from now on.
    fn speaks_for(&mut self, speaker: Speaker) -> Result<(), End> {
        let peer = self.client.info.peer;
        let peer = SocketAddr::new(speaker.address.unwrap_or_else(|| peer.ip()), speaker.port.unwrap_or(0));
        let text = |text: Option<String>| text.map(Text::from);
        let origin = Origin {
            said_by: "XCLIENT".into(),
            address: peer.ip().to_canonical(),
            port: speaker.port,
            ehlo: text(speaker.helo),
            login: text(speaker.login),
        };
        if let Err(full) = self.client.is_of(peer, origin) {
            let reply = self.session.tagged(say::full(full));
            self.reply(&reply);
            return Err(End::Closed { outcome: Outcome::RefusedFull, why: reply.text().to_owned() });
        }
        self.session.speaks_for(peer.ip(), self.client.mechanisms());
        let greeting = self.session.greeting();
        self.say(&greeting);
        Ok(())
    }

    /// Adds a reply to the output; a refusal is one line in the log. (A login that was refused has its own.)
    fn reply(&mut self, reply: &Reply) {
        if reply.is_refusal() && reply.code() != 535 {
            self.log_refusal(reply);
        }
        // Unknown commands (500) behind AUTH change nothing: LOGIN has two lines.
        let unknown = reply.code() == 500 && self.secret_may_follow;
        self.secret_may_follow = unknown || named_mechanism(&self.line).is_some();
        self.say(reply);
    }

    fn log_refusal(&self, reply: &Reply) {
        let in_clear = self.client.connection.tls().is_none() && self.client.config.auth.require_tls;
        if let Some(mechanism) = named_mechanism(&self.line).filter(|_| in_clear) {
            match exposed_identity(&self.line) {
                Some(identity) => self.client.exposed(identity),
                None => self.client.ended_early((sasl::Mechanism::from_name(mechanism), Early::Cleartext)),
            }
        }
        let secret = self.secret_may_follow && matches!(reply.code(), 421 | 500);
        let command = if secret { "?".to_owned() } else { say::shown(&self.line) };
        info!(command, %reply, "refused");
    }

    pub(super) fn say(&mut self, reply: &Reply) {
        self.client.say(|out| reply.encode(out));
    }
}
