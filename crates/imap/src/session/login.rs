//! LOGIN and AUTHENTICATE (RFC 3501 §6.2.2, §6.2.3, RFC 4959).

use sasl::server::{Broken, Context, Exchange, Step as Sasl};
use sasl::{Early, Evidence, Mechanism, PasswordEvidence, Secret, wire};

use super::step::{Answer, Ending, Question, Refusal, Step};
use super::{Session, State, Tls};
use crate::command::{Authenticate, Command, Login as LoginCommand, Tag};
use crate::parse;
use crate::response::{Code, Reply};

/// The identity in a command that logs in, if it has one, for the record of a session.
pub fn exposed_identity(line: &[u8]) -> Option<String> {
    match parse::open(line).ok()?.1.arguments().ok()? {
        Command::Login(login) => Some(login.user),
        Command::Authenticate(wanted) => sasl::exposed_identity(&wanted.mechanism, wanted.initial?.expose()),
        _ => None,
    }
}

/// A login under way.
#[derive(Debug)]
pub(super) struct Login {
    tag: Tag,
    /// `None` for the command LOGIN.
    exchange: Option<Exchange>,
}

impl Login {
    /// By which mechanism; `None` for the command LOGIN.
    pub(super) fn mechanism(&self) -> Option<Mechanism> {
        self.exchange.as_ref().map(Exchange::mechanism)
    }

    /// It ends here; its command is still to be answered.
    pub(super) fn abandon(self) -> Tag {
        self.tag
    }
}

impl Session {
    pub(super) fn login(&mut self, tag: Tag, login: LoginCommand) -> Step {
        if !self.offers.login() {
            let reply = self.no_login(Mechanism::Plain, Some(login.user));
            return self.not_offered(&tag, &reply);
        }
        let evidence = PasswordEvidence {
            mechanism: Mechanism::Plain,
            authzid: None,
            identity: login.user,
            password: login.password,
        };
        let step = Sasl::Judge(Evidence::Password(evidence));
        self.advance(Login { tag, exchange: None }, step)
    }

    pub(super) fn authenticate(&mut self, tag: Tag, wanted: &Authenticate) -> Step {
        let Some(mechanism) = Mechanism::from_name(&wanted.mechanism) else {
            self.early = Some((None, Early::NotOffered));
            let reply = Reply::no("no such mechanism here").code(Code::Cannot);
            return self.not_offered(&tag, &reply);
        };
        if !self.offers.mechanisms.contains(&mechanism) {
            let initial = wanted.initial.as_ref();
            let exposed = initial.and_then(|i| sasl::exposed_identity(&wanted.mechanism, i.expose()));
            let reply = self.no_login(mechanism, exposed);
            return self.not_offered(&tag, &reply);
        }
        let initial = match wanted.initial.as_ref().map(|i| wire::initial_response(i.expose())).transpose() {
            Ok(initial) => initial.map(Secret::new),
            Err(broken) => {
                self.early = Some((Some(mechanism), Early::from(&broken)));
                return self.finish(&tag, &broken_exchange(&broken));
            }
        };
        let initial = initial.as_ref().map(Secret::expose);
        let context = Context::new(&self.settings.host, self.channel.as_deref(), &self.offers.mechanisms);
        let (exchange, step) = Exchange::start(mechanism, &context, initial);
        self.advance(Login { tag, exchange: Some(exchange) }, step)
    }

    /// Why a mechanism that is known is not to be had. `exposed`: whose password or token came with it.
    fn no_login(&mut self, mechanism: Mechanism, exposed: Option<String>) -> Reply {
        match self.offers.tls {
            // RFC 5530: the secret has been given away, but nobody is told whether it is right.
            Tls::Offered | Tls::Unavailable if mechanism.sends_secret() => {
                self.early = Some((Some(mechanism), Early::Cleartext));
                self.exposed = exposed;
                Reply::no("only inside TLS").code(Code::PrivacyRequired)
            }
            _ => {
                self.early = Some((Some(mechanism), Early::NotOffered));
                Reply::no("this mechanism is not offered here").code(Code::Cannot)
            }
        }
    }

    /// Refuses a login that is not to be had. In clear this may be the end (MISSION 003-15): a client must not get to send
    /// its password by the next mechanism.
    fn not_offered(&mut self, tag: &Tag, reply: &Reply) -> Step {
        if self.settings.cleartext_closes && self.offers.tls != Tls::Active {
            return self.close(self.with_id(reply).tagged(tag), Ending::Logins("no login in clear"));
        }
        self.finish(tag, reply)
    }

    /// The user whose password or token has just come in clear although it must not (MISSION 003-12): it was not judged, but
    /// whoever listened knows it.
    pub fn take_exposed(&mut self) -> Option<String> {
        self.exposed.take()
    }

    /// A line of the exchange. Whatever comes now ends or continues it: it is never a command.
    pub(super) fn response(&mut self, mut login: Login, line: &[u8]) -> Step {
        let Some(exchange) = login.exchange.as_mut() else {
            return self.finish(&login.tag, &Reply::bad("no exchange is under way"));
        };
        let step = match wire::response(line).map(Secret::new) {
            Ok(response) => exchange.respond(response.expose()),
            Err(broken) => exchange.broken(broken),
        };
        self.advance(login, step)
    }

    /// The host's answer to [`Step::Ask`].
    pub fn answer(&mut self, answer: Answer) -> Step {
        let State::NotAuthenticated(login) = &mut self.state else { return Step::Reply(Vec::new()) };
        let Some(mut login) = login.take() else { return Step::Reply(Vec::new()) };
        let step = match (answer, login.exchange.as_mut()) {
            (Answer::Refused(Refusal::Credentials), Some(exchange)) => {
                let step = exchange.rejected();
                // Counted now: the client may owe an answer yet that it never sends.
                self.auth_failures += 1;
                step
            }
            (Answer::Refused(refusal), _) => {
                self.auth_failures += 1;
                return self.refused(&login.tag, refusal);
            }
            (Answer::Accepted, None) => Sasl::Done,
            (Answer::Accepted, Some(exchange)) => exchange.accepted(),
            (Answer::Keys(keys), Some(exchange)) => exchange.keys(keys),
            (Answer::Keys(_), None) => return self.refused(&login.tag, Refusal::Unavailable),
        };
        self.advance(*login, step)
    }

    fn advance(&mut self, login: Login, step: Sasl) -> Step {
        let next = match step {
            Sasl::Challenge(challenge) => Step::Reply(format!("+ {}\r\n", wire::encode(&challenge)).into_bytes()),
            Sasl::NeedKeys { identity, hash } => Step::Ask(Question::ScramKeys { identity, hash }),
            Sasl::Judge(evidence) => Step::Ask(Question::Credentials(Box::new(evidence))),
            Sasl::Done => {
                self.state = State::Authenticated;
                // There is no second login, so nothing needs it any more.
                self.channel = None;
                let reply = Reply::ok("logged in").code(Code::Capability(self.capabilities()));
                return self.finish(&login.tag, &reply);
            }
            Sasl::Refused => return self.refused(&login.tag, Refusal::Credentials),
            Sasl::Broken(broken) => {
                self.early = Some((login.mechanism(), Early::from(&broken)));
                return self.finish(&login.tag, &broken_exchange(&broken));
            }
        };
        self.state = State::NotAuthenticated(Some(Box::new(login)));
        next
    }

    /// Says it; it is counted already.
    fn refused(&mut self, tag: &Tag, refusal: Refusal) -> Step {
        let (code, text) = match refusal {
            Refusal::Credentials => (Code::AuthenticationFailed, "login failed"),
            Refusal::Authorization => (Code::AuthorizationFailed, "this user may not act for that one"),
            Refusal::Throttled => (Code::Limit, "too many failed logins, wait before the next one"),
            Refusal::Unavailable => (Code::Unavailable, "temporary problem, the password was not judged"),
        };
        let line = self.with_id(&Reply::no(text).code(code)).tagged(tag);
        // MISSION 004-34: the user can try again; but not for ever.
        if self.auth_failures >= self.settings.limits.auth_failures {
            return self.close(line, Ending::Logins("too many failed logins"));
        }
        Step::Reply(line)
    }
}

/// RFC 3501 §6.2.2: BAD, also where the client cancelled.
fn broken_exchange(broken: &Broken) -> Reply {
    Reply::bad(broken.to_string())
}
