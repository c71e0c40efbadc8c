//! Looking into one user's logins, and passwords that came in clear.

use std::os::unix::fs::PermissionsExt;

use harness::{Gatepost, Scenario};
use serde_json::Value;

use crate::BINARY;
use crate::log::records;
use crate::wire::{clear, dialogue, plain, tls};

const ALICE: &str = "alice@example.test";

fn login(server: &Gatepost, user: &str, password: &str) {
    dialogue(tls(server, 465), &["EHLO c.example", &format!("AUTH PLAIN {}", plain(user, password))]);
}

/// MISSION 004-13, 004-14, 004-15: at run time, for one user, for a limited time; passwords only on request, for one
/// named user, in a file of 0600, with a banner in the log.
#[test]
fn one_users_logins_are_looked_into() {
    let server = Scenario::new(BINARY).user(ALICE, "secret of alice").user("bob@example.test", "secret of bob").start();
    login(&server, ALICE, "secret of alice");
    assert!(!server.log().contains("auth debug"));
    let on = server.run(&["auth", "debug", "--user", ALICE, "--for", "1h"], "");
    assert!(on.starts_with("1  alice@example.test  for 3"), "{on}");
    login(&server, ALICE, "secret of alice");
    login(&server, "bob@example.test", "secret of bob");
    server.wait_for_log("auth debug: ACCEPT, username alice@example.test");
    records(&server, 3, &["auth", "log", "--json"]);
    assert!(!server.log().contains("auth debug: ACCEPT, username bob@example.test"));

    let refused = server.command(&["auth", "debug", "--ip", "127.0.0.1", "--show-passwords"]).output().expect("run");
    assert_eq!(refused.status.code(), Some(2), "a whole network's passwords");
    let long = server.command(&["auth", "debug", "--user", ALICE, "--for", "25h"]).output().expect("run");
    assert_eq!(long.status.code(), Some(65));
    let json = server.run(&["auth", "debug", "--user", ALICE, "--show-passwords", "--json"], "");
    let on: Value = serde_json::from_str(&json).expect("JSON");
    let file = on[0]["file"].as_str().expect("a file").to_owned();
    assert_eq!(std::fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o600);
    login(&server, ALICE, "a wrong one");
    login(&server, "bob@example.test", "secret of bob");
    records(&server, 5, &["auth", "log", "--json"]);
    let shown = std::fs::read_to_string(&file).expect("there");
    assert!(shown.contains("\"a wrong one\" wrong password") && !shown.contains("secret of bob"), "{shown}");
    server.wait_for_log("AUTH DEBUG WITH PASSWORDS BEGINS");
    assert!(!server.log().contains("a wrong one"), "never in the log itself");

    assert_eq!(server.run(&["auth", "debug", "--list"], "").lines().count(), 2);
    assert_eq!(server.run(&["auth", "debug", "--off", "2"], ""), "1 ended\n");
    server.wait_for_log("AUTH DEBUG WITH PASSWORDS ENDS");
    assert_eq!(server.run(&["auth", "debug", "--off"], ""), "1 ended\n");
    assert_eq!(server.run(&["auth", "debug", "--list"], ""), "nobody's logins are looked into\n");
    // One that ends by itself says so.
    server.run(&["auth", "debug", "--user", ALICE, "--for", "1s"], "");
    let ends = || server.log().matches("=== auth debug ends ===").count();
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while ends() < 2 {
        assert!(std::time::Instant::now() < until, "it does not end");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

/// MISSION 003-12: the account is marked, and nobody else's; a new password takes the mark away.
#[test]
fn a_password_in_clear_marks_its_account_until_there_is_a_new_one() {
    let server = Scenario::new(BINARY).user(ALICE, "secret of alice").start();
    dialogue(clear(&server, 143), &["a LOGIN nobody@example.test x", "b LOGIN alice@example.test SECRETINCLEAR"]);
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !server.run(&["user", "list"], "").contains("PASSWORD EXPOSED") {
        assert!(std::time::Instant::now() < until, "not marked");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let exposed: Value = serde_json::from_str(&server.run(&["auth", "exposed", "--json"], "")).expect("JSON");
    assert_eq!(exposed.as_array().map(Vec::len), Some(1), "{exposed}");
    assert_eq!((&exposed[0]["address"], &exposed[0]["service"]), (&ALICE.into(), &"imap".into()));
    assert!(server.run(&["user", "show", ALICE], "").contains("YES, "));
    // The log is written a moment later than the mark.
    while !server.run(&["auth", "log"], "").contains("cleartext refused, password exposed") {
        assert!(std::time::Instant::now() < until, "not in the log");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(!exposed.to_string().contains("SECRET"));
    server.run(&["user", "passwd", ALICE, "--password-stdin"], "another\n");
    assert!(server.run(&["user", "show", ALICE], "").contains("password exposed  no"));
    assert!(server.run(&["auth", "exposed"], "").contains("no password is known"));
    let missing = server.command(&["auth", "exposed", "--clear", ALICE]).output().expect("run");
    assert_eq!(missing.status.code(), Some(67));
}
