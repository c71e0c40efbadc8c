//! Records made by hand.

use std::net::SocketAddr;

use crate::record::{Direction, Fate, Login, Module, Outcome, Protocol, Record, Software, Transaction};
use crate::transcript::{Ring, Side};

/// A session of IMAP that is over, and in which nothing happened.
pub(super) fn record() -> Record {
    let address = |text: &str| text.parse::<SocketAddr>().expect("an address");
    let time = |text: &str| text.parse().expect("a time");
    Record {
        id: "7HX2K9QF".parse().expect("an id"),
        direction: Direction::In,
        protocol: Protocol::Imap,
        service: "imaps".into(),
        began: time("2026-01-31T12:00:00Z"),
        ended: Some(time("2026-01-31T12:00:01Z")),
        peer: address("192.0.2.7:49152"),
        local: address("198.51.100.1:993"),
        origin: None,
        tls: None,
        software: Software::default(),
        logins: Vec::new(),
        transactions: Vec::new(),
        left_out: 0,
        refusals: 0,
        outcome: Outcome::Completed,
        bad: false,
        why: "".into(),
        transcript: None,
    }
}

/// With a login of alice that failed: the result, the reason, and a line of the module.
pub(super) fn login(outcome: &str, why: &str, line: &str) -> Record {
    let module = Module { name: "accounts".into(), verdict: None, outcome: None, lines: vec![line.into()] };
    let login = Login {
        time: record().began,
        mechanism: Some("PLAIN".into()),
        identity: "alice@example.test".into(),
        account: None,
        accepted: false,
        outcome: outcome.into(),
        why: why.into(),
        modules: vec![module],
    };
    Record { logins: vec![login], bad: true, ..record() }
}

/// The same under another name.
pub(super) fn named(identity: &str, outcome: &str) -> Record {
    let mut record = login(outcome, "", "");
    record.logins.iter_mut().for_each(|login| login.identity = identity.into());
    record
}

/// That ended so.
pub(super) fn ended(outcome: Outcome, why: &str) -> Record {
    Record { outcome, bad: true, why: why.into(), ..record() }
}

/// In the protocol in which this was said; `C: ` and `S: ` tell who, `N: ` is a note.
pub(super) fn said(lines: &[&str]) -> Record {
    let mut ring = Ring::default();
    for line in lines {
        match line.split_at(3) {
            ("C: ", line) => ring.line(0, Side::Client, line.as_bytes()),
            ("S: ", line) => ring.line(0, Side::Server, line.as_bytes()),
            (_, note) => ring.note(0, note),
        }
    }
    let has = |begin: &str| lines.iter().any(|line| line.starts_with(begin));
    let protocol = match () {
        () if has("S: -ERR") => Protocol::Pop3,
        () if ["S: 2", "S: 4", "S: 5"].iter().any(|begin| has(begin)) => Protocol::Smtp,
        () => Protocol::Imap,
    };
    Record { protocol, transcript: Some(ring.into_transcript()), ..record() }
}

/// With another server, and its answer to a message.
pub(super) fn relayed(reply: &str) -> Record {
    let transaction = Transaction {
        time: record().began,
        queue_id: Some("1K0R45EGNTP".into()),
        message_id: None,
        from: "alice@example.test".into(),
        to: vec!["bob@other.test".into()],
        to_more: 0,
        size: 100,
        fate: Fate::Refused,
        reply: reply.into(),
    };
    Record { direction: Direction::Out, protocol: Protocol::Smtp, transactions: vec![transaction], ..record() }
}
