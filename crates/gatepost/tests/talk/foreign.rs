//! Debian's Postfix and Dovecot: challenges and timestamps of other makers.

use std::fs;

use harness::Provider;

use crate::dovecot_server::Dovecot;
use crate::{PASSWORD, Talk, assert_in_order, assert_no_secret};

const USER: &str = "alice@provider.test";

/// MISSION 002-20: CRAM-MD5, which nobody can reckon by hand, saved and repeated with new challenges.
#[test]
fn postfix() {
    let folder = tempfile::tempdir().expect("a folder");
    let papers = net::ca::create(folder.path(), "mail.example.test", &[]).expect("certificates");
    let provider = Provider {
        certificate: &papers.certificate,
        key: &papers.key,
        user: "alice",
        password: PASSWORD,
        mechanisms: "PLAIN LOGIN CRAM-MD5",
    };
    let postfix = provider.start();
    let talk = || Talk::new(format!("127.0.0.1:{}", postfix.port()), "submission", &papers.ca);
    let path = folder.path().join("postfix.dialogue");
    let lines = [
        "EHLO me",
        ".starttls",
        ".auth cram-md5 alice@provider.test",
        "MAIL FROM:<a@x.example>",
        "RCPT TO:<b@x.example>",
        "QUIT",
    ];
    let said = talk().with_file("--save", &path).says_knowing(PASSWORD, &lines);
    assert_in_order(&said, &["C: AUTH CRAM-MD5\nS: 334 ", "   # <", "C: •••\nS: 235 2.7.0", "S: 250 2.1.5"]);
    assert_no_secret(&fs::read_to_string(&path).expect("the file"));
    talk().with_file("--replay", &path).says_knowing(PASSWORD, &[]);
    let said = talk().with_file("--replay", &path).with(&["--password-stdin"]).fails(6, &["another"]);
    assert_in_order(&said, &["- S: 235 2.7.0", "+ S: 535 5.7.8"]);
    let plain = [".starttls", "EHLO me", ".auth plain alice@provider.test"];
    assert!(talk().says_knowing(PASSWORD, &plain).contains(&format!("# user {USER}")));
}

/// MISSION 004-18: POP3 with APOP, IMAP with CRAM-MD5 and LOGIN; a message in a literal.
#[test]
fn dovecot() {
    let dovecot = Dovecot::start(&format!("{{PLAIN}}{PASSWORD}"), "auth_mechanisms = plain login cram-md5 apop");
    let talk = |protocol: &str| Talk::new(dovecot.place(protocol), protocol, dovecot.ca());
    let path = dovecot.folder().join("pop3.dialogue");
    let lines = [".starttls", ".auth apop alice@example.test", "STAT", "UIDL", "QUIT"];
    let said = talk("pop3").with_file("--save", &path).says_knowing(PASSWORD, &lines);
    assert_in_order(
        &said,
        &[
            "S: +OK ",
            "C: STLS\nS: +OK",
            "C: APOP alice@example.test •••\nS: +OK",
            "C: STAT\nS: +OK 0 0",
            "C: UIDL\nS: +OK\nS: .\n",
        ],
    );
    talk("pop3").with_file("--replay", &path).says_knowing(PASSWORD, &[]);
    let message = "{21}\nSubject: x\n\na OK no\nx LOGOUT";
    let lines = [".starttls", ".auth cram-md5 alice@example.test", &format!("x APPEND INBOX {message}")];
    let said = talk("imap").says_knowing(PASSWORD, &lines);
    assert_in_order(
        &said,
        &[
            "AUTHENTICATE CRAM-MD5\nS: + ",
            "C: •••",
            " OK ",
            "C: x APPEND INBOX {21}\nS: + OK",
            "S: x OK [APPENDUID",
            "S: x OK Logout",
        ],
    );
    let said = talk("imap").says_knowing(
        PASSWORD,
        &[".starttls", ".auth login-command alice@example.test", "a SELECT INBOX", "a FETCH 1 BODY.PEEK[]"],
    );
    assert_in_order(
        &said,
        &[
            "LOGIN \"alice@example.test\" •••",
            "S: a OK [READ-WRITE]",
            "{21}\nS: Subject: x\nS: \nS: a OK no",
            "S: a OK Fetch",
        ],
    );
    assert!(!dovecot.log().contains("fatal"), "{}", dovecot.log());
}
