//! The exchange behind AUTH (RFC 4954 §4).

use sasl::server::{Broken, Context, Exchange, Step as SaslStep};
use sasl::{Early, Mechanism, Secret, wire};

use super::state::{Asked, Login, State};
use super::{Question, Session, Step, replies};
use crate::Reply;
use crate::verb;

impl Session {
    /// Begins an exchange.
    pub(super) fn start_login(&mut self, mechanism: Mechanism, initial: Option<&Secret>) -> Step {
        let context = Context::new(self.policy.hostname.as_ascii(), self.channel.as_deref(), &self.mechanisms);
        let (exchange, step) = Exchange::start(mechanism, &context, initial.map(Secret::expose));
        self.advance(Box::new(Login { exchange, account: None }), step)
    }

    /// Takes a response line.
    pub(super) fn response(&mut self, line: &[u8]) -> Step {
        let State::Auth(mut login) = std::mem::replace(&mut self.state, State::Idle) else { return self.bug() };
        let step = match wire::response(line).map(Secret::new) {
            Ok(response) => login.exchange.respond(response.expose()),
            Err(broken) => login.exchange.broken(broken),
        };
        self.advance(login, step)
    }

    /// Does what the mechanism wants next.
    pub(super) fn advance(&mut self, login: Box<Login>, step: SaslStep) -> Step {
        if let SaslStep::Broken(broken) = &step {
            self.early = Some((Some(login.exchange.mechanism()), Early::from(broken)));
        }
        match step {
            SaslStep::Challenge(challenge) => {
                self.state = State::Auth(login);
                Step::Reply(Reply::bare(334, "").and(wire::encode(&challenge)))
            }
            SaslStep::NeedKeys { identity, hash } => {
                self.state = State::Asked(Asked::Keys(login));
                Step::Ask(Question::ScramKeys { identity, hash })
            }
            SaslStep::Judge(evidence) => {
                self.state = State::Asked(Asked::Credentials(login));
                Step::Ask(Question::Credentials(evidence))
            }
            SaslStep::Done => self.logged_in(*login),
            SaslStep::Refused => Step::Reply(replies::BAD_CREDENTIALS),
            SaslStep::Broken(Broken::Cancelled) => Step::Reply(replies::AUTH_CANCELLED),
            SaslStep::Broken(Broken::Base64) => Step::Reply(replies::BAD_BASE64),
            SaslStep::Broken(Broken::Syntax(why)) => Step::Reply(replies::BAD_RESPONSE.and(why)),
        }
    }

    fn logged_in(&mut self, login: Login) -> Step {
        // A mechanism that is done before the chain has accepted anybody would be a hole.
        let Some(account) = login.account else { return self.bug() };
        self.login = Some(account);
        // RFC 4954 §4: there is no second AUTH, so nothing needs it any more.
        self.channel = None;
        self.counts.aimless = None;
        self.state = State::Idle;
        Step::Reply(replies::LOGGED_IN)
    }
}

/// Decodes a response; an empty line is an empty response (RFC 4954 §4).
pub(super) fn decode(text: &[u8]) -> Option<Secret> {
    wire::response(text).ok().map(Secret::new)
}

/// The identity that an AUTH line gives away together with its password or token. For the log when such a line comes in
/// clear: the credential is not verified, but it is known to whoever listened (MISSION 003-12).
pub fn exposed_identity(line: &[u8]) -> Option<String> {
    let (verb, argument) = verb::split(std::str::from_utf8(line).ok()?);
    let (mechanism, initial) = argument.split_once(' ')?;
    if !verb.eq_ignore_ascii_case("AUTH") {
        return None;
    }
    sasl::exposed_identity(mechanism, initial.as_bytes())
}
