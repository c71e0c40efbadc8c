//! An account whose INBOX holds three messages, the first of them seen.

use std::fs;
use std::path::PathBuf;

use harness::dialogue::{Tcp, Wire};
use harness::{Gatepost, Scenario};

/// Everybody's password; it has a space, so that it must be quoted.
pub(crate) const PASSWORD: &str = "wonder land";

/// A file of the scenario.
pub(crate) fn scenario(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/imap").join(name)
}

/// A user's address.
pub(crate) fn address(user: &str) -> String {
    format!("{user}@example.test")
}

/// A server with accounts, each of which has the three messages.
pub(crate) fn server(config: &str, users: &[&str]) -> Gatepost {
    let scenario = Scenario::new(env!("CARGO_BIN_EXE_gatepost")).config(config);
    let scenario = users.iter().fold(scenario, |scenario, user| scenario.user(&address(user), PASSWORD));
    let server = scenario.start();
    users.iter().for_each(|user| fill(&server, user));
    server
}

/// The first use makes the mailbox, with its folders for Sent and the like.
fn fill(server: &Gatepost, user: &str) {
    let maildir = server.maildir(&address(user));
    let mut wire = log_in(server, user);
    ask(&mut wire, "STATUS INBOX (MESSAGES)");
    for (message, place) in [("1.eml", "cur/1700000001.M1P1.mail:2,S"), ("2.eml", "new/1700000002.M1P1.mail")] {
        fs::copy(self::scenario("messages").join(message), maildir.path().join(place)).unwrap();
    }
    deliver(server, user, "1700000003.M1P1.mail");
}

/// Puts the third message into an account's `new/`, as another program would.
pub(crate) fn deliver(server: &Gatepost, user: &str, name: &str) {
    let maildir = server.maildir(&address(user));
    let (tmp, new) = (maildir.path().join("tmp").join(name), maildir.path().join("new").join(name));
    fs::copy(scenario("messages/3.eml"), &tmp).unwrap();
    fs::rename(tmp, new).unwrap();
}

/// A connection inside TLS, after the greeting.
pub(crate) fn connect(server: &Gatepost) -> Tcp {
    let mut wire = Tcp::connect_tls(server.port(993), server.ca());
    assert!(wire.line().starts_with("* OK [CAPABILITY IMAP4rev1 "));
    wire
}

/// Sends a command with the tag `a`; all lines of the answer, the last one being the tagged one.
pub(crate) fn ask(wire: &mut Tcp, command: &str) -> Vec<String> {
    wire.send(format!("a {command}\r\n").as_bytes());
    let mut lines = vec![wire.line()];
    while !lines.last().is_some_and(|l| l.starts_with("a ")) {
        lines.push(wire.line());
    }
    lines
}

/// The same with a command that is refused: the one line, without the session's id that every refusal ends with.
pub(crate) fn refusal(wire: &mut Tcp, command: &str) -> String {
    let lines = ask(wire, command);
    let [line] = &lines[..] else { panic!("{lines:?}") };
    let (text, id) = line.rsplit_once(" [").expect("an id");
    assert_eq!(id.len(), "7HX2K9QF]".len(), "{line}");
    text.to_owned()
}

/// A session of a user that is logged in.
pub(crate) fn log_in(server: &Gatepost, user: &str) -> Tcp {
    let mut wire = connect(server);
    let login = ask(&mut wire, &format!("LOGIN {} \"{PASSWORD}\"", address(user)));
    assert!(login[0].starts_with("a OK [CAPABILITY "), "{login:?}");
    wire
}

/// A session that has INBOX open, too.
pub(crate) fn open(server: &Gatepost, user: &str) -> Tcp {
    let mut wire = log_in(server, user);
    let select = ask(&mut wire, "SELECT INBOX");
    assert_eq!(select.last().map(String::as_str), Some("a OK [READ-WRITE] SELECT completed"));
    wire
}
