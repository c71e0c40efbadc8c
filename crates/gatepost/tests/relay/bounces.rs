//! What cannot be delivered comes back to its sender, with the reason.

use harness::{Peer, Script};

use crate::setting::Sender;

/// The bounce in alice's mailbox.
fn bounce(sender: &Sender) -> String {
    let mail = sender.server.maildir("alice@example.test").wait_for(1).remove(0);
    assert!(mail.starts_with("Return-Path: <>"), "{mail}");
    mail
}

/// RFC 7505.
#[test]
fn a_domain_that_takes_no_mail() {
    let sender = Sender::start("null-mx", &[]);
    sender.submit("bob@null.test", "to nobody");
    let mail = bounce(&sender);
    assert!(mail.contains("Status: 5.1.10") && mail.contains("rfc822; bob@null.test"), "{mail}");
}

#[test]
fn a_domain_that_does_not_exist() {
    let sender = Sender::start("null-mx", &[]);
    sender.submit("bob@nowhere.test", "to nobody");
    let mail = bounce(&sender);
    assert!(mail.contains("Status: 5.1.2"), "{mail}");
}

/// MISSION 001-12: the host that refused, at which command, and its whole reply.
#[test]
fn a_refusal_by_the_other_server() {
    let script = Script::default().answer("RCPT", &["550-5.1.1 no such user|550 5.1.1 try the directory"]);
    let peer = Peer::start(script);
    let sender = Sender::start("refused", &[("port", &peer.port().to_string())]);
    sender.submit("bob@other.test", "refused");
    let mail = bounce(&sender);
    for part in ["Status: 5.1.1", "mx.other.test", "no such user", "try the directory", "RCPT TO"] {
        assert!(mail.contains(part), "{part} is not in:\n{mail}");
    }
}
