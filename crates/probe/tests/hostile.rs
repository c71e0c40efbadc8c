//! Servers that mean harm: whatever they say, nothing panics, nothing goes on for ever, and nothing steers the terminal.

use std::io::Write;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use net::Connection;
use probe::dialogue::{Answer, Broken, Dialogue};
use probe::{Capabilities, Plan, Protocol, Report, Target, Trust};
use proptest::prelude::*;
use sasl::Secret;
use sasl::client::Credentials;
use tokio::io::AsyncWriteExt;

const PROTOCOLS: [Protocol; 3] = [Protocol::Smtp, Protocol::Imap, Protocol::Pop3];

/// Pieces of answers, so that more than the first octet is reached.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "220 ",
        "250-",
        "250 AUTH=",
        "AUTH PLAIN \u{1b}[2J",
        "334 ",
        "334 !!!",
        "535 ",
        "421 ",
        "\r\n",
        "\n",
        ".\r\n",
        "* OK ",
        "* BYE ",
        "* CAPABILITY AUTH=",
        "p1 OK ",
        "p1 NO [UNAVAILABLE]",
        "+ ",
        "+OK ",
        "-ERR ",
        "SASL ",
        "STLS",
        "STARTTLS",
        "\0",
        "{99999}\r\n",
        "\u{202e}",
    ]);
    prop_oneof![known.prop_map(|text| text.as_bytes().to_vec()), prop::collection::vec(any::<u8>(), 0..20)]
}

/// What a client makes of these octets: greeting, an answer, a list, an answer.
async fn hears(octets: &[u8], protocol: Protocol) -> (Vec<String>, Vec<Result<Answer, Broken>>) {
    let (ours, mut theirs) = tokio::io::duplex(1 << 20);
    theirs.write_all(octets).await.expect("there is room");
    theirs.shutdown().await.expect("it is ours");
    let mut dialogue = Dialogue::over(Connection::over(ours), protocol, Duration::from_secs(5));
    dialogue.hide(&Secret::new("hunter2"));
    let mut heard = vec![dialogue.greeting().await];
    // The other end is closed for writing only: what is said is lost, and that is its affair.
    heard.push(dialogue.answer().await);
    heard.push(dialogue.list("CAPA").await);
    heard.push(dialogue.answer().await);
    (dialogue.transcript().lines().to_vec(), heard)
}

proptest! {
    #[test]
    fn nothing_panics_and_nothing_steers_the_terminal(pieces in prop::collection::vec(piece(), 0..60)) {
        let octets = pieces.concat();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        for protocol in PROTOCOLS {
            let (lines, heard) = runtime.block_on(hears(&octets, protocol));
            for line in &lines {
                prop_assert!(!line.contains(|c: char| c.is_control() || c == '\u{202e}'), "{line:?}");
            }
            for answer in heard.into_iter().flatten() {
                let found = Capabilities::of(&answer, protocol.family());
                prop_assert!(found.all.len() <= 100 && found.mechanisms.len() <= 10_100);
            }
        }
    }

    #[test]
    fn an_echo_of_the_secret_is_masked(before in "[a-z ]{0,20}", behind in "[a-z ]{0,20}") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let octets = format!("220 hello\r\n535 {before}hunter2{behind}\r\n");
        let (lines, _) = runtime.block_on(hears(octets.as_bytes(), Protocol::Smtp));
        prop_assert!(lines.iter().all(|line| !line.contains("hunter2")), "{lines:?}");
    }
}

/// A server on a port of its own that says the same octets to everybody, again and again if it is told to.
fn server(octets: &'static [u8], again: bool) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    std::thread::spawn(move || {
        for mut socket in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || while socket.write_all(octets).is_ok() && again {});
        }
    });
    port
}

async fn probed(port: u16, protocol: Protocol) -> Report {
    let plan = Plan {
        at: None,
        target: Target { host: "127.0.0.1".into(), port, protocol },
        login: Some(Credentials::password("alice", Secret::new("hunter2"))),
        wrong_logins: true,
        trust: Trust::Clear,
        authorities: None,
        smuggling_to: Some("alice@example.test".into()),
        wait: Duration::from_secs(2),
    };
    probe::run(&plan).await.expect("it is reachable")
}

#[tokio::test]
async fn an_answer_without_an_end_ends() {
    let begun = Instant::now();
    for (octets, protocol) in [
        (&b"220-more\r\n"[..], Protocol::Smtp),
        (b"* untagged\r\n", Protocol::Imap),
        (b"+OK", Protocol::Pop3),
        (b"220 ok\r\n250 ok\r\n334 b2s=\r\n", Protocol::Submission),
        (b"+OK\r\n.\r\n+ \r\n", Protocol::Pop3),
        (b"* OK x\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=CRAM-MD5\r\np1 OK\r\n+ \r\n", Protocol::Imap),
    ] {
        let report = probed(server(octets, true), protocol).await;
        let text = format!("{report:?}");
        assert!(!report.checks.is_empty() && !text.contains("hunter2"), "{text}");
    }
    assert!(begun.elapsed() < Duration::from_secs(6 * 45), "{:?}", begun.elapsed());
}
