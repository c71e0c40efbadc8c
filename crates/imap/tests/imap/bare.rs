//! A host without I/O around a bare session: it knows one account and mailboxes in which nothing happens.

use harness::dialogue::{Received, Wire};
use imap::response::Reply;
use imap::{Answer, Command, Event, Framer, Limits, Offers, Question, Refusal, Session, Settings, Step, Tls};
use sasl::{Bindings, Certificate, Channel, Evidence, Mechanism, Secret, scram};

pub(crate) const USER: &str = "alice@example.test";
pub(crate) const PASSWORD: &[u8] = b"correct horse";
pub(crate) const TOKEN: &[u8] = b"vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==";

/// What the dialogues know.
const OFFERED: [Mechanism; 4] = [Mechanism::ScramSha256, Mechanism::CramMd5, Mechanism::Plain, Mechanism::Login];

/// What the host's auth chain says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chain {
    Judges,
    IsDown,
}

pub(crate) struct Host {
    session: Session,
    framer: Framer,
    chain: Chain,
    input: Vec<u8>,
    output: Vec<u8>,
    /// The messages that were appended.
    pub(crate) appended: Vec<Vec<u8>>,
    /// The commands that reached the mailboxes.
    pub(crate) performed: Vec<Command>,
    over: bool,
}

pub(crate) fn limits() -> Limits {
    Limits { commands_before_login: 50, bad_commands: 20, auth_failures: 3, message_size: 1000 }
}

fn settings(limits: Limits) -> Settings {
    let (host, session) = ("mail.example.test".into(), "7HX2K9QF".into());
    Settings { host, session, cleartext_closes: false, limits }
}

impl Host {
    /// In clear, with a certificate: passwords only after STARTTLS.
    pub(crate) fn strict() -> Self {
        Self::new(limits(), Offers { tls: Tls::Offered, mechanisms: vec![Mechanism::ScramSha256] })
    }

    /// The same, where a login in clear is the end.
    pub(crate) fn closing() -> Self {
        let settings = Settings { cleartext_closes: true, ..settings(limits()) };
        Self::with_settings(settings, Offers { tls: Tls::Offered, mechanisms: Vec::new() })
    }

    /// In clear, and the operator allows passwords there.
    pub(crate) fn clear() -> Self {
        Self::new(limits(), Offers { tls: Tls::Offered, mechanisms: OFFERED.to_vec() })
    }

    /// Inside TLS, with everything that there is, and a client certificate for alice; the greeting is read.
    pub(crate) fn offering_all() -> Self {
        let mut host = Self::new(limits(), Offers { tls: Tls::Active, mechanisms: Mechanism::ALL.to_vec() });
        host.framer = Framer::new(65_536);
        host.session.set_channel(channel());
        host.say("");
        host
    }

    /// Where the secret of a line begins.
    pub(crate) fn secret_in(&self, line: &[u8]) -> Option<usize> {
        self.session.secret_in(line)
    }

    pub(crate) fn new(limits: Limits, offers: Offers) -> Self {
        Self::with_settings(settings(limits), offers)
    }

    fn with_settings(settings: Settings, offers: Offers) -> Self {
        let session = Session::new(settings, offers);
        let output = session.greeting();
        let framer = Framer::new(2000);
        let (input, appended, performed) = (Vec::new(), Vec::new(), Vec::new());
        Self { session, framer, chain: Chain::Judges, input, output, appended, performed, over: false }
    }

    pub(crate) fn with_chain(self, chain: Chain) -> Self {
        Self { chain, ..self }
    }

    /// Sends text and gives back what came of it.
    pub(crate) fn say(&mut self, text: impl AsRef<[u8]>) -> String {
        self.send(text.as_ref());
        String::from_utf8(std::mem::take(&mut self.output)).expect("replies are UTF-8")
    }

    /// Whose password came in clear.
    pub(crate) fn exposed(&mut self) -> Option<String> {
        self.session.take_exposed()
    }

    fn work(&mut self) {
        while !self.over && !self.input.is_empty() {
            let (used, event) = self.framer.feed(&self.input, self.session.expect());
            let piece: Vec<u8> = self.input.drain(..used).collect();
            match event {
                Event::More => {}
                Event::Continue => self.output.extend_from_slice(b"+ go on\r\n"),
                Event::Body => self.appended.last_mut().expect("it was announced").extend(piece),
                Event::Line(line) => self.follow_line(line),
                Event::TooLong(tag) => {
                    let step = self.session.too_long(tag);
                    self.follow(step);
                }
                Event::MessageEnd { clean } => self.message_end(clean),
                Event::Message(announced) => {
                    let step = self.session.announced(announced);
                    self.follow(step);
                }
            }
        }
    }

    fn follow_line(&mut self, line: Vec<u8>) {
        let step = self.session.line(line);
        self.follow(step);
    }

    fn message_end(&mut self, clean: bool) {
        let text: &[u8] = if clean { b"* OK appended\r\n" } else { b"* BAD unclean\r\n" };
        self.output.extend_from_slice(text);
    }

    fn follow(&mut self, mut step: Step) {
        loop {
            step = match step {
                Step::Receive(receive) => {
                    self.framer.accept();
                    self.output.extend(receive.go_ahead);
                    return self.appended.push(Vec::new());
                }
                Step::Reply(octets) => {
                    self.output.extend(octets);
                    // No effect unless a message was refused.
                    return self.framer.refuse();
                }
                Step::Close(_, octets) => {
                    self.output.extend(octets);
                    self.over = true;
                    return;
                }
                Step::StartTls(octets) => {
                    self.output.extend(octets);
                    self.input.clear();
                    return;
                }
                Step::Ask(question) => {
                    let answer = answer(self.chain, question);
                    self.session.answer(answer)
                }
                Step::Perform(tag, command) => {
                    let reply = self.perform(command);
                    self.session.finish(&tag, &reply)
                }
            };
        }
    }

    fn perform(&mut self, command: Command) -> Reply {
        match &command {
            Command::Select(_, access) => self.session.selected(*access),
            Command::Close | Command::Unselect => self.session.unselected(),
            _ => {}
        }
        self.performed.push(command);
        Reply::ok("performed")
    }
}

/// What TLS would know.
pub(crate) fn channel() -> Channel {
    let certificate = Certificate { names: vec![USER.to_owned()], fingerprint: [1; 32] };
    Channel { bindings: Bindings { exporter: Some([9; 32]), server_end_point: None }, certificate: Some(certificate) }
}

fn answer(chain: Chain, question: Question) -> Answer {
    if chain == Chain::IsDown {
        return Answer::Refused(Refusal::Unavailable);
    }
    let keys = |hash| scram::Keys::derive(hash, PASSWORD, b"salt".to_vec(), 4096);
    let right = match question {
        Question::ScramKeys { hash, .. } => return Answer::Keys(keys(hash)),
        Question::Credentials(evidence) => match *evidence {
            Evidence::Password(e) => e.identity == USER && e.password == Secret::new(PASSWORD),
            Evidence::Scram(e) => e.identity == USER && e.verify(&keys(e.proof.hash())),
            Evidence::Cram(e) => e.identity == USER && e.verify(&Secret::new(PASSWORD)),
            Evidence::Token(e) => e.identity == USER && e.token == Secret::new(TOKEN),
            Evidence::Certificate(e) => e.identity() == USER,
            Evidence::Apop(_) => false,
        },
    };
    if right { Answer::Accepted } else { Answer::Refused(Refusal::Credentials) }
}

impl Wire for Host {
    fn send(&mut self, octets: &[u8]) {
        self.input.extend_from_slice(octets);
        self.work();
    }

    fn receive_line(&mut self) -> Received {
        let Some(end) = self.output.windows(2).position(|w| w == b"\r\n") else {
            return if self.over { Received::Closed } else { Received::Nothing };
        };
        Received::Line(self.output.drain(..end + 2).take(end).collect())
    }

    fn start_tls(&mut self) {
        assert!(self.output.is_empty(), "{}", self.output.escape_ascii());
        self.framer = Framer::new(2000);
        self.session.secured(Offers { tls: Tls::Active, mechanisms: OFFERED.to_vec() });
        self.work();
    }
}
