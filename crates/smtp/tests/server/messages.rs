//! What becomes of a message's octets: `Received:` on top, what is missing added, the rest untouched.

use smtp::BareNewline;
use smtp::server::{Body, Message, NotQueued, Policy, Role};

use crate::bare::{Host, PASSWORD, address, policy};

const TO_ALICE: &str = "MAIL FROM:<sender@client.example>\r\nRCPT TO:<alice@example.test>\r\nDATA\r\n";

/// Sends content to alice, and gives back the message with its content as text.
fn send(host: &mut Host, content: &str) -> (Message, String) {
    host.say(TO_ALICE);
    let reply = host.say(&format!("{content}.\r\n"));
    assert!(reply.starts_with("250 2.0.0 Ok: queued as "), "{reply}");
    let message = host.queued.pop().expect("a message");
    let text = String::from_utf8(message.content.clone()).expect("text");
    (message, text)
}

fn greeted(policy: Policy, hello: &str) -> Host {
    let mut host = Host::new(policy);
    host.say(&format!("{hello}\r\n"));
    host
}

/// A submission by alice.
fn submission() -> Host {
    use base64::Engine;
    let plain = [b"\0alice@example.test\0", PASSWORD].concat();
    let mut host = Host::new(Policy { role: Role::Submission, ..policy() }).into_tls();
    let reply = host.say(&format!("AUTH PLAIN {}\r\n", base64::engine::general_purpose::STANDARD.encode(plain)));
    assert!(reply.starts_with("235"), "{reply}");
    host
}

#[test]
fn received_tells_who_brought_it() {
    let (message, text) = send(&mut greeted(policy(), "EHLO client.example"), "Subject: x\r\n\r\nbody\r\n");
    let received = "Received: from client.example ([192.0.2.1])\r\n\
        \tby mail.example.test with ESMTP id 0F3K2M1QRSA/7HX2K9QF\r\n\
        \tfor <alice@example.test>;\r\n\
        \tSat, 21 Nov 2026 02:21:43 +0000\r\n";
    assert_eq!(text, format!("{received}Subject: x\r\n\r\nbody\r\n"));
    assert_eq!((message.size, message.transaction.body), (20, Body::SevenBit));
}

/// MISSION 000-05, 004-08: a name that is none stands in a comment, and nothing can break out of it.
#[test]
fn odd_names_stay_in_a_comment() {
    for (hello, from) in [
        ("EHLO", "[192.0.2.1] (no HELO name)"),
        ("EHLO me@localhost", "[192.0.2.1] (HELO me@localhost)"),
        ("EHLO a) (b\\\tü", "[192.0.2.1] (HELO a\\) \\(b\\\\??)"),
    ] {
        let (_, text) = send(&mut greeted(policy(), hello), "\r\n");
        assert!(text.starts_with(&format!("Received: from {from}\r\n\tby ")), "{hello}: {text}");
    }
}

/// RFC 3848, RFC 6531 §4.3; MISSION 002-27.
#[test]
fn received_names_the_protocol_and_the_account() {
    let (_, text) = send(&mut greeted(policy(), "HELO client.example"), "\r\n");
    assert!(text.contains("\tby mail.example.test with SMTP id "), "{text}");
    let (_, text) = send(&mut Host::new(policy()).into_tls(), "\r\n");
    assert!(text.contains(" with ESMTPS id ") && text.contains("\ttls TLS_AES_256_GCM_SHA384;"), "{text}");
    let (message, text) = send(&mut submission(), "Date: x\r\nMessage-ID: <x@y>\r\n\r\n");
    assert!(text.contains(" with ESMTPSA id 0F3K2M1QRSA/7HX2K9QF\r\n\t(Authenticated sender: alice@example.test)\r\n"));
    assert_eq!(message.login, Some(address("alice@example.test")));
    let mut host = greeted(policy(), "EHLO client.example");
    host.say("MAIL FROM:<jörg@client.example> SMTPUTF8\r\nRCPT TO:<jörg@example.test>\r\nDATA\r\n");
    host.say("\r\n.\r\n");
    let message = host.queued.pop().expect("a message");
    assert!(message.transaction.smtputf8);
    let text = String::from_utf8(message.content).expect("UTF-8");
    assert!(text.contains(" with UTF8SMTP id ") && text.contains("\tfor <jörg@example.test>;"), "{text}");
}

/// RFC 5321 §7.2: `for` would tell blind recipients of each other.
#[test]
fn many_recipients_are_not_named() {
    let mut host = greeted(policy(), "EHLO client.example");
    host.say("MAIL FROM:<>\r\nRCPT TO:<team@example.test>\r\nRCPT TO:<alice@example.test>\r\nDATA\r\n");
    host.say("\r\n.\r\n");
    let message = host.queued.pop().expect("a message");
    let recipients: Vec<_> = message.transaction.recipients.iter().map(|r| r.address.to_string()).collect();
    assert_eq!(recipients, ["alice@example.test", "bob@example.test"]);
    assert_eq!(message.transaction.recipients[0].original, Some(address("team@example.test")));
    assert_eq!((message.transaction.reverse_path, message.transaction.accepted), (None, 2));
    assert!(!String::from_utf8_lossy(&message.content).contains("\tfor "));
}

/// RFC 6409 §8.2, §8.3: a submission gets the fields that it lacks; mail from other servers is left alone.
#[test]
fn a_submission_is_completed() {
    let ours = |text: &str| text.split_once("+0000\r\n").expect("our Received").1.to_owned();
    let date = "Date: Sat, 21 Nov 2026 02:21:43 +0000\r\n";
    let id = "Message-ID: <0F3K2M1QRSA.7HX2K9QF@mail.example.test>\r\n";
    for (sent, kept) in [
        ("Subject: x\r\n\r\nDate: y\r\n", format!("{date}{id}Subject: x\r\n\r\nDate: y\r\n")),
        ("date: x\r\n\r\n", format!("{id}date: x\r\n\r\n")),
        ("MESSAGE-ID: <x@y>\r\nDate: x\r\n\r\n", "MESSAGE-ID: <x@y>\r\nDate: x\r\n\r\n".into()),
        ("no header\r\n", format!("{date}{id}\r\nno header\r\n")),
        ("\r\nbody\r\n", format!("{date}{id}\r\nbody\r\n")),
        ("", format!("{date}{id}\r\n")),
    ] {
        assert_eq!(ours(&send(&mut submission(), sent).1), kept, "{sent:?}");
        assert_eq!(ours(&send(&mut greeted(policy(), "EHLO x.example"), sent).1), sent);
    }
}

/// RFC 5321 §4.4: no `Return-Path` leaves with a submission; on its way through, mail keeps what it has.
#[test]
fn return_path_goes_from_submissions_only() {
    let sent = "Return-Path: <a@b>\r\nDate: x\r\nReturn-Path:\r\n <c@d>\r\nMessage-ID: <x@y>\r\n\r\nReturn-Path: e\r\n";
    let (message, text) = send(&mut submission(), sent);
    assert!(text.ends_with("+0000\r\nDate: x\r\nMessage-ID: <x@y>\r\n\r\nReturn-Path: e\r\n"), "{text}");
    assert_eq!(message.size, sent.len());
    assert!(send(&mut greeted(policy(), "EHLO x.example"), sent).1.ends_with(sent));
}

/// RFC 6152: what a client forgot to declare is declared to the next server all the same.
#[test]
fn eight_bits_are_noticed() {
    let (message, text) = send(&mut greeted(policy(), "EHLO x.example"), "Subject: x\r\n\r\ngrün\r\n");
    assert_eq!(message.transaction.body, Body::EightBitMime);
    assert!(text.ends_with("\r\n\r\ngrün\r\n"));
}

#[test]
fn bare_newlines_are_normalized_where_asked() {
    let host = &mut greeted(Policy { bare_newline: BareNewline::Normalize, ..policy() }, "EHLO x.example");
    let (_, text) = send(host, "Subject: x\n\nbody\n.\nRSET\rend\r\n");
    assert!(text.ends_with("+0000\r\nSubject: x\r\n\r\nbody\r\n.\r\nRSET\r\nend\r\n"), "{text}");
    assert!(host.say("DATA\r\n").starts_with("503 5.5.1 Send MAIL first"));
}

#[test]
fn what_the_queue_cannot_take_is_refused() {
    for (why, reply) in [
        (NotQueued::NoSpace, "452 4.3.1 Not enough disk space, try again later [7HX2K9QF]\r\n"),
        (NotQueued::Failed, "451 4.3.0 Cannot store the message, try again later [7HX2K9QF]\r\n"),
        (NotQueued::Closing, "421 4.3.2 Shutting down, try again later [7HX2K9QF]\r\n"),
    ] {
        let mut host = greeted(policy(), "EHLO x.example");
        host.queue = Err(why);
        host.say(TO_ALICE);
        assert_eq!(host.say(".\r\n"), reply);
    }
}

#[test]
fn a_lookup_that_fails_is_temporary() {
    let mut host = greeted(policy(), "EHLO x.example");
    host.say("MAIL FROM:<>\r\n");
    let reply = host.say("RCPT TO:<later@example.test>\r\n");
    assert_eq!(reply, "451 4.3.0 Temporary lookup failure for <later@example.test> [7HX2K9QF]\r\n");
    assert!(host.say("RCPT TO:<alice@example.test>\r\n").starts_with("250"));
}

/// Thousands of clients may send large messages at once: the host says when its memory is used up.
#[test]
fn a_message_that_the_host_has_no_memory_for_is_refused_for_now() {
    let mut host = greeted(policy(), "EHLO client.example");
    host.say(TO_ALICE);
    host.say(&"x".repeat(100_000));
    assert!(host.session.held() >= 100_000);
    host.session.no_room();
    assert!(host.session.held() < 10_000, "it is given back at once");
    assert_eq!(host.say(&"MAIL FROM:<a@b>\r\n".repeat(10_000)), "");
    assert!(host.session.held() < 10_000, "nothing more is kept");
    assert!(host.say(".\r\n").starts_with("452 4.3.1 Too many large messages at once"));
    assert!(host.queued.is_empty());
    send(&mut host, "\r\nthe next one is taken\r\n");
}

/// RFC 6531 §3.2: a message that was not declared as SMTPUTF8 must not become one by what we write on top of it.
#[test]
fn our_own_field_is_ascii_unless_the_message_is_not() {
    let (message, text) = send(&mut greeted(policy(), "EHLO bücher.example"), "\r\n");
    assert!(text.starts_with("Received: from xn--bcher-kva.example ([192.0.2.1])"), "{text}");
    assert_eq!(message.transaction.body, Body::SevenBit);
    let hostname = message::Domain::parse("bücher.test").expect("a name");
    let (message, text) = send(&mut greeted(Policy { hostname, ..policy() }, "EHLO client.example"), "\r\n");
    assert!(text.contains("\tby xn--bcher-kva.test with ESMTP "), "{text}");
    assert_eq!(message.transaction.body, Body::SevenBit);
}

/// Taking out one field after the other would move the rest each time: minutes for such a message.
#[test]
fn return_paths_of_a_submission_go_however_many_they_are() {
    let paths = "Return-Path:\r\n".repeat(100_000);
    let body = "body\r\n".repeat(1_000_000);
    let content = format!("Return-Path: <a@b>\r\nDate: x\r\nbroken\r\n{paths}To: y\r\n{paths}\r\n{body}");
    let (_, text) = send(&mut submission(), &content);
    let (received, rest) = text.split_once("Message-ID: ").expect("it had none");
    assert!(received.starts_with("Received: ") && !text.contains("Return-Path"));
    assert_eq!(rest.split_once("\r\n").expect("a line").1, format!("Date: x\r\nbroken\r\nTo: y\r\n\r\n{body}"));
}
