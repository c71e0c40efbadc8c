//! From one Gatepost to another by MX.

use crate::setting::{Sender, receiver};

#[test]
fn by_mx_with_tls() {
    let other = receiver();
    let sender = Sender::start("mx", &[("port", &other.port(25).to_string())]);
    sender.submit("bob@other.test", "between servers");
    let mail = other.maildir("bob@other.test").wait_for(1).remove(0);
    assert!(mail.contains("Subject: between servers"), "{mail}");
    assert!(mail.starts_with("Return-Path: <alice@example.test>"), "{mail}");
    let hops: Vec<_> = mail.lines().filter(|line| line.starts_with("Received:")).collect();
    assert_eq!(hops.len(), 2, "{mail}");
    // RFC 3848: from server to server inside TLS, and submitted with a login inside TLS.
    assert!(mail.contains("with ESMTPS") && mail.contains("with ESMTPSA"), "{mail}");
    let line = sender.server.wait_for_log("delivered");
    assert!(line.contains("mx.other.test [127.0.0.1]"), "{line}");
}

#[test]
fn recipients_here_and_there_in_one_message() {
    let other = receiver();
    let sender = Sender::start("mx", &[("port", &other.port(25).to_string())]);
    sender.submit("bob@other.test,alice@example.test", "to both");
    assert!(other.maildir("bob@other.test").wait_for(1)[0].contains("Subject: to both"));
    assert!(sender.server.maildir("alice@example.test").wait_for(1)[0].contains("Subject: to both"));
}
