//! `gatepost auth modules` and the metrics.

use std::io::{Read, Write};
use std::net::TcpStream;

use harness::Scenario;
use serde_json::Value;

use crate::BINARY;
use crate::log::records;
use crate::wire::{dialogue, plain, tls};

fn get(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("written");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("read");
    text
}

/// MISSION 000-11: counts per mechanism, and a mechanism that never worked, in the command and in the metrics.
#[test]
fn modules_mechanisms_and_counts_are_shown_and_scraped() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let config = format!("[metrics]\nlisten = \"{free}\"");
    let mut server = Scenario::new(BINARY).config(&config).user("alice@example.test", "secret").start();
    let login = |password| format!("AUTH PLAIN {}", plain("alice@example.test", password));
    dialogue(tls(&server, 465), &["EHLO c.example", &login("wrong")]);
    records(&server, 1, &["auth", "log", "--json"]);
    let text = server.run(&["auth", "modules"], "");
    assert!(text.contains("PLAIN WAS TRIED 1 time AND NEVER WORKED"), "{text}");
    dialogue(tls(&server, 465), &["EHLO c.example", &login("secret")]);
    records(&server, 2, &["auth", "log", "--json"]);

    let text = server.run(&["auth", "modules"], "");
    assert!(text.contains("accounts: reachable; accepted 1, rejected 1, could not tell 0"), "{text}");
    assert!(text.contains("PLAIN              offered; 1 succeeded, 1 failed") && !text.contains("NEVER"), "{text}");
    let value: Value = serde_json::from_str(&server.run(&["auth", "modules", "--json"], "")).expect("JSON");
    assert_eq!((&value["running"], &value["overview"]["chain"][0]["reachable"]), (&true.into(), &true.into()));

    let metrics = server.run(&["metrics"], "");
    let scraped = get(free.port(), "/metrics");
    assert!(scraped.starts_with("HTTP/1.1 200 ") && scraped.contains("application/openmetrics-text"), "{scraped}");
    for line in [
        "gatepost_login_attempts_total{service=\"smtp\",mechanism=\"PLAIN\",outcome=\"ok\"} 1",
        "gatepost_login_attempts_total{service=\"smtp\",mechanism=\"PLAIN\",outcome=\"wrong password\"} 1",
        "gatepost_auth_module_reachable{module=\"accounts\"} 1",
        "gatepost_auth_module_verdicts_total{module=\"accounts\",verdict=\"accept\"} 1",
        "gatepost_mechanism_offered{mechanism=\"PLAIN\",tls=\"false\"} 0",
        "# EOF",
    ] {
        assert!(metrics.contains(line) && scraped.contains(line), "{line}\n{metrics}");
    }
    assert!(get(free.port(), "/").starts_with("HTTP/1.1 404 "));

    // A store that is gone is not reachable, and that is seen at once.
    std::fs::remove_file(server.data().join("accounts.sqlite")).expect("removed");
    let text = server.run(&["auth", "modules"], "");
    assert!(text.contains("accounts: NOT REACHABLE") && text.contains("accounts.sqlite"), "{text}");
    assert!(server.run(&["metrics"], "").contains("gatepost_auth_module_reachable{module=\"accounts\"} 0"));
    assert!(server.stop().success());
    let text = server.run(&["auth", "modules"], "");
    assert!(text.contains("No server runs") && text.contains("NOT REACHABLE"), "{text}");
}
