//! Captures, to the octet and as tshark reads them.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;

use super::packet::{ACK, PSH, SYN, Segment};
use super::*;
use crate::record::{Direction, Outcome, Protocol, Tls};
use crate::transcript::Body;
use crate::{Opening, Recorder, SessionId, Tracer};

fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        let _ = write!(text, "{octet:02x}");
        text
    })
}

/// A session, as it is told by `tell`.
fn record(protocol: Protocol, service: &str, ends: (&str, &str), tell: impl FnOnce(&Recorder)) -> Record {
    let tracer: Arc<Tracer> = Tracer::without_files();
    let id: SessionId = "7HX2K9QF".parse().expect("an id");
    let (peer, local) = (address(ends.0), address(ends.1));
    let opening = Opening { id, direction: Direction::In, protocol, service, peer, local };
    let recorder = Recorder::new(&tracer, opening);
    tell(&recorder);
    let record = tracer.running(id).expect("it runs");
    Record { began: "2026-01-31T12:00:00.25Z".parse().expect("a time"), outcome: Outcome::Completed, ..record }
}

fn capture(record: &Record) -> Vec<u8> {
    let mut out = Vec::new();
    write(std::slice::from_ref(record), &mut out).expect("a vector takes everything");
    out
}

/// What tshark says of a capture.
fn tshark(record: &Record, arguments: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("session.pcapng");
    std::fs::write(&file, capture(record)).expect("written");
    let output = Command::new("tshark").arg("-n").arg("-r").arg(&file).args(arguments).output();
    let output = output.expect("tshark, which ./test installs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect()
}

fn field(record: &Record, name: &str) -> Vec<String> {
    tshark(record, &["-T", "fields", "-e", name])
}

/// Nothing in it is broken: no packet, no checksum, no sequence of the connection.
fn assert_sound(record: &Record) {
    let broken = "_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0 || tcp.analysis.lost_segment \
                  || tcp.analysis.ack_lost_segment || tcp.analysis.retransmission || tcp.analysis.out_of_order";
    let check = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-Y", broken];
    let found = tshark(record, &check);
    assert!(found.is_empty(), "{found:#?}");
}

fn tls() -> Tls {
    Tls {
        version: "TLSv1.3".into(),
        cipher: "TLS_AES_128_GCM_SHA256".into(),
        server_name: None,
        client_certificate: None,
    }
}

#[test]
fn segments_are_right_to_the_octet() {
    let (from, to) = (address("192.0.2.7:49152"), address("198.51.100.1:587"));
    let syn = Segment { from, to, sequence: 0, acknowledgment: 0, flags: SYN, data: b"", missing: 0 };
    assert_eq!(hex(&syn.encode()), "450000280000400040064e94c0000207c6336401c000024b00000000000000005002ffff015b0000");
    let data = Segment { sequence: 1, acknowledgment: 1, flags: PSH | ACK, data: b"QUIT!\r\n", ..syn };
    let expected = "4500002f0000400040064e8dc0000207c6336401c000024b00000001000000015018ffff3b85000051554954210d0a";
    assert_eq!(hex(&data.encode()), expected);
    let (from, to) = (address("[2001:db8::7]:49152"), address("[2001:db8::1]:143"));
    let expected = "60000000001c064020010db800000000000000000000000720010db8000000000000000000000001\
                    c000008f00000001000000015018ffff87ef000061204e4f4f500d0a";
    assert_eq!(hex(&Segment { from, to, data: b"a NOOP\r\n", ..data }.encode()), expected);
}

#[test]
fn a_file_is_right_to_the_octet() {
    let record = record(Protocol::Smtp, "smtp", ("192.0.2.7:49152", "198.51.100.1:25"), |_| {});
    let file = capture(&record);
    let (section, rest) = file.split_at(0x4c);
    let comment = hex(b"Gatepost session 7HX2K9QF\0\0\0");
    let expected = format!(
        "0a0d0d0a4c0000004d3c2b1a01000000ffffffffffffffff01001900{comment}04000800{}000000004c000000",
        hex(b"Gatepost")
    );
    assert_eq!(hex(section), expected);
    let (interface, packets) = rest.split_at(0x20);
    assert_eq!(hex(interface), format!("010000002000000065000000000000000200040{}0000000020000000", "0736d7470"));
    let (packet, _) = packets.split_at(0x6c);
    let time = u64::try_from(record.began.as_microsecond()).expect("after 1970");
    let (high, low) = (u32::try_from(time >> 32).expect("half"), u32::try_from(time & 0xffff_ffff).expect("half"));
    let expected = format!(
        "060000006c00000000000000{}{}2800000028000000\
         450000280000400040064e94c0000207c6336401c000001900000000000000005002ffff038d0000\
         01001900{comment}000000006c000000",
        hex(&high.to_le_bytes()),
        hex(&low.to_le_bytes()),
    );
    assert_eq!(hex(packet), expected);
    // The handshake and the goodbye.
    assert_eq!(packets.len(), 0x6c + 4 * 0x48 + 0x48 + "completed: ".len().next_multiple_of(4) + 8);
}

#[test]
fn wireshark_reads_a_session_of_smtp() {
    let ends = ("192.0.2.7:49152", "198.51.100.1:465");
    let record = record(Protocol::Smtp, "submissions", ends, |recorder| {
        recorder.tls(tls());
        recorder.sent(b"220 mail.example.test ESMTP\r\n");
        recorder.came(b"EHLO phone\r\n");
        recorder.sent(b"250-mail.example.test\r\n250 AUTH PLAIN\r\n");
        recorder.came_secret(b"AUTH PLAIN AGFsaWNlAGdlaGVpbQ==", 11, Some("alice"));
        recorder.sent(b"235 2.7.0 welcome\r\n");
        recorder.came(b"MAIL FROM:<alice@example.test>");
        recorder.sent(b"250 2.1.0 OK\r\n");
        recorder.came(b"RCPT TO:<bob@example.test>");
        recorder.sent(b"250 2.1.5 OK\r\n");
        recorder.came(b"DATA");
        recorder.sent(b"354 go on\r\n");
        recorder.came_body(Body::Data, 100_000);
        recorder.sent(b"250 2.0.0 kept\r\n");
        recorder.came(b"RSET");
        recorder.sent(b"250 2.0.0 OK\r\n");
        recorder.came(b"QUIT");
        recorder.sent(b"221 2.0.0 bye\r\n");
    });
    assert_sound(&record);
    assert_eq!(field(&record, "smtp.req.command"), ["EHLO", "AUTH", "MAIL", "RCPT", "DATA", "RSET", "QUIT"]);
    assert_eq!(
        field(&record, "smtp.response.code"),
        ["220", "250", "250", "235", "250", "250", "354", "250", "250", "221"]
    );
    let parameters = field(&record, "smtp.req.parameter");
    assert_eq!(parameters[1], "PLAIN [secret: 20 octets] (user alice)");
    assert_eq!(field(&record, "tcp.dstport").first().map(String::as_str), Some("587"));
    let comments = field(&record, "frame.comment");
    assert_eq!(comments.first().map(String::as_str), Some("Gatepost session 7HX2K9QF"));
    assert!(comments.iter().any(|comment| comment.contains("100000 octets of mail are not kept")), "{comments:?}");
}

#[test]
fn wireshark_reads_what_follows_starttls() {
    let record = record(Protocol::Smtp, "smtp", ("[2001:db8::7]:25", "[2001:db8::1]:25"), |recorder| {
        recorder.sent(b"220 mail.example.test ESMTP");
        recorder.came(b"EHLO phone");
        recorder.sent(b"250 STARTTLS");
        recorder.came(b"STARTTLS");
        recorder.sent(b"220 2.0.0 go on");
        recorder.tls(tls());
        recorder.came(b"EHLO phone");
        recorder.sent(b"250 AUTH PLAIN");
        recorder.came(b"QUIT");
        recorder.sent(b"221 2.0.0 bye");
    });
    assert_sound(&record);
    // Wireshark takes a command for four letters.
    assert_eq!(field(&record, "smtp.req.command"), ["EHLO", "STAR", "EHLO", "QUIT"]);
    let mut streams = field(&record, "tcp.stream");
    streams.dedup();
    assert_eq!(streams, ["0", "1"]);
}

#[test]
fn wireshark_reads_a_session_of_imap() {
    let record = record(Protocol::Imap, "imaps", ("[2001:db8::7]:49152", "[::ffff:198.51.100.1]:993"), |recorder| {
        recorder.tls(tls());
        recorder.sent(b"* OK ready\r\n");
        recorder.came(b"a1 LOGIN alice geheim\r\n");
        recorder.sent(b"a1 OK welcome\r\n");
        recorder.came(b"a2 SELECT INBOX\r\n");
        recorder.sent(b"* 3 EXISTS\r\na2 OK [READ-WRITE] selected\r\n");
        recorder.came(b"a3 FETCH 1 BODY[]\r\n");
        recorder.sent(b"* 1 FETCH (BODY[] {70000}\r\n");
        recorder.sent_body(Body::Literal, 70_000);
        recorder.sent(b")\r\n");
        recorder.sent(b"a3 OK fetched\r\n");
        recorder.came(b"a4 LOGOUT\r\n");
        recorder.sent(b"* BYE\r\na4 OK bye\r\n");
    });
    assert_sound(&record);
    assert_eq!(field(&record, "imap.request.command"), ["LOGIN", "SELECT", "FETCH", "LOGOUT"]);
    assert!(!tshark(&record, &["-V", "-x"]).concat().contains("geheim"));
    assert_eq!(field(&record, "imap.response.status"), ["OK"; 4]);
}

#[test]
fn wireshark_reads_a_session_of_pop3() {
    let record = record(Protocol::Pop3, "pop3", ("192.0.2.7:49152", "198.51.100.1:110"), |recorder| {
        recorder.sent(b"+OK ready <1.2@example.test>\r\n");
        recorder.came(b"USER alice\r\n");
        recorder.sent(b"+OK\r\n");
        recorder.came(b"PASS geheim\r\n");
        recorder.sent(b"+OK welcome\r\n");
        recorder.came(b"RETR 1\r\n");
        recorder.sent(b"+OK 50000 octets\r\n");
        recorder.sent_body(Body::Reply, 50_000);
        recorder.came(b"QUIT\r\n");
        recorder.sent(b"+OK bye\r\n");
        recorder.note("the \u{1b}[2J end");
    });
    assert_sound(&record);
    assert_eq!(field(&record, "pop.request.command"), ["USER", "PASS", "RETR", "QUIT"]);
    assert_eq!(field(&record, "pop.request.parameter"), ["alice", "[secret: 6 octets]", "1"]);
    let indicators = field(&record, "pop.response.indicator");
    assert!(indicators.iter().filter(|indicator| *indicator == "+OK").count() >= 5, "{indicators:?}");
}

#[test]
fn long_and_lost_lines_make_no_broken_packets() {
    let record = record(Protocol::Imap, "imap", ("192.0.2.7:49152", "198.51.100.1:143"), |recorder| {
        (0..3000).for_each(|n| recorder.came(format!("a{n} NOOP {}", "x ".repeat(n)).as_bytes()));
        recorder.came_body(Body::Literal, u64::MAX);
    });
    assert_sound(&record);
    let comments = field(&record, "frame.comment");
    assert!(comments.iter().any(|comment| comment.contains("before this are not kept")), "{comments:?}");
    assert!(comments.iter().any(|comment| comment.contains("octets of this line are not kept")));
}

/// A message's way has several sessions: each is a connection of its own.
#[test]
fn several_sessions_are_several_connections() {
    let one = |port: &str| {
        record(Protocol::Smtp, "smtp", (&format!("192.0.2.7:{port}"), "198.51.100.1:25"), |recorder| {
            recorder.sent(b"220 hi\r\n")
        })
    };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("sessions.pcapng");
    let mut out = Vec::new();
    write(&[one("40001"), one("40002")], &mut out).expect("a vector takes everything");
    std::fs::write(&file, out).expect("written");
    let mut tshark = Command::new("tshark");
    let output =
        tshark.arg("-n").arg("-r").arg(&file).args(["-Y", "smtp", "-T", "fields", "-e", "tcp.stream"]).output();
    assert_eq!(String::from_utf8_lossy(&output.expect("tshark").stdout), "0\n1\n");
}
