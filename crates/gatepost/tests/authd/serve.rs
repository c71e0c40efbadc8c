//! A server whose chain is in the daemon.

use harness::Gatepost;
use harness::dialogue::{Received, Tcp, Wire};

use crate::{PASSWORD, Setting};

/// A connection inside TLS.
struct Client(Tcp);

impl Client {
    fn open(server: &Gatepost, standard: u16) -> Self {
        let mut client = Self(Tcp::connect_tls(server.port(standard), server.ca()));
        client.line();
        client
    }

    fn line(&mut self) -> String {
        match self.0.receive_line() {
            Received::Line(line) => String::from_utf8(line).expect("UTF-8"),
            Received::Closed => String::new(),
            Received::Nothing => panic!("the server says nothing"),
        }
    }

    /// Says a line, and returns the first line of the answer that begins like this.
    fn say(&mut self, line: &str, beginnings: &[&str]) -> String {
        self.0.send(format!("{line}\r\n").as_bytes());
        loop {
            let line = self.line();
            if line.is_empty() || beginnings.iter().any(|beginning| line.starts_with(beginning)) {
                return line;
            }
        }
    }
}

fn submit(server: &Gatepost, password: &str) -> String {
    use base64::Engine;
    let plain = base64::engine::general_purpose::STANDARD.encode(format!("\0alice@example.test\0{password}"));
    let mut client = Client::open(server, 465);
    client.say("EHLO client.example", &["250 "]);
    client.say(&format!("AUTH PLAIN {plain}"), &["2", "4", "5"])
}

fn imap(server: &Gatepost, password: &str) -> String {
    Client::open(server, 993).say(&format!("a LOGIN alice@example.test \"{password}\""), &["a "])
}

fn server(setting: &mut Setting) {
    let own = setting.socket("own");
    setting.server.edit_config(|config| format!("{config}\n[auth]\nsocket = {:?}\n", own.display().to_string()));
    setting.server.start();
}

/// DESIGN: across a socket to `gatepost authd` the caller cannot tell the difference.
#[test]
fn logins_and_recipients_are_judged_over_the_socket() {
    let mut setting = Setting::new("");
    let authd = setting.authd();
    server(&mut setting);
    assert!(submit(&setting.server, PASSWORD).starts_with("235 "));
    assert!(submit(&setting.server, "wrong").starts_with("535 "));
    assert!(imap(&setting.server, PASSWORD).starts_with("a OK"));
    assert!(imap(&setting.server, "wrong").starts_with("a NO [AUTHENTICATIONFAILED]"));
    let mut mx = Client(Tcp::connect(setting.server.port(25), setting.server.ca()));
    mx.line();
    mx.say("EHLO client.example", &["250 "]);
    mx.say("MAIL FROM:<eve@example.org>", &["250 "]);
    assert!(mx.say("RCPT TO:<alice@example.test>", &["2", "4", "5"]).starts_with("250 "));
    assert!(mx.say("RCPT TO:<nobody@example.test>", &["2", "4", "5"]).starts_with("550 "));
    // What is offered is computed over there.
    let mut client = Client::open(&setting.server, 465);
    let offered = client.say("EHLO client.example", &["250-AUTH", "250 AUTH"]);
    assert!(offered.contains("SCRAM-SHA-256") && !offered.contains("CRAM-MD5"), "{offered}");
    // Attempts are logged where the client is, and not once more over there.
    assert!(setting.server.log().contains("login refused") && !authd.log().contains("login refused"));
    assert!(!authd.log().contains(PASSWORD));
}

/// MISSION 004-33: a daemon that is gone is temporary, and logins go on once it is back.
#[test]
fn a_daemon_that_is_killed_is_temporary_and_comes_back() {
    let mut setting = Setting::new("");
    let authd = setting.authd();
    server(&mut setting);
    assert!(submit(&setting.server, PASSWORD).starts_with("235 "));
    authd.kill();
    assert!(submit(&setting.server, PASSWORD).starts_with("454 4.7.0 "));
    assert!(imap(&setting.server, PASSWORD).starts_with("a NO [UNAVAILABLE]"));
    let line = setting.server.wait_for_log("login could not be judged");
    assert!(line.contains("Connection refused") && line.contains("start gatepost authd"), "{line}");
    let _back = setting.authd();
    assert!(submit(&setting.server, PASSWORD).starts_with("235 "));
    assert!(imap(&setting.server, PASSWORD).starts_with("a OK"));
}

/// A server may be started first: it offers logins as soon as the daemon is there.
#[test]
fn a_server_that_is_first_finds_the_daemon() {
    let mut setting = Setting::new("");
    server(&mut setting);
    let offered = |server: &Gatepost| Client::open(server, 465).say("EHLO client.example", &["250-AUTH", "250 "]);
    assert!(offered(&setting.server).starts_with("250 "));
    let _authd = setting.authd();
    setting.server.wait_for_log("gatepost authd answers again");
    assert!(submit(&setting.server, PASSWORD).starts_with("235 "));
}
