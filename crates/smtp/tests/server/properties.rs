//! Whatever a client sends, in whatever pieces.

use harness::dialogue::{Received, Wire};
use proptest::prelude::*;
use smtp::server::{Policy, Role};

use crate::bare::{Host, policy};

/// Lines that lead somewhere, and lines that do not.
fn line() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "EHLO client.example", "HELO x", "MAIL FROM:<a@b.example>", "MAIL FROM:<> SIZE=5", "RCPT TO:<alice@example.test>",
            "RCPT TO:<team@example.test>", "RCPT TO:<x@elsewhere.example>", "DATA", ".", "..", "RSET", "NOOP", "AUTH LOGIN",
            "AUTH PLAIN AGFsaWNlQGV4YW1wbGUudGVzdAB3cm9uZw==", "*", "=", "QUIT x", "VRFY a", "HELP", "Subject: x", "",
        ])
        .prop_map(|text| [text.as_bytes(), b"\r\n"].concat()),
        1 => prop::collection::vec(any::<u8>(), 0..30).prop_map(|octets| [&octets[..], b"\r\n"].concat()),
        1 => prop::collection::vec(prop::sample::select(b"\r\n.a \0<>:@\"".to_vec()), 0..12),
    ]
}

fn host(clear: bool) -> Host {
    let role = if clear { Role::Exchange } else { Role::Submission };
    Host::new(Policy { auth_needs_tls: !clear, role, ..policy() })
}

/// All that the server said, and whether it closed.
fn said(host: &mut Host) -> (Vec<Vec<u8>>, bool) {
    let mut lines = Vec::new();
    loop {
        match host.receive_line() {
            Received::Line(line) => lines.push(line),
            Received::Closed => return (lines, true),
            Received::Nothing => return (lines, false),
        }
    }
}

proptest! {
    /// Where the octets are cut changes nothing of what is said and queued.
    #[test]
    fn cuts_do_not_matter(lines in prop::collection::vec(line(), 0..30), cuts in prop::collection::vec(1usize..40, 1..40), clear: bool) {
        let octets = lines.concat();
        let (mut whole, mut pieces) = (host(clear), host(clear));
        whole.send(&octets);
        let mut rest = octets.as_slice();
        for cut in cuts.iter().cycle() {
            let (piece, tail) = rest.split_at((*cut).min(rest.len()));
            pieces.send(piece);
            rest = tail;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(said(&mut whole), said(&mut pieces));
        prop_assert_eq!(whole.queued, pieces.queued);
    }

    /// Every line of the server is a reply line with the class of its enhanced code, and every refusal has the id.
    #[test]
    fn replies_are_well_formed(lines in prop::collection::vec(line(), 0..30), clear: bool) {
        let mut host = host(clear);
        host.send(&lines.concat());
        let (said, _) = said(&mut host);
        let mut reader = smtp::ReplyReader::default();
        for line in said {
            let Ok(reply) = reader.line(&line) else { panic!("not a reply line: {}", line.escape_ascii()) };
            if let Some(reply) = reply.filter(smtp::Reply::is_refusal) {
                prop_assert!(reply.status().is_some() && reply.text().ends_with(" [7HX2K9QF]"), "{reply}");
            }
        }
    }

    /// Nobody who has not logged in gets mail out to others.
    #[test]
    fn no_open_relay(lines in prop::collection::vec(line(), 0..40)) {
        let mut host = host(true);
        host.send(&lines.concat());
        for message in &host.queued {
            let ours = message.transaction.recipients.iter().all(|r| r.address.domain().as_str() == "example.test");
            prop_assert!(ours && message.login.is_none());
        }
    }
}
