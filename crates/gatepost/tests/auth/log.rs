//! `gatepost auth log`.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use harness::{Gatepost, Scenario};
use serde_json::Value;

use crate::wire::{clear, dialogue, plain, tls};
use crate::{BINARY, json_lines};

fn outcomes(records: &[Value]) -> Vec<&str> {
    records.iter().map(|record| record["outcome"].as_str().expect("a word")).collect()
}

/// The records once there are so many: the server writes them down after it has answered.
pub(crate) fn records(server: &Gatepost, at_least: usize, arguments: &[&str]) -> Vec<Value> {
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let found = json_lines(server, arguments);
        if found.len() >= at_least {
            return found;
        }
        assert!(std::time::Instant::now() < until, "only {found:?}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

/// MISSION 000-03, 002-25, 003-12: what became of each attempt, in all three protocols, is on disk, with the decoded
/// name and without a secret.
#[test]
fn every_attempt_is_there_with_its_result_and_no_secret() {
    let mut server = Scenario::new(BINARY).user("alice@example.test", "secret of alice").start();
    let right = plain("alice@example.test", "secret of alice");
    let wrong = plain("alice@example.test", "WRONGPASSWORD");
    dialogue(tls(&server, 465), &["EHLO c.example", &format!("AUTH PLAIN {right}"), "QUIT"]);
    dialogue(tls(&server, 465), &["EHLO c.example", &format!("AUTH PLAIN {wrong}"), "QUIT"]);
    dialogue(tls(&server, 465), &["EHLO c.example", &format!("AUTH PLAIN {}", plain("test@doiain.de", "x"))]);
    dialogue(tls(&server, 465), &["EHLO c.example", "AUTH LOGIN", "*"]);
    dialogue(tls(&server, 995), &["AUTH PLAIN", "!no base64!"]);
    dialogue(tls(&server, 993), &["a AUTHENTICATE LOGIN"]);
    dialogue(clear(&server, 143), &["a LOGIN alice@example.test SECRETINCLEAR"]);
    dialogue(clear(&server, 110), &["USER alice@example.test", "PASS SECRETINCLEAR"]);
    dialogue(clear(&server, 587), &["EHLO c.example", &format!("AUTH PLAIN {wrong}")]);
    dialogue(tls(&server, 993), &["a AUTHENTICATE CRAM-MD5"]);

    let all = records(&server, 10, &["auth", "log", "--json"]);
    let expected = [
        "ok",
        "wrong password",
        "unknown user",
        "aborted",
        "bad exchange",
        "aborted",
        "cleartext refused",
        "cleartext refused",
        "cleartext refused",
        "mechanism not possible",
    ];
    // Sessions that were left end when the server hears of it.
    let (mut found, mut wanted) = (outcomes(&all), expected.to_vec());
    found.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(found, wanted);
    assert_eq!(all[0]["account"], "alice@example.test");
    assert_eq!((&all[0]["mechanism"], &all[0]["tls"]), (&Value::from("PLAIN"), &Value::from(true)));
    assert_eq!((&all[0]["listener"], &all[0]["address"]), (&"submissions".into(), &"127.0.0.1".into()));
    assert_eq!(all[1]["modules"][0]["verdict"], "reject");
    assert_eq!(all[2]["identity"], "test@doiain.de");
    assert!(server.log().contains(all[1]["id"].as_str().expect("an id")), "the same id as in the server's log");
    assert_eq!(all.iter().filter(|record| record["exposed"] == true).count(), 3);

    assert!(server.stop().success());
    let text = server.run(&["auth", "log", "--trail"], "");
    let files: String = std::fs::read_dir(server.data().join("auth-log"))
        .expect("a folder")
        .map(|file| std::fs::read_to_string(file.expect("a file").path()).expect("text"))
        .collect();
    for secret in ["secret of alice", "WRONGPASSWORD", "SECRETINCLEAR", &right, &wrong] {
        assert!(!text.contains(secret) && !files.contains(secret), "{secret} in {text}");
    }
    let lines = |arguments: &[&str]| server.run(arguments, "").lines().count();
    assert_eq!(lines(&["auth", "log", "--failed"]), 9);
    assert_eq!(lines(&["auth", "log", "--user", "DOIAIN"]), 1);
    assert_eq!(lines(&["auth", "log", "--ip", "127.0.0.0/8"]), 10);
    assert_eq!(lines(&["auth", "log", "--ip", "192.0.2.1"]), 0);
    assert_eq!(lines(&["auth", "log", "--since", "1h"]), 10);
    assert_eq!(lines(&["auth", "log", "--since", "2100-01-01T00:00:00Z"]), 0);
}

/// After a SIGKILL in the middle of a line the log is read all the same, and goes on.
#[test]
fn the_log_outlives_a_crash_and_is_followed() {
    let mut server = Scenario::new(BINARY).user("alice@example.test", "secret of alice").start();
    let login = format!("AUTH PLAIN {}", plain("alice@example.test", "secret of alice"));
    dialogue(tls(&server, 465), &["EHLO c.example", &login]);
    records(&server, 1, &["auth", "log", "--json"]);
    server.kill();
    let file = server.data().join("auth-log/00000001.jsonl");
    let mut torn = std::fs::read(&file).expect("the log");
    torn.extend_from_slice(b"{\"time\":\"2026-");
    std::fs::write(&file, torn).expect("torn");
    assert_eq!(json_lines(&server, &["auth", "log", "--json"]).len(), 1);

    server.start();
    let mut follow = server.command(&["auth", "log", "--follow", "--json"]).stdout(Stdio::piped()).spawn().expect("it");
    let mut lines = BufReader::new(follow.stdout.take().expect("a pipe")).lines();
    assert!(lines.next().is_some_and(|line| line.is_ok()), "the old one");
    dialogue(tls(&server, 465), &["EHLO c.example", &login]);
    let new: Value = serde_json::from_str(&lines.next().expect("a line").expect("read")).expect("JSON");
    follow.kill().expect("it runs");
    follow.wait().expect("its end");
    assert_eq!(new["outcome"], "ok");
}
