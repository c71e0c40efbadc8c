//! AUTH as a client (RFC 4954): the strongest mechanism first, the next one after a refusal, within bounds.

use sasl::client::{Context, Credentials, Exchange};
use sasl::{Bindings, Mechanism, Secret, wire};

use super::AuthList;
use crate::{Class, Reply};

/// Mechanisms tried in one session. Each refusal may count against the account at the other side.
const MAX_ATTEMPTS: usize = 3;
/// Challenges answered in one exchange; the longest known here (SCRAM) has two.
const MAX_CHALLENGES: usize = 8;
/// RFC 5321 §4.5.3.1.4: a command line without its CRLF.
const MAX_COMMAND: usize = 510;

/// The wish to log in.
#[derive(Debug, Clone)]
pub struct Login {
    /// User, and password or token.
    pub credentials: Credentials,
    /// Tried first where it is offered: what worked the last time.
    pub preferred: Option<Mechanism>,
    /// Whether the credentials may leave without TLS.
    pub cleartext: bool,
}

/// One mechanism that did not lead to a login, and the server's last word on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Which.
    pub mechanism: Mechanism,
    /// The refusal.
    pub reply: Reply,
}

/// Why there is no login.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// No mechanism that is known here was offered (MISSION 001-14).
    #[error("the server offers no mechanism that can be used (it offers {advertised})")]
    NothingUsable {
        /// Everything that was offered.
        advertised: String,
    },
    /// Every mechanism that was tried was refused.
    #[error("the login was refused (the server offers {advertised})")]
    Refused {
        /// Everything that was offered.
        advertised: String,
        /// What was tried, in order; at least one.
        attempts: Vec<Attempt>,
    },
    /// The server cannot tell now: 432, 454, 421 and other 4xx (RFC 4954 §4, §6).
    #[error("the server could not check the login now")]
    Temporary(Attempt),
    /// The server said success without the proof that its mechanism demands: it may be an impostor.
    #[error("the server did not prove that it knows the password ({mechanism}: {reason})")]
    Unproven {
        /// Which mechanism.
        mechanism: Mechanism,
        /// What was missing.
        reason: String,
    },
}

/// What to do next.
#[derive(Debug)]
pub(super) enum AuthStep {
    /// Send this line (its CRLF included).
    Send(Secret),
    /// Logged in.
    Done(Mechanism),
    /// Not logged in.
    Failed(LoginError),
}

/// The exchanges of one session.
#[derive(Debug)]
pub(super) struct Authentication {
    credentials: Credentials,
    context: Context,
    advertised: String,
    /// What may still be tried; the next one is the last.
    candidates: Vec<Mechanism>,
    attempts: Vec<Attempt>,
    exchange: Option<Running>,
}

/// The exchange under way.
#[derive(Debug)]
struct Running {
    exchange: Exchange,
    /// An initial response that did not fit on the command line (RFC 4954 §4): it answers the first challenge.
    held: Option<Vec<u8>>,
    challenges: usize,
    /// `*` was sent.
    cancelled: bool,
}

impl Authentication {
    /// Begins with the strongest mechanism that the credentials and the connection are good for, or the one that worked
    /// before.
    pub(super) fn start(offered: &AuthList, login: Login, bindings: Bindings) -> (Self, AuthStep) {
        let context = Context::new(bindings, offered.usable());
        let suits = |mechanism: &Mechanism| login.credentials.suit(*mechanism, &context.bindings);
        let mut order: Vec<_> = offered.usable().iter().copied().filter(suits).collect();
        // A stable sort by "is not the preferred one": the others keep their order.
        order.sort_by_key(|&mechanism| Some(mechanism) != login.preferred);
        order.truncate(MAX_ATTEMPTS);
        order.reverse();
        let (credentials, advertised) = (login.credentials, offered.describe());
        let attempts = Vec::new();
        let mut login = Self { credentials, context, advertised, candidates: order, attempts, exchange: None };
        let step = login.next();
        (login, step)
    }

    /// Tries the next mechanism.
    fn next(&mut self) -> AuthStep {
        while let Some(mechanism) = self.candidates.pop() {
            // The candidates were chosen so that it can begin.
            let Ok((exchange, initial)) = Exchange::start(mechanism, self.credentials.clone(), &self.context) else {
                continue;
            };
            let (line, held) = command(mechanism, initial);
            self.exchange = Some(Running { exchange, held, challenges: 0, cancelled: false });
            return AuthStep::Send(line);
        }
        let (advertised, attempts) = (self.advertised.clone(), std::mem::take(&mut self.attempts));
        AuthStep::Failed(match attempts.is_empty() {
            true => LoginError::NothingUsable { advertised },
            false => LoginError::Refused { advertised, attempts },
        })
    }

    /// Takes the server's next reply.
    pub(super) fn reply(&mut self, reply: Reply) -> AuthStep {
        let Some(mut running) = self.exchange.take() else { return self.next() };
        let mechanism = running.exchange.mechanism();
        match reply.class() {
            Class::Intermediate if !running.cancelled => {
                let line = running.answer(reply.text());
                self.exchange = Some(running);
                AuthStep::Send(line)
            }
            Class::Success if !running.cancelled => match running.exchange.finish() {
                Ok(()) => AuthStep::Done(mechanism),
                Err(error) => AuthStep::Failed(LoginError::Unproven { mechanism, reason: error.to_string() }),
            },
            // RFC 4954 §6: 432, 454 and their like say nothing about the password; asking again at once helps nobody.
            Class::Transient => AuthStep::Failed(LoginError::Temporary(Attempt { mechanism, reply })),
            // 500, 502, 504, 534, 535, 538, and the 501 that follows `*`.
            _ => {
                self.attempts.push(Attempt { mechanism, reply });
                self.next()
            }
        }
    }
}

impl Running {
    /// The line that answers a challenge; `*` gives up the exchange (RFC 4954 §4).
    fn answer(&mut self, challenge: &str) -> Secret {
        self.challenges += 1;
        let response = match self.held.take() {
            Some(held) => Some(held),
            None if self.challenges > MAX_CHALLENGES => None,
            None => self.decode(challenge).and_then(|octets| self.exchange.respond(&octets).ok()),
        };
        self.cancelled = response.is_none();
        match response {
            Some(octets) => line(wire::encode(&octets)),
            None => line("*".to_owned()),
        }
    }

    /// Old servers send LOGIN's prompts without base64; its answers do not depend on them.
    fn decode(&self, challenge: &str) -> Option<Vec<u8>> {
        match wire::response(challenge.as_bytes()) {
            Ok(octets) => Some(octets),
            Err(_) if self.exchange.mechanism() == Mechanism::Login => Some(challenge.as_bytes().to_vec()),
            Err(_) => None,
        }
    }
}

/// `AUTH mechanism [initial-response]`, and the initial response where it does not fit.
fn command(mechanism: Mechanism, initial: Option<Vec<u8>>) -> (Secret, Option<Vec<u8>>) {
    let text = match &initial {
        None => format!("AUTH {mechanism}"),
        // RFC 4954 §4: an empty one is a single `=`.
        Some(octets) if octets.is_empty() => format!("AUTH {mechanism} ="),
        Some(octets) => format!("AUTH {mechanism} {}", wire::encode(octets)),
    };
    if text.len() > MAX_COMMAND { (line(format!("AUTH {mechanism}")), initial) } else { (line(text), None) }
}

fn line(text: String) -> Secret {
    Secret::new(text + "\r\n")
}
