//! How connections are protected.

use harness::{Peer, Script};

use crate::fixture::{Authority, Fixture, deferred, delivered};

#[tokio::test]
async fn mx_hosts_get_tls_where_they_offer_it_whoever_signed() {
    let peer = Peer::start(Authority::new().starttls(Script::default()));
    let outcome = Fixture::with_mx(&peer).send_one("b@x.example").await;
    assert!(delivered(&outcome).contains("TLSv1.3"), "{outcome:?}");
    let session = peer.sessions().remove(0);
    assert!(session.tls && session.lines.starts_with(&["EHLO mail.us.example".into(), "STARTTLS".into()]));
    assert_eq!(session.lines[2], "EHLO mail.us.example");
}

#[tokio::test]
async fn mx_hosts_that_cannot_do_tls_get_mail_in_clear() {
    // Offers STARTTLS, and hangs up at the handshake: its next connection is left alone.
    let broken = Script::default().hello(&["STARTTLS"]).answer("STARTTLS", &["220 go|DROP"]);
    let peer = Peer::start(broken);
    let outcome = Fixture::with_mx(&peer).send_one("b@x.example").await;
    assert!(delivered(&outcome).contains("no TLS"), "{outcome:?}");
    let refusing = Peer::start(Script::default().hello(&["STARTTLS"]).answer("STARTTLS", &["454 4.7.0 not now"]));
    assert!(delivered(&Fixture::with_mx(&refusing).send_one("b@x.example").await).contains("no TLS"));
    assert_eq!(refusing.sessions().len(), 1);
}

#[tokio::test]
async fn a_route_verifies_the_certificate() {
    let authority = Authority::new();
    let peer = Peer::start(authority.starttls(Script::default()));
    let known = Fixture::with_route(&peer, &format!("tls = \"starttls\"\n{}", authority.key()));
    assert!(delivered(&known.send_one("b@x.example").await).contains("TLSv1.3"));

    let stranger = Fixture::with_route(&peer, "tls = \"starttls\"");
    let outcome = stranger.send_one("b@x.example").await;
    let (status, configuration, text) = deferred(&outcome);
    assert!(status == "4.7.5" && configuration && text.contains("certificate"), "{outcome:?}");
}

#[tokio::test]
async fn a_route_with_another_name_than_the_certificate_is_refused() {
    let authority = Authority::new();
    let peer = Peer::start(authority.starttls(Script::default()));
    let route = |host: &str| {
        let table =
            format!("[[route]]\nto = \"*\"\nvia = \"{host}:{}\"\ntls = \"starttls\"\n{}", peer.port(), authority.key());
        Fixture::new("mx.x.example A 127.0.0.1\nother.example A 127.0.0.1", 25, &table)
    };
    delivered(&route("mx.x.example").send_one("b@x.example").await);
    assert_eq!(deferred(&route("other.example").send_one("b@x.example").await).0, "4.7.5");
}

#[tokio::test]
async fn a_route_that_wants_tls_never_goes_without() {
    let peer = Peer::start(Script::default());
    let outcome = Fixture::with_route(&peer, "tls = \"starttls\"").send_one("b@x.example").await;
    let (status, configuration, text) = deferred(&outcome);
    assert!(status == "4.7.4" && configuration && text.contains("STARTTLS"), "{outcome:?}");
    assert_eq!(peer.mails(), []);
}

#[tokio::test]
async fn tls_from_the_first_octet() {
    let authority = Authority::new();
    let script = Script::default().implicit_tls(&authority.files.certificate, &authority.files.key);
    let peer = Peer::start(script);
    let fixture = Fixture::with_route(&peer, &format!("tls = \"implicit\"\n{}", authority.key()));
    assert!(delivered(&fixture.send_one("b@x.example").await).contains("TLSv1.3"));
    assert!(peer.sessions()[0].tls);
}

#[tokio::test]
async fn no_tls_where_the_route_says_so() {
    let peer = Peer::start(Authority::new().starttls(Script::default()));
    let outcome = Fixture::with_route(&peer, "tls = \"none\"").send_one("b@x.example").await;
    assert!(delivered(&outcome).contains("no TLS"));
    assert!(!peer.sessions()[0].tls);
}

#[tokio::test]
async fn authorities_that_cannot_be_read_stop_the_route_alone() {
    let (broken, works) = (Peer::start(Script::default()), Peer::start(Script::default()));
    let tables = format!(
        "[[route]]\nto = \"x.example\"\nvia = \"127.0.0.1:{}\"\ntls = \"starttls\"\nca_file = \"/nowhere/ca.pem\"\n\
         [[route]]\nto = \"*\"\nvia = \"127.0.0.1:{}\"\n",
        broken.port(),
        works.port()
    );
    let fixture = Fixture::new("", 25, &tables);
    let outcomes = fixture.send(&["b@x.example", "b@y.example"]).await;
    let (status, configuration, text) = deferred(&outcomes[0]);
    assert!(status == "4.3.5" && configuration && text.contains("/nowhere/ca.pem"), "{text}");
    delivered(&outcomes[1]);
}
