//! What is sent, with which extensions.

use std::sync::Arc;

use harness::{Peer, Script};

use crate::fixture::{BODY, Fixture, delivered, failed, job};

/// The MAIL line that a server with these extensions gets.
async fn mail_line(hello: &[&str], body: &str) -> String {
    let peer = Peer::start(Script::default().hello(hello));
    delivered(&Fixture::with_mx(&peer).send_job(job(&["b@x.example"], body)).await[0]);
    let lines = peer.sessions().remove(0).lines;
    lines.into_iter().find(|line| line.starts_with("MAIL")).expect("a MAIL line")
}

#[tokio::test]
async fn extensions_where_offered_and_needed() {
    let eight = "Subject: x\r\n\r\nü\r\n";
    assert_eq!(mail_line(&[], BODY).await, "MAIL FROM:<a@us.example>");
    assert_eq!(mail_line(&["SIZE"], BODY).await, format!("MAIL FROM:<a@us.example> SIZE={}", BODY.len()));
    assert_eq!(mail_line(&["8BITMIME"], eight).await, "MAIL FROM:<a@us.example> BODY=8BITMIME");
    assert_eq!(mail_line(&["8BITMIME", "SMTPUTF8"], BODY).await, "MAIL FROM:<a@us.example>");
}

#[tokio::test]
async fn what_the_server_cannot_take_bounces() {
    let refused = async |hello: &[&str], body: &str| {
        let peer = Peer::start(Script::default().hello(hello));
        let outcome = Fixture::with_mx(&peer).send_job(job(&["b@x.example"], body)).await.remove(0);
        assert_eq!(peer.mails(), []);
        failed(&outcome).0.to_owned()
    };
    assert_eq!(refused(&[], "Subject: x\r\n\r\nü\r\n").await, "5.6.3");
    assert_eq!(refused(&["SIZE 10"], BODY).await, "5.3.4");
}

#[tokio::test]
async fn smtputf8_where_it_is_needed() {
    let utf8 = Peer::start(Script::default().hello(&["SMTPUTF8", "8BITMIME"]));
    delivered(&Fixture::with_mx(&utf8).send_one("jürgen@x.example").await);
    assert_eq!(utf8.mails()[0].to, ["<jürgen@x.example>"]);
    assert!(utf8.mails()[0].from.ends_with("SMTPUTF8"));

    let old = Peer::start(Script::default());
    let outcomes = Fixture::with_mx(&old).send(&["jürgen@x.example", "b@x.example"]).await;
    assert_eq!(failed(&outcomes[0]).0, "5.6.7");
    delivered(&outcomes[1]);
    assert_eq!(old.mails()[0].to, ["<b@x.example>"]);

    let mut header = job(&["b@x.example"], "Subject: ü\r\n\r\nx\r\n");
    Arc::make_mut(&mut header.envelope).smtputf8 = true;
    assert_eq!(failed(&Fixture::with_mx(&old).send_job(header).await[0]).0, "5.6.7");
}

#[tokio::test]
async fn a_domain_in_unicode_needs_no_extension() {
    let peer = Peer::start(Script::default());
    let fixture = Fixture::new("xn--bcher-kva.example A 127.0.0.1", peer.port(), "");
    delivered(&fixture.send_one("b@bücher.example").await);
    assert_eq!(peer.mails()[0].to, ["<b@xn--bcher-kva.example>"]);
}

#[tokio::test]
async fn a_large_body_arrives_as_it_is() {
    let peer = Peer::start(Script::default().hello(&["PIPELINING"]));
    let line = format!(".{}\r\n", "x".repeat(70));
    let body = format!("Subject: large\r\n\r\n{}", line.repeat(50_000));
    delivered(&Fixture::with_mx(&peer).send_job(job(&["b@x.example"], &body)).await[0]);
    assert!(peer.mails()[0].content == body, "the content differs");
}

#[tokio::test]
async fn the_null_sender_and_an_empty_message() {
    let peer = Peer::start(Script::default());
    let mut bounce = job(&["b@x.example"], "");
    Arc::make_mut(&mut bounce.envelope).reverse_path = None;
    delivered(&Fixture::with_mx(&peer).send_job(bounce).await[0]);
    assert_eq!((peer.mails()[0].from.as_str(), peer.mails()[0].content.as_str()), ("<>", ""));
}
