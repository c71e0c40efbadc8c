//! Sessions, from their begin to the file.

use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::Timestamp;

use super::*;
use crate::SessionId;
use crate::record::{Direction, Fate, Login, Outcome, Protocol, Record, Tls, Transaction};
use crate::store::Kept;
use crate::transcript::{Body, Ring, Shown, What};

fn opening(id: SessionId, direction: Direction, protocol: Protocol) -> Opening<'static> {
    let address = |text: &str| text.parse::<SocketAddr>().expect("an address");
    let (peer, local) = (address("192.0.2.7:49152"), address("198.51.100.1:587"));
    Opening { id, direction, protocol, service: "submission", peer, local }
}

pub(super) fn begin(tracer: &Arc<Tracer>, protocol: Protocol) -> (Recorder, SessionId) {
    let id = SessionId::random();
    (Recorder::new(tracer, opening(id, Direction::In, protocol)), id)
}

fn login(accepted: bool) -> Login {
    let outcome = if accepted { "ok" } else { "wrong password" }.into();
    let (time, identity) = (Timestamp::now(), "alice".into());
    Login { time, mechanism: None, identity, account: None, accepted, outcome, why: "".into(), modules: Vec::new() }
}

fn transaction() -> Transaction {
    Transaction {
        time: Timestamp::now(),
        queue_id: Some("Q1".into()),
        message_id: None,
        from: "alice@example.test".into(),
        to: vec!["bob@example.test".into(); 30],
        to_more: 0,
        size: 1234,
        fate: Fate::Accepted,
        reply: "250 2.0.0 kept as Q1".into(),
    }
}

/// What was said, a line each.
fn lines(record: &Record) -> Vec<String> {
    let line = |what: What<'_>| match what {
        What::Line { side, octets, .. } => format!("{side:?}: {}", Shown(octets)),
        other => format!("{other:?}"),
    };
    record.transcript.iter().flat_map(|said| said.events().map(|event| line(event.what)).collect::<Vec<_>>()).collect()
}

/// The record that a session left in the files.
fn kept(data: &std::path::Path, id: SessionId) -> Option<Record> {
    let mut found = None;
    let mut each = |record: Record| {
        found = Some(record);
        Ok(ControlFlow::Break(()))
    };
    reader(data).newest_first(id.as_str(), &mut each).expect("read");
    found
}

/// A client that lost its place sends a password as a command, and the server takes it for a tag.
#[test]
fn a_password_that_comes_back_as_a_tag_is_hidden_there_too() {
    let data = tempfile::tempdir().expect("a folder");
    let tracer = Tracer::open(data.path(), 8 << 20, Some(Tracer::AGE)).expect("files");
    let (recorder, id) = begin(&tracer, Protocol::Imap);
    recorder.came(b"a1 AUTHENTICATE LOGIN");
    recorder.sent(b"a1 BAD no\r\n");
    recorder.came(b"Z2VoZWltZXMgV29ydA==");
    recorder.sent(b"Z2VoZWltZXMgV29ydA== BAD expected a space\r\n");
    recorder.came(b"a2 NOOP");
    recorder.sent(b"a2 OK done\r\n");
    recorder.finish(Outcome::ClosedByClient, "");
    tracer.flush();
    let record = kept(data.path(), id).expect("a record");
    let said = lines(&record);
    assert!(!said.iter().any(|line| line.contains("Z2VoZ")), "{said:?}");
    assert!(said.contains(&"Server: [secret: 41 octets]".to_owned()), "{said:?}");
    assert_eq!(said.last().map(String::as_str), Some("Server: a2 OK done"));
}

#[test]
fn a_refused_login_is_kept_with_what_was_said_and_without_the_password() {
    let data = tempfile::tempdir().expect("a folder");
    let tracer = Tracer::open(data.path(), 8 << 20, Some(Tracer::AGE)).expect("files");
    let (recorder, id) = begin(&tracer, Protocol::Smtp);
    recorder.sent(b"220 mail.example.test ESMTP\r\n");
    recorder.came(b"EHLO phone");
    recorder.ehlo("phone");
    recorder.sent(b"250-mail.example.test\r\n250 STARTTLS\r\n");
    recorder.tls(Tls { version: "TLSv1.3".into(), cipher: "X".into(), server_name: None, client_certificate: None });
    recorder.came_secret(b"AUTH PLAIN AGFsaWNlAGdlaGVpbQ==", 11, Some("alice"));
    recorder.login(login(false));
    recorder.sent(b"535 5.7.8 no\r\n");
    recorder.came(b"QUIT");
    let running = tracer.running(id).expect("it runs");
    assert_eq!((running.outcome, lines(&running).len(), tracer.all_running(9).len()), (Outcome::Running, 8, 1));
    recorder.finish(Outcome::Completed, "");
    recorder.finish(Outcome::Panicked, "the first reason counts");
    drop(recorder);
    assert!(tracer.running(id).is_none() && tracer.all_running(9).is_empty());
    tracer.flush();
    let record = kept(data.path(), id).expect("a record");
    assert_eq!((record.outcome, record.bad, record.refusals), (Outcome::Completed, true, 1));
    assert!(record.ended.is_some() && record.tls.is_some() && record.logins.len() == 1);
    assert_eq!(
        lines(&record),
        [
            "Server: 220 mail.example.test ESMTP",
            "Client: EHLO phone",
            "Server: 250-mail.example.test",
            "Server: 250 STARTTLS",
            "TlsBegan",
            "Client: AUTH PLAIN [secret: 20 octets] (user alice)",
            "Server: 535 5.7.8 no",
            "Client: QUIT",
        ]
    );
}

#[test]
fn a_session_that_went_well_is_kept_as_a_summary() {
    let data = tempfile::tempdir().expect("a folder");
    let tracer = Tracer::open(data.path(), 8 << 20, None).expect("files");
    let (recorder, id) = begin(&tracer, Protocol::Smtp);
    recorder.came(b"EHLO phone");
    recorder.came_body(Body::Data, 1234);
    (0..25).for_each(|_| recorder.transaction(transaction()));
    recorder.finish(Outcome::ClosedByClient, "");
    tracer.flush();
    let record = kept(data.path(), id).expect("a record");
    assert!(!record.bad && record.transcript.is_none());
    assert_eq!((record.transactions.len(), record.left_out), (20, 5));
    assert_eq!((record.transactions[0].to.len(), record.transactions[0].to_more), (20, 10));
}

#[test]
fn who_looks_at_what_is_offered_and_leaves_is_kept_with_what_was_said() {
    let data = tempfile::tempdir().expect("a folder");
    let tracer = Tracer::open(data.path(), 8 << 20, None).expect("files");
    let ended = |said: &[u8]| {
        let (recorder, id) = begin(&tracer, Protocol::Imap);
        recorder.sent(b"* OK ready");
        if !said.is_empty() {
            recorder.came(said);
        }
        recorder.finish(Outcome::ClosedByClient, "");
        tracer.flush();
        kept(data.path(), id).expect("a record")
    };
    assert!(ended(b"a CAPABILITY").transcript.is_some());
    // A port scan is not worth it.
    assert!(ended(b"").transcript.is_none());
}

#[test]
fn outbound_it_is_we_who_log_in() {
    let tracer = Tracer::without_files();
    let id = SessionId::random();
    let recorder = Recorder::new(&tracer, opening(id, Direction::Out, Protocol::Smtp));
    recorder.came(b"220 smart.example.test");
    recorder.sent_secret(b"AUTH PLAIN AGFsaWNlAGdlaGVpbQ==", 11, None);
    recorder.came(b"535 5.7.8 no");
    let record = tracer.running(id).expect("it runs");
    assert_eq!(lines(&record)[1], "Client: AUTH PLAIN [secret: 20 octets]");
    assert_eq!(record.refusals, 1);
}

#[test]
fn a_panic_ends_the_session_as_such_and_a_cancelled_task_otherwise() {
    let data = tempfile::tempdir().expect("a folder");
    let tracer = Tracer::open(data.path(), 8 << 20, None).expect("files");
    let (recorder, panicked) = begin(&tracer, Protocol::Pop3);
    let panic = std::panic::AssertUnwindSafe(move || {
        recorder.came(b"STAT");
        panic!("for the test");
    });
    assert!(std::panic::catch_unwind(panic).is_err());
    let (recorder, abandoned) = begin(&tracer, Protocol::Pop3);
    drop(recorder);
    tracer.flush();
    assert_eq!(kept(data.path(), panicked).expect("a record").outcome, Outcome::Panicked);
    assert_eq!(kept(data.path(), abandoned).expect("a record").outcome, Outcome::Abandoned);
}

#[test]
fn off_is_off() {
    let tracer = Tracer::off();
    let (recorder, id) = begin(&tracer, Protocol::Imap);
    recorder.came(b"a NOOP");
    assert!(tracer.running(id).is_none() && size_of::<Recorder>() == size_of::<usize>());
}

/// The memory of an idle IMAP session: what is fixed, and its ring.
#[test]
fn an_idle_session_stays_small() {
    let fixed = size_of::<super::recorder::Session>();
    assert!(fixed <= 512, "{fixed} octets a session");
    let mut ring = Ring::default();
    assert_eq!(ring.capacity(), 0);
    ring.line(0, crate::transcript::Side::Client, b"a1 IDLE");
    assert_eq!(ring.capacity(), 1024);
}

#[test]
fn a_record_can_always_be_made_shorter_until_nothing_is_left() {
    let tracer = Tracer::without_files();
    let (recorder, id) = begin(&tracer, Protocol::Smtp);
    (0..50).for_each(|_| recorder.login(login(false)));
    (0..10_000).for_each(|_| recorder.came(b"NOOP"));
    let mut record = tracer.running(id).expect("it runs");
    let times = (0..100).take_while(|_| record.shorten()).count();
    assert!(times < 30 && record.transcript.is_none() && record.logins.len() == 1, "{times}");
    // A record without anything that can be taken away is far below the limit, whatever is sent.
    assert!(serde_json::to_string(&record).expect("JSON").len() < 16 * 1024);
}

#[test]
fn mail_in_the_answers_of_an_imap_server_is_counted_however_it_is_told() {
    let answer = b"* 1 FETCH (BODY[] {12}\r\nmail\r\nmail\r\n FLAGS ())\r\na1 OK fetched\r\n";
    let expected = [
        "Server: * 1 FETCH (BODY[] {12}",
        "Body { side: Server, body: Literal, octets: 12 }",
        "Server:  FLAGS ())",
        "Server: a1 OK fetched",
    ];
    for piece in [1000, 24, 26] {
        let tracer = Tracer::without_files();
        let (recorder, id) = begin(&tracer, Protocol::Imap);
        answer.chunks(piece).for_each(|piece| recorder.sent(piece));
        assert_eq!(lines(&tracer.running(id).expect("it runs"))[..3], expected[..3], "in pieces of {piece}");
    }
    let tracer = Tracer::without_files();
    let (recorder, id) = begin(&tracer, Protocol::Imap);
    recorder.sent(b"* 1 FETCH (BODY[] {12}\r\n");
    recorder.sent_body(Body::Literal, 12);
    recorder.sent(b" FLAGS ())\r\na1 OK fetched\r\n");
    assert_eq!(lines(&tracer.running(id).expect("it runs")), expected);
}
