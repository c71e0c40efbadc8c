//! What SEARCH finds in a message.

use imap::parse::parse;
use imap::{Candidate, Command, Flag, SearchKey, Texts};

const RAW: &str = "From: =?utf-8?q?J=C3=BCrgen?= <j@example.org>\r\nSubject: =?iso-8859-1?b?R3L832U=?=\r\n \
                   und mehr\r\nDate: Tue, 1 Feb 1994 23:30:00 -0800\r\nX-Empty:\r\nMIME-Version: 1.0\r\n\
                   Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\
                   Content-Transfer-Encoding: quoted-printable\r\n\r\nViele Gr=FC=DFe aus K=F6ln, so=\r\nfort\r\n--b\r\n\
                   Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n\
                   bWVldGluZyBpbiBCZXJsaW4=\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n\
                   Subject: inner subject\r\n\r\nforwarded words\r\n--b--\r\n";

fn key(text: &str) -> SearchKey {
    let (_, command) = parse(format!("a SEARCH {text}").as_bytes()).expect(text);
    let Command::Search(search) = command else { panic!("{text}") };
    search.key
}

fn candidate() -> Candidate<'static> {
    let has = &|flag: &Flag| matches!(flag, Flag::Seen) || *flag == Flag::Keyword("$Work".into());
    // 1994-02-02 07:30:00 UTC.
    let (size, internal_date) = (1000, 760_174_200);
    Candidate { sequence: 3, last_sequence: 5, uid: 30, last_uid: 50, has, recent: true, size, internal_date }
}

fn finds(text: &str) -> bool {
    let texts = Texts::new(RAW.as_bytes());
    key(text).matches(&candidate(), Some(&texts)).expect("with the text every key can be judged")
}

#[test]
fn what_needs_no_reading() {
    for (text, expected) in [
        ("ALL", true),
        ("SEEN KEYWORD $Work", true),
        ("UNSEEN", false),
        ("NEW", false),
        ("RECENT", true),
        ("OLD", false),
        ("2:4", true),
        ("4:*", false),
        ("UID 25:31", true),
        ("NOT UID 30", false),
        ("LARGER 999", true),
        ("LARGER 1000", false),
        ("SMALLER 1001", true),
        ("ON 2-Feb-1994", true),
        ("BEFORE 2-Feb-1994", false),
        ("SINCE 2-Feb-1994", true),
        ("OR UNSEEN (SEEN RECENT)", true),
        ("UNSEEN TEXT x", false),
        ("OR SEEN TEXT x", true),
    ] {
        assert_eq!(key(text).matches(&candidate(), None), Some(expected), "{text}");
    }
    assert_eq!(key("SEEN BODY x").matches(&candidate(), None), None);
    assert_eq!(key("NOT BODY x").matches(&candidate(), None), None);
}

#[test]
fn decoded_texts_without_case() {
    for text in [
        "FROM \"jürgen\"",
        "FROM example.ORG",
        "SUBJECT \"GRÜßE UND MEHR\"",
        "BODY \"grüße AUS köln, sofort\"",
        "BODY \"meeting in berlin\"",
        "BODY forwarded",
        "TEXT \"inner subject\"",
        "TEXT \"subject: gr\"",
        "HEADER X-Empty \"\"",
        "HEADER mime-version 1.0",
    ] {
        assert!(finds(text), "{text}");
    }
    for text in ["BODY \"jürgen\"", "SUBJECT iso-8859-1", "HEADER X-Other \"\"", "TO j@example.org", "BODY bWVldGluZy"]
    {
        assert!(!finds(text), "{text}");
    }
}

/// RFC 3501 §6.4.4: the day as the Date field says it, whatever its zone.
#[test]
fn the_day_it_was_sent() {
    assert!(finds("SENTON 1-Feb-1994"));
    assert!(finds("SENTBEFORE 2-Feb-1994"));
    assert!(!finds("SENTSINCE 2-Feb-1994"));
}

#[test]
fn a_message_of_garbage_matches_nothing_and_does_no_harm() {
    let raw: Vec<u8> = (0..=255).cycle().take(3000).collect();
    let texts = Texts::new(&raw);
    assert_eq!(key("SENTON 1-Feb-1994").matches(&candidate(), Some(&texts)), Some(false));
    assert_eq!(key("SUBJECT x").matches(&candidate(), Some(&texts)), Some(false));
}

/// Anybody can send such a message; the stack must not depend on it.
#[test]
fn messages_nested_as_deep_as_a_stranger_likes() {
    let deep = "Content-Type: message/rfc822\r\n\r\n".repeat(200_000);
    // A multipart that is none, whose header says so all the same; and one behind base64.
    let (odd, inner) = ("Content-Type: multipart/mixed; boundary=z\r\n\r\n", "Subject: x\r\n\r\nhello\r\n");
    let encoded = "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n";
    for raw in [format!("{deep}{inner}"), format!("{odd}--y\r\n{deep}{inner}"), format!("{encoded}{deep}{inner}")] {
        let texts = Texts::new(raw.as_bytes());
        assert_eq!(key("BODY \"not there\"").matches(&candidate(), Some(&texts)), Some(false));
    }
    let shallow = format!("{}{inner}", "Content-Type: message/rfc822\r\n\r\n".repeat(20));
    let texts = Texts::new(shallow.as_bytes());
    assert_eq!(key("BODY hello").matches(&candidate(), Some(&texts)), Some(true));
}
