//! What a server says, and what becomes of the recipient (MISSION 001-12: host, stage and whole reply are kept).

use harness::{Peer, Script};
use queue::{Outcome, Remote};

use crate::fixture::{Fixture, deferred, delivered, failed};

async fn one(script: Script) -> Outcome {
    let peer = Peer::start(script);
    Fixture::with_mx(&peer).send_one("b@x.example").await
}

#[tokio::test]
async fn the_whole_reply_and_the_host_are_kept() {
    let peer =
        Peer::start(Script::default().answer("RCPT", &["550-5.1.1 nobody|550-5.1.1 here|550 5.1.1 of that name"]));
    let outcome = Fixture::with_mx(&peer).send_one("b@x.example").await;
    let host = format!("mx.x.example [127.0.0.1]:{}", peer.port());
    let reply = "550-5.1.1 nobody\n550-5.1.1 here\n550 5.1.1 of that name".to_owned();
    let Outcome::Failed { status, reason, remote } = outcome else { panic!("{outcome:?}") };
    assert_eq!((status.as_str(), remote), ("5.1.1", Some(Remote { host, reply })));
    // Eight characters to look the session up with (`gatepost trace`).
    let id = reason.strip_prefix("refused at RCPT TO [").and_then(|rest| rest.strip_suffix("]"));
    assert!(id.is_some_and(|id| id.parse::<trace::SessionId>().is_ok()), "{reason}");
}

#[tokio::test]
async fn refused_is_failed_and_not_now_is_deferred_at_every_command() {
    for command in ["MAIL", "RCPT", "DATA", "."] {
        let outcome = one(Script::default().answer(command, &["554 5.6.0 no"])).await;
        assert_eq!(failed(&outcome).0, "5.6.0", "{command}");
        let outcome = one(Script::default().answer(command, &["451 4.3.0 later"])).await;
        assert_eq!(deferred(&outcome).0, "4.3.0", "{command}");
        let outcome = one(Script::default().answer(command, &["421 4.3.2 closing", "DROP"])).await;
        assert_eq!(deferred(&outcome).0, "4.3.2", "{command}");
        let outcome = one(Script::default().answer(command, &["DROP"])).await;
        let (status, configuration, text) = deferred(&outcome);
        assert!(status == "4.4.2" && !configuration && text.contains("closed"), "{command}: {text}");
    }
}

#[tokio::test]
async fn a_reply_without_a_status_gets_a_plain_one() {
    assert_eq!(failed(&one(Script::default().answer("RCPT", &["550 no"])).await).0, "5.0.0");
    assert_eq!(deferred(&one(Script::default().answer("RCPT", &["450 no"])).await).0, "4.0.0");
}

#[tokio::test]
async fn what_is_no_smtp_is_deferred() {
    for greeting in ["HTTP/1.1 400 Bad Request", "220", "199 hello"] {
        let outcome = one(Script::default().answer("GREETING", &[greeting, "DROP"])).await;
        match greeting {
            // A bare code is a reply.
            "220" => assert!(delivered(&outcome).contains("250")),
            _ => assert_eq!(deferred(&outcome).0, "4.4.2", "{greeting}"),
        }
    }
}

#[tokio::test]
async fn recipients_are_judged_one_by_one() {
    let script = Script::default()
        .hello(&["PIPELINING"])
        .answer("RCPT TO:<no@", &["550 5.1.1 nobody"])
        .answer("RCPT TO:<later@", &["450 4.2.1 busy"]);
    let peer = Peer::start(script);
    let outcomes = Fixture::with_mx(&peer).send(&["no@x.example", "b@x.example", "later@x.example"]).await;
    assert_eq!((failed(&outcomes[0]).0, deferred(&outcomes[2]).0), ("5.1.1", "4.2.1"));
    delivered(&outcomes[1]);
    assert_eq!(peer.mails()[0].to, ["<b@x.example>"]);
}

/// RFC 5321 §4.5.3.1.10: the rest goes at once in another transaction.
#[tokio::test]
async fn too_many_recipients_are_sent_in_parts() {
    for refusal in ["452 4.5.3 too many", "552 too many"] {
        let script = Script::default().answer("RCPT TO:<c@", &[refusal, "250 ok"]);
        let peer = Peer::start(script);
        let outcomes = Fixture::with_mx(&peer).send(&["b@x.example", "c@x.example"]).await;
        for outcome in &outcomes {
            delivered(outcome);
        }
        assert_eq!(peer.sessions().len(), 1);
        assert_eq!(peer.mails().len(), 2);
    }
}

/// RFC 3463 §3.3, §3.4: a mailbox or disk that is full is no matter of how many they are, and there are not too many.
#[tokio::test]
async fn what_is_full_is_told_as_it_is() {
    for (refusal, status) in [("452 4.2.2 mailbox full", "4.2.2"), ("452 4.3.1 insufficient system storage", "4.3.1")] {
        let peer = Peer::start(Script::default().answer("RCPT", &[refusal]));
        let outcome = Fixture::with_mx(&peer).send_one("b@x.example").await;
        let (told, _, text) = deferred(&outcome);
        assert!(told == status && text.contains("deferred at RCPT TO"), "{outcome:?}");
    }
    let peer = Peer::start(Script::default().answer("RCPT", &["552 5.2.2 mailbox full"]));
    assert_eq!(failed(&Fixture::with_mx(&peer).send_one("b@x.example").await).0, "5.2.2");
}

/// 530 at a smarthost is about the route, not the message (MISSION 001-14, 001-12).
#[tokio::test]
async fn a_smarthost_that_demands_a_login_keeps_the_mail_queued() {
    let peer = Peer::start(Script::default().answer("MAIL", &["530 5.7.0 Authentication required"]));
    let outcome = Fixture::with_route(&peer, "").send_one("b@x.example").await;
    let (status, configuration, text) = deferred(&outcome);
    assert!(status == "4.7.0" && configuration, "{outcome:?}");
    assert!(text.contains("user") && text.contains("530 5.7.0 Authentication required"), "{text}");
    let peer_with_tls =
        Peer::start(Script::default().answer("MAIL", &["530 5.7.0 Must issue a STARTTLS command first"]));
    let outcome = Fixture::with_route(&peer_with_tls, "").send_one("b@x.example").await;
    assert!(deferred(&outcome).2.contains("tls = \"starttls\""), "{outcome:?}");
    // Of an MX host it is the answer.
    assert_eq!(failed(&Fixture::with_mx(&peer).send_one("b@x.example").await).0, "5.7.0");
}
