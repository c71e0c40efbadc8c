//! Saved conversations, as regression tests.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use harness::Gatepost;

use crate::{PASSWORD, Talk, USER, assert_in_order, assert_no_secret, base64, server};

/// A conversation in which everything is said by hand, saved.
fn by_hand(server: &Gatepost) -> PathBuf {
    let path = server.folder().join("by-hand.dialogue");
    let (user, password) = (base64(USER), base64(PASSWORD));
    let to = format!("RCPT TO:<{USER}>");
    let from = format!("MAIL FROM:<{USER}>");
    let lines = [
        "EHLO me",
        ".starttls",
        "EHLO me",
        "AUTH LOGIN",
        &user,
        &password,
        &from,
        &to,
        "DATA",
        "Subject: a ... b",
        "",
        "${x} \\",
        ".",
        "QUIT",
    ];
    Talk::with_ours(server, 587, "submission").with_file("--save", &path).says(&lines);
    path
}

fn replay(server: &Gatepost, path: &std::path::Path) -> Talk {
    Talk::with_ours(server, 587, "submission").with_file("--replay", path)
}

/// MISSION 004-17: what was said becomes a test, with new session ids, queue ids and times each time.
#[test]
fn a_saved_conversation_is_a_regression_test() {
    let server = server();
    let path = by_hand(&server);
    let said = replay(&server, &path).says_knowing(PASSWORD, &[]);
    assert_eq!(said, format!("{}: the server says the same\n", path.display()));
    assert_eq!(server.maildir(USER).wait_for(2).len(), 2);
    assert!(server.maildir(USER).messages().iter().all(|mail| mail.contains("Subject: a ... b\n\n${x} \\\n")));
}

/// The saved file is for people, and has no password in it.
#[test]
fn a_saved_file_has_no_secret() {
    let server = server();
    let path = by_hand(&server);
    let text = fs::read_to_string(&path).expect("the file");
    assert_no_secret(&text);
    assert_eq!(fs::metadata(&path).expect("the file").permissions().mode() & 0o777, 0o600);
    let name = format!("C: {}\n#     {USER}\n", base64(USER));
    assert_in_order(&text, &["S: 220 ", "C: STARTTLS\nS: 220", "\nTLS\n", &name, "C: ${password64}\nS: 235", "CLOSED"]);
    // It may have been edited since: it is not written over.
    let said = Talk::with_ours(&server, 25, "smtp").with_file("--save", &path).fails(73, &["QUIT"]);
    assert!(said.contains("is there already; nothing was changed"), "{said}");
    assert_eq!(fs::read_to_string(&path).expect("the file"), text);
}

/// The first difference is told as a diff, with an exit code of its own.
#[test]
fn a_server_that_has_changed_is_told() {
    let server = server();
    let path = by_hand(&server);
    let said = replay(&server, &path).with(&["--password-stdin"]).fails(6, &["another"]);
    assert_in_order(
        &said,
        &[":", ": the server says something else\n", "  C: ${password64}\n- S: 235 2.7.0 ", "\n+ S: 535 5.7.8 "],
    );
    // Something that it offered once.
    let text =
        fs::read_to_string(&path).expect("the file").replace("S: 250-PIPELINING", "S: 250-PIPELINING\nS: 250-CHUNKING");
    fs::write(&path, text).expect("written");
    let said = replay(&server, &path).with(&["--password-stdin"]).fails(6, &[PASSWORD]);
    assert_in_order(&said, &["- S: 250-CHUNKING\n+ S: 250-SIZE "]);
}

/// A login by `.auth` is repeated as a login, as its messages are new each time.
#[test]
fn a_login_is_repeated_as_a_whole() {
    let server = server();
    for (port, protocol, way) in
        [(465, "submissions", "scram-sha-256"), (993, "imaps", "plain"), (995, "pop3s", "user")]
    {
        let path = server.folder().join(protocol);
        let login = format!(".auth {way} {USER}");
        let talk = Talk::with_ours(&server, port, protocol).with_file("--save", &path);
        talk.says_knowing(PASSWORD, &[&login]);
        let text = fs::read_to_string(&path).expect("the file");
        assert_no_secret(&text);
        assert!(text.contains(&format!("AUTH: {way} {USER}\n#   C: ")), "{text}");
        let talk = || Talk::with_ours(&server, port, protocol).with_file("--replay", &path);
        talk().says_knowing(PASSWORD, &[]);
        let said = talk().with(&["--password-stdin"]).fails(6, &["another"]);
        assert!(said.contains("the server says something else"), "{said}");
        let said = talk().fails(65, &[]);
        assert!(said.contains("give the password with --password-stdin"), "{said}");
    }
}

/// Written by hand: wildcards, lines that are passed over, variables, octets.
#[test]
fn a_file_that_somebody_wrote() {
    let server = server();
    let path = server.folder().join("mine.dialogue");
    let play = |text: &str| {
        fs::write(&path, text).expect("written");
        replay(&server, &path).with(&["--user", USER])
    };
    play("S: 220 ...Gatepost...\nC: EHLO me\nS*: 250 STARTTLS\nC: STARTTLS\nS: 220 ...\nTLS\nC: EHLO me\nS*: 250 AUTH ...\n\
          C: AUTH PLAIN ${plain}\nS: 235 2.7.0 Authentication successful\nC-: NOOP\\r\\nNOOP\\r\\n\nS: 250 2.0.0 x\nS: 250 2.0.0 y\n\
          C: QUIT\nS: 221 ...\nCLOSED\n")
        .says_knowing(PASSWORD, &[]);
    // With a wildcard the words count.
    let said = play("S: 220 ...Sendmail...\n").fails(6, &[]);
    assert_in_order(&said, &["mine.dialogue:1: ", "- S: 220 ...Sendmail...\n+ S: 220 mail.example.test"]);
    let said = play("S: 220 ...\nCLOSED\n").with(&["--timeout", "1"]).fails(6, &[]);
    assert_in_order(&said, &["- CLOSED\n+ (no answer within 1s)"]);
    let said = play("S: 220 x\nC: APOP alice •••\n").fails(65, &[]);
    assert!(said.contains("line 2: ••• stands for something that is reckoned anew"), "{said}");
    let said = play("S: 220 x\nsay hello\n").fails(65, &[]);
    assert!(said.contains("line 2: a line begins with C:"), "{said}");
}
