//! Over a limit there is a clear reply in the client's protocol, and the others are still served.

use std::net::TcpStream;
use std::time::Instant;

use harness::{Gatepost, PATIENCE, Scenario};

use crate::BINARY;
use crate::client::Client;

/// Connects until the server has noticed that another client is gone.
fn greeted(server: &Gatepost) -> bool {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if Client::clear(server, 25).line().starts_with("220 ") {
            return true;
        }
    }
    false
}

#[test]
fn too_many_connections_from_one_address() {
    let server = Scenario::new(BINARY).config("[limits]\nconnections_per_ip = 2").start();
    let (mut first, mut second) = (Client::clear(&server, 25), Client::clear(&server, 143));
    assert!(first.line().starts_with("220 mail.example.test"));
    assert!(second.line().starts_with("* OK"));
    let mut refused = Client::clear(&server, 587);
    let line = refused.line();
    assert!(line.starts_with("421 4.7.0 mail.example.test too many connections from your address"), "{line}");
    assert_eq!(refused.line(), "", "then it closes");
    assert!(Client::clear(&server, 110).line().starts_with("-ERR [SYS/TEMP] too many connections"));
    assert!(Client::tls(&server, 993).line().starts_with("* BYE [UNAVAILABLE] too many connections"));
    assert!(first.say("NOOP").starts_with("250 "), "the others are still served");
    let id = line.rsplit(['[', ']']).nth(1).unwrap();
    assert!(server.wait_for_log(id).contains("too many connections"), "the refusal's id is in the log");
    drop(first);
    assert!(greeted(&server), "a place that is given back is taken again");
}

#[test]
fn too_many_connections_in_all() {
    let server = Scenario::new(BINARY).config("[limits]\nconnections = 1").start();
    let mut first = Client::clear(&server, 25);
    assert!(first.line().starts_with("220 "));
    let line = Client::clear(&server, 25).line();
    assert!(line.starts_with("421 4.7.0 mail.example.test too many connections, try again later"), "{line}");
}

/// MISSION 004-31: no silent close; the operator can see why.
#[test]
fn the_wrong_kind_of_port_is_told_in_the_log() {
    let server = Scenario::new(BINARY).start();
    let mut clear = Client::clear(&server, 993);
    clear.send("a NOOP\r\n");
    server.wait_for_log("speaks clear text on a port that begins with TLS");
    let mut tls = Client::clear(&server, 143);
    assert!(tls.line().starts_with("* OK"));
    tls.send("\u{16}\u{3}\u{1}\u{0}\u{5}hello\r\n");
    server.wait_for_log("began TLS on a port that begins in clear");
}

#[test]
fn without_descriptors_it_says_so_without_spinning_and_goes_on_when_there_are_some() {
    let server = Scenario::new(BINARY).open_files(64).start();
    let clients: Vec<TcpStream> =
        (0..80).map(|_| TcpStream::connect(("127.0.0.1", server.port(25))).unwrap()).collect();
    let line = server.wait_for_log("no connection can be taken");
    assert!(line.contains("LimitNOFILE="), "{line}");
    drop(clients);
    assert!(greeted(&server));
    // It may run out again while it takes those that waited; a loop that spins would have thousands of lines.
    assert!(server.log().matches("no connection can be taken").count() < 10, "{}", server.log());
}
