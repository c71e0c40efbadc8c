//! The account in `Received:`, as the operator chose (MISSION 002-27).

use harness::{client, input, succeed};

use crate::{PASSWORD, scenario};

/// The message that bob got from alice under this config.
fn delivered(config: &str) -> (String, String) {
    let server = scenario().config(config).start();
    let mut curl = client("curl");
    curl.args(["--silent", "--show-error", "--max-time", "60"]).arg("--cacert").arg(server.ca());
    curl.arg(format!("smtps://127.0.0.1:{}/client.example", server.port(465)));
    curl.args(["--user", &format!("alice@example.test:{PASSWORD}"), "--mail-from", "alice@example.test"]);
    curl.args(["--mail-rcpt", "bob@example.test", "--upload-file", "-"]);
    succeed(curl.stdin(input("Subject: x\r\n\r\n")));
    let message = server.maildir("bob@example.test").wait_for(1).remove(0);
    (message.replace("\r\n", "\n").replace("\n\t", " "), server.log())
}

#[test]
fn the_whole_account() {
    let (message, _) = delivered("[smtp]\nreceived_user = \"full\"");
    assert!(message.contains("Received: from client.example ([127.0.0.1]) by mail.example.test with ESMTPSA id "));
    assert!(
        message.contains(" (Authenticated sender: alice@example.test) for <bob@example.test> tls TLS"),
        "{message}"
    );
}

#[test]
fn a_token_that_the_log_turns_back() {
    let (message, log) = delivered("[smtp]\nreceived_user = \"token\"");
    let (_, rest) = message.split_once("(Authenticated sender: ").expect("a token");
    let token = rest.split(')').next().expect("a token");
    assert!(token.len() == 16 && !message.contains("Authenticated sender: alice"), "{message}");
    assert!(log.lines().any(|line| line.contains(token) && line.contains("alice@example.test")), "{log}");
}

#[test]
fn nothing_at_all() {
    let (message, _) = delivered("[smtp]\nreceived_user = \"none\"");
    assert!(message.contains(" with ESMTPSA id ") && !message.contains("Authenticated sender"), "{message}");
}
