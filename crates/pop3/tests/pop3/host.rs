//! A host in memory: it answers what a session asks, and looks like a connection to a dialogue.

use std::time::Duration;

use harness::dialogue::{Received, Wire};
use pop3::server::{Answer, Failure, Farewell, Limits, Maildrop, Policy, Question, Session, Step, Tls};
use pop3::{Multiline, Reply};
use sasl::{Bindings, Certificate, Channel, Evidence, Mechanism, Secret, scram};

/// Two messages; `crates/gatepost/tests/pop3` puts the same into Maildirs.
const MESSAGES: [&str; 2] = [include_str!("../messages/1.eml"), include_str!("../messages/2.eml")];

/// A session and what it has said.
pub(crate) struct Host {
    pub(crate) session: Session,
    input: Vec<u8>,
    output: Vec<u8>,
    message: Vec<u8>,
    handshake: bool,
    closed: bool,
}

impl Host {
    pub(crate) fn new(auth_needs_tls: bool) -> Self {
        let limits = Limits { commands_before_login: 25, bad_commands: 10, auth_failures: 3 };
        let (hostname, session) = ("mail.example.test".to_owned(), "7HX2K9QF".to_owned());
        let policy = Policy { hostname, session, auth_needs_tls, cleartext_closes: false, limits };
        Self::offering(policy, if auth_needs_tls { Vec::new() } else { offered() })
    }

    /// Where a login in clear is the end.
    pub(crate) fn closing() -> Self {
        let limits = Limits { commands_before_login: 25, bad_commands: 10, auth_failures: 3 };
        let (hostname, session) = ("mail.example.test".to_owned(), "7HX2K9QF".to_owned());
        let policy = Policy { hostname, session, auth_needs_tls: true, cleartext_closes: true, limits };
        Self::offering(policy, Vec::new())
    }

    /// As if inside TLS, with everything that there is, and a client certificate for alice.
    pub(crate) fn offering_all() -> Self {
        let limits = Limits { commands_before_login: 25, bad_commands: 10, auth_failures: 3 };
        let (hostname, session) = ("mail.example.test".to_owned(), "7HX2K9QF".to_owned());
        let policy = Policy { hostname, session, auth_needs_tls: false, cleartext_closes: false, limits };
        let mut host = Self::offering(policy, Mechanism::ALL.to_vec());
        host.session.set_channel(channel());
        host
    }

    fn offering(policy: Policy, mechanisms: Vec<Mechanism>) -> Self {
        let session = Session::new(policy, Tls::Offered, mechanisms);
        let (input, output, message) = (Vec::new(), Vec::new(), Vec::new());
        let mut host = Self { session, input, output, message, handshake: false, closed: false };
        host.session.greeting().encode(&mut host.output);
        host
    }

    fn run(&mut self, mut step: Step) {
        loop {
            step = match step {
                Step::Ask(question) => {
                    let answer = self.answer(question);
                    self.session.answer(answer)
                }
                Step::Reply(reply) => return reply.encode(&mut self.output),
                Step::Send(reply, extent) => {
                    reply.encode(&mut self.output);
                    let slices: Vec<_> = Multiline::new(&self.message, extent).collect();
                    return self.output.extend(slices.concat());
                }
                Step::StartTls(reply) => {
                    self.handshake = true;
                    self.input.clear();
                    return reply.encode(&mut self.output);
                }
                Step::Close(_, reply) => return self.close(&reply),
            };
        }
    }

    fn close(&mut self, reply: &Reply) {
        self.closed = true;
        reply.encode(&mut self.output);
    }

    /// The user's name says what goes wrong.
    fn answer(&mut self, question: Question) -> Answer {
        let message = |uid: u32| MESSAGES[usize::try_from(uid).unwrap() - 1].replace('\n', "\r\n");
        match question {
            Question::ScramKeys { hash, .. } => Answer::Keys(keys(hash)),
            Question::Credentials(evidence) => self.judge(&evidence),
            Question::Maildrop if self.message == b"nomail" => Answer::Failed(Failure::Permanent),
            Question::Maildrop if self.message == b"busy" => Answer::Failed(Failure::Temporary),
            Question::Maildrop => {
                Answer::Maildrop(Maildrop::new(7, [1, 2].map(|uid| (uid, u64::try_from(message(uid).len()).unwrap()))))
            }
            Question::Message(2) if self.message == b"gone" => Answer::Gone,
            Question::Message(1) if self.message == b"gone" => Answer::Failed(Failure::Temporary),
            Question::Message(uid) => {
                self.message = message(uid).into_bytes();
                Answer::Message
            }
            Question::Remove(_) if self.message == b"gone" => Answer::Failed(Failure::Permanent),
            Question::Remove(uids) => {
                assert!(!uids.is_empty());
                Answer::Removed
            }
        }
    }

    fn judge(&mut self, evidence: &Evidence) -> Answer {
        self.message = evidence.identity().split('@').next().unwrap().into();
        let right = match evidence {
            Evidence::Password(e) => e.password == password(),
            Evidence::Cram(e) => e.verify(&password()),
            Evidence::Scram(e) => e.verify(&keys(e.proof.hash())),
            Evidence::Apop(e) => e.verify(&password()),
            Evidence::Token(e) => e.token == token(),
            Evidence::Certificate(_) => true,
        };
        match (evidence.identity(), right) {
            ("broken@example.test", _) => Answer::Failed(Failure::Temporary),
            ("throttled@example.test", _) => Answer::LoginThrottled,
            (_, true) => Answer::LoggedIn,
            (_, false) => Answer::LoginRefused,
        }
    }

    /// Whether STLS was granted.
    pub(crate) fn awaits_handshake(&self) -> bool {
        self.handshake
    }

    fn line(&mut self) -> Option<Vec<u8>> {
        let end = self.input.iter().position(|octet| *octet == b'\n')?;
        let line: Vec<u8> = self.input.drain(..=end).collect();
        let line = line.strip_suffix(b"\n").unwrap_or(&line);
        Some(line.strip_suffix(b"\r").unwrap_or(line).to_vec())
    }

    /// The host ends the session.
    pub(crate) fn fall_silent(&mut self, wait: Duration) {
        let reply = self.session.farewell(Farewell::Silence(wait));
        self.close(&reply);
    }
}

impl Wire for Host {
    fn send(&mut self, octets: &[u8]) {
        self.input.extend_from_slice(octets);
        while !self.closed
            && !self.handshake
            && let Some(line) = self.line()
        {
            let step = self.session.command(&line);
            self.run(step);
        }
    }

    fn receive_line(&mut self) -> Received {
        match self.output.windows(2).position(|pair| pair == b"\r\n") {
            Some(end) => {
                let line = self.output.drain(..end + 2).take(end).collect();
                Received::Line(line)
            }
            None if self.closed => Received::Closed,
            None => Received::Nothing,
        }
    }

    fn start_tls(&mut self) {
        assert!(std::mem::take(&mut self.handshake) && self.output.is_empty(), "no handshake is due");
        self.session.tls_started(offered());
    }
}

pub(crate) fn password() -> Secret {
    Secret::new("wonder land")
}

pub(crate) fn token() -> Secret {
    Secret::new("vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==")
}

/// What TLS would know.
pub(crate) fn channel() -> Channel {
    let certificate = Certificate { names: vec!["alice@example.test".to_owned()], fingerprint: [1; 32] };
    Channel { bindings: Bindings { exporter: Some([9; 32]), server_end_point: None }, certificate: Some(certificate) }
}

fn keys(hash: scram::Hash) -> scram::Keys {
    scram::Keys::derive(hash, b"wonder land", b"salt".to_vec(), scram::MIN_ITERATIONS)
}

/// What the dialogues know.
fn offered() -> Vec<Mechanism> {
    vec![Mechanism::ScramSha256, Mechanism::CramMd5, Mechanism::Plain, Mechanism::Login]
}
