//! What goes wrong, in words, and the exit codes.

use std::net::TcpListener;

use harness::{Peer, Script};

use crate::{PASSWORD, Talk, USER, server};

/// No authority: whose certificate it is cannot be known, and nothing secret is said.
#[test]
fn certificates_that_are_not_good() {
    let server = server();
    let other = tempfile::tempdir().expect("a folder");
    let other = net::ca::create(other.path(), "other.example.test", &[]).expect("certificates").ca;
    let place = format!("127.0.0.1:{}", server.port(993));
    let said = Talk::new(&place, "imaps", &other).fails(76, &[]);
    assert!(said.contains("Nobody who is believed here has signed the certificate: --ca FILE"), "{said}");
    let lines = [".tls".to_owned(), format!(".auth plain {USER}")];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let said = Talk::new(&place, "imaps", &other).with(&["--insecure"]).says_knowing(PASSWORD, &lines);
    assert!(said.contains("the certificate was not verified") && said.contains("logged in"), "{said}");
}

#[test]
fn nobody_is_there() {
    let server = server();
    let free = TcpListener::bind("[::1]:0").expect("a port").local_addr().expect("bound").port();
    let said = Talk::new(format!("[::1]:{free}"), "imap", &server.ca()).fails(68, &[]);
    assert!(said.contains(&format!("[::1]:{free} cannot be reached")) && said.contains("nothing listens"), "{said}");
    let said = Talk::new("no-such-host.invalid", "smtp", &server.ca()).fails(68, &[]);
    assert!(said.contains("no-such-host.invalid has no address"), "{said}");
}

/// An address of IPv6, and a server that closes, or says nothing.
#[test]
fn servers_that_break_off() {
    let peer = Peer::start_at("[::1]:0", Script::default().answer("NOOP", &["DROP"]));
    let said = Talk::plain(peer.address().to_string()).fails(76, &["NOOP", "RSET"]);
    assert!(said.contains("-- the server closed the connection") && !said.contains("C: RSET"), "{said}");
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = silent.local_addr().expect("bound").to_string();
    let said = Talk::plain(place).with(&["--timeout", "1"]).fails(76, &[]);
    assert!(said.contains("no answer within 1s") && said.contains("may wait for TLS to begin: --tls"), "{said}");
}

/// What comes from the server steers no terminal.
#[test]
fn nothing_steers_the_terminal() {
    let peer = Peer::start(Script::default().answer("NOOP", &["250 \u{1b}[2J\u{202e}"]));
    let said = Talk::plain(peer.address().to_string()).says(&["NOOP"]);
    assert!(said.contains("S: 250 \\u{1b}[2J\\u{202e}"), "{said}");
}

#[test]
fn mistakes_of_whoever_types() {
    let peer = Peer::start(Script::default());
    let talk = || Talk::plain(peer.address().to_string());
    assert!(talk().fails(65, &[".nonsense"]).contains("..nonsense sends .nonsense"));
    // Before anything is said, and nothing is left of a conversation that was none.
    let said = talk().with(&["--save", "/no/such/folder/x"]).fails(1, &["NOOP"]);
    assert!(said.contains("cannot write /no/such/folder/x") && !said.contains("S: 220"), "{said}");
    let folder = tempfile::tempdir().expect("a folder");
    let saved = folder.path().join("none.dialogue");
    Talk::plain("127.0.0.1:1".into()).with_file("--save", &saved).fails(68, &[]);
    assert!(!saved.exists());
    assert!(talk().fails(73, &[".save /etc/passwd"]).contains("is there already"));
    talk().with(&["--timeout", "0"]).fails(2, &[]);
    talk().with(&["--replay", "x", "--save", "y"]).fails(2, &[]);
    assert!(talk().with(&["--replay", "/no/such/file"]).fails(1, &[]).contains("cannot read /no/such/file"));
}
