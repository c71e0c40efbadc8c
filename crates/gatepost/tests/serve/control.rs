//! Commands work beside a running server, through its control socket, and without one, on the files.

use std::os::unix::fs::PermissionsExt;

use harness::{Gatepost, Scenario};
use serde_json::Value;

use crate::BINARY;
use crate::client::Client;

fn json(server: &Gatepost, arguments: &[&str]) -> Value {
    serde_json::from_str(&server.run(arguments, "")).unwrap()
}

/// A server with one message that waits: its route's host refuses connections.
fn with_waiting_message() -> (Gatepost, String) {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let route = format!("[[route]]\nto = \"*\"\nvia = \"{nobody}\"\ntls = \"none\"");
    let server = Scenario::new(BINARY).config(&route).user("alice@example.test", "secret of alice").start();
    server.run(&["alias", "add", "friends@example.test", "eve@example.org"], "");
    let mut client = Client::clear(&server, 25);
    client.begin_message("friends@example.test");
    let reply = client.say("Subject: waiting\r\n\r\nHello.\r\n.");
    assert!(reply.starts_with("250 "), "{reply}");
    let list = json(&server, &["queue", "list", "--json"]);
    let id = list[0]["id"].as_str().unwrap().to_owned();
    assert!(reply.contains(&id), "the 250 names the message: {reply}");
    (server, id)
}

fn held(server: &Gatepost) -> Value {
    json(server, &["queue", "list", "--json"])[0]["held"].clone()
}

#[test]
fn the_queue_is_listed_and_changed_beside_the_server_and_without_it() {
    let (mut server, id) = with_waiting_message();
    let id = id.as_str();
    assert!(server.run(&["queue", "show", id], "").contains("Subject: waiting"));
    assert_eq!(server.run(&["queue", "hold", id], ""), format!("{id} held\n"));
    assert_eq!(held(&server), true);
    assert!(server.stop().success());

    assert_eq!(held(&server), true, "a hold survives, and is seen in the files");
    assert!(server.run(&["queue", "list"], "").contains("held"));
    server.run(&["queue", "release", id], "");
    assert_eq!(held(&server), false);
    assert_eq!(server.run(&["queue", "retry"], ""), "1 message is due now\n");

    server.start();
    assert_eq!(json(&server, &["queue", "list", "--to", "eve@", "--json"]).as_array().unwrap().len(), 1);
    assert_eq!(json(&server, &["queue", "list", "--to", "nobody@", "--json"]).as_array().unwrap().len(), 0);
    server.run(&["queue", "remove", id], "");
    assert_eq!(server.run(&["queue", "list"], ""), "the queue is empty\n");
    let again = server.command(&["queue", "remove", id]).output().unwrap();
    assert_eq!(again.status.code(), Some(67), "no such message");
}

#[test]
fn the_status_tells_process_ports_and_certificate() {
    let server = Scenario::new(BINARY).start();
    let status = json(&server, &["status", "--json"]);
    assert_eq!(status["pid"], i64::from(server.pid().as_raw_nonzero().get()));
    assert_eq!(status["listeners"].as_array().unwrap().len(), 7);
    assert!(status["certificate_days"].as_i64().unwrap() > 800);
    assert_eq!((&status["sessions"], &status["queued"]), (&Value::from(0), &Value::from(0)));
    let mode = std::fs::metadata(server.data().join("control.sock")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn without_a_server_the_status_says_so() {
    let mut server = Scenario::new(BINARY).start();
    server.kill();
    let output = server.command(&["status"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no server runs on"));
}
