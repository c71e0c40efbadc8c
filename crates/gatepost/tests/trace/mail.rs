//! Messages: who brought one, where it went, and what was answered.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use harness::{Dns, Scenario};

use crate::naming::{queued, saved, send};
use crate::{ALICE, BINARY, PASSWORD, id, told};

/// MISSION 001-12, 001-15, 002-28: by the queue's id and by the other server's, with the dialogue of both sessions; and the
/// bounce alone is enough.
#[test]
fn a_message_is_followed_from_its_client_to_the_other_server() {
    let other = Scenario::new(BINARY).domain("other.test").user("bob@other.test", PASSWORD).start();
    let dns = Dns::start("other.test MX 10 mx.other.test\nmx.other.test A 127.0.0.1\n");
    let relay =
        format!("[relay]\nresolvers = [\"{}\"]\nallow_private = true\nport = {}", dns.address(), other.port(25));
    let server = Scenario::new(BINARY).user(ALICE, PASSWORD).config(&relay).start();
    let said = send(&server, "bob@other.test");
    let queued = queued(&said);
    let story = told(&server, &["trace", queued], "Session ");
    assert!(story.contains("what became of it: gatepost trace"), "{story}");
    let story = told(&server, &["trace", queued], "in the queue here: ");
    assert!(story.contains("-> RCPT TO:<bob@other.test>") && story.contains("Ok: queued as "), "{story}");
    let remote = story.rsplit("queued as ").next().and_then(|rest| rest.split_whitespace().next()).expect("an id");
    assert!(told(&server, &["trace", remote], "in the queue here: ").contains(queued), "by the other server's id");

    // The message has left the queue; its Message-ID is known to the session that brought it.
    let message_id = said.split("Message-Id: <").nth(1).and_then(|rest| rest.split('>').next()).expect("a field");
    let story = told(&server, &["trace", &format!("<{message_id}>")], "-> RCPT TO:<bob@other.test>");
    assert!(story.contains("submissions from") && story.contains(queued), "{story}");
    assert!(!story.contains("is in the queue"), "{story}");

    send(&server, "nobody@other.test");
    let bounce = server.maildir(ALICE).wait_for(1).remove(0);
    assert!(!id(&bounce).is_empty());
    let story = told(&server, &["trace", &saved(&server, &bounce)], "Session ");
    assert!(story.contains("The other server does not know the recipient."), "{story}");
    assert!(story.contains("Ask the recipient for the right address"), "{story}");
}

/// A domain without mail: no session leads there, and the bounce itself is understood.
#[test]
fn a_bounce_without_a_session_is_understood() {
    let dns = Dns::start("nomail.test MX 0 .\n");
    let relay = format!("[relay]\nresolvers = [\"{}\"]", dns.address());
    let server = Scenario::new(BINARY).user(ALICE, PASSWORD).config(&relay).start();
    send(&server, "bob@nomail.test");
    let bounce = server.maildir(ALICE).wait_for(1).remove(0);
    let story = told(&server, &["trace", &saved(&server, &bounce)], "Session ");
    assert!(story.contains("The recipient's domain says that it takes no mail"), "{story}");
    assert!(story.contains("-> RCPT TO:<bob@nomail.test>") || story.contains("to <bob@nomail.test>"), "{story}");
}

/// MISSION 001-03, 001-12, 001-14: a provider that refuses the login, one that wants one, and one that is not there: told from
/// the message's id alone while it waits, and by the session in the list.
#[test]
fn a_route_that_does_not_work_is_named() {
    let provider = Scenario::new(BINARY).user(ALICE, PASSWORD).start();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("password");
    fs::write(&file, "wrong horse\n").expect("written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("a mode");
    let (ca, file) = (provider.ca(), file.display());
    let routes = format!(
        "[[route]]\nto = \"refused.test\"\nvia = \"localhost:{}\"\ntls = \"implicit\"\nuser = \"{ALICE}\"\n\
         password_file = \"{file}\"\nca_file = \"{}\"\n\
         [[route]]\nto = \"wanted.test\"\nvia = \"localhost:{}\"\n\
         [[route]]\nto = \"away.test\"\nvia = \"localhost:1\"\n",
        provider.port(465),
        ca.display(),
        provider.port(587),
    );
    let server = Scenario::new(BINARY).user(ALICE, PASSWORD).config(&routes).start();
    for (domain, cause, words) in [
        ("refused.test", "relay-wrong-credentials", "The other server refused this server's login."),
        ("wanted.test", "relay-wants-login", "The other server takes mail only after a login."),
        ("away.test", "server-away", "No connection to the other server came about."),
    ] {
        let said = send(&server, &format!("bob@{domain}"));
        let queued = queued(&said);
        let listed = told(&server, &["trace", "list", "--protocol", "relay", "--reason", cause], cause);
        // The queue knows it at once; the session's record is written a moment later.
        let story = told(&server, &["trace", queued], ": localhost:");
        assert!(story.contains(words), "{story}");
        assert!(story.contains(" to 127.0.0.1:") || story.contains(" to [::1]:"), "the attempt's session: {story}");
        let message_id = said.split("Message-Id: <").nth(1).and_then(|rest| rest.split('>').next()).expect("a field");
        assert!(told(&server, &["trace", &format!("<{message_id}>")], words).contains(queued), "by the Message-ID");
        assert!(!listed.contains("horse"), "{listed}");
        // Also once it has left the queue: the session that did not come to it names it.
        let sessions = server.run(&["trace", "list", "--protocol", "relay", "--reason", cause, "--json"], "");
        assert!(sessions.contains(&format!("\"queue_id\":\"{queued}\"")), "{sessions}");
    }
}
