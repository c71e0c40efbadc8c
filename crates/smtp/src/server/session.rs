//! The session: what came before, and which line or answer leads where.

use std::mem;
use std::net::IpAddr;

use message::Address;
use sasl::{Channel, Early, Mechanism};

use super::received::Trace;
use super::receiver::Receiver;
use super::state::{Asked, State};
use super::{Arrival, Data, Ending, Hello, Policy, Step, Tls, Transaction, commands, replies};
use crate::Reply;
use crate::verb::{self, MAX_COMMAND};

/// One SMTP session, from the greeting to its end.
#[derive(Debug)]
pub struct Session {
    pub(super) policy: Policy,
    pub(super) tls: Tls,
    /// What AUTH accepts now; EHLO offers the same list.
    pub(super) mechanisms: Vec<Mechanism>,
    /// What TLS knows, for those mechanisms that use it; boxed, as in clear there is nothing.
    pub(super) channel: Option<Box<Channel>>,
    pub(super) hello: Option<Hello>,
    pub(super) login: Option<Address>,
    pub(super) state: State,
    pub(super) counts: Counts,
    /// A login that has just ended without anything to judge.
    pub(super) early: Option<(Option<Mechanism>, Early)>,
}

/// What is counted against the limits.
#[derive(Debug)]
pub(super) struct Counts {
    /// Commands of a client that has neither logged in nor begun a transaction; `None` once it has.
    pub(super) aimless: Option<u32>,
    bad: u32,
    pub(super) failed_logins: u32,
    pub(super) unknown_recipients: u32,
}

impl Session {
    /// A new session. `mechanisms` is what AUTH may use in the present TLS state, the strongest first.
    pub fn new(policy: Policy, tls: Tls, mechanisms: Vec<Mechanism>) -> Self {
        let counts = Counts { aimless: Some(0), bad: 0, failed_logins: 0, unknown_recipients: 0 };
        let (channel, early) = (None, None);
        Self { policy, tls, mechanisms, channel, hello: None, login: None, state: State::Idle, counts, early }
    }

    /// What TLS knows of itself: to be told after [`Self::new`] inside TLS, and after [`Self::tls_started`].
    pub fn set_channel(&mut self, channel: Channel) {
        self.channel = Some(Box::new(channel));
    }

    /// What to say first (RFC 5321 §3.1). The id in it is the one in the log.
    pub fn greeting(&self) -> Reply {
        let Policy { hostname, session, .. } = &self.policy;
        Reply::bare(220, "").and(format_args!("{hostname} ESMTP Gatepost [{session}]"))
    }

    /// A reply with the session's id behind it: for what the host itself has to say (421).
    pub fn tagged(&self, reply: Reply) -> Reply {
        reply.and(format_args!(" [{}]", self.policy.session))
    }

    /// Who is logged in.
    pub fn login(&self) -> Option<&Address> {
        self.login.as_ref()
    }

    /// The client's greeting.
    pub fn hello(&self) -> Option<&Hello> {
        self.hello.as_ref()
    }

    /// Whether the next line is a response of an AUTH exchange: a secret, which no log may show.
    pub fn expects_secret(&self) -> bool {
        matches!(self.state, State::Auth(_))
    }

    /// The mechanism of a login that is under way: if the client leaves now, it has left in the middle.
    pub fn login_under_way(&self) -> Option<Mechanism> {
        let State::Auth(login) = &self.state else { return None };
        Some(login.exchange.mechanism())
    }

    /// A login that has just ended without anything to judge, by which mechanism and how: for the operator, once.
    pub fn take_early(&mut self) -> Option<(Option<Mechanism>, Early)> {
        self.early.take()
    }

    /// The name by which a client greets, if the next command is this line and it is an EHLO: what AUTH may use can
    /// depend on it, see [`Self::offer`].
    pub fn greets_as(&self, line: &[u8]) -> Option<String> {
        if self.expects_secret() { None } else { commands::ehlo_name(line) }
    }

    /// What AUTH may use from now on.
    pub fn offer(&mut self, mechanisms: Vec<Mechanism>) {
        self.mechanisms = mechanisms;
    }

    /// Takes a line without its CRLF.
    pub fn command(&mut self, line: &[u8]) -> Step {
        let step = match &self.state {
            State::Auth(_) => self.response(line),
            State::Idle | State::Mail(_) => self.dispatch(line),
            _ => self.bug(),
        };
        self.seal(step)
    }

    /// The line was longer than [`verb::MAX_AUTH`], and has been skipped.
    pub fn line_too_long(&mut self) -> Step {
        let reply = match mem::replace(&mut self.state, State::Idle) {
            State::Auth(login) => {
                let end = Early::Malformed("a response of more than the longest line".to_owned());
                self.early = Some((Some(login.exchange.mechanism()), end));
                replies::AUTH_TOO_LONG
            }
            other => {
                self.state = other;
                replies::LINE_TOO_LONG
            }
        };
        self.seal(Step::Reply(reply))
    }

    /// TLS is there. RFC 3207 §4.2: whatever the client said before is forgotten.
    pub fn tls_started(&mut self, cipher: String, mechanisms: Vec<Mechanism>) {
        self.tls = Tls::Active(cipher);
        self.mechanisms = mechanisms;
        self.channel = None;
        self.hello = None;
        self.login = None;
        self.state = State::Idle;
    }

    /// A proxy speaks for somebody else from now on: whatever was said before is forgotten, but for TLS. The proxy's certificate
    /// counts no more: it is not the client's.
    pub fn speaks_for(&mut self, client: IpAddr, mechanisms: Vec<Mechanism>) {
        self.policy.peer = client;
        self.mechanisms = mechanisms;
        self.channel = None;
        self.hello = None;
        self.login = None;
        self.state = State::Idle;
    }

    /// The message begins. Wants [`Step::Receive`] before.
    pub fn receive(&mut self, arrival: Arrival<'_>) {
        let State::Receiving(transaction) = mem::replace(&mut self.state, State::Ended) else { return };
        let trace = self.trace(&transaction).field(arrival.id, arrival.user, arrival.date);
        self.state = State::Data(Box::new(Receiver::new(&self.policy, transaction, &trace, arrival)));
    }

    /// Takes octets of the message; gives a step when it has ended. What is not consumed is the next command.
    pub fn data(&mut self, octets: &[u8]) -> Data {
        let State::Data(receiver) = &mut self.state else {
            return Data { consumed: octets.len(), step: Some(self.bug()) };
        };
        let fed = receiver.feed(octets);
        let step = fed.ended.then(|| self.received());
        Data { consumed: fed.consumed, step }
    }

    /// Octets of memory that the message under way takes.
    pub fn held(&self) -> usize {
        if let State::Data(receiver) = &self.state { receiver.held() } else { 0 }
    }

    /// The host has no memory for the message under way: the rest of it is thrown away, and it is refused at its end with
    /// 452.
    pub fn no_room(&mut self) {
        if let State::Data(receiver) = &mut self.state {
            receiver.no_room();
        }
    }

    /// The message is complete.
    fn received(&mut self) -> Step {
        let State::Data(receiver) = mem::replace(&mut self.state, State::Idle) else { return self.bug() };
        let step = match receiver.finish(self.login.clone()) {
            Ok(message) => {
                self.state = State::Asked(Asked::Commit);
                Step::Commit(Box::new(message))
            }
            Err(reply) => Step::Reply(reply),
        };
        self.seal(step)
    }

    fn trace<'a>(&'a self, transaction: &'a Transaction) -> Trace<'a> {
        let Self { policy, hello, tls, login, .. } = self;
        Trace { policy, hello: hello.as_ref(), tls, login: login.as_ref(), transaction }
    }

    fn dispatch(&mut self, line: &[u8]) -> Step {
        if self.counts.failed_logins >= self.policy.limits.auth_failures && !verb_is(line, b"QUIT") {
            return Step::Close(Ending::Logins, replies::TOO_MANY_LOGINS);
        }
        if let Some(count) = &mut self.counts.aimless {
            *count += 1;
            if *count > self.policy.limits.commands_before_login {
                return Step::Close(Ending::Commands, replies::TOO_MANY_COMMANDS);
            }
        }
        match readable(line) {
            Ok(line) => {
                let (verb, argument) = verb::split(line);
                commands::run(self, verb, argument)
            }
            Err(reply) => Step::Reply(reply),
        }
    }

    /// Forgets the transaction.
    pub(super) fn reset(&mut self) {
        self.state = State::Idle;
    }

    /// The host did what the contract does not have.
    pub(super) fn bug(&mut self) -> Step {
        self.state = State::Ended;
        Step::Close(Ending::Fault, replies::BUG)
    }

    /// The last look at every step: replies get their words, refusals get the session's id, and too many wrong commands end the session.
    pub(super) fn seal(&mut self, step: Step) -> Step {
        let step = match step {
            Step::Reply(reply) => Step::Reply(self.policy.wording.of(reply)),
            Step::Close(ending, reply) => Step::Close(ending, self.policy.wording.of(reply)),
            other => other,
        };
        match step {
            Step::Reply(reply) if reply.is_refusal() => {
                // RFC 5321 §4.3.2: these are wrong in themselves, whoever says them.
                let bad = matches!(reply.code(), 500..=504 | 555);
                self.counts.bad += u32::from(bad);
                if bad && self.counts.bad > self.policy.limits.bad_commands {
                    return self.seal(Step::Close(Ending::Commands, replies::TOO_MANY_BAD));
                }
                Step::Reply(self.tagged(reply))
            }
            Step::Close(ending, reply) => {
                self.state = State::Ended;
                Step::Close(ending, if reply.is_refusal() { self.tagged(reply) } else { reply })
            }
            other => other,
        }
    }
}

/// The line as text. Bare CR and LF are refused whatever `bare_newline` says: one command a line, no second one
/// behind a line feed. AUTH lines may be longer (RFC 4954 §4).
fn readable(line: &[u8]) -> Result<&str, Reply> {
    if line.len() > MAX_COMMAND && !verb_is(line, b"AUTH") {
        return Err(replies::LINE_TOO_LONG);
    }
    if memchr::memchr2(b'\r', b'\n', line).is_some() {
        return Err(replies::BARE_NEWLINE);
    }
    if memchr::memchr(0, line).is_some() {
        return Err(replies::NUL);
    }
    std::str::from_utf8(line).map_err(|_| replies::NOT_UTF8)
}

fn verb_is(line: &[u8], verb: &[u8]) -> bool {
    line.get(..verb.len()).is_some_and(|head| head.eq_ignore_ascii_case(verb))
}
