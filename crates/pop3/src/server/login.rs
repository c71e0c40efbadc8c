//! The exchange behind AUTH (RFC 5034 §4).

use sasl::Mechanism;
use sasl::server::{Broken, Context, Exchange, Step as SaslStep};
use sasl::{Early, Secret, wire};

use super::state::{Asked, Login, State};
use super::{Question, Session, Step, replies};
use crate::Reply;

impl Session {
    /// Begins an exchange.
    pub(super) fn start_login(&mut self, mechanism: Mechanism, initial: Option<&Secret>) -> Step {
        let context = Context::new(&self.policy.hostname, self.channel.as_deref(), &self.mechanisms);
        let (exchange, step) = Exchange::start(mechanism, &context, initial.map(Secret::expose));
        self.advance(Box::new(Login { exchange, accepted: false }), step)
    }

    /// Takes a response line.
    pub(super) fn response(&mut self, line: &[u8]) -> Step {
        let State::Auth(mut login) = self.take_state() else { return self.bug() };
        let step = match wire::response(line).map(Secret::new) {
            Ok(response) => login.exchange.respond(response.expose()),
            Err(broken) => login.exchange.broken(broken),
        };
        self.advance(login, step)
    }

    /// Does what the mechanism wants next.
    pub(super) fn advance(&mut self, login: Box<Login>, step: SaslStep) -> Step {
        match step {
            SaslStep::Challenge(challenge) => {
                self.state = State::Auth(login);
                Step::Reply(Reply::challenge(wire::encode(&challenge)))
            }
            SaslStep::NeedKeys { identity, hash } => {
                self.state = State::Asked(Asked::Keys(login));
                Step::Ask(Question::ScramKeys { identity, hash })
            }
            SaslStep::Judge(evidence) => {
                self.state = State::Asked(Asked::Credentials(login));
                Step::Ask(Question::Credentials(evidence))
            }
            // A mechanism that is done before the chain has accepted anybody would be a hole.
            SaslStep::Done if login.accepted => self.open(),
            SaslStep::Done => self.bug(),
            SaslStep::Refused => {
                self.state = State::Authorization(None);
                self.login_failed()
            }
            SaslStep::Broken(broken) => {
                self.early = Some((Some(login.exchange.mechanism()), Early::from(&broken)));
                self.state = State::Authorization(None);
                Step::Reply(broken_login(&broken))
            }
        }
    }

    /// Somebody is logged in: now the mail. There is no second login, so nothing needs the channel any more.
    pub(super) fn open(&mut self) -> Step {
        self.channel = None;
        self.state = State::Asked(Asked::Maildrop);
        Step::Ask(Question::Maildrop)
    }
}

/// Why a login cannot even be judged.
pub(super) fn broken_login(broken: &Broken) -> Reply {
    match broken {
        Broken::Cancelled => replies::CANCELLED,
        Broken::Base64 | Broken::Syntax(_) => replies::BAD_LOGIN.and(broken),
    }
}
