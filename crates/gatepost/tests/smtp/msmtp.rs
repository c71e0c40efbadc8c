//! msmtp, which knows SCRAM.

use std::process::Command;

use harness::{Gatepost, client, fail_with, input, succeed};

use crate::{PASSWORD, scenario};

/// sysexits(3): `EX_NOPERM`.
const NOT_PERMITTED: i32 = 77;

fn msmtp(server: &Gatepost, mechanism: &str, password: &str, implicit: bool) -> Command {
    let (port, starttls) = if implicit { (465, "off") } else { (587, "on") };
    let config = format!(
        "host 127.0.0.1\nport {}\nfrom alice@example.test\nauth {mechanism}\nuser alice@example.test\n\
         passwordeval echo '{password}'\ntls on\ntls_starttls {starttls}\ntls_trust_file {}\n",
        server.port(port),
        server.ca().display(),
    );
    let path = server.folder().join(format!("msmtprc-{mechanism}-{port}"));
    std::fs::write(&path, config).expect("a config");
    let mut command = client("msmtp");
    command.arg("--debug").arg("-C").arg(&path).arg("bob@example.test");
    command.stdin(input("Subject: by msmtp\n\nHello.\n.\n..two\n"));
    command
}

#[test]
fn every_mechanism_that_msmtp_has() {
    let server = scenario().start();
    for (mechanism, implicit) in [("plain", false), ("login", false), ("scram-sha-256", false), ("scram-sha-256", true)]
    {
        succeed(&mut msmtp(&server, mechanism, PASSWORD, implicit));
    }
    for message in server.maildir("bob@example.test").wait_for(4) {
        assert!(message.contains("Subject: by msmtp"), "{message}");
        assert!(message.ends_with("Hello.\n.\n..two\n") || message.ends_with("Hello.\r\n.\r\n..two\r\n"), "{message}");
        // RFC 6409 §8: msmtp may leave these to the server.
        assert!(message.contains("\nDate: ") && message.contains("\nMessage-ID: <"), "{message}");
    }
}

#[test]
fn scram_with_a_wrong_password_is_refused() {
    let server = scenario().start();
    let said = fail_with(&mut msmtp(&server, "scram-sha-256", "wrong", false), NOT_PERMITTED);
    assert!(said.contains("535 5.7.8"), "{said}");
}
