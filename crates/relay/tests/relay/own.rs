//! Our own server's session inside real TLS, with logins that are bound to it: by our courier, and by GNU SASL's client.

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;

use net::{Connection, LineEnd, ServerTls};
use sasl::{Bindings, Channel, Evidence, Mechanism, scram};
use smtp::server::{Answer, Limits, Policy, Question, Role, Session, Step, Tls};
use tokio::net::TcpListener;

use crate::fixture::{Authority, Fixture, deferred, password_file};

const USER: &str = "me@us.example";
const PASSWORD: &str = "right horse";
const WAIT: Duration = Duration::from_secs(30);

fn policy() -> Policy {
    let limits = Limits {
        message_size: 1000,
        recipients: 10,
        hops: 10,
        commands_before_login: 20,
        bad_commands: 20,
        unknown_recipients: 5,
        auth_failures: 5,
    };
    Policy {
        xclient: false,
        hostname: message::Domain::parse("mx.x.example").expect("a name"),
        session: "7HX2K9QF".into(),
        peer: [127, 0, 0, 1].into(),
        role: Role::Submission,
        legacy_auth_line: false,
        wording: smtp::server::Wording::Rfc,
        auth_needs_tls: true,
        cleartext_closes: false,
        grammar: smtp::Grammar::Lenient,
        bare_newline: smtp::BareNewline::Reject,
        limits,
    }
}

fn answer(question: Question) -> Answer {
    let keys = |hash| scram::Keys::derive(hash, PASSWORD.as_bytes(), b"salt".to_vec(), 4096);
    match question {
        Question::ScramKeys { hash, .. } => Answer::Keys(keys(hash)),
        Question::Credentials(Evidence::Scram(e)) if e.identity == USER && e.verify(&keys(e.proof.hash())) => {
            Answer::LoggedIn(message::Address::parse(USER).expect("an address"))
        }
        Question::Credentials(_) => Answer::LoginRefused,
        _ => Answer::TempFail,
    }
}

/// What a server under test offers, and the bindings that its client is to see; `spoiled` plays somebody in between, who
/// has another TLS connection to each side.
#[derive(Clone)]
struct Server {
    tls: ServerTls,
    offered: Vec<Mechanism>,
    spoiled: bool,
}

impl Server {
    /// Starts it; where it listens.
    async fn start(self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(self.clone().serve(Connection::new(socket).expect("a connection")));
            }
        });
        address
    }

    async fn serve(self, mut connection: Connection) {
        let mut session = Session::new(policy(), Tls::Offered, Vec::new());
        let mut out = Vec::new();
        session.greeting().encode(&mut out);
        connection.write(&out);
        let mut line = Vec::new();
        while connection.read_line(&mut line, LineEnd::Crlf, smtp::verb::MAX_AUTH, WAIT).await.is_ok() {
            let mut step = session.command(&line);
            while let Step::Ask(question) = step {
                step = session.answer(answer(question));
            }
            let mut out = Vec::new();
            match step {
                Step::Reply(reply) | Step::Close(_, reply) => {
                    reply.encode(&mut out);
                    connection.write(&out);
                }
                Step::StartTls(reply) => {
                    reply.encode(&mut out);
                    connection.write(&out);
                    connection.accept_tls(&self.tls, WAIT).await.expect("a handshake");
                    session.tls_started(String::new(), self.offered.clone());
                    session.set_channel(self.channel(&connection));
                }
                _ => return,
            }
        }
    }

    fn channel(&self, connection: &Connection) -> Channel {
        let tls = connection.tls().expect("TLS");
        let exporter = if self.spoiled { Some([7; 32]) } else { tls.exporter };
        let server_end_point = tls.server_end_point.as_deref().map(<[u8]>::to_vec);
        Channel { bindings: Bindings { exporter, server_end_point }, certificate: None }
    }
}

fn tls(authority: &Authority) -> ServerTls {
    ServerTls::load(&authority.files.certificate, &authority.files.key).expect("a certificate")
}

/// What our courier says after it has tried to log in.
async fn courier(authority: &Authority, server: Server) -> String {
    let address = server.start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = password_file(folder.path(), PASSWORD, 0o600);
    let route = format!(
        "[[route]]\nto = \"*\"\nvia = \"{address}\"\nuser = \"{USER}\"\npassword_file = \"{}\"\n{}\n",
        path.display(),
        authority.key()
    );
    let outcome = Fixture::new("", 25, &route).send_one("b@x.example").await;
    deferred(&outcome).2
}

/// RFC 9266, RFC 5802 §6: our client binds SCRAM to the connection where the server can, and the server notices a
/// connection that is another one.
#[tokio::test]
async fn our_courier_binds_its_login_to_the_connection() {
    let authority = Authority::new();
    for mechanism in [Mechanism::ScramSha256Plus, Mechanism::ScramSha1Plus, Mechanism::ScramSha1] {
        let server = Server { tls: tls(&authority), offered: vec![mechanism], spoiled: false };
        // The server of this test looks nobody up, so that this is said after the login.
        let said = courier(&authority, server).await;
        assert!(said.contains("451 4.3.0"), "{mechanism}: {said}");
    }
    let server = Server { tls: tls(&authority), offered: vec![Mechanism::ScramSha256Plus], spoiled: true };
    let said = courier(&authority, server).await;
    assert!(said.contains("the channel binding does not match"), "{said}");
}

/// Logs in with GNU SASL's client; whether it got in.
async fn gsasl(authority: &Authority, address: SocketAddr, mechanism: &str, password: &str) -> bool {
    let mut command = Command::new("gsasl");
    command.args(["--smtp", "--starttls", "--verbose", "--mechanism", mechanism]);
    command.args(["--authentication-id", USER, "--authorization-id", "", "--password", password]);
    command.arg("--x509-ca-file").arg(&authority.files.ca).arg(format!("--connect=localhost:{}", address.port()));
    command.stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("it ran");
    let output = output.expect("gsasl is installed (./test installs it)");
    String::from_utf8_lossy(&output.stdout).lines().any(|line| line.starts_with("235 "))
}

/// A foreign client's idea of the channel is ours.
#[tokio::test(flavor = "multi_thread")]
async fn gnu_sasl_binds_its_login_to_the_connection() {
    let authority = Authority::new();
    for mechanism in [Mechanism::ScramSha256Plus, Mechanism::ScramSha1Plus] {
        let server = Server { tls: tls(&authority), offered: vec![mechanism], spoiled: false };
        let address = server.clone().start().await;
        assert!(gsasl(&authority, address, mechanism.name(), PASSWORD).await, "{mechanism}");
        assert!(!gsasl(&authority, address, mechanism.name(), "wrong").await, "{mechanism}");
        let address = Server { spoiled: true, ..server }.start().await;
        assert!(!gsasl(&authority, address, mechanism.name(), PASSWORD).await, "{mechanism}: another connection");
    }
}
