//! Records made by hand.

use crate::record::{Direction, Fate, Login, Module, Outcome, Protocol, Record, Transaction};
use crate::session::{Opening, begun};
use crate::transcript::{Ring, Side};

/// A session of IMAP that is over, and in which nothing happened.
pub(super) fn record() -> Record {
    let [peer, local] = ["192.0.2.7:49152", "198.51.100.1:993"].map(|text| text.parse().expect("an address"));
    let [began, ended] = ["2026-01-31T12:00:00Z", "2026-01-31T12:00:01Z"].map(|text| text.parse().expect("a time"));
    let (id, direction, protocol) = ("7HX2K9QF".parse().expect("an id"), Direction::In, Protocol::Imap);
    let begun = begun(Opening { id, direction, protocol, service: "imaps", peer, local });
    Record { began, ended: Some(ended), outcome: Outcome::Completed, ..begun }
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

/// In the protocol in which this was said; `C: ` and `S: ` tell who.
pub(super) fn said(lines: &[&str]) -> Record {
    let mut ring = Ring::default();
    for line in lines {
        let (who, line) = line.split_at(3);
        ring.line(0, if who == "C: " { Side::Client } else { Side::Server }, line.as_bytes());
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
