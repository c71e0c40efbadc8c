//! What is offered to whom, and why.

use harness::{Gatepost, Scenario};

use crate::BINARY;
use crate::wire::{dialogue, tls};

/// The lines of an EHLO that begin with `AUTH`.
fn offered(server: &Gatepost, name: &str) -> Vec<String> {
    let heard = dialogue(tls(server, 465), &[&format!("EHLO {name}")]);
    heard.iter().filter_map(|line| line.get(4..).filter(|rest| rest.starts_with("AUTH")).map(str::to_owned)).collect()
}

/// MISSION 000-15: one client is not offered what it cannot do, and the others are; what is hidden is not accepted.
/// MISSION 002-23: the old line has the very same list.
#[test]
fn mechanisms_are_hidden_from_the_clients_that_a_rule_names() {
    let rules = "[smtp]\nlegacy_auth_line = true\n\
                 [[auth.hide]]\nehlo = \"nokia*\"\nmechanisms = [\"SCRAM-SHA-256\", \"SCRAM-SHA-256-PLUS\"]\n\
                 [[auth.hide]]\nid = \"*old reader*\"\nmechanisms = [\"PLAIN\"]\n\
                 [[auth.hide]]\nlistener = [\"pop3s\"]\nfrom = [\"127.0.0.0/8\"]\nmechanisms = [\"LOGIN\"]";
    let server = Scenario::new(BINARY).config(rules).user("alice@example.test", "secret").start();
    let all = "SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN";
    assert_eq!(offered(&server, "c.example"), [format!("AUTH {all}"), format!("AUTH={all}")]);
    assert_eq!(offered(&server, "Nokia-E51"), ["AUTH PLAIN LOGIN", "AUTH=PLAIN LOGIN"]);
    let heard =
        dialogue(tls(&server, 465), &["EHLO nokia", "AUTH SCRAM-SHA-256", "EHLO c.example", "AUTH SCRAM-SHA-256"]);
    assert!(heard.iter().any(|line| line.starts_with("504 ")) && heard.last().is_some_and(|line| line == "334 "));

    let id = "b ID (\"name\" \"The Old Reader 1.0\")";
    let heard = dialogue(tls(&server, 993), &["a CAPABILITY", "a NOOP", id, "c CAPABILITY"]);
    let capabilities: Vec<_> = heard.iter().filter(|line| line.starts_with("* CAPABILITY")).collect();
    assert!(capabilities.first().is_some_and(|line| line.contains("AUTH=PLAIN")), "{heard:?}");
    assert!(
        capabilities.last().is_some_and(|line| !line.contains("AUTH=PLAIN") && line.contains("AUTH=LOGIN")),
        "{heard:?}"
    );

    let check = server.run(&["check"], "");
    let hidden = "offered because accounts verifies passwords against what it keeps; but hidden from the clients that";
    assert!(check.contains(hidden), "{check}");
}

/// MISSION 000-09, 000-12: per listener and TLS state, each mechanism with its reason.
#[test]
fn check_says_why_each_mechanism_is_offered_or_not() {
    let server = Scenario::new(BINARY).user("alice@example.test", "secret").prepare();
    let check = server.run(&["check"], "");
    for line in [
        "      SCRAM-SHA-256      offered because accounts: all active accounts (1) keep SCRAM-SHA-256 keys",
        "      CRAM-MD5           not offered because accounts: none of 1 active accounts keeps the password in clear",
        "      no mechanism is offered because no TLS yet, and auth.require_tls is true",
    ] {
        assert!(check.contains(line), "{line}\n{check}");
    }
}
