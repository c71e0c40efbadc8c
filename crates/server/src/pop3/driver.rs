//! The loop: read a line, take a step, say what came of it.

use std::convert::Infallible;

use auth::Account;
use net::LineEnd;
use pop3::Reply;
use pop3::server::{Ending, Farewell, MAX_LINE, Session, Step, exposed_identity};
use sasl::Early;
use trace::Outcome;
use tracing::info;

use super::begin;
use super::mail::Mail;
use crate::session::{Came, Client, End, Line};

/// One session with all that it needs.
pub(super) struct Driver {
    pub(super) client: Client,
    session: Session,
    /// Whoever has just logged in, until the mail is open.
    pub(super) account: Option<Account>,
    /// The mail of whoever is logged in.
    pub(super) mail: Option<Mail>,
    line: Line,
}

impl Driver {
    pub(super) fn new(client: Client) -> Self {
        let tls = begin::tls(client.protection());
        let mut session = Session::new(begin::policy(&client.config, &client.info), tls, client.mechanisms());
        if client.connection.tls().is_some() {
            session.set_channel(client.channel());
        }
        Self { client, session, account: None, mail: None, line: Line::default() }
    }

    /// Boxed, as it would be in the future twice otherwise.
    pub(super) async fn run(mut self: Box<Self>) {
        let greeting = self.session.greeting();
        self.say(&greeting);
        let Err(end) = self.serve().await;
        if let Some(mechanism) = self.session.login_under_way() {
            self.client.ended_early((Some(mechanism), Early::Left));
        }
        if let Some(why) = farewell(&end) {
            let reply = self.session.farewell(why);
            self.say(&reply);
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
        let limits = &self.client.config.limits;
        let wait = if self.session.is_logged_in() { limits.pop3_idle } else { limits.login_timeout };
        let step = match self.client.read_line(&mut self.line, LineEnd::Lf, MAX_LINE, wait).await? {
            Came::Line => {
                self.client.record(&self.line, self.session.secret_in(&self.line), exposed_identity);
                self.session.command(&self.line)
            }
            Came::TooLong => self.session.line_too_long(),
        };
        self.line.forget();
        if let Some(user) = self.session.take_exposed() {
            self.client.exposed(user);
        }
        if let Some(early) = self.session.take_early() {
            self.client.ended_early(early);
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
                Step::Close(ending, reply) => {
                    self.reply(&reply);
                    return Err(end(ending, &reply));
                }
            }
        }
    }

    /// RFC 2595 §4.
    async fn start_tls(&mut self, reply: &Reply) -> Result<(), End> {
        self.client.start_tls(|out| reply.encode(out)).await?;
        self.session.tls_started(self.client.mechanisms());
        self.session.set_channel(self.client.channel());
        Ok(())
    }

    /// Adds a reply to the output; a refusal is one line in the log.
    fn reply(&mut self, reply: &Reply) {
        if reply.is_refusal() {
            info!(%reply, "refused");
        }
        self.say(reply);
    }

    fn say(&mut self, reply: &Reply) {
        self.client.say(|out| reply.encode(out));
    }
}

/// How a session ends that closes with a reply.
fn end(ending: Ending, reply: &Reply) -> End {
    let outcome = match ending {
        // What could not be removed is a refusal of its own.
        Ending::Said | Ending::NotRemoved => return End::Said,
        Ending::Logins => Outcome::RefusedLogin,
        Ending::Commands => Outcome::TooManyErrors,
        Ending::Fault => Outcome::Panicked,
    };
    End::Closed { outcome, why: reply.text().to_owned() }
}

/// What is said as a session ends, unless all is said or nobody is there.
fn farewell(end: &End) -> Option<Farewell> {
    match end {
        End::Said | End::Left | End::Closed { .. } | End::Handshake(_) | End::Lost(_) => None,
        End::Silence(waited) => Some(Farewell::Silence(*waited)),
        End::Draining => Some(Farewell::Draining),
        End::NoCertificate => Some(Farewell::NoCertificate),
    }
}
