//! One message to some recipients.

use message::Address;
use smtp::client::{Answer, Capabilities, Mail, MailEnvelope, MailStep, Needs, Unsendable};

use crate::play::{play, said};

fn address(text: &str) -> Address {
    Address::parse(text).expect(text)
}

fn envelope(recipients: &[&str], needs: Needs) -> MailEnvelope {
    let recipients = recipients.iter().map(|text| address(text)).collect();
    MailEnvelope { reverse_path: Some(address("a@example.org")), recipients, size: 100, needs }
}

/// Plays a transaction and shows what each recipient was told.
fn mails(capabilities: &Capabilities, recipients: &[&str], dialogue: &str) -> Vec<String> {
    let mut mail = Mail::new(capabilities, &envelope(recipients, Needs::default())).expect("sendable");
    let MailStep::Send(first) = mail.start() else { panic!("begins with MAIL") };
    play(&mut mail, &said(&first), dialogue);
    let told = |answer: Option<Answer>| match answer {
        Some(answer) => format!("{}: {}", answer.stage, answer.reply),
        None => "nothing".to_owned(),
    };
    mail.answers().into_iter().map(told).collect()
}

fn pipelining() -> Capabilities {
    Capabilities { pipelining: true, size: Some(0), ..Capabilities::default() }
}

#[test]
fn one_command_at_a_time() {
    let dialogue = "
        C: MAIL FROM:<a@example.org>
        S: 250 ok
        C: RCPT TO:<b@x.example>
        S: 550 5.1.1 nobody
        C: RCPT TO:<c@x.example>
        S: 250 ok
        C: DATA
        S: 354 go
        -- content
        S: 250 2.0.0 queued
        -- done, Clean";
    let answers = mails(&Capabilities::default(), &["b@x.example", "c@x.example"], dialogue);
    assert_eq!(answers, ["RCPT TO: 550 5.1.1 nobody", "end of data: 250 2.0.0 queued"]);
}

#[test]
fn commands_in_one_go() {
    let dialogue = "
        C: MAIL FROM:<a@example.org> SIZE=100
        C: RCPT TO:<b@x.example>
        C: RCPT TO:<c@x.example>
        S: 250 ok
        S: 250 ok
        S: 452 4.5.3 too many
        C: DATA
        S: 354 go
        -- content
        S: 554 5.6.0 no
        -- done, Clean";
    let answers = mails(&pipelining(), &["b@x.example", "c@x.example"], dialogue);
    assert_eq!(answers, ["end of data: 554 5.6.0 no", "RCPT TO: 452 4.5.3 too many"]);
}

#[test]
fn a_refused_sender_is_everybodys_answer() {
    let dialogue = "
        C: MAIL FROM:<a@example.org> SIZE=100
        C: RCPT TO:<b@x.example>
        C: RCPT TO:<c@x.example>
        S: 530 5.7.0 Authentication required
        S: 503 MAIL first
        S: 503 MAIL first
        -- done, Clean";
    let answers = mails(&pipelining(), &["b@x.example", "c@x.example"], dialogue);
    assert_eq!(answers, ["MAIL FROM: 530 5.7.0 Authentication required"; 2]);
}

#[test]
fn nobody_is_left() {
    let dialogue = "
        C: MAIL FROM:<a@example.org> SIZE=100
        C: RCPT TO:<b@x.example>
        S: 250 ok
        S: 550 no
        -- done, Reset";
    assert_eq!(mails(&pipelining(), &["b@x.example"], dialogue), ["RCPT TO: 550 no"]);
}

#[test]
fn a_server_that_does_not_want_the_content() {
    let dialogue = "
        C: MAIL FROM:<a@example.org>
        S: 250 ok
        C: RCPT TO:<b@x.example>
        S: 250 ok
        C: DATA
        S: 451 4.3.0 disk trouble
        -- done, Reset";
    assert_eq!(mails(&Capabilities::default(), &["b@x.example"], dialogue), ["DATA: 451 4.3.0 disk trouble"]);
}

#[test]
fn the_server_closes() {
    let dialogue = "
        C: MAIL FROM:<a@example.org> SIZE=100
        C: RCPT TO:<b@x.example>
        C: RCPT TO:<c@x.example>
        S: 250 ok
        S: 550 no
        S: 421 closing
        -- done, Closing";
    let answers = mails(&pipelining(), &["b@x.example", "c@x.example"], dialogue);
    assert_eq!(answers, ["RCPT TO: 550 no", "RCPT TO: 421 closing"]);
}

#[test]
fn groups_are_bounded() {
    let recipients: Vec<_> = (0..120).map(|n| format!("r{n}@x.example")).collect();
    let recipients: Vec<_> = recipients.iter().map(String::as_str).collect();
    let mut dialogue = vec!["C: MAIL FROM:<a@example.org> SIZE=100".to_owned()];
    let commands: Vec<_> = recipients.iter().map(|r| format!("C: RCPT TO:<{r}>")).collect();
    for (group, size) in [(&commands[..49], 50), (&commands[49..99], 50), (&commands[99..], 21)] {
        dialogue.extend_from_slice(group);
        dialogue.extend(vec!["S: 250 ok".to_owned(); size]);
    }
    dialogue.extend(["C: DATA", "S: 354 go", "-- content", "S: 250 ok", "-- done, Clean"].map(str::to_owned));
    assert_eq!(mails(&pipelining(), &recipients, &dialogue.join("\n")).len(), 120);
}

#[test]
fn what_a_server_cannot_take_is_not_sent() {
    let none = Capabilities::default();
    let refused = |capabilities: &Capabilities, recipient: &str, needs| {
        Mail::new(capabilities, &envelope(&[recipient], needs)).err()
    };
    let eight = Needs { eight_bit: true, smtputf8: false };
    assert_eq!(refused(&none, "b@x.example", eight), Some(Unsendable::EightBit));
    let utf8 = Needs { eight_bit: false, smtputf8: true };
    assert_eq!(refused(&none, "b@x.example", utf8), Some(Unsendable::Utf8));
    assert_eq!(refused(&none, "jürgen@x.example", Needs::default()), Some(Unsendable::Utf8));
    let small = Capabilities { size: Some(99), ..none.clone() };
    assert_eq!(refused(&small, "b@x.example", Needs::default()), Some(Unsendable::TooLarge(99)));
}

#[test]
fn extensions_are_named_where_they_are_used() {
    let all = Capabilities { eight_bit: true, smtputf8: true, ..pipelining() };
    let first = |recipient, needs| match Mail::new(&all, &envelope(&[recipient], needs)).map(|mut mail| mail.start()) {
        Ok(MailStep::Send(octets)) => said(&octets),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        first("jürgen@bücher.example", Needs { eight_bit: true, smtputf8: true }),
        "C: MAIL FROM:<a@example.org> SIZE=100 BODY=8BITMIME SMTPUTF8\nC: RCPT TO:<jürgen@bücher.example>"
    );
    let plain = first("j@bücher.example", Needs::default());
    assert_eq!(plain, "C: MAIL FROM:<a@example.org> SIZE=100\nC: RCPT TO:<j@xn--bcher-kva.example>");
}
