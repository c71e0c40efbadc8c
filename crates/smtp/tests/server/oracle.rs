//! Our reading of MAIL and RCPT held against somebody else's.

use proptest::prelude::*;
use smtp::server::{Answer, Arrival, Body, Policy, Question, Session, Step, Tls, Transaction};
use smtp::{ForwardPath, Grammar};
use smtp_proto::{MAIL_BODY_8BITMIME, MAIL_SMTPUTF8, Request};

use crate::bare::policy;

/// What we make of a MAIL line and a RCPT line, through the whole session.
fn ours(mail: &str, rcpt: &str) -> Option<Transaction> {
    let mut session = Session::new(Policy { grammar: Grammar::Strict, ..policy() }, Tls::Unavailable, Vec::new());
    session.command(b"EHLO client.example");
    let Step::Reply(reply) = session.command(mail.as_bytes()) else { return None };
    if reply.is_refusal() {
        return None;
    }
    let Step::Ask(Question::Recipient(path)) = session.command(rcpt.as_bytes()) else { return None };
    let ForwardPath::Mailbox(address) = path else { return None };
    session.answer(Answer::Local(vec![address]));
    session.command(b"DATA");
    session.receive(Arrival { id: "ID", date: "now", user: None });
    match session.data(b".\r\n").step {
        Some(Step::Commit(message)) => Some(message.transaction),
        _ => None,
    }
}

fn theirs(line: &str) -> Option<Request<String>> {
    let line = format!("{line}\r\n");
    Request::parse(&mut line.as_bytes().iter()).ok().map(Request::into_owned)
}

fn address() -> impl Strategy<Value = String> {
    "[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,8}(\\.[a-z0-9]{1,5}){0,2}@[a-z0-9]{1,8}(\\.[a-z]{2,5}){0,3}"
}

proptest! {
    /// What we take, they take, and understand alike.
    #[test]
    fn mail_and_rcpt(
        from in address(),
        to in address(),
        size in prop::option::of(0u32..40_000_000),
        body in prop::sample::select(vec!["", " BODY=7BIT", " BODY=8BITMIME", " body=8bitmime"]),
        utf8 in prop::sample::select(vec!["", " SMTPUTF8"]),
        verbs in prop::sample::select(vec![("MAIL FROM:", "RCPT TO:"), ("mail from:", "Rcpt To:")]),
    ) {
        let size_words = size.map(|size| format!(" SIZE={size}")).unwrap_or_default();
        let mail = format!("{}<{from}>{size_words}{body}{utf8}", verbs.0);
        let rcpt = format!("{}<{to}>", verbs.1);
        let transaction = ours(&mail, &rcpt);
        prop_assert!(transaction.is_some(), "we refuse {mail} {rcpt}");
        let transaction = transaction.expect("looked at above");
        let Some(Request::Mail { from: theirs_from }) = theirs(&mail) else { panic!("they refuse {mail}") };
        let Some(Request::Rcpt { to: theirs_to }) = theirs(&rcpt) else { panic!("they refuse {rcpt}") };
        prop_assert_eq!(transaction.reverse_path.map(|a| a.to_string()), Some(theirs_from.address));
        prop_assert_eq!(transaction.recipients[0].address.to_string(), theirs_to.address);
        prop_assert_eq!(transaction.declared_size.unwrap_or(0), theirs_from.size as u64);
        prop_assert_eq!(transaction.body == Body::EightBitMime, theirs_from.flags & MAIL_BODY_8BITMIME != 0);
        prop_assert_eq!(transaction.smtputf8, theirs_from.flags & MAIL_SMTPUTF8 != 0);
    }
}
