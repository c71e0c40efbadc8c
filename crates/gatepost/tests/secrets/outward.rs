//! The password of a route, which our own logins elsewhere send.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use harness::{Gatepost, PATIENCE, Peer, Scenario, Script, client, succeed};
use serde_json::Value;

use crate::needle::Needles;
use crate::{ALICE, BINARY, printed};

const MARK: &str = "Route7QxMark9Zk";
const PASSWORD: &str = "sesame of alice";

/// The routes, each to a domain of its own: a server that takes the login by one mechanism, those that refuse it, and one
/// that is asked by SCRAM.
fn routes(peers: &[(&str, &Peer)], provider: &Gatepost, file: &str) -> String {
    let to_peer = |(domain, peer): &(&str, &Peer)| {
        let port = peer.port();
        format!(
            "[[route]]\nto = \"{domain}\"\nvia = \"127.0.0.1:{port}\"\ntls = \"none\"\ncleartext = \"allow\"\nuser = \"me\"\npassword_file = \"{file}\"\n"
        )
    };
    let scram = format!(
        "[[route]]\nto = \"scram.test\"\nvia = \"localhost:{}\"\ntls = \"implicit\"\nuser = \"{ALICE}\"\npassword_file = \"{file}\"\nca_file = \"{}\"\n",
        provider.port(465),
        provider.ca().display()
    );
    peers.iter().map(to_peer).collect::<String>() + &scram
}

/// What `trace list` says of the deliveries, once there are so many.
fn deliveries(server: &Gatepost, most: usize) -> String {
    let until = Instant::now() + PATIENCE;
    loop {
        let output = server.command(&["trace", "list", "--protocol", "relay"]).output().expect("the binary");
        let listed = String::from_utf8(output.stdout).expect("UTF-8");
        if listed.lines().count() >= most {
            return listed;
        }
        assert!(Instant::now() < until, "{listed}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// MISSION 001-15, 002-29: the transcript of a delivery has the login with the other server, and not the password.
#[test]
fn the_password_of_a_route_gets_in_nowhere() {
    let offering = |mechanism: &str| Script::default().hello(&[&format!("AUTH {mechanism}")]);
    let takes = Peer::start(offering("PLAIN").login("me", MARK));
    let refuses = Peer::start(offering("LOGIN").login("me", "another"));
    let by_cram = offering("CRAM-MD5").answer("AUTH CRAM-MD5", &["334 PDFAeC50ZXN0Pg=="]);
    let by_cram = Peer::start(by_cram.answer("bWUg", &["535 5.7.8 no"]));
    // Servers that repeat what they were sent: in a refusal, and in what becomes a bounce.
    let sent = BASE64.encode(format!("\0me\0{MARK}"));
    let refuses_aloud =
        offering("PLAIN").answer("AUTH PLAIN", &[&format!("535 5.7.8 you said {sent}, that is me {MARK}")]);
    let bounces_aloud = offering("PLAIN").login("me", MARK);
    let bounces_aloud = bounces_aloud.answer("RCPT", &[&format!("550 5.1.1 who are you, {MARK}? AUTH PLAIN {sent}")]);
    let (refuses_aloud, bounces_aloud) = (Peer::start(refuses_aloud), Peer::start(bounces_aloud));
    let provider = Scenario::new(BINARY).user(ALICE, MARK).start();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("password");
    fs::write(&file, format!("{MARK}\n")).expect("written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("a mode");
    let peers = [
        ("plain.test", &takes),
        ("login.test", &refuses),
        ("cram.test", &by_cram),
        ("aloud.test", &refuses_aloud),
        ("bounce.test", &bounces_aloud),
    ];
    let tables = routes(&peers, &provider, &file.display().to_string());
    let server = Scenario::new(BINARY).user(ALICE, PASSWORD).config(&tables).config("[log]\nlevel = \"debug\"").start();
    let to = ["plain", "login", "cram", "scram", "aloud", "bounce"].map(|name| format!("bob@{name}.test")).join(",");
    let mut swaks = client("swaks");
    swaks.args([
        "--server",
        "127.0.0.1",
        "--port",
        &server.port(465).to_string(),
        "--tls-on-connect",
        "--auth",
        "PLAIN",
    ]);
    swaks.args(["--auth-user", ALICE, "--auth-password", PASSWORD, "--from", ALICE, "--to", &to]);
    succeed(&mut swaks);
    let listed = deliveries(&server, 6);
    let needles = Needles::of(MARK);
    let ids = listed.lines().filter_map(|line| line.split_whitespace().nth(1));
    let stories: Vec<_> = ids.map(|id| printed(&server, &["trace", id, "--json"], "")).collect();
    stories.iter().for_each(|story| needles.assert_absent("a story", story));
    let told = |story: &&Vec<u8>| String::from_utf8_lossy(story).contains("[secret: ");
    assert!(stories.iter().filter(told).count() >= 2, "the logins that failed are told");
    for arguments in [&["queue", "list", "--json"][..], &["why", "route", "bob@login.test"], &["check", "--json"]] {
        needles.assert_absent(&format!("{arguments:?}"), &printed(&server, arguments, ""));
    }
    let waiting: Value = serde_json::from_slice(&printed(&server, &["queue", "list", "--json"], "")).expect("JSON");
    let waiting: Vec<_> =
        waiting.as_array().expect("a list").iter().filter_map(|message| message["id"].as_str()).collect();
    assert!(!waiting.is_empty());
    waiting.iter().for_each(|id| needles.assert_absent("a message", &printed(&server, &["queue", "show", id], "")));
    let bounce = server.maildir(ALICE).wait_for(1).concat();
    assert!(bounce.contains("who are you, [secret]? AUTH PLAIN [secret]"), "{bounce}");
    for server in [&server, &provider] {
        needles.assert_absent("the log", server.log().as_bytes());
        needles.assert_not_under(&server.data());
    }
}
