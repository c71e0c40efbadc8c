//! Logins that fail for reasons that lie in what is behind the server, or in what the client wants. Clients here are the
//! lines that a program sends.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use harness::dialogue::{Tcp, Wire};
use harness::{Gatepost, Issuer, Scenario};

use crate::naming::{assert_listed, assert_named};
use crate::{ALICE, BINARY, PASSWORD, id};

/// A judge of the operator's own that answers by the user's name.
const JUDGE: &str = r#"#!/usr/bin/env python3
import json, sys
question = json.load(sys.stdin)
user = question.get('user', '').split('@')[0]
answers = {'late': dict(verdict='reject', reason='expired'), 'odd': dict(verdict='reject', reason='mechanism not possible'),
           'broken': dict(verdict='tempfail', cause='line 3 is none')}
print(json.dumps(answers.get(user, dict(verdict='reject', reason='unknown user'))))
"#;

/// A program's session inside TLS, up to where it logs in.
fn greeted(server: &Gatepost) -> Tcp {
    let mut wire = Tcp::connect_tls(server.port(465), server.ca());
    wire.line();
    wire.send(b"EHLO phone.example\r\n");
    while wire.line().as_bytes()[3] == b'-' {}
    wire
}

/// What its login is answered.
fn answered(mut wire: Tcp, line: &str) -> String {
    wire.send(format!("{line}\r\n").as_bytes());
    wire.line()
}

/// `AUTH PLAIN` with the right password, if there is one.
fn plain(user: &str) -> String {
    format!("AUTH PLAIN {}", BASE64.encode(format!("\0{user}\0{PASSWORD}")))
}

fn xoauth2(token: &str) -> String {
    format!("AUTH XOAUTH2 {}", BASE64.encode(format!("user={ALICE}\u{1}auth=Bearer {token}\u{1}\u{1}")))
}

/// An account past its time, one that a mechanism is not possible for (MISSION 000-09), and a store that answers nonsense.
#[test]
fn what_a_judge_says() {
    let mut server = Scenario::new(BINARY).prepare();
    let judge = server.folder().join("judge");
    fs::write(&judge, JUDGE).expect("written");
    fs::set_permissions(&judge, fs::Permissions::from_mode(0o755)).expect("a mode");
    server
        .edit_config(|config| config + &format!("\n[auth]\nchain = [\"exec\"]\n[auth.exec]\ncommand = [{judge:?}]\n"));
    server.start();
    for (user, cause, words) in [
        ("late", "expired", "late@example.test could not log in, although the password is right."),
        ("odd", "mechanism-not-possible", "What is kept of this account cannot verify PLAIN"),
        ("broken", "store-trouble", "it could not tell: line 3 is none"),
    ] {
        let said = answered(greeted(&server), &plain(&format!("{user}@example.test")));
        assert_named(&server, &id(&said), cause, words);
    }
}

/// MISSION 004-33: the daemon or the database behind a module is away. It is never told as a wrong password.
#[test]
fn what_a_module_asks_is_away() {
    let sections = [
        ("courier", "socket = \"/nowhere/authdaemon/socket\"", "/nowhere/authdaemon/socket"),
        ("http", "url = \"http://127.0.0.1:1/judge\"", "127.0.0.1:1"),
        ("ldap", "url = \"ldap://127.0.0.1:1\"\nbase = \"dc=example,dc=test\"", "127.0.0.1:1"),
    ];
    for (module, lines, words) in sections {
        let config = format!("[auth]\nchain = [\"{module}\"]\n[auth.{module}]\n{lines}\n");
        let server = Scenario::new(BINARY).config(&config).start();
        let said = answered(greeted(&server), &plain(ALICE));
        assert!(said.starts_with("454 4.7.0 "), "{module}: {said}");
        assert_named(&server, &id(&said), "store-away", words);
    }
}

/// The keys of SCRAM are wanted before there is anything to judge.
#[test]
fn keys_that_cannot_be_looked_up() {
    let server = Scenario::new(BINARY).user(ALICE, PASSWORD).start();
    let wire = greeted(&server);
    fs::rename(server.data().join("accounts.sqlite"), server.data().join("kept")).expect("renamed");
    let first = BASE64.encode(format!("n,,n={ALICE},r=fyko+d2lbbFgONRv9qkxdawL"));
    let said = answered(wire, &format!("AUTH SCRAM-SHA-256 {first}"));
    assert!(said.starts_with("454 4.7.0 "), "{said}");
    assert_named(&server, &id(&said), "store-missing", "accounts.sqlite");
}

/// A clock that is off shows in tokens: they are over, or not good yet. And one that another issuer made.
#[test]
fn tokens_that_are_not_good() {
    let config = format!(
        "[auth]\nchain = [\"oauth\"]\n[auth.oauth]\njwks_file = \"jwks.json\"\nissuer = \"{}\"\naudience = [\"mail\"]",
        Issuer::NAME
    );
    let mut server = Scenario::new(BINARY).config(&config).prepare();
    let [issuer, stranger] = ["issuer", "stranger"].map(|name| Issuer::new(server.folder(), name));
    fs::write(server.data().join("jwks.json"), issuer.keys()).expect("written");
    server.start();
    for (token, cause, words) in [
        (issuer.token(ALICE, -1200..-600), "expired", "Is this host's clock right? timedatectl"),
        (issuer.token(ALICE, 600..1200), "token-not-yet-good", "for this host's clock, the token is not good yet"),
        (stranger.token(ALICE, 0..600), "token-refused", "could not log in by XOAUTH2: the token was refused."),
    ] {
        let mut wire = Tcp::connect_tls(server.port(993), server.ca());
        let session = id(&wire.line());
        wire.send(format!("a {}\r\n", xoauth2(&token).replacen("AUTH", "AUTHENTICATE", 1)).as_bytes());
        // RFC 7628 §3.2.2: the error in detail, and the client's empty answer.
        assert!(wire.line().starts_with("+ "));
        wire.send(b"\r\n");
        assert!(wire.line().starts_with("a NO "));
        let story = assert_named(&server, &session, cause, words);
        assert!(!story.contains(&token), "{story}");
    }
}

/// Programs that do not log in at all: they see no login in clear, or none that they know; or they hang up.
#[test]
fn clients_that_find_no_login() {
    let server = Scenario::new(BINARY).user(ALICE, PASSWORD).start();
    let mut clear = Tcp::connect(server.port(587), server.ca());
    clear.line();
    clear.send(b"EHLO phone.example\r\nQUIT\r\n");
    assert_listed(&server, "no-login-before-tls", "It spoke without TLS, and before TLS no login is offered");
    let mut inside = Tcp::connect_tls(server.port(993), server.ca());
    let session = id(&inside.line());
    inside.send(b"a CAPABILITY\r\nb LOGOUT\r\n");
    assert_named(&server, &session, "no-common-mechanism", "It may want a mechanism that is not among those below");
    assert!(answered(greeted(&server), "AUTH LOGIN").starts_with("334 "));
    assert_listed(&server, "login-left", "The client left in the middle of the login by LOGIN.");
}
