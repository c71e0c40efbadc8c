//! The ring, what becomes of it, and what people see of it.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::store::LINE_LIMIT;

fn lines(transcript: &Transcript) -> Vec<String> {
    let line = |event: Event<'_>| match event.what {
        What::Line { side: Side::Client, octets, .. } => format!("C: {}", Shown(octets)),
        What::Line { octets, .. } => format!("S: {}", Shown(octets)),
        What::Body { body, octets, .. } => format!("{body:?} {octets}"),
        What::TlsBegan => "TLS".to_owned(),
        What::Note(note) => note.to_owned(),
    };
    transcript.events().map(line).collect()
}

#[test]
fn everything_is_kept_in_order_with_its_time() {
    let mut ring = Ring::default();
    ring.line(0, Side::Server, b"220 mail.example.test ESMTP");
    ring.tls(3);
    ring.secret(7, Side::Client, (b"AUTH PLAIN ", 36), Some("alice@example.test"));
    ring.secret(8, Side::Client, (b"", 0), None);
    ring.body(70_000, Side::Client, Body::Data, 5_000_000_000);
    ring.note(u32::MAX, "the server drains");
    let transcript = ring.into_transcript();
    assert_eq!(
        lines(&transcript),
        [
            "S: 220 mail.example.test ESMTP",
            "TLS",
            "C: AUTH PLAIN [secret: 36 octets] (user alice@example.test)",
            "C: [secret: 0 octets]",
            "Data 5000000000",
            "the server drains",
        ]
    );
    assert_eq!(transcript.events().nth(4).expect("five").at, Duration::from_secs(70));
    assert_eq!(transcript.lost(), Lost::default());
    let json = serde_json::to_string(&transcript).expect("JSON");
    assert!(
        json.starts_with(r#"{"events":[{"at":0,"server":"220 mail.example.test ESMTP"},{"at":3,"tls":true}"#),
        "{json}"
    );
    assert_eq!(serde_json::from_str::<Transcript>(&json).expect("read"), transcript);
}

#[test]
fn a_long_line_is_shortened_and_its_length_told() {
    let mut ring = Ring::default();
    ring.line(0, Side::Client, &[b'x'; 70_000]);
    let transcript = ring.into_transcript();
    let what = transcript.events().next().expect("one").what;
    assert_eq!(what, What::Line { side: Side::Client, octets: &[b'x'; Ring::LINE], left_out: 69_000 });
    let json = serde_json::to_string(&transcript).expect("JSON");
    assert_eq!(serde_json::from_str::<Transcript>(&json).expect("read"), transcript);
}

#[test]
fn the_oldest_go_and_are_counted() {
    let mut ring = Ring::default();
    assert_eq!(ring.capacity(), 0, "a fresh ring has no memory");
    let mut most = 0;
    for n in 0..10_000 {
        ring.line(n, Side::Client, format!("line {n:05}").as_bytes());
        most = most.max(ring.capacity());
    }
    assert_eq!(most, Ring::MOST);
    let mut idle = ring.clone();
    idle.idle();
    assert!(idle.capacity() <= Ring::IDLE && !idle.is_empty(), "{}", idle.capacity());
    for ring in [ring, idle] {
        let transcript = ring.into_transcript();
        let (lines, lost) = (lines(&transcript), transcript.lost());
        assert_eq!(lines.len() + lost.events as usize, 10_000);
        assert_eq!(lost.octets, u64::from(lost.events) * 10);
        assert_eq!(lines.last().map(String::as_str), Some("C: line 09999"));
        let json = serde_json::to_string(&transcript).expect("JSON");
        assert_eq!(serde_json::from_str::<Transcript>(&json).expect("read"), transcript);
    }
}

#[test]
fn a_small_ring_keeps_its_memory_when_it_idles() {
    let mut ring = Ring::default();
    ring.line(0, Side::Client, b"a1 IDLE");
    let before = ring.capacity();
    ring.idle();
    assert_eq!((ring.capacity(), before <= 1024), (before, true));
}

#[test]
fn the_worst_ring_fits_a_line_of_the_store() {
    for octets in [&[0; Ring::LINE][..], b"\\", b"\"", b"\x80", b""] {
        let mut ring = Ring::default();
        (0..20_000).for_each(|_| ring.line(u32::MAX, Side::Client, octets));
        let json = serde_json::to_string(&ring.into_transcript()).expect("JSON");
        assert!(json.len() < LINE_LIMIT - 64 * 1024, "{} for {octets:?}", json.len());
    }
}

#[test]
fn what_strangers_send_does_not_steer_a_terminal() {
    let shown = Shown(b"EHLO \x1b[2J\\x1b \xff\xc3\xa9\xe2\x80\xae\t.").to_string();
    assert_eq!(shown, "EHLO \\x1b[2J\\\\x1b \\xffé\\xe2\\x80\\xae\\x09.");
}

#[test]
fn halving_ends() {
    let mut ring = Ring::default();
    (0..100).for_each(|n| ring.line(n, Side::Server, b"250 OK"));
    let mut transcript = ring.into_transcript();
    assert!(transcript.halve() && lines(&transcript).len() == 50);
    let times = (0..100).take_while(|_| transcript.halve()).count();
    assert!(times < 10 && transcript.lost().events == 100);
}

proptest! {
    #[test]
    fn octets_are_shown_and_read_back(octets: Vec<u8>) {
        let shown = Shown(&octets).to_string();
        prop_assert!(!shown.chars().any(char::is_control));
        prop_assert_eq!(spelling::octets(&shown), octets);
    }

    #[test]
    fn any_events_survive_the_file(
        events in proptest::collection::vec((any::<u32>(), any::<bool>(), any::<Vec<u8>>()), 0..40),
    ) {
        let mut ring = Ring::default();
        for (at, client, octets) in &events {
            ring.line(*at, if *client { Side::Client } else { Side::Server }, octets);
        }
        let transcript = ring.into_transcript();
        prop_assert_eq!(transcript.events().count(), events.len());
        let json = serde_json::to_string(&transcript).unwrap();
        prop_assert_eq!(serde_json::from_str::<Transcript>(&json).unwrap(), transcript);
    }
}
