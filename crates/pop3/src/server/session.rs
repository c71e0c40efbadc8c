//! The session: what came before, and which line or answer leads where.

use std::mem;
use std::time::Duration;

use sasl::{Channel, Early, Mechanism, cram};

use super::exposed::Exposed;
use super::state::State;
use super::{Ending, Policy, Step, Tls, commands, replies};
use crate::Reply;

/// Longest line, octets without its end. RFC 2449 §4 has 255 for commands; RFC 5034 §4 lets AUTH's responses be as
/// long as their mechanism needs, and is as long here as RFC 4954 §4 has it.
pub const MAX_LINE: usize = 12_286;

/// One POP3 session, from the greeting to its end.
#[derive(Debug)]
pub struct Session {
    pub(super) policy: Policy,
    pub(super) tls: Tls,
    /// What a login may use now; CAPA offers the same list.
    pub(super) mechanisms: Vec<Mechanism>,
    /// What TLS knows, for those mechanisms that use it; boxed, as in clear there is nothing.
    pub(super) channel: Option<Box<Channel>>,
    /// What the greeting has for APOP.
    pub(super) timestamp: Option<Box<str>>,
    pub(super) state: State,
    pub(super) counts: Counts,
    exposed: Exposed,
    /// A login that has just ended without anything to judge.
    pub(super) early: Option<(Option<Mechanism>, Early)>,
}

/// What is counted against the limits.
#[derive(Debug, Default)]
pub(super) struct Counts {
    before_login: u32,
    bad: u32,
    pub(super) failed_logins: u32,
}

/// Why the host ends a session by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Farewell {
    /// Nothing came for so long.
    Silence(Duration),
    /// The server goes down.
    Draining,
    /// STLS was granted, and there is no certificate any more.
    NoCertificate,
}

impl Session {
    /// A new session. `mechanisms` is what a login may use in the present TLS state, the strongest first.
    pub fn new(policy: Policy, tls: Tls, mechanisms: Vec<Mechanism>) -> Self {
        let (state, counts) = (State::Authorization(None), Counts::default());
        let apop = mechanisms.contains(&Mechanism::Apop);
        let timestamp = apop.then(|| cram::challenge(&policy.hostname).into_boxed_str());
        let (exposed, early) = (Exposed::default(), None);
        Self { policy, tls, mechanisms, channel: None, timestamp, state, counts, exposed, early }
    }

    /// What to say first. It has a timestamp in angle brackets if APOP can be used (RFC 1939 §7), and nothing that looks
    /// like one if not: clients that see it may try nothing else.
    pub fn greeting(&self) -> Reply {
        let Policy { hostname, session, .. } = &self.policy;
        let reply = Reply::ok("POP3 ").and(format_args!("{hostname} Gatepost server ready [{session}]"));
        match &self.timestamp {
            Some(timestamp) => reply.and(format_args!(" {timestamp}")),
            None => reply,
        }
    }

    /// What TLS knows of itself: to be told after [`Self::new`] inside TLS, and after [`Self::tls_started`].
    pub fn set_channel(&mut self, channel: Channel) {
        self.channel = Some(Box::new(channel));
    }

    /// Whether somebody is logged in, so that silence may last longer.
    pub fn is_logged_in(&self) -> bool {
        matches!(self.state, State::Transaction(_))
    }

    /// The user whose password has just come in clear although it must not; it was not checked, but whoever listened
    /// knows it (MISSION 003-12). For the log, once.
    pub fn take_exposed(&mut self) -> Option<String> {
        self.exposed.take()
    }

    /// The mechanism of a login that is under way: if the client leaves now, it has left in the middle.
    pub fn login_under_way(&self) -> Option<Mechanism> {
        let State::Auth(login) = &self.state else { return None };
        Some(login.exchange.mechanism())
    }

    /// Where the secret of the next line begins, if it has one: a response of AUTH from its first octet on, and what follows
    /// PASS, the name of APOP, the mechanism of AUTH. To be asked before [`Self::command`].
    pub fn secret_in(&self, line: &[u8]) -> Option<usize> {
        if let State::Auth(_) = &self.state {
            return Some(0);
        }
        let word = |from: usize| Some(from + line.get(from..)?.iter().position(|octet| *octet == b' ')? + 1);
        let argument = word(0)?;
        match line.get(..argument - 1)?.to_ascii_uppercase().as_slice() {
            b"PASS" => Some(argument),
            b"APOP" | b"AUTH" => word(argument),
            _ => None,
        }
    }

    /// A login that has just ended without anything to judge, by which mechanism and how: for the operator, once.
    pub fn take_early(&mut self) -> Option<(Option<Mechanism>, Early)> {
        self.early.take()
    }

    /// What to say before the host closes by itself. RFC 1939 §3 would have it close without a word after silence;
    /// people then think that the server is broken, and a client that reads no more loses nothing by it. As the RFC
    /// says, no message is removed.
    pub fn farewell(&mut self, why: Farewell) -> Reply {
        self.state = State::Ended;
        let reply = match why {
            Farewell::Silence(wait) => {
                replies::SILENCE.and(format_args!("{} s, closing the connection", wait.as_secs()))
            }
            Farewell::Draining => replies::GOING_DOWN,
            Farewell::NoCertificate => replies::CERTIFICATE_GONE,
        };
        self.tagged(reply)
    }

    /// Takes a line without its end.
    pub fn command(&mut self, line: &[u8]) -> Step {
        let step = match &self.state {
            State::Auth(_) => self.response(line),
            State::Authorization(_) | State::Transaction(_) => self.dispatch(line),
            State::Asked(_) | State::Ended => self.bug(),
        };
        self.seal(step)
    }

    /// The line was longer than [`MAX_LINE`], and has been skipped. An AUTH exchange ends with it.
    pub fn line_too_long(&mut self) -> Step {
        if let State::Auth(login) = &self.state {
            let end = Early::Malformed("a response of more than the longest line".to_owned());
            self.early = Some((Some(login.exchange.mechanism()), end));
            self.state = State::Authorization(None);
        }
        self.seal(Step::Reply(replies::LINE_TOO_LONG))
    }

    /// TLS is there. RFC 2595 §4: whatever was known of the client before is forgotten.
    pub fn tls_started(&mut self, mechanisms: Vec<Mechanism>) {
        self.tls = Tls::Active;
        self.mechanisms = mechanisms;
        self.channel = None;
        self.state = State::Authorization(None);
        self.exposed = Exposed::default();
    }

    fn dispatch(&mut self, line: &[u8]) -> Step {
        let (verb, argument) = split(line);
        if let State::Authorization(_) = &self.state
            && !verb.eq_ignore_ascii_case(b"QUIT")
        {
            self.counts.before_login += 1;
            if self.counts.before_login > self.policy.limits.commands_before_login {
                return Step::Close(Ending::Commands, replies::TOO_MANY_COMMANDS);
            }
            if self.needs_tls() {
                self.exposed.note(verb, argument);
            }
        }
        commands::run(self, verb, argument)
    }

    /// Whether a login must wait for TLS.
    pub(super) fn needs_tls(&self) -> bool {
        self.policy.auth_needs_tls && self.tls != Tls::Active
    }

    /// Whether a login now is one in clear that ends the session.
    pub(super) fn cleartext_closes(&self) -> bool {
        self.policy.cleartext_closes && self.needs_tls()
    }

    /// The host did what the contract does not have.
    pub(super) fn bug(&mut self) -> Step {
        Step::Close(Ending::Fault, replies::BUG)
    }

    /// The last look at every step: refusals get the session's id, and too many of them end the session.
    pub(super) fn seal(&mut self, step: Step) -> Step {
        match step {
            Step::Reply(reply) if reply.is_refusal() => {
                self.counts.bad += u32::from(reply.is_wrong());
                if self.counts.bad > self.policy.limits.bad_commands {
                    return self.end(Ending::Commands, replies::TOO_MANY_BAD);
                }
                Step::Reply(self.tagged(reply))
            }
            Step::Close(ending, reply) => self.end(ending, reply),
            other => other,
        }
    }

    fn end(&mut self, ending: Ending, reply: Reply) -> Step {
        self.state = State::Ended;
        Step::Close(ending, if reply.is_refusal() { self.tagged(reply) } else { reply })
    }

    fn tagged(&self, reply: Reply) -> Reply {
        reply.and(format_args!(" [{}]", self.policy.session))
    }

    /// Takes the state out; what is left means that the session has ended.
    pub(super) fn take_state(&mut self) -> State {
        mem::replace(&mut self.state, State::Ended)
    }
}

/// Verb and argument. The argument keeps its spaces: they may belong to a password (RFC 1939 §7, PASS).
fn split(line: &[u8]) -> (&[u8], &[u8]) {
    match line.iter().position(|octet| *octet == b' ') {
        Some(space) => (line.get(..space).unwrap_or_default(), line.get(space + 1..).unwrap_or_default()),
        None => (line, b""),
    }
}
