//! The exchange behind AUTH (RFC 4954 §4).

use sasl::server::{Broken, Step as SaslStep};
use sasl::{Early, Mechanism, Secret, wire};

use super::state::{Asked, Login, State};
use super::{Question, Session, Step, replies};
use crate::Reply;
use crate::verb;

impl Session {
    /// Begins an exchange.
    pub(super) fn start_login(&mut self, mechanism: Mechanism, initial: Option<&Secret>) -> Step {
        let host = self.policy.hostname.as_ascii();
        let (exchange, step) = sasl::server::Exchange::start(mechanism, host, initial.map(Secret::expose));
        self.advance(Box::new(Login { exchange, account: None }), step)
    }

    /// Takes a response line.
    pub(super) fn response(&mut self, line: &[u8]) -> Step {
        let State::Auth(mut login) = std::mem::replace(&mut self.state, State::Idle) else { return self.bug() };
        let response = match wire::response(line) {
            Ok(response) => Secret::new(response),
            Err(broken) => {
                self.early = Some((Some(login.exchange.mechanism()), Early::from(&broken)));
                return Step::Reply(match broken {
                    Broken::Cancelled => replies::AUTH_CANCELLED,
                    Broken::Syntax(_) => replies::BAD_BASE64,
                });
            }
        };
        let step = login.exchange.respond(response.expose());
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
            SaslStep::NeedKeys(identity) => {
                self.state = State::Asked(Asked::Keys(login));
                Step::Ask(Question::ScramKeys(identity))
            }
            SaslStep::Judge(evidence) => {
                self.state = State::Asked(Asked::Credentials(login));
                Step::Ask(Question::Credentials(evidence))
            }
            SaslStep::Done => self.logged_in(*login),
            SaslStep::Broken(Broken::Cancelled) => Step::Reply(replies::AUTH_CANCELLED),
            SaslStep::Broken(Broken::Syntax(why)) => Step::Reply(replies::BAD_RESPONSE.and(why)),
        }
    }

    fn logged_in(&mut self, login: Login) -> Step {
        // A mechanism that is done before the chain has accepted anybody would be a hole.
        let Some(account) = login.account else { return self.bug() };
        self.login = Some(account);
        self.counts.aimless = None;
        self.state = State::Idle;
        Step::Reply(replies::LOGGED_IN)
    }
}

/// Decodes a response; an empty line is an empty response (RFC 4954 §4).
pub(super) fn decode(text: &[u8]) -> Option<Secret> {
    wire::response(text).ok().map(Secret::new)
}

/// The identity that an `AUTH PLAIN` line gives away together with its password. For the log when such a line comes in
/// clear: the credential is not verified, but it is known to whoever listened (MISSION 003-12).
pub fn exposed_identity(line: &[u8]) -> Option<String> {
    let (verb, argument) = verb::split(std::str::from_utf8(line).ok()?);
    let (mechanism, initial) = argument.split_once(' ')?;
    if !verb.eq_ignore_ascii_case("AUTH") || !mechanism.eq_ignore_ascii_case("PLAIN") {
        return None;
    }
    let response = decode(initial.trim().as_bytes())?;
    // RFC 4616 §2: authzid NUL authcid NUL passwd
    let identity = response.expose().split(|octet| *octet == 0).nth(1)?;
    Some(String::from_utf8_lossy(identity).chars().filter(|c| !c.is_control()).collect())
}
