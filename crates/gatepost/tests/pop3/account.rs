//! An account whose Maildir holds two messages.

use std::fs;
use std::path::PathBuf;

use harness::dialogue::{Tcp, Wire};
use harness::{Gatepost, Scenario};

/// Everybody's password; it has a space, as POP3 allows.
pub(crate) const PASSWORD: &str = "wonder land";

/// The two messages, as files.
pub(crate) fn messages() -> [PathBuf; 2] {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../pop3/tests/messages");
    ["1.eml", "2.eml"].map(|name| folder.join(name))
}

/// A server with accounts, each of which has the two messages.
pub(crate) fn server(config: &str, users: &[&str]) -> Gatepost {
    let scenario = Scenario::new(env!("CARGO_BIN_EXE_gatepost")).config(config);
    let scenario = users.iter().fold(scenario, |scenario, user| scenario.user(&address(user), PASSWORD));
    let mut server = scenario.prepare();
    users.iter().for_each(|user| fill(&server, user));
    server.start();
    server
}

/// A user's address.
pub(crate) fn address(user: &str) -> String {
    format!("{user}@example.test")
}

fn fill(server: &Gatepost, user: &str) {
    let maildir = server.maildir(&address(user));
    for folder in ["new", "cur", "tmp"] {
        fs::create_dir_all(maildir.path().join(folder)).unwrap();
    }
    for (number, message) in messages().iter().enumerate() {
        fs::copy(message, maildir.path().join(format!("new/170000000{number}.M1P1.mail"))).unwrap();
    }
}

/// A connection inside TLS, after the greeting.
pub(crate) fn connect(server: &Gatepost) -> Tcp {
    let mut wire = Tcp::connect_tls(server.port(995), server.ca());
    assert!(wire.line().starts_with("+OK POP3 mail.example.test "));
    wire
}

/// Sends a command; the first line of the reply.
pub(crate) fn ask(wire: &mut Tcp, command: &str) -> String {
    wire.send(format!("{command}\r\n").as_bytes());
    wire.line()
}

/// A session of a user that is logged in.
pub(crate) fn log_in(server: &Gatepost, user: &str) -> Tcp {
    let mut wire = connect(server);
    ask(&mut wire, &format!("USER {}", address(user)));
    assert_eq!(ask(&mut wire, &format!("PASS {PASSWORD}")), "+OK Mailbox open, 2 messages");
    wire
}
