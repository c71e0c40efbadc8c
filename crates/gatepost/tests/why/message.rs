//! Messages.

use harness::{Dns, Scenario};

use crate::{ALICE, BINARY, PASSWORD, queued, send, why};

/// MISSION 001-12, 002-28: delivered, waiting, refused and unknown; each with its fix.
#[test]
fn where_a_message_is_and_what_keeps_it() {
    let routes = "[[route]]\nto = \"away.test\"\nvia = \"localhost:1\"";
    let server = Scenario::new(BINARY).user(ALICE, PASSWORD).config(routes).start();
    let said = send(&server, PASSWORD, ALICE);
    server.maildir(ALICE).wait_for(1);
    let answer = why(&server, &["message", queued(&said)], &["The mail for <alice@example.test> was delivered: "]);
    assert!(answer.contains("/new/") && answer.contains("gatepost trace "), "{answer}");

    let said = send(&server, PASSWORD, "bob@away.test");
    let id = queued(&said);
    let away =
        ["No connection to the other server came about.", "waits in the queue, attempts so far: 1, the next at 20"];
    let answer = why(&server, &["message", id], &away);
    assert!(answer.contains(&format!("Then try it at once: gatepost queue retry {id}")), "{answer}");
    server.run(&["queue", "hold", id], "");
    why(&server, &["message", id], &["is held", &format!("gatepost queue release {id}")]);

    let output = server.command(&["why", "message", "1K4Q7ZC0M2A"]).output().expect("the binary");
    assert_eq!(output.status.code(), Some(67), "no such message");
}

/// A message that another server took, by the id that it gave; and one that it refused, by the bounce.
#[test]
fn what_another_server_said_is_told() {
    let other = Scenario::new(BINARY).domain("other.test").user("bob@other.test", PASSWORD).start();
    let dns = Dns::start("other.test MX 10 mx.other.test\nmx.other.test A 127.0.0.1\n");
    let relay =
        format!("[relay]\nresolvers = [\"{}\"]\nallow_private = true\nport = {}", dns.address(), other.port(25));
    let server = Scenario::new(BINARY).user(ALICE, PASSWORD).config(&relay).start();
    let said = send(&server, PASSWORD, "bob@other.test");
    let taken = ["took the mail for <bob@other.test>: 250 2.0.0 Ok: queued as "];
    let answer = why(&server, &["message", queued(&said)], &taken);
    let remote = queued(&answer);
    why(&server, &["message", remote], &taken);

    let said = send(&server, PASSWORD, "nobody@other.test");
    let refused = ["The other server does not know the recipient.", "and it went back to the sender"];
    why(&server, &["message", queued(&said)], &refused);
}

/// Two messages that went out in one session: each is told of alone.
#[test]
fn what_went_out_in_the_same_session_is_another_message() {
    let other = Scenario::new(BINARY).domain("other.test").user("bob@other.test", PASSWORD).start();
    let dns = Dns::start("other.test MX 10 mx.other.test\nmx.other.test A 127.0.0.1\n");
    let relay =
        format!("[relay]\nresolvers = [\"{}\"]\nallow_private = true\nport = {}", dns.address(), other.port(25));
    let server = Scenario::new(BINARY).user(ALICE, PASSWORD).config(&relay).start();
    let good = send(&server, PASSWORD, "bob@other.test");
    why(&server, &["message", queued(&good)], &["took the mail for <bob@other.test>"]);
    let bad = send(&server, PASSWORD, "nobody@other.test");
    why(&server, &["message", queued(&bad)], &["The other server does not know the recipient."]);
    let answer = why(&server, &["message", queued(&good)], &["took the mail for <bob@other.test>"]);
    assert!(!answer.contains("nobody@other.test") && !answer.contains("does not know the recipient"), "{answer}");
    let answer = why(&server, &["message", queued(&bad)], &["The other server does not know the recipient."]);
    assert!(!answer.contains("<bob@other.test>"), "{answer}");
}
