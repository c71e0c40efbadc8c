//! Which host gets the mail.

use harness::{Peer, Script};

use crate::fixture::{BODY, Fixture, deferred, delivered, failed};

/// Peers at 127.0.0.2, 127.0.0.3 … with one port.
fn peers<const N: usize>(scripts: [Script; N]) -> Vec<Peer> {
    let mut peers: Vec<Peer> = Vec::new();
    for (host, script) in (2..).zip(scripts) {
        let port = peers.first().map_or(0, Peer::port);
        peers.push(Peer::start_at(&format!("127.0.0.{host}:{port}"), script));
    }
    peers
}

const TWO: &str = "x.example MX 10 first.x.example\nx.example MX 20 second.x.example
    first.x.example A 127.0.0.2\nsecond.x.example A 127.0.0.3";

#[tokio::test]
async fn to_the_best_mx() {
    let peers = peers([Script::default(), Script::default()]);
    let fixture = Fixture::new(TWO, peers[0].port(), "");
    let text = fixture.send_one("b@x.example").await;
    assert!(delivered(&text).contains("first.x.example [127.0.0.2]:"), "{text:?}");
    let mail = peers[0].mails().remove(0);
    assert_eq!(
        (mail.from.as_str(), mail.to[0].as_str(), mail.content.as_str()),
        ("<a@us.example>", "<b@x.example>", BODY)
    );
    assert_eq!(peers[1].sessions(), []);
    assert_eq!(peers[0].sessions()[0].lines[0], "EHLO mail.us.example");
}

#[tokio::test]
async fn to_the_next_one_when_the_best_is_closed_or_busy_or_refuses() {
    for greeting in ["DROP", "421 4.3.2 busy", "554 5.7.1 not you"] {
        let peers = peers([Script::default().answer("GREETING", &[greeting]), Script::default()]);
        let fixture = Fixture::new(TWO, peers[0].port(), "");
        let outcome = fixture.send_one("b@x.example").await;
        assert!(delivered(&outcome).contains("second.x.example [127.0.0.3]:"), "{greeting}: {outcome:?}");
    }
    let peers = peers([Script::default(), Script::default()]);
    let fixture = Fixture::new(&TWO.replace("127.0.0.2", "127.0.0.9"), peers[0].port(), "");
    assert!(delivered(&fixture.send_one("b@x.example").await).contains("second.x.example"));
}

#[tokio::test]
async fn a_recipient_that_one_host_defers_goes_to_the_next_host_and_nobody_else() {
    let first = Script::default().answer("RCPT TO:<b@", &["451 4.7.1 greylisted"]);
    let peers = peers([first, Script::default()]);
    let fixture = Fixture::new(TWO, peers[0].port(), "");
    let outcomes = fixture.send(&["b@x.example", "c@x.example"]).await;
    assert!(delivered(&outcomes[0]).contains("second.x.example"));
    assert!(delivered(&outcomes[1]).contains("first.x.example"));
    assert_eq!((peers[0].mails()[0].to.len(), peers[1].mails()[0].to.len()), (1, 1));
}

#[tokio::test]
async fn refused_by_every_host_is_final_and_by_some_is_not() {
    let no = || Script::default().answer("GREETING", &["554 5.7.1 not you"]);
    let peers_no = peers([no(), no()]);
    let fixture = Fixture::new(TWO, peers_no[0].port(), "");
    let outcome = fixture.send_one("b@x.example").await;
    let (status, text) = failed(&outcome);
    assert!(status == "5.7.1" && text.contains("554 5.7.1 not you"), "{outcome:?}");
    let peers_busy = peers([Script::default().answer("GREETING", &["421 busy"]), no()]);
    let fixture = Fixture::new(TWO, peers_busy[0].port(), "");
    assert!(!deferred(&fixture.send_one("b@x.example").await).1);
}

#[tokio::test]
async fn nobody_there_is_deferred() {
    let port = Peer::start(Script::default()).port();
    let fixture = Fixture::new("x.example A 127.0.0.9", port, "");
    let outcome = fixture.send_one("b@x.example").await;
    let (status, configuration, text) = deferred(&outcome);
    assert!(status == "4.4.1" && !configuration && text.contains("could not connect"), "{outcome:?}");
    assert_eq!(fixture.dns.asked(), ["x.example A", "x.example AAAA", "x.example MX"]);
}

#[tokio::test]
async fn what_the_dns_says() {
    let zone = "null.example MX 0 .\nbroken.example SERVFAIL\nempty.example EMPTY
        lost.example MX 10 nowhere.example\nloop.example MX 10 mail.us.example\nmail.us.example A 127.0.0.9";
    let fixture = Fixture::new(zone, 25, "");
    // RFC 7505 §5.
    assert_eq!(failed(&fixture.send_one("b@null.example").await).0, "5.1.10");
    assert_eq!(failed(&fixture.send_one("b@nowhere.example").await).0, "5.1.2");
    assert_eq!(failed(&fixture.send_one("b@empty.example").await).0, "5.4.4");
    assert_eq!(failed(&fixture.send_one("b@lost.example").await).0, "5.4.4");
    assert_eq!(failed(&fixture.send_one("b@loop.example").await).0, "5.4.6");
    assert_eq!(deferred(&fixture.send_one("b@broken.example").await).0, "4.4.3");
}

#[tokio::test]
async fn aliases_are_followed_and_literals_are_addresses() {
    let peer = Peer::start(Script::default());
    let zone = "alias.example CNAME x.example\nx.example MX 10 mxalias.example\nmxalias.example CNAME mx.example\nmx.example A 127.0.0.1";
    let fixture = Fixture::new(zone, peer.port(), "");
    delivered(&fixture.send_one("b@alias.example").await);
    delivered(&fixture.send_one("b@[127.0.0.1]").await);
    assert_eq!(peer.mails()[0].to, ["<b@alias.example>"]);
    assert_eq!(peer.mails()[1].to, ["<b@[127.0.0.1]>"]);
}

#[tokio::test]
async fn both_address_families() {
    let peer = Peer::start_at("[::1]:0", Script::default());
    let fixture = Fixture::new("x.example A 127.0.0.9\nx.example AAAA ::1", peer.port(), "");
    assert!(delivered(&fixture.send_one("b@x.example").await).contains("x.example [::1]:"));
}

#[tokio::test]
async fn an_answer_too_long_for_udp_comes_over_tcp() {
    let peer = Peer::start(Script::default());
    let mut zone: String =
        (0..200).map(|n| format!("x.example MX 20 a-rather-long-name-of-host-{n}.x.example\n")).collect();
    zone += "x.example MX 10 mx.x.example\nmx.x.example A 127.0.0.1\n";
    let fixture = Fixture::new(&zone, peer.port(), "");
    delivered(&fixture.send_one("b@x.example").await);
}

/// A tunnel on this machine is a smarthost like any other, whatever the DNS says.
#[tokio::test]
async fn localhost_needs_no_dns() {
    let peer = Peer::start(Script::default());
    let route = format!("[[route]]\nto = \"*\"\nvia = \"localhost:{}\"\n", peer.port());
    delivered(&Fixture::new("", 25, &route).send_one("b@x.example").await);
}

/// MISSION 001-02, 002-18: all mail by the provider, but for what has a nearer route.
#[tokio::test]
async fn routes_before_mx() {
    let (smarthost, other) = (Peer::start(Script::default()), Peer::start(Script::default()));
    let tables = format!(
        "[[route]]\nto = \"*\"\nvia = \"127.0.0.1:{}\"\n[[route]]\nto = \".x.example\"\nvia = \"127.0.0.1:{}\"\n",
        smarthost.port(),
        other.port()
    );
    let fixture = Fixture::new("", 25, &tables);
    let outcomes = fixture.send(&["b@x.example", "c@sub.x.example"]).await;
    for outcome in &outcomes {
        delivered(outcome);
    }
    assert_eq!(smarthost.mails()[0].to, ["<b@x.example>"]);
    assert_eq!(other.mails()[0].to, ["<c@sub.x.example>"]);
    assert_eq!(fixture.dns.asked(), [""; 0]);
}

#[tokio::test]
async fn a_smarthost_that_is_ourselves_is_the_operators_mistake() {
    let peer = Peer::start(Script::default());
    let fixture = Fixture::with_route(&peer, "");
    fixture.reload(&format!("[listen]\nsmtp = [\"127.0.0.1:{}\"]\n", peer.port()));
    let outcome = fixture.send_one("b@x.example").await;
    let (status, configuration, text) = deferred(&outcome);
    assert!(status == "4.4.6" && configuration && text.contains("come back here"), "{outcome:?}");
    assert_eq!(peer.sessions(), []);
}
