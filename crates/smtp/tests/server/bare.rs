//! A host without I/O around a bare session: it knows two accounts and an alias, and keeps what was queued.

use harness::dialogue::{Received, Wire};
use message::Address;
use sasl::{Bindings, Certificate, Channel, Evidence, Mechanism, Secret, scram};
use smtp::server::{Answer, Arrival, Limits, Message, NotQueued, Policy, Question, Role, Session, Step, Tls, Wording};
use smtp::{BareNewline, ForwardPath, Grammar, Reply, verb};

/// Everybody's password.
pub(crate) const PASSWORD: &[u8] = b"correct horse";
/// Alice's token.
pub(crate) const TOKEN: &[u8] = b"vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==";
/// What the dialogues know.
const OFFERED: [Mechanism; 4] = [Mechanism::ScramSha256, Mechanism::CramMd5, Mechanism::Plain, Mechanism::Login];
const CIPHER: &str = "TLS_AES_256_GCM_SHA384";

/// A session and what it is told.
pub(crate) struct Host {
    pub(crate) session: Session,
    pub(crate) queued: Vec<Message>,
    /// What the queue says.
    pub(crate) queue: Result<(), NotQueued>,
    /// What is offered inside TLS.
    pub(crate) offered: Vec<Mechanism>,
    input: Vec<u8>,
    output: Vec<u8>,
    place: Place,
}

/// What the next octets are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Commands,
    Content,
    Handshake,
    Over,
}

/// The policy that tests begin with: port 25, lenient.
pub(crate) fn policy() -> Policy {
    Policy {
        xclient: false,
        hostname: message::Domain::parse("mail.example.test").expect("a name"),
        session: "7HX2K9QF".into(),
        peer: [192, 0, 2, 1].into(),
        role: Role::Exchange,
        auth_needs_tls: true,
        cleartext_closes: false,
        legacy_auth_line: false,
        wording: Wording::Rfc,
        grammar: Grammar::Lenient,
        bare_newline: BareNewline::Reject,
        limits: Limits {
            message_size: 50_000_000,
            recipients: 100,
            hops: 50,
            commands_before_login: 50,
            bad_commands: 10,
            unknown_recipients: 3,
            auth_failures: 3,
        },
    }
}

pub(crate) fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

impl Host {
    pub(crate) fn new(policy: Policy) -> Self {
        let mechanisms = if policy.auth_needs_tls { Vec::new() } else { OFFERED.to_vec() };
        let session = Session::new(policy, Tls::Offered, mechanisms);
        let mut output = Vec::new();
        session.greeting().encode(&mut output);
        let (queued, input) = (Vec::new(), Vec::new());
        let offered = OFFERED.to_vec();
        Self { session, queued, queue: Ok(()), offered, input, output, place: Place::Commands }
    }

    /// Inside TLS, where everything is offered.
    pub(crate) fn offering_all() -> Self {
        Self { offered: Mechanism::ALL.to_vec(), ..Self::new(policy()) }.into_tls()
    }

    /// Sends text and gives back what came of it.
    pub(crate) fn say(&mut self, text: &str) -> String {
        self.send(text.as_bytes());
        String::from_utf8(std::mem::take(&mut self.output)).expect("replies are UTF-8")
    }

    /// The greeting, EHLO, and TLS; replies dropped.
    pub(crate) fn into_tls(mut self) -> Self {
        self.say("EHLO client.example\r\nSTARTTLS\r\n");
        self.start_tls();
        self.say("EHLO client.example\r\n");
        self
    }

    fn work(&mut self) {
        loop {
            let step = match self.place {
                Place::Commands => self.line(),
                Place::Content => self.content(),
                Place::Handshake | Place::Over => None,
            };
            let Some(step) = step else { return };
            self.perform(step);
        }
    }

    fn line(&mut self) -> Option<Step> {
        let end = self.input.windows(2).position(|w| w == b"\r\n")?;
        let line: Vec<u8> = self.input.drain(..end + 2).take(end).collect();
        Some(if line.len() > verb::MAX_AUTH { self.session.line_too_long() } else { self.session.command(&line) })
    }

    fn content(&mut self) -> Option<Step> {
        let data = self.session.data(&self.input);
        self.input.drain(..data.consumed);
        data.step
    }

    fn perform(&mut self, mut step: Step) {
        loop {
            self.place = Place::Commands;
            step = match step {
                Step::Reply(reply) => return self.reply(&reply),
                Step::Ask(question) => {
                    let answer = answer(question);
                    self.session.answer(answer)
                }
                Step::StartTls(reply) => {
                    self.reply(&reply);
                    // RFC 3207 §4.2: nothing that came in clear is heard after it.
                    self.input.clear();
                    self.place = Place::Handshake;
                    return;
                }
                Step::SpeaksFor(speaker) => {
                    let peer = speaker.address.unwrap_or(policy().peer);
                    self.session.speaks_for(peer, self.offered.clone());
                    let greeting = self.session.greeting();
                    return self.reply(&greeting);
                }
                Step::Receive(reply) => {
                    let date = "Sat, 21 Nov 2026 02:21:43 +0000";
                    let user = self.session.login().map(ToString::to_string);
                    self.session.receive(Arrival { id: "0F3K2M1QRSA", date, user: user.as_deref() });
                    self.reply(&reply);
                    self.place = Place::Content;
                    return;
                }
                Step::Commit(message) => {
                    self.queued.push(*message);
                    let answer = match self.queue {
                        Ok(()) => Answer::Queued("0F3K2M1QRSA".into()),
                        Err(why) => Answer::NotQueued(why),
                    };
                    self.session.answer(answer)
                }
                Step::Close(_, reply) => {
                    self.reply(&reply);
                    self.place = Place::Over;
                    return;
                }
            }
        }
    }

    fn reply(&mut self, reply: &Reply) {
        reply.encode(&mut self.output);
    }
}

impl Wire for Host {
    fn send(&mut self, octets: &[u8]) {
        self.input.extend_from_slice(octets);
        self.work();
    }

    fn receive_line(&mut self) -> Received {
        match self.output.windows(2).position(|w| w == b"\r\n") {
            Some(end) => Received::Line(self.output.drain(..end + 2).take(end).collect()),
            None if self.place == Place::Over => Received::Closed,
            None => Received::Nothing,
        }
    }

    fn start_tls(&mut self) {
        assert!(self.place == Place::Handshake && self.output.is_empty(), "the server does not wait for a handshake");
        self.session.tls_started(CIPHER.into(), self.offered.clone());
        self.session.set_channel(channel());
        self.place = Place::Commands;
        self.work();
    }
}

/// What TLS would know, with a client certificate for alice.
pub(crate) fn channel() -> Channel {
    let certificate = Certificate { names: vec!["alice@example.test".to_owned()], fingerprint: [1; 32] };
    Channel { bindings: Bindings { exporter: Some([9; 32]), server_end_point: None }, certificate: Some(certificate) }
}

/// What the host knows: alice, bob, and the alias team of both.
fn answer(question: Question) -> Answer {
    match question {
        Question::ScramKeys { hash, .. } => Answer::Keys(keys(hash)),
        Question::Credentials(evidence) => judge(&evidence),
        Question::Sender(address) if address.domain().as_str() != "example.test" => Answer::SenderAllowed,
        Question::Sender(address) if address.split_detail().0 == "alice" => Answer::SenderAllowed,
        Question::Sender(_) => Answer::SenderDenied,
        Question::Recipient(ForwardPath::Postmaster) => Answer::Local(vec![address("alice@example.test")]),
        Question::Recipient(ForwardPath::Mailbox(address)) if address.domain().as_str() != "example.test" => {
            Answer::Elsewhere
        }
        Question::Recipient(ForwardPath::Mailbox(address)) => local(address),
    }
}

fn local(asked: Address) -> Answer {
    match asked.split_detail().0 {
        "alice" | "bob" | "jörg" => Answer::Local(vec![asked]),
        "team" => Answer::Local(vec![address("alice@example.test"), address("bob@example.test")]),
        "later" => Answer::TempFail,
        _ => Answer::NoSuchUser,
    }
}

pub(crate) fn keys(hash: scram::Hash) -> scram::Keys {
    scram::Keys::derive(hash, PASSWORD, b"salt of the tests".to_vec(), 4096)
}

fn judge(evidence: &Evidence) -> Answer {
    let good = evidence.identity() == "alice@example.test"
        && match evidence {
            Evidence::Password(e) => e.password == Secret::new(PASSWORD),
            Evidence::Scram(e) => e.verify(&keys(e.proof.hash())),
            Evidence::Cram(e) => e.verify(&Secret::new(PASSWORD)),
            Evidence::Token(e) => e.token == Secret::new(TOKEN),
            Evidence::Certificate(_) => true,
            Evidence::Apop(_) => false,
        };
    match evidence.identity() {
        "later@example.test" => Answer::TempFail,
        "throttled@example.test" => Answer::LoginThrottled,
        _ if good => Answer::LoggedIn(address("alice@example.test")),
        _ => Answer::LoginRefused,
    }
}
