use proptest::prelude::*;

use super::*;
use crate::{Content, Part};

const ORIGINAL: &[u8] = b"Subject: hello\r\nFrom: alice@example.test\r\n\r\nbody\r\n";

fn address(text: &str) -> Address {
    Address::parse(text).expect(text)
}

/// Composes a failure for one recipient.
fn failure(to: &str, reply: &str, original: &[u8]) -> Notification {
    let (host, sender, to) =
        (Domain::parse("mail.example.test").expect("a name"), address("alice@example.test"), address(to));
    let recipient = DsnRecipient {
        address: &to,
        original: None,
        status: "5.7.0",
        reason: "Connected to 192.0.2.1 but sender was rejected.",
        remote: Some(DsnRemote { host: "mx.example.org [192.0.2.1]:25", reply }),
        last_attempt: Some(Date::utc(1_700_000_000)),
    };
    let dsn = Dsn {
        reporting_mta: &host,
        sender: &sender,
        action: Action::Failed,
        recipients: &[recipient],
        arrival: Date::utc(1_699_999_000),
        now: Date::utc(1_700_000_001),
        id: "5F.1",
        original,
        whole_up_to: 1000,
        smtputf8: false,
    };
    dsn.compose()
}

/// The raw bodies of the three parts.
fn parts(message: &[u8]) -> Vec<(String, String)> {
    let root = Part::scan(message);
    assert!(root.media.is("multipart", "report"), "{:?}", root.media);
    let Content::Multipart(parts) = root.content else { panic!("no parts in {:?}", String::from_utf8_lossy(message)) };
    let text = |part: &Part| String::from_utf8_lossy(&message[part.body.clone()]).into_owned();
    parts.iter().map(|part| (format!("{}/{}", part.media.kind, part.media.subtype), text(part))).collect()
}

/// MISSION 001-11 and 001-12: the words of qmail-send, and what the other host said, line by line.
#[test]
fn a_failure_is_qsbmf_for_people_and_rfc_3464_for_programs() {
    let bounce = failure("bob@example.org", "530-5.7.0 Authentication\n530 5.7.0 required", ORIGINAL);
    assert!(!bounce.smtputf8 && !bounce.eight_bit);
    let found = parts(&bounce.message);
    assert_eq!(
        found[0].1,
        "Hi. This is the gatepost program at mail.example.test.\r\n\
         I'm afraid I wasn't able to deliver your message to the following addresses.\r\n\
         This is a permanent error; I've given up. Sorry it didn't work out.\r\n\r\n\
         <bob@example.org>:\r\nConnected to 192.0.2.1 but sender was rejected.\r\n\
         Remote host: mx.example.org [192.0.2.1]:25\r\n\
         Remote host said: 530-5.7.0 Authentication\r\n530 5.7.0 required\r\n(#5.7.0)\r\n\r\n\
         --- Below this line is a copy of the message.\r\n"
    );
    assert_eq!(
        found[1].1,
        "Reporting-MTA: dns; mail.example.test\r\nArrival-Date: Tue, 14 Nov 2023 21:56:40 +0000\r\n\r\n\
         Final-Recipient: rfc822; bob@example.org\r\nAction: failed\r\nStatus: 5.7.0\r\n\
         Remote-MTA: dns; mx.example.org ([192.0.2.1]:25)\r\n\
         Diagnostic-Code: smtp; 530-5.7.0 Authentication\r\n\t530 5.7.0 required\r\n\
         Last-Attempt-Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
    );
    assert_eq!((found[1].0.as_str(), found[2].0.as_str()), ("message/delivery-status", "message/rfc822"));
    assert_eq!(found[2].1.as_bytes(), ORIGINAL);
}

#[test]
fn a_warning_names_its_end_and_is_no_qsbmf() {
    let (host, alice, team) =
        (Domain::parse("h.test").expect("a name"), address("alice@h.test"), address("team@h.test"));
    let recipient = DsnRecipient {
        address: &alice,
        original: Some(&team),
        status: "4.2.2",
        reason: "mailbox is full",
        remote: None,
        last_attempt: None,
    };
    let until = Date::utc(1_700_400_000);
    let dsn = Dsn {
        reporting_mta: &host,
        sender: &alice,
        action: Action::Delayed { until },
        recipients: &[recipient],
        arrival: Date::utc(1_700_000_000),
        now: Date::utc(1_700_014_400),
        id: "1",
        original: ORIGINAL,
        whole_up_to: 10,
        smtputf8: false,
    };
    let found = parts(&dsn.compose().message);
    assert!(!found[0].1.contains("Hi. This is the") && found[0].1.contains("<team@h.test>:\r\n"));
    assert!(
        found[1].1.contains("Original-Recipient: rfc822; team@h.test\r\nFinal-Recipient: rfc822; alice@h.test\r\n")
    );
    assert!(
        found[1].1.contains("Action: delayed\r\n") && found[1].1.contains(&format!("Will-Retry-Until: {until}\r\n"))
    );
    assert!(found[1].1.contains("Diagnostic-Code: X-Gatepost; mailbox is full\r\n"));
    let header = "Subject: hello\r\nFrom: alice@example.test\r\n\r\n".to_owned();
    assert_eq!(found[2], ("text/rfc822-headers".to_owned(), header));
}

#[test]
fn addresses_in_utf8_make_a_global_report() {
    let bounce = failure("jürgen@example.org", "550 nein, für Sie nicht", ORIGINAL);
    assert!(bounce.smtputf8 && bounce.eight_bit);
    let found = parts(&bounce.message);
    assert!(found[1].1.contains("Final-Recipient: utf-8; jürgen@example.org\r\n"));
    assert_eq!((found[1].0.as_str(), found[2].0.as_str()), ("message/global-delivery-status", "message/global"));
}

#[test]
fn eight_bit_text_does_not_need_smtputf8() {
    let bounce = failure("bob@example.org", "550 für Sie nicht", "A: b\r\n\r\nGrüße\r\n".as_bytes());
    assert!(!bounce.smtputf8 && bounce.eight_bit);
    let found = parts(&bounce.message);
    assert!(found[1].1.contains("Diagnostic-Code: smtp; 550 f?r Sie nicht\r\n"));
    assert_eq!(Part::scan(&bounce.message).media.encoding, "8bit");
}

#[test]
fn an_original_that_holds_the_boundary_stays_one_part() {
    let bounce = failure("bob@example.org", "550 no", b"A: b\r\n\r\n--=_5F1\r\n--=_5F1=--\r\n");
    assert_eq!(parts(&bounce.message).len(), 3);
}

proptest! {
    /// Whatever the other host says, the report keeps its shape.
    #[test]
    fn hostile_replies_add_no_fields_and_no_parts(reply in "[ -~\r\n\t\0é=]{0,200}", body in "[-=_A-F0-9:\r\n]{0,80}") {
        let bounce = failure("bob@example.org", &reply, format!("A: b\r\n\r\n{body}").as_bytes());
        let found = parts(&bounce.message);
        prop_assert_eq!(found.len(), 3);
        prop_assert_eq!(found[1].1.matches("\r\n\r\n").count(), 1);
        let names = crate::header::fields(found[1].1.split("\r\n\r\n").nth(1).expect("a recipient").as_bytes()).count();
        prop_assert!((4..=6).contains(&names), "{}", found[1].1);
        prop_assert!(!found[0].1.contains('\0'));
    }
}
