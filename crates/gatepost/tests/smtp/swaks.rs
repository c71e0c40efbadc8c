//! swaks, with every mechanism, STARTTLS, implicit TLS, and without TLS.

use std::process::Command;

use harness::dialogue::{Tcp, Wire};
use harness::{Gatepost, client, fail_with, succeed};
use serde_json::Value;

use crate::{PASSWORD, scenario};

/// swaks' exit codes: no AUTH could be done, RCPT was refused.
const NO_AUTH: i32 = 28;
const NO_RECIPIENT: i32 = 24;

/// One message from alice to bob through the given (standard) port.
fn swaks(server: &Gatepost, port: u16, arguments: &[&str]) -> Command {
    let mut command = client("swaks");
    command.arg("--server").arg(format!("127.0.0.1:{}", server.port(port)));
    command.args(["--from", "alice@example.test", "--to", "bob@example.test", "--timeout", "60"]);
    command.arg("--tls-ca-path").arg(server.ca()).args(arguments);
    command
}

fn with_login(mechanism: &str, password: &str) -> Vec<String> {
    ["--auth", mechanism, "--auth-user", "alice@example.test", "--auth-password", password].map(str::to_owned).into()
}

fn logged_in(server: &Gatepost, port: u16, mechanism: &str, more: &[&str]) -> Command {
    let login = with_login(mechanism, PASSWORD);
    let arguments: Vec<_> = login.iter().map(String::as_str).chain(more.iter().copied()).collect();
    swaks(server, port, &arguments)
}

/// MISSION 000-01, 003-11: PLAIN and LOGIN on 587 and 25 with STARTTLS and on 465; the mail is in bob's Maildir.
#[test]
fn every_mechanism_and_every_port() {
    let server = scenario().start();
    let mut count = 0;
    for mechanism in ["PLAIN", "LOGIN"] {
        for (port, tls) in [(587, "--tls"), (465, "--tls-on-connect"), (25, "--tls")] {
            let said = succeed(&mut logged_in(&server, port, mechanism, &[tls, "--tls-verify"]));
            assert!(said.contains("250 2.0.0 Ok: queued as "), "{said}");
            count += 1;
        }
    }
    let messages = server.maildir("bob@example.test").wait_for(count);
    assert!(messages.iter().all(|message| message.contains("Subject: test ")), "{messages:?}");
    assert!(messages.iter().all(|message| message.contains(" with ESMTPSA id ")), "{messages:?}");
}

/// MISSION 003-14: "Host did not advertise authentication", and no password leaves.
#[test]
fn without_tls_no_password_leaves() {
    let server = scenario().start();
    for port in [25, 587] {
        let said = fail_with(&mut logged_in(&server, port, "PLAIN", &[]), NO_AUTH);
        assert!(said.contains("*** Host did not advertise authentication"), "{said}");
        assert!(!said.contains("-> AUTH") && !said.contains("~> AUTH"), "{said}");
    }
}

/// MISSION 000-09: the accounts hold no password that CRAM-MD5 could be checked with, so it is not claimed.
#[test]
fn what_cannot_be_verified_is_not_offered() {
    let server = scenario().start();
    let said = fail_with(&mut logged_in(&server, 587, "CRAM-MD5", &["--tls"]), NO_AUTH);
    assert!(said.contains("250 AUTH ") || said.contains("250-AUTH "), "{said}");
    assert!(!said.contains("AUTH CRAM-MD5") && said.contains("SCRAM-SHA-256 PLAIN LOGIN"), "{said}");
}

#[test]
fn a_wrong_password_is_refused_and_says_where_to_look() {
    let server = scenario().start();
    let login = with_login("PLAIN", "wrong");
    let mut arguments: Vec<_> = login.iter().map(String::as_str).collect();
    arguments.push("--tls");
    let said = fail_with(&mut swaks(&server, 587, &arguments), NO_AUTH);
    let (_, rest) = said.split_once("535 5.7.8 Authentication credentials invalid [").expect("a 535");
    let session = rest.split(']').next().expect("an id");
    let line = server.wait_for_log("login refused");
    assert!(line.contains(session) && line.contains("alice@example.test"), "{line}");
    assert!(!server.log().contains("wrong\""), "the password is in the log");
}

/// Mail from elsewhere to a user here needs no login; mail to elsewhere does.
#[test]
fn port_25_takes_mail_for_our_users_only() {
    let server = scenario().start();
    succeed(&mut swaks(&server, 25, &["--from", "someone@elsewhere.example"]));
    server.maildir("bob@example.test").wait_for(1);
    let said = fail_with(&mut swaks(&server, 25, &["--to", "someone@elsewhere.example"]), NO_RECIPIENT);
    assert!(said.contains("550 5.7.1 Relaying denied"), "{said}");
    let said = fail_with(&mut swaks(&server, 25, &["--to", "nobody@example.test"]), NO_RECIPIENT);
    assert!(said.contains("550 5.1.1 No such user here"), "{said}");
}

/// An alias reaches each of its targets once, whatever else the same message is sent to.
#[test]
fn aliases_details_and_the_postmaster() {
    let server = scenario().top("postmaster = \"bob@example.test\"").start();
    server.run(&["alias", "add", "team@example.test", "alice@example.test", "bob@example.test"], "");
    let everybody = "team@example.test,alice+lists@example.test,postmaster@example.test,bob@example.test";
    succeed(&mut swaks(&server, 25, &["--to", everybody]));
    // alice: by the alias and by the detail, which are two addresses; bob: by three names of one.
    let alice = server.maildir("alice@example.test").wait_for(2);
    let bob = server.maildir("bob@example.test").wait_for(1);
    assert_eq!((alice.len(), bob.len()), (2, 1));
    assert!(alice.iter().any(|message| message.contains("Delivered-To: alice+lists@example.test")), "{alice:?}");
}

/// A proxy speaks for a client by XCLIENT: what is told, counted and kept is the client's. Nobody else is believed.
#[test]
fn xclient_from_whom_it_is_believed() {
    let config = "[smtp]\nxclient = [\"127.0.0.2\"]\n[limits]\nconnections_per_ip = 1";
    let server = scenario().config(config).start();
    let client = ["--xclient-addr", "198.51.100.7", "--xclient-helo", "phone.example", "--xclient-login", "carol"];
    let proxy = ["--local-interface", "127.0.0.2"];
    let said = succeed(&mut swaks(&server, 25, &[&client[..], &proxy].concat()));
    assert!(said.contains("250 2.0.0 Ok: queued as "), "{said}");
    let message = server.maildir("bob@example.test").wait_for(1).concat();
    assert!(message.contains("([198.51.100.7])"), "{message}");
    let record = server.run(&["trace", "list", "--ip", "198.51.100.7", "--json"], "");
    let record: Value = serde_json::from_str(&record).expect("one session");
    let origin = &record["origin"];
    assert_eq!(
        (&origin["said_by"], &origin["ehlo"], &origin["login"]),
        (&"XCLIENT".into(), &"phone.example".into(), &"carol".into())
    );
    assert!(
        record["logins"].is_null() && record["peer"].as_str().is_some_and(|peer| peer.starts_with("127.0.0.2:")),
        "{record}"
    );
    let id = record["id"].as_str().expect("an id");
    let story = server.run(&["trace", id], "");
    let words = "really from 198.51.100.7, as XCLIENT said; calls itself phone.example; logged in there as carol";
    assert!(story.contains(words), "{story}");

    let mut first = Tcp::connect_from([127, 0, 0, 2].into(), server.port(25), server.ca());
    let say = |wire: &mut Tcp, line: &str| {
        wire.send(format!("{line}\r\n").as_bytes());
        wire.line()
    };
    first.line();
    assert!(say(&mut first, "XCLIENT ADDR=198.51.100.8").starts_with("220 "));
    let mut second = Tcp::connect_from([127, 0, 0, 2].into(), server.port(25), server.ca());
    second.line();
    let full = say(&mut second, "XCLIENT ADDR=198.51.100.8");
    assert!(full.starts_with("421 4.7.0 too many connections from your address"), "{full}");
    let mut stranger = Tcp::connect(server.port(25), server.ca());
    stranger.line();
    let refusal = say(&mut stranger, "XCLIENT ADDR=198.51.100.9");
    assert!(refusal.starts_with("550 5.7.0 XCLIENT is for proxies that are trusted here ["), "{refusal}");
}
