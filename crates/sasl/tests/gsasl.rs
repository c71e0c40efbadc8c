//! Both our sides against GNU SASL, whose `gsasl` speaks a mechanism over its standard input and output, a line of base64
//! for each message.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use sasl::server::Step;
use sasl::{Evidence, Mechanism, Secret, client, cram, scram, server, wire};

const USER: &str = "alice";
const PASSWORD: &str = "correct horse";

/// What it can do without a network. Its CRAM-MD5 wants a NUL-free name; all of them do.
const MECHANISMS: [Mechanism; 5] =
    [Mechanism::ScramSha256, Mechanism::ScramSha1, Mechanism::CramMd5, Mechanism::Plain, Mechanism::Login];

/// A `gsasl` that runs; killed when dropped.
struct Gsasl {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Gsasl {
    fn start(side: &str, mechanism: Mechanism, password: &str) -> Self {
        let mut command = Command::new("gsasl");
        command.args([side, "--quiet", "--no-cb", "--mechanism", mechanism.name(), "-a", USER, "-p", password]);
        // Without an authorization identity it would ask for one.
        command.args(["--authorization-id", "", "--hostname", "localhost", "--service", "imap"]);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = child.expect("gsasl is installed (./test installs it)");
        let input = child.stdin.take().expect("piped");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let mut gsasl = Self { child, input, output };
        assert_eq!(gsasl.line().as_deref(), Some(mechanism.name()));
        gsasl
    }

    /// The next line; `None` once it has ended.
    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let octets = self.output.read_line(&mut line).expect("text");
        (octets > 0).then(|| line.trim_end().to_owned())
    }

    fn message(&mut self) -> Option<Vec<u8>> {
        self.line().map(|line| wire::response(line.as_bytes()).expect("base64"))
    }

    fn send(&mut self, message: &[u8]) {
        writeln!(self.input, "{}", wire::encode(message)).expect("it reads");
    }
}

impl Drop for Gsasl {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn keys(hash: scram::Hash) -> scram::Keys {
    scram::Keys::derive(hash, PASSWORD.as_bytes(), b"salt of the test".to_vec(), 4096)
}

fn is_right(evidence: &Evidence) -> bool {
    let password = Secret::new(PASSWORD);
    let right = match evidence {
        Evidence::Password(e) => e.password == password,
        Evidence::Cram(e) => e.verify(&password) && e.verify_contexts(&cram::Contexts::of(&password)),
        Evidence::Scram(e) => e.verify(&keys(e.proof.hash())) && e.verify_password(&password),
        _ => false,
    };
    right && evidence.identity() == USER && evidence.authzid().is_none()
}

/// Their client logs in at our server.
fn their_client(mechanism: Mechanism, password: &str) -> bool {
    let mut gsasl = Gsasl::start("--client", mechanism, password);
    let client_first = !matches!(mechanism, Mechanism::CramMd5 | Mechanism::Login);
    let initial = client_first.then(|| gsasl.message().expect("an initial response"));
    if mechanism == Mechanism::CramMd5 {
        assert_eq!(gsasl.line().as_deref(), Some(""), "it has no initial response");
    }
    let context = server::Context::clear("localhost");
    let (mut exchange, mut step) = server::Exchange::start(mechanism, &context, initial.as_deref());
    loop {
        step = match step {
            Step::Challenge(challenge) => {
                gsasl.send(&challenge);
                match gsasl.message() {
                    Some(response) => exchange.respond(&response),
                    None => return false,
                }
            }
            Step::NeedKeys { hash, .. } => exchange.keys(keys(hash)),
            Step::Judge(evidence) if is_right(&evidence) => exchange.accepted(),
            Step::Judge(_) => exchange.rejected(),
            Step::Done => return true,
            Step::Refused => return false,
            Step::Broken(why) => panic!("{mechanism}: {why}"),
        }
    }
}

/// Our client logs in at their server.
fn their_server(mechanism: Mechanism, password: &str) -> bool {
    let mut gsasl = Gsasl::start("--server", mechanism, PASSWORD);
    let credentials = client::Credentials::password(USER, Secret::new(password));
    let begun = client::Exchange::start(mechanism, credentials, &client::Context::default());
    let (mut exchange, initial) = begun.expect("it suits");
    if let Some(initial) = initial {
        assert_eq!(gsasl.line().as_deref(), Some(""), "it waits for us");
        gsasl.send(&initial);
    }
    // SCRAM's two answers, LOGIN's two prompts, CRAM-MD5's one challenge, nothing more of PLAIN.
    let challenges = match mechanism {
        Mechanism::Plain => 0,
        Mechanism::CramMd5 => 1,
        _ => 2,
    };
    for _ in 0..challenges {
        let Some(challenge) = gsasl.message() else { return false };
        gsasl.send(&exchange.respond(&challenge).expect("an answer"));
    }
    // Where the server has nothing to prove, it says an empty line if it is content, and ends if not.
    exchange.finish().is_ok() && (mechanism.scram_hash().is_some() || gsasl.line().as_deref() == Some(""))
}

#[test]
fn gsasl_logs_in_at_our_server() {
    for mechanism in MECHANISMS {
        assert!(their_client(mechanism, PASSWORD), "{mechanism}");
        assert!(!their_client(mechanism, "wrong"), "{mechanism}");
    }
}

#[test]
fn our_client_logs_in_at_gsasl() {
    for mechanism in MECHANISMS {
        assert!(their_server(mechanism, PASSWORD), "{mechanism}");
        assert!(!their_server(mechanism, "wrong"), "{mechanism}");
    }
}
