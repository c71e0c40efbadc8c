//! What recording costs: `cargo run --release -p trace --example cost`.
#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use trace::record::{Direction, Login, Module, Protocol};
use trace::{Body, Opening, Outcome, Recorder, SessionId, Tracer};

const TIMES: u32 = 1_000_000;

fn recorder(tracer: &Arc<Tracer>) -> Recorder {
    let ends = ("192.0.2.7:49152".parse().expect("an address"), "198.51.100.1:25".parse().expect("an address"));
    let (direction, protocol) = (Direction::In, Protocol::Smtp);
    Recorder::new(
        tracer,
        Opening { id: SessionId::random(), direction, protocol, service: "smtp", peer: ends.0, local: ends.1 },
    )
}

fn time(what: &str, times: u32, mut call: impl FnMut()) {
    let start = Instant::now();
    (0..times).for_each(|_| call());
    println!("{what:<44} {:>8.1} ns", start.elapsed().as_secs_f64() * 1e9 / f64::from(times));
}

/// CPU time of whole sessions, with that of the thread that writes them down.
fn cpu(what: &str, times: u32, tracer: &Tracer, mut call: impl FnMut()) {
    let start = ticks();
    for turn in 0..times {
        call();
        if turn % 4000 == 0 {
            tracer.flush();
        }
    }
    tracer.flush();
    println!("{what:<44} {:>8.1} ns of CPU", (ticks() - start) * 1e7 / f64::from(times));
}

/// CPU time of this process in hundredths of a second, of all its threads: proc_pid_stat(5), fields 14 and 15.
fn ticks() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let fields = stat.rsplit_once(')').expect("a name").1.split_whitespace();
    fields.skip(11).take(2).map(|field| field.parse::<f64>().expect("a number")).sum()
}

/// One session that logs in and leaves.
fn login(recorder: &Recorder) {
    recorder.sent(b"* OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID ENABLE IDLE STARTTLS LOGINDISABLED] mail.example.test [7HX2K9QF]\r\n");
    recorder.came_secret(b"a LOGIN alice@example.test geheim", "a LOGIN alice@example.test ".len(), None);
    let lines = [
        "trying this module",
        "looking up \"alice@example.test\" in /var/lib/gatepost/accounts.sqlite",
        "the password is the one that was remembered",
        "ACCEPT, username alice@example.test",
    ];
    let lines = lines.map(Into::into).into();
    let modules = vec![Module { name: "accounts".into(), verdict: Some("ACCEPT".into()), outcome: None, lines }];
    recorder.login(Login {
        time: "2026-01-31T12:00:00Z".parse().expect("a time"),
        mechanism: Some("LOGIN".into()),
        identity: "alice@example.test".into(),
        account: Some("alice@example.test".into()),
        accepted: true,
        outcome: "ok".into(),
        why: "".into(),
        modules,
    });
    recorder.sent(b"a OK [CAPABILITY IMAP4rev1 LITERAL+ IDLE NAMESPACE UIDPLUS] logged in\r\n");
}

/// One session that takes a message.
fn message(recorder: &Recorder) {
    recorder.sent(b"220 mail.example.test ESMTP [7HX2K9QF]\r\n");
    recorder.came(b"EHLO client.example.test");
    recorder.sent(b"250-mail.example.test\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250 PIPELINING\r\n");
    recorder.came(b"MAIL FROM:<alice@example.test> SIZE=4096");
    recorder.sent(b"250 2.1.0 OK\r\n");
    recorder.came(b"RCPT TO:<bob@example.test>");
    recorder.sent(b"250 2.1.5 OK\r\n");
    recorder.came(b"DATA");
    recorder.sent(b"354 go on\r\n");
    recorder.came_body(Body::Data, 4096);
    recorder.sent(b"250 2.0.0 kept as 1234567890 [7HX2K9QF]\r\n");
    recorder.came(b"QUIT");
    recorder.sent(b"221 2.0.0 bye\r\n");
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let tracer = Tracer::open(folder.path(), Tracer::SIZE, Some(Tracer::AGE)).expect("files");
    for (name, tracer) in [("on", Arc::clone(&tracer)), ("off", Tracer::off())] {
        let live = recorder(&tracer);
        time(&format!("{name}: a line that came"), TIMES, || {
            live.came(black_box(b"MAIL FROM:<alice@example.test> SIZE=4096"))
        });
        time(&format!("{name}: a reply"), TIMES, || live.sent(black_box(b"250 2.1.0 OK\r\n")));
        time(&format!("{name}: a session with a message, whole"), TIMES / 10, || {
            let session = recorder(&tracer);
            message(&session);
            session.finish(Outcome::Completed, "");
        });
        cpu(&format!("{name}: the same"), TIMES / 10, &tracer, || {
            let session = recorder(&tracer);
            message(&session);
            session.finish(Outcome::Completed, "");
        });
        cpu(&format!("{name}: a session with a login"), TIMES / 10, &tracer, || {
            let session = recorder(&tracer);
            login(&session);
            session.finish(Outcome::ClosedByClient, "");
        });
        time(&format!("{name}: the same, refused, with transcript"), TIMES / 100, || {
            let session = recorder(&tracer);
            message(&session);
            session.went_wrong();
            session.finish(Outcome::Completed, "");
        });
    }
    tracer.flush();
    println!("records dropped as they came faster than they could be written: {}", tracer.dropped());
    let big = recorder(&tracer);
    (0..10_000).for_each(|_| big.came(b"a FETCH 1:* (FLAGS UID) of a session that says much"));
    big.went_wrong();
    big.finish(Outcome::Completed, "");
    while tracer.dropped() < u64::MAX && size(folder.path()) < 250 << 20 {
        (0..200).for_each(|_| {
            let session = recorder(&tracer);
            (0..2000).for_each(|_| session.came(b"a FETCH 1:* (FLAGS UID) of a session that says much"));
            session.finish(Outcome::TimedOut, "");
        });
        tracer.flush();
    }
    let start = Instant::now();
    let mut found = 0;
    let mut each = |_| {
        found += 1;
        Ok(ControlFlow::Continue(()))
    };
    trace::reader(folder.path()).newest_first("ABSENTID", &mut each).expect("read");
    println!("an id that is nowhere in {} MiB: {:?} ({found} found)", size(folder.path()) >> 20, start.elapsed());
}

fn size(data: &std::path::Path) -> u64 {
    let files = std::fs::read_dir(trace::folder(data)).expect("a folder").flatten();
    files.map(|file| file.metadata().expect("there").len()).sum()
}
