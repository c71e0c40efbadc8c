//! No way to another server: DNS, ports, and ways that lead back.

use std::net::{SocketAddr, TcpStream};

use harness::{Dns, Gatepost, Peer, Scenario, Script};
use rustix::net::{AddressFamily, SocketType};

use crate::naming::{assert_named, bounced, queued, saved, send, sender};
use crate::{ALICE, BINARY, PASSWORD};

/// Asks by the id of a message that waits.
fn waits(server: &Gatepost, to: &str, cause: &str, words: &str) {
    let said = send(server, to);
    assert_named(server, queued(&said), cause, words);
}

#[test]
fn domains_that_lead_nowhere() {
    let dns = Dns::start(
        "null.test MX 0 .\nnohost.test MX 10 mx.nohost.test\nmx.nohost.test EMPTY\nempty.test EMPTY\n\
         broken.test SERVFAIL\n",
    );
    let server = sender(&dns, 25, "");
    for (to, cause, words) in [
        ("bob@null.test", "null-mx", "The recipient's domain says that it takes no mail (RFC 7505)."),
        ("bob@nowhere.test", "no-such-domain", "The recipient's domain does not exist."),
        ("bob@nohost.test", "no-mx", "The recipient's domain has no host that takes its mail."),
        ("bob@empty.test", "no-mx", "has no mail host with an address"),
    ] {
        assert_named(&server, &bounced(&server, to), cause, words);
    }
    waits(&server, "bob@broken.test", "dns-trouble", "DNS could not tell where the mail goes.");
}

#[test]
fn nobody_to_ask() {
    // Nothing answers at a port that nobody has.
    let relay = "[relay]\nresolvers = [\"127.0.0.1:1\"]";
    let server = Scenario::new(BINARY).user(ALICE, PASSWORD).config(relay).start();
    waits(&server, "bob@other.test", "dns-trouble", "Is there a resolver? See /etc/resolv.conf");
}

#[test]
fn mail_that_would_come_back_here() {
    let dns = Dns::start("ours.test MX 10 mx.ours.test\nmx.ours.test A 127.0.0.1\n");
    let mut server = Scenario::new(BINARY).user(ALICE, PASSWORD).prepare();
    let (port, route) = (server.port(25), server.port(587));
    let tables = format!(
        "[relay]\nresolvers = [\"{}\"]\nallow_private = true\nport = {port}\n\
         [[route]]\nto = \"round.test\"\nvia = \"127.0.0.1:{route}\"\n",
        dns.address()
    );
    server.edit_config(|config| config + &tables);
    server.start();
    waits(&server, "bob@round.test", "route-is-this-server", "A route leads to this server itself.");
    let bounce = bounced(&server, "bob@ours.test");
    assert_named(&server, &bounce, "mx-is-this-server", "The domain is not in `domains`.");
}

/// A host that takes no connection and refuses none, as where a company blocks port 25. The kernel drops what comes where
/// the queue of a listener is full.
#[test]
fn port_25_that_is_blocked() {
    let socket = rustix::net::socket(AddressFamily::INET, SocketType::STREAM, None).expect("a socket");
    let address: SocketAddr = "127.0.25.25:25".parse().expect("an address");
    if rustix::net::bind(&socket, &address).is_err() {
        // Not everybody may have port 25.
        return;
    }
    rustix::net::listen(&socket, 0).expect("it listens");
    let _first = TcpStream::connect(address).expect("the only one");
    let dns = Dns::start("other.test MX 10 mx.other.test\nmx.other.test A 127.0.25.25\n");
    let server = sender(&dns, 25, "");
    waits(&server, "bob@other.test", "port-25-blocked", "the hosting company blocks port 25 outward");
}

/// What the server of each domain answers to its recipients; `DROP` closes the connection.
const ANSWERS: [(&str, &str); 8] = [
    ("nobody.test", "550 5.1.1 no such user"),
    ("full.test", "452 4.2.2 mailbox full"),
    ("over.test", "552 5.2.2 over quota"),
    ("disk.test", "452 4.3.1 insufficient system storage"),
    ("grey.test", "450 4.7.1 Greylisted, come back later"),
    ("large.test", "552 5.3.4 too large"),
    ("spf.test", "550 5.7.1 SPF says no, see https://other.test/why"),
    ("away.test", "DROP"),
];

/// MISSION 001-12: what the other server answers is in the bounce or in the queue.
#[test]
fn what_another_server_has_against_mail() {
    let answer =
        |script: Script, (domain, reply): (&str, &str)| script.answer(&format!("RCPT TO:<bob@{domain}"), &[reply]);
    let peer = Peer::start(ANSWERS.into_iter().fold(Script::default(), answer));
    let zone = ANSWERS.map(|(domain, _)| format!("{domain} MX 10 mx.test\n")).concat() + "mx.test A 127.0.0.1\n";
    let dns = Dns::start(&zone);
    let server = sender(&dns, peer.port(), "");
    for (domain, cause, words) in [
        ("full.test", "recipient-full", "The recipient's mailbox is full."),
        ("disk.test", "other-disk-full", "The other server has no room"),
        ("grey.test", "greylisted", "at the second attempt only"),
        ("away.test", "other-server-broke-off", "The connection with the other server broke in the middle."),
    ] {
        waits(&server, &format!("bob@{domain}"), cause, words);
    }
    for (domain, cause, words) in [
        ("nobody.test", "no-such-recipient", "The other server does not know the recipient."),
        ("over.test", "recipient-full", "Only the recipient can make room."),
        ("large.test", "too-large-there", "The message is larger than the other server takes."),
        ("spf.test", "remote-policy", "look at SPF, DKIM and the reverse name of this host"),
    ] {
        assert_named(&server, &bounced(&server, &format!("bob@{domain}")), cause, words);
    }
}

/// A bounce of another make, without a session of ours.
#[test]
fn somebody_elses_bounce() {
    let server = Scenario::new(BINARY).prepare();
    let bounce =
        "Subject: Undelivered Mail\n\nDiagnostic-Code: smtp; 554 5.7.1 Service unavailable; see https://x.test\n";
    assert_named(&server, &saved(&server, bounce), "remote-policy", "The other server does not want this mail.");
}
