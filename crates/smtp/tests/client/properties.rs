//! Whatever a hostile server answers.

use message::Address;
use proptest::prelude::*;
use sasl::Secret;
use sasl::client::Credentials;
use smtp::client::{Capabilities, Hello, Login, Mail, MailEnvelope, MailStep, Needs, Opening, OpeningStep, TlsWish};
use smtp::{Reply, ReplyReader};

fn reply() -> impl Strategy<Value = Reply> {
    let codes = vec![220, 235, 250, 334, 354, 421, 432, 454, 500, 504, 521, 530, 535, 538, 550, 554];
    let lines = vec![
        "mx",
        "STARTTLS",
        "AUTH PLAIN LOGIN CRAM-MD5",
        "AUTH=SCRAM-SHA-256",
        "PIPELINING",
        "VXNlcm5hbWU6",
        "?",
        "",
    ];
    (prop::sample::select(codes), prop::collection::vec(prop::sample::select(lines), 1..5)).prop_map(|(code, lines)| {
        let mut reader = ReplyReader::default();
        let last = lines.len() - 1;
        let read = lines.iter().enumerate().map(|(index, line)| {
            let separator = if index == last { ' ' } else { '-' };
            reader.line(format!("{code}{separator}{line}").as_bytes()).expect("a reply")
        });
        read.last().flatten().expect("complete")
    })
}

fn wish() -> impl Strategy<Value = TlsWish> {
    prop::sample::select(vec![TlsWish::Active, TlsWish::Required, TlsWish::IfOffered, TlsWish::Never])
}

proptest! {
    /// A login that is wanted is never left out, it never leaves without TLS unless that is allowed, and TLS that is
    /// required is there (MISSION 001-14). And it ends.
    #[test]
    fn nothing_is_given_up(tls in wish(), cleartext: bool, replies in prop::collection::vec(reply(), 1..40)) {
        let credentials = Credentials::password("user", Secret::new("pass"));
        let login = Some(Login { credentials, preferred: None, cleartext });
        let mut opening = Opening::new(Hello { name: "me.example".into(), tls, login });
        let (mut secured, mut secrets) = (tls == TlsWish::Active, 0);
        for reply in replies {
            let mut step = opening.reply(reply);
            if matches!(step, OpeningStep::StartTls) {
                prop_assert!(!secured && tls != TlsWish::Never);
                secured = true;
                step = opening.secured();
            }
            match step {
                OpeningStep::Send(line) => prop_assert!(line.ends_with(b"\r\n")),
                OpeningStep::SendSecret(_) => {
                    secrets += 1;
                    prop_assert!(secured || cleartext);
                    prop_assert!(secrets <= 3 * 10, "the exchange does not end");
                }
                OpeningStep::Ready(ready) => {
                    prop_assert!(ready.mechanism.is_some());
                    prop_assert!(secured || tls != TlsWish::Required);
                    return Ok(());
                }
                OpeningStep::Failed(_) => return Ok(()),
                OpeningStep::StartTls => prop_assert!(false, "STARTTLS twice"),
            }
        }
    }

    /// When a transaction is done everybody has an answer; content is only sent after 354.
    #[test]
    fn everybody_gets_an_answer(pipelining: bool, count in 1usize..120, replies in prop::collection::vec(reply(), 0..200)) {
        let capabilities = Capabilities { pipelining, ..Capabilities::default() };
        let recipients = vec![Address::parse("b@x.example").expect("an address"); count];
        let envelope = MailEnvelope { reverse_path: None, recipients, size: 1, needs: Needs::default() };
        let mut mail = Mail::new(&capabilities, &envelope).expect("sendable");
        prop_assert!(matches!(mail.start(), MailStep::Send(_)));
        for reply in replies {
            let code = reply.code();
            match mail.reply(reply) {
                MailStep::SendContent => prop_assert!((300..400).contains(&code)),
                MailStep::Done(_) => {
                    prop_assert!(mail.answers().iter().all(Option::is_some));
                    return Ok(());
                }
                MailStep::Send(octets) => prop_assert!(octets.ends_with(b"\r\n")),
                MailStep::Wait => prop_assert!(pipelining),
            }
        }
    }
}
