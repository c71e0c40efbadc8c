//! Debian's Postfix as a provider.

use harness::Provider;

use crate::{PASSWORD, Send};

/// Each of Cyrus' mechanisms, and the mail in the mailbox.
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
    let place = format!("127.0.0.1:{}", postfix.port());
    let ca = papers.ca.display().to_string();
    let send = |more: &[&str]| {
        let send = Send::new(&["-s", &place, "--ca", &ca, "-f", "a@x.example", "-t", "box@x.example"]);
        send.with(&["-au", "alice@provider.test", "-ap", PASSWORD]).with(more)
    };
    for mechanism in ["PLAIN", "LOGIN", "CRAM-MD5"] {
        let said = send(&["-tls", "-a", mechanism]).succeeds();
        assert!(said.contains("S: 235 2.7.0") && said.contains(": taken (end of data: 250 2.0.0"), "{said}");
    }
    let said = send(&["-tls"]).succeeds();
    assert!(said.contains("C: AUTH CRAM-MD5"), "{said}");
    assert_eq!(postfix.maildir("box").wait_for(4).len(), 4);
    let said = send(&[]).fails(77);
    assert!(said.contains("the server did not offer authentication in clear; it may inside TLS: -tls"), "{said}");
}
