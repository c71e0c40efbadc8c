//! Lines from a pipe, each said when the one before is answered.

use crate::{PASSWORD, Talk, USER, assert_in_order, base64, server};

/// MISSION 002-20, 002-24: the test of the old page without a base64 encoder beside it: what was asked and answered stands
/// beside the line, but for the password. MISSION 002-22 has the login name.
#[test]
fn a_login_by_hand_is_read_beside_the_line() {
    let server = server();
    let (user, password) = (base64(USER), base64(PASSWORD));
    let lines = ["EHLO me", ".starttls", "ehlo me", "auth login", &user, &password, "QUIT"];
    let said = Talk::with_ours(&server, 587, "submission").with(&["--telnet"]).says(&lines);
    let name = format!("C: {user}   # {USER}");
    assert_in_order(
        &said,
        &[
            "S: 220 ",
            "C: STARTTLS",
            "-- (TLS begins: TLSv1.3",
            "C: auth login\nS: 334 VXNlcm5hbWU6   # Username:",
            &name,
            "S: 334 UGFzc3dvcmQ6   # Password:\nC: •••\nS: 235 ",
            "C: QUIT\nS: 221 ",
            "-- the server closed the connection",
        ],
    );
    // The same by telnet: it cannot do TLS.
    let telnet = format!("-- openssl s_client -quiet -crlf -starttls smtp -connect 127.0.0.1:{}", server.port(587));
    let typed = format!("-- {user}   # {USER}\n-- •••   # printf %s \"$PASSWORD\" | base64 -w0\n-- QUIT");
    assert_in_order(&said, &[&telnet, "-- ehlo me\n-- auth login", &typed]);
}

/// MISSION 002-25: a name with a mistake in its base64 is seen at once.
#[test]
fn a_wrong_name_in_base64_is_seen() {
    let server = server();
    let lines = ["EHLO me", ".starttls", "EHLO me", "AUTH LOGIN", "dGVzdEBkb2lhaW4uZGU=", "dGVzdGluZw==", "QUIT"];
    let said = Talk::with_ours(&server, 587, "submission").says(&lines);
    assert_in_order(&said, &["C: dGVzdEBkb2lhaW4uZGU=   # test@doiain.de", "C: •••\nS: 535 5.7.8 "]);
    assert!(!said.contains("dGVzdGluZw"), "{said}");
}

/// MISSION 004-17, 004-18: the four dialogues of Courier's page, typed by hand; and s_client's Q and R, which are letters here.
#[test]
fn pop3_and_imap_by_hand_on_all_four_ports() {
    let server = server();
    let user = format!("USER {USER}");
    let pass = format!("PASS {PASSWORD}");
    for (port, protocol, first) in [(110, "pop3", Some(".starttls")), (995, "pop3s", None)] {
        let lines: Vec<&str> = first.into_iter().chain([&*user, &*pass, "STAT", "RSET", "QUIT"]).collect();
        let said = Talk::with_ours(&server, port, protocol).says(&lines);
        let expected = [
            "C: USER alice",
            "S: +OK",
            "C: PASS •••\nS: +OK",
            "C: STAT\nS: +OK 0 0",
            "C: RSET\nS: +OK",
            "C: QUIT\nS: +OK",
        ];
        assert_in_order(&said, &expected);
    }
    let login = format!("Q LOGIN {USER} \"{PASSWORD}\"");
    for (port, protocol, first) in [(143, "imap", Some(".starttls")), (993, "imaps", None)] {
        let lines: Vec<&str> = first.into_iter().chain([&*login, "R EXAMINE INBOX", "Q2 LOGOUT"]).collect();
        let said = Talk::with_ours(&server, port, protocol).says(&lines);
        let expected = [
            "C: Q LOGIN alice@example.test •••\nS: Q OK",
            "C: R EXAMINE INBOX",
            "S: R OK [READ-ONLY]",
            "S: * BYE",
            "S: Q2 OK",
        ];
        assert_in_order(&said, &expected);
    }
}

/// Behind DATA nothing but a dot alone is special; elsewhere two dots send one.
#[test]
fn dots() {
    let server = server();
    let to = format!("RCPT TO:<{USER}>");
    let envelope = ["EHLO me", "MAIL FROM:<x@elsewhere.example>", &to, "DATA"];
    let message = ["Subject: dots", "", ".quit", "..two", "PASS the salt", ".", "..help", "QUIT"];
    let said = Talk::with_ours(&server, 25, "smtp").says(&[&envelope[..], &message].concat());
    assert_in_order(&said, &["S: 354", "C: .quit\nC: ..two\nC: PASS the salt\nC: .\nS: 250 ", "C: .help\nS: 500 "]);
    let mail = server.maildir(USER).wait_for(1);
    // RFC 5321 §4.5.2: the first dot of a line goes.
    assert!(mail[0].contains("\nquit\n.two\nPASS the salt\n"), "{}", mail[0]);
}

/// Answers of many lines, literals both ways, and IDLE: each line waits for the whole answer.
#[test]
fn long_answers_and_literals() {
    let server = server();
    let login = format!("a LOGIN {USER} \"{PASSWORD}\"");
    let message = "Subject: x\r\n\r\nz OK this is no answer\r\n";
    let append = format!("b APPEND INBOX {{{}}}", message.len());
    let mut lines = vec![login.as_str(), &append];
    lines.extend(message.trim_end().split("\r\n"));
    lines.extend(["", "z SELECT INBOX", "z FETCH 1 BODY[]", "i IDLE", "DONE", "y NOOP"]);
    let said = Talk::with_ours(&server, 993, "imaps").says(&lines);
    assert_in_order(
        &said,
        &[
            "C: b APPEND INBOX {",
            "S: + ",
            "S: b OK [APPENDUID",
            "S: z OK this is no answer",
            "S: z OK FETCH",
            "C: i IDLE\nS: + ",
            "C: DONE\nS: i OK",
            "C: y NOOP\nS: y OK",
            "C: p1 LOGOUT",
        ],
    );
}

/// A pipe's end takes leave.
#[test]
fn the_end_of_the_script_takes_leave() {
    let server = server();
    let said = Talk::with_ours(&server, 110, "pop3").says(&["CAPA"]);
    assert_in_order(&said, &["S: STLS", "S: .\nC: QUIT\nS: +OK", "-- the server closed"]);
    let said =
        Talk::with_ours(&server, 25, "smtp").says(&[".help", ".encode \\0a\\0b", ".decode AGEAYg==", ".tls", ".quit"]);
    assert_in_order(
        &said,
        &["-- .starttls ", "-- AGEAYg==", "-- \\x00a\\x00b", "-- in clear: no TLS", "C: QUIT\nS: 221"],
    );
}

/// `.tls` tells what there is.
#[test]
fn the_certificate_is_told() {
    let server = server();
    let said = Talk::with_ours(&server, 465, "submissions").says(&[".tls"]);
    assert_in_order(
        &said,
        &["-- (TLS begins", "-- TLSv1.3, ", "; the certificate is good", "mail.example.test; ", " days left; issuer "],
    );
    let said = Talk::with_ours(&server, 465, "smtp").with(&["--tls"]).says(&["NOOP"]);
    assert_in_order(&said, &["-- (TLS begins", "S: 220", "C: NOOP\nS: 250"]);
}
