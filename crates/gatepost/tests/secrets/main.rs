//! A password gets in nowhere: logins in every form, then every octet that the server wrote or printed is searched for it.
//!
//! `GATEPOST_SECRET_SESSIONS=100000 cargo test -p gatepost --test secrets` runs longer; `GATEPOST_SECRET_SEED` repeats a run.

mod chance;
mod forms;
mod needle;
mod outward;

use std::env;
use std::net::Ipv4Addr;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use harness::dialogue::{Received, Tcp, Wire};
use harness::{Gatepost, Scenario};

use chance::Chance;
use needle::Needles;

/// The binary under test.
const BINARY: &str = env!("CARGO_BIN_EXE_gatepost");
const ALICE: &str = "alice@example.test";
/// Sessions, unless the environment says more: every form comes several times.
const SESSIONS: u64 = 10_000;
/// Clients at the same time.
const CLIENTS: u64 = 8;
/// One session in so many is inside TLS: a handshake costs more than all the rest.
const TLS: usize = 50;

/// A server that has Alice's password in clear, so that every mechanism can be tried; its file is not under the data folder.
/// Whether it takes logins in clear, which those that come so are for.
fn server(require_tls: bool, mark: &str) -> Gatepost {
    let config = format!(
        "[auth]\nchain = [\"passwd-file\"]\nrequire_tls = {require_tls}\n[auth.passwd-file]\npath = \"../users\"\n\
         [limits]\nauth_delay = \"0s\"\nauth_failures_per_account = 1000000\nconnections_per_ip = 1000\n[log]\nlevel = \"debug\""
    );
    let mut server = Scenario::new(BINARY).config(&config).prepare();
    std::fs::write(server.folder().join("users"), format!("{ALICE}:{{PLAIN}}{mark}:::::\n")).expect("written");
    server.start();
    server
}

fn from_environment(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

/// One client that says its piece, in packets of any size, and leaves.
fn session(server: &Gatepost, mark: &str, chance: &mut Chance) {
    let tls = chance.once_in(TLS);
    let port = chance.one(if tls { &[465, 995, 993] } else { &[25, 587, 110, 143] });
    // Failures are counted by address, and the answer to each one is held back longer.
    let octet = |number: u64| u8::try_from(number % 254 + 1).expect("an octet");
    let source = Ipv4Addr::new(127, octet(chance.number()), octet(chance.number()), octet(chance.number()));
    let mut wire = Tcp::connect_from(source, server.port(port), server.ca());
    if tls {
        wire.start_tls();
    }
    if !matches!(wire.receive_line(), Received::Line(_)) {
        return;
    }
    let said = forms::said(port, mark, chance);
    let mut rest = &said[..];
    while !rest.is_empty() {
        let most = if chance.once_in(4) { 1 + chance.below(40) } else { rest.len() };
        let (packet, later) = rest.split_at(most.min(rest.len()));
        if !wire.try_send(packet) {
            break;
        }
        rest = later;
    }
    wire.finish();
}

/// So many sessions by several clients.
fn drive(servers: &[Gatepost], mark: &str, (seed, sessions): (u64, u64)) {
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= sessions {
                        return;
                    }
                    let mut chance = Chance::new(seed ^ number.wrapping_mul(0x2545_f491_4f6c_dd1d));
                    let server = &servers[chance.below(servers.len())];
                    session(server, mark, &mut chance);
                }
            });
        }
    });
}

/// What a command prints, with the password on its standard input if it asks.
fn printed(server: &Gatepost, arguments: &[&str], password: &str) -> Vec<u8> {
    let mut command: Command = server.command(arguments);
    command.stdin(harness::input(format!("{password}\n")));
    let output = command.output().expect("the binary");
    assert!(!output.stdout.is_empty() || !output.stderr.is_empty(), "{arguments:?} says nothing");
    [output.stdout, output.stderr].concat()
}

/// Every command that shows something of sessions, logins, accounts or mail.
fn search_the_commands(server: &Gatepost, needles: &Needles, password: &str) {
    let listed =
        String::from_utf8(printed(server, &["trace", "list", "--failed", "--limit", "60"], "")).expect("UTF-8");
    let ids: Vec<_> = listed.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
    assert!(ids.len() > 50, "sessions are recorded: {listed}");
    let capture = server.folder().join("capture.pcapng");
    let capture = capture.to_str().expect("UTF-8");
    for id in ids {
        for arguments in [
            &["trace", id][..],
            &["trace", id, "--raw"],
            &["trace", id, "--json"],
            &["trace", id, "--pcapng", capture, "--force"],
        ] {
            needles.assert_absent(&format!("{arguments:?}"), &printed(server, arguments, ""));
        }
        needles.assert_absent("the capture", &std::fs::read(capture).expect("a capture"));
    }
    let host = format!("127.0.0.1:{}", server.port(465));
    for arguments in [
        &["trace", "list", "--json"][..],
        &["auth", "log", "--json"],
        &["auth", "modules", "--json"],
        &["auth", "debug", "--list"],
        &["auth", "exposed"],
        &["auth", "test", ALICE, "--password-stdin", "--explain"],
        &["auth", "test", ALICE, "--password-stdin", "--json", "--mechanism", "SCRAM-SHA-256"],
        &["auth", "test", ALICE, "--password-stdin", "--courier"],
        &["why", "login", ALICE, "--password-stdin"],
        &["why", "not", "CRAM-MD5", "--user", ALICE],
        &["check", "--json"],
        &["probe", &host, "--protocol", "submissions", "--user", ALICE, "--password-stdin", "--json"],
        &["support-bundle", "--list", "--json"],
        &["queue", "list", "--json"],
        &["check", "--deep", "--json", "--timeout", "2"],
        &["user", "list", "--json"],
        &["alias", "list", "--json"],
        &["reload"],
        &["metrics"],
        &["status", "--json"],
    ] {
        needles.assert_absent(&format!("{arguments:?}"), &printed(server, arguments, password));
    }
}

/// By hand and with a message, as clients elsewhere would see it.
fn search_the_clients(server: &Gatepost, needles: &Needles, password: &str) {
    let (host, ca) = (format!("localhost:{}", server.port(465)), server.ca());
    let (ca, saved) = (ca.to_str().expect("UTF-8"), server.folder().join("saved"));
    let at = ["--protocol", "submissions", "--ca", ca, "--password-stdin"];
    let name = saved.to_str().expect("UTF-8");
    let script = format!(
        "{password}\nEHLO me\n.auth login {ALICE}\nRSET\nAUTH PLAIN {}\n.quit",
        BASE64.encode(format!("\0a\0{password}"))
    );
    let talk = [&["talk", &host, "--save", name, "--telnet"], &at[..]].concat();
    needles.assert_absent("talk", &printed(server, &talk, &script));
    needles.assert_absent("what talk saves", &std::fs::read(&saved).expect("it is saved"));
    let send = [&["send", "-s", &host, "-tlsc", "-t", ALICE, "-f", ALICE, "-au", ALICE], &at[..]].concat();
    needles.assert_absent("send", &printed(server, &send, password));
}

#[test]
#[expect(clippy::print_stdout, reason = "with its seed a run can be repeated")]
fn a_password_gets_in_nowhere() {
    let random = std::collections::hash_map::RandomState::new();
    let seed = from_environment("GATEPOST_SECRET_SEED").unwrap_or_else(|| std::hash::BuildHasher::hash_one(&random, 1));
    let sessions = from_environment("GATEPOST_SECRET_SESSIONS").unwrap_or(SESSIONS);
    println!("GATEPOST_SECRET_SEED={seed} GATEPOST_SECRET_SESSIONS={sessions}");
    let mark = format!("Mark{:012x}Qz", seed >> 16);
    let needles = Needles::of(&mark);
    let servers = [server(true, &mark), server(false, &mark)];
    for server in &servers {
        server.run(&["auth", "debug", "--user", ALICE, "--for", "1h"], "");
    }
    drive(&servers, &mark, (seed, sessions));
    for server in &servers {
        search_the_clients(server, &needles, &mark);
        search_the_commands(server, &needles, &mark);
        needles.assert_absent("the log", server.log().as_bytes());
        let octets = needles.assert_not_under(&server.data());
        println!("{octets} octets under the data folder");
        assert!(octets > 100 * sessions, "sessions leave records");
    }
}
