//! `.auth`: every way to log in, with the encoding done.

use crate::{PASSWORD, Talk, USER, assert_in_order, server};

/// MISSION 002-20: it encodes for you; the way may be named, or the strongest is taken.
#[test]
fn every_way_that_gatepost_offers() {
    let server = server();
    let ways = ["plain", "login", "scram-sha-256", "SCRAM-SHA-256-PLUS"];
    let login = |way: &str| format!(".auth {way} {USER}");
    for way in ways {
        for (port, protocol) in [(587, "submission"), (143, "imap"), (110, "pop3")] {
            let said = Talk::with_ours(&server, port, protocol).says_knowing(PASSWORD, &[".starttls", &login(way)]);
            let verb = if protocol == "imap" { " AUTHENTICATE " } else { " AUTH " };
            let done = match protocol {
                "submission" => "S: 235 2.7.0",
                "imap" => " OK [CAPABILITY",
                _ => "S: +OK Mailbox open",
            };
            let begins = format!("{verb}{}", way.to_uppercase());
            assert_in_order(&said, &["TLS begins", &begins, done]);
        }
    }
    for (port, protocol, way, begins) in
        [(993, "imaps", "login-command", " LOGIN \"alice@example.test\" •••"), (995, "pop3s", "user", "C: PASS •••")]
    {
        let said = Talk::with_ours(&server, port, protocol).says_knowing(PASSWORD, &[&login(way)]);
        assert!(said.contains(begins), "{said}");
    }
    let said = Talk::with_ours(&server, 465, "submissions").with(&["--user", USER]).says_knowing(PASSWORD, &[".auth"]);
    assert_in_order(&said, &["C: EHLO [127.0.0.1]", "C: AUTH SCRAM-SHA-256-PLUS •••", "S: 235"]);
}

/// What the mechanisms say is not shown, but for names and prompts.
#[test]
fn names_and_prompts_are_shown_and_nothing_else() {
    let server = server();
    let talk = |way: &str| {
        Talk::with_ours(&server, 465, "submissions").says_knowing(PASSWORD, &[&format!(".auth {way} {USER}")])
    };
    assert!(talk("plain").contains("C: AUTH PLAIN •••   # user alice@example.test\nS: 235"), "{}", talk("plain"));
    let said = talk("scram-sha-256");
    assert_in_order(&said, &["C: AUTH SCRAM-SHA-256 •••\nS: 334 •••\nC: •••\nS: 334 •••"]);
}

/// The password is kept back where it would be in clear, and the server has not heard of the user.
#[test]
fn no_password_in_clear() {
    let server = server();
    let login = format!(".auth plain {USER}");
    let said = Talk::with_ours(&server, 587, "submission")
        .with(&["--password-stdin"])
        .fails(65, &[PASSWORD, "EHLO me", &login]);
    assert!(said.contains("without TLS the password is not sent: .starttls first, or --allow-clear"), "{said}");
    assert!(!server.log().contains(USER), "{}", server.log());
}

/// A refusal is an answer; a way that is none is a mistake.
#[test]
fn refusals_and_mistakes() {
    let server = server();
    let login = format!(".auth plain {USER}");
    let said = Talk::with_ours(&server, 587, "submission").says_knowing("wrong", &[".starttls", &login, "NOOP"]);
    assert_in_order(&said, &["S: 535 5.7.8", "C: NOOP\nS: 250"]);
    for (line, words) in [
        (".auth palin alice".to_owned(), "palin is not a way to log in here; there are external, scram-sha-256-plus"),
        (".auth".to_owned(), ".auth takes a user"),
    ] {
        let talk = Talk::with_ours(&server, 465, "submissions").with(&["--password-stdin"]);
        let said = talk.fails(65, &[PASSWORD, &line]);
        assert!(said.contains(words), "{said}");
    }
    // Nothing in clear to bind it to.
    let talk = Talk::with_ours(&server, 587, "submission").with(&["--allow-clear", "--password-stdin"]);
    let said = talk.fails(65, &[PASSWORD, &format!(".auth scram-sha-256-plus {USER}")]);
    assert!(said.contains("SCRAM-SHA-256-PLUS with an initial response cannot be used with this user"), "{said}");
    let said = Talk::with_ours(&server, 465, "submissions").fails(65, &[&login]);
    assert!(said.contains("there is no terminal to ask for the password: --password-stdin"), "{said}");
}
