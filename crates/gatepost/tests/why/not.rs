//! Mechanisms.

use harness::Scenario;

use crate::{ALICE, BINARY, PASSWORD, why};

/// MISSION 000-09: the reason has numbers, and the fix does not ask for a worse store.
#[test]
fn a_mechanism_that_hashes_cannot_verify() {
    let server = Scenario::new(BINARY).user(ALICE, PASSWORD).start();
    let reason = [
        "CRAM-MD5 is not offered on submission.",
        "Why:         accounts: none of 1 active accounts keeps the password in clear or its CRAM-MD5 key",
        "submission, in clear: not offered: no TLS yet, and auth.require_tls is true",
        "Set the programs to \"normal password\" (PLAIN) with TLS, or to SCRAM",
    ];
    why(&server, &["not", "CRAM-MD5", "--listener", "submission"], &reason);
    let answer =
        why(&server, &["not", "cram-md5", "--user", ALICE], &["What is kept of alice@example.test cannot verify"]);
    assert!(answer.contains("CRAM-MD5 is not offered on smtp, submission, submissions"), "{answer}");
    why(
        &server,
        &["not", "SCRAM-SHA-256", "--user", ALICE],
        &["SCRAM-SHA-256 is offered on ", "could verify SCRAM-SHA-256"],
    );
    why(&server, &["not", "APOP", "--listener", "imap"], &["it is a command of POP3 alone"]);
}

/// MISSION 003-09: in clear nothing is offered; a rule that hides is named.
#[test]
fn what_is_offered_where() {
    let rule = "[[auth.hide]]\nlistener = [\"imaps\"]\nmechanisms = [\"PLAIN\"]";
    let server = Scenario::new(BINARY).user(ALICE, PASSWORD).config(rule).start();
    let lines = ["imaps, inside TLS: offered: ", "but hidden from the clients that [[auth.hide]] names"];
    why(&server, &["not", "PLAIN", "--listener", "imaps"], &lines);
    let mut wrong = server.command(&["why", "not", "CRAM"]);
    let output = wrong.output().expect("the binary");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(2) && text.contains("one of ") && text.contains("CRAM-MD5"), "{text}");
}
