//! SIGTERM: commands under way are finished, goodbyes are said, and nothing that was promised is lost.

use std::net::TcpStream;
use std::time::Instant;

use harness::{PATIENCE, Scenario};
use rustix::process::Signal;

use crate::BINARY;
use crate::client::Client;

/// Whether a port is closed within the time that anything may take.
fn closes(port: u16) -> bool {
    let deadline = Instant::now() + PATIENCE;
    while TcpStream::connect(("127.0.0.1", port)).is_ok() {
        if Instant::now() > deadline {
            return false;
        }
    }
    true
}

/// MISSION 002-05.
#[test]
fn a_message_under_way_is_taken_idle_sessions_hear_why_and_no_new_ones_begin() {
    let mut server = Scenario::new(BINARY).user("bob@example.test", "secret of bob").start();
    let mut idle = [Client::clear(&server, 587), Client::clear(&server, 110), Client::tls(&server, 993)];
    let greetings = idle.each_mut().map(Client::line);
    assert!(greetings[0].starts_with("220 ") && greetings[1].starts_with("+OK ") && greetings[2].starts_with("* OK"));
    let mut busy = Client::clear(&server, 25);
    busy.begin_message("bob@example.test");
    busy.send("Subject: half\r\n\r\nThe first half,\r\n");

    server.signal(Signal::TERM);
    server.wait_for_log("draining");
    let goodbyes = idle.each_mut().map(Client::line);
    assert!(goodbyes[0].starts_with("421 "), "{goodbyes:?}");
    assert!(goodbyes[1].starts_with("-ERR "), "{goodbyes:?}");
    assert!(goodbyes[2].starts_with("* BYE "), "{goodbyes:?}");
    drop(idle);
    assert!(closes(server.port(25)), "the ports are closed");

    let reply = busy.say("and the second one.\r\n.");
    assert!(reply.starts_with("250 "), "{reply}");
    assert!(busy.line().starts_with("421 "), "then it says goodbye");
    drop(busy);
    assert!(server.wait_for_exit().success());
    server.start();
    let messages = server.maildir("bob@example.test").wait_for(1);
    assert_eq!(messages.len(), 1);
    assert!(messages[0].contains("The first half,\nand the second one.\n"), "{}", messages[0]);
}
