//! What a bundle holds.

use std::os::unix::fs::PermissionsExt;

use harness::{Dns, Peer, Script};

use crate::{ALICE, PASSWORD, Unpacked, fail_to_log_in, scenario};

/// MISSION 002-33: system, compiler, versions, config, excerpts of the log. MISSION 004-28: package, transcript, the chain's lines,
/// config, and a copy of the entry, its hashes masked.
#[test]
fn a_session_with_all_that_belongs_to_it() {
    let server = scenario().start();
    let id = fail_to_log_in(&server, &format!("LOGIN {ALICE} not-the-sesame"));
    let other = fail_to_log_in(&server, "LOGIN nobody@example.test not-the-sesame");
    let bundle = Unpacked::of(&server, &[&id]);
    bundle.has("system.txt", &["kernel         Linux ", "distribution   ", "memory         "]);
    let versions = [
        "gatepost      0.1.0 (",
        "compiler      rustc 1.",
        "package       of no package",
        "accounts      tells no version; answers",
    ];
    bundle.has("versions.txt", &versions);
    bundle.has("gatepost.toml", &["hostname = \"mail.example.test\"", "[listen]"]);
    bundle.has("check.txt", &["auth chain   accounts", "SCRAM-SHA-256      offered because"]);
    bundle.has("files.txt", &["/tls/key.pem  tls.key", " 0600 "]);
    bundle.has("status.json", &["\"pid\""]);
    bundle.has("modules.json", &["\"rejected\": 2"]);
    let story = ["the password is wrong", "accounts: REJECT (wrong password)", "-> a LOGIN [secret: "];
    bundle.has(&format!("sessions/{id}.txt"), &story);
    bundle.has("sessions.json", &[&id, "\"cause\":\"wrong-password\""]);
    bundle.has("transcripts.txt", &[&format!("# session {id}"), "\nC: b LOGOUT\n", "\nS: b OK LOGOUT completed\n"]);
    bundle.has("attempts.jsonl", &["wrong password", "unknown user"]);
    let entry = [
        "module        accounts",
        "address       alice@example.test",
        "password      ARGON2ID [masked], SCRAM-SHA-256 [masked]",
        "may log in    yes",
        "/mail/example.test/alice",
    ];
    bundle.has("accounts/1.txt", &entry);
    bundle.has("README.txt", &["what belongs to ", "gatepost.toml\n    the config\n    masked: "]);
    assert!(!bundle.files.keys().any(|name| name.contains(&other)), "the other session is not asked for");
    assert!(
        bundle.said.find("gatepost.toml") < bundle.said.find("mode 0600"),
        "listed before it is written: {}",
        bundle.said
    );
}

#[test]
fn without_an_id_the_newest_that_failed_but_not_too_many_alike() {
    let dns = Dns::start("mail.example.test A 127.0.0.1\n");
    let server = scenario().config(&format!("[relay]\nresolvers = [\"{}\"]", dns.address())).start();
    let first = fail_to_log_in(&server, "LOGIN nobody@example.test x");
    // It has sessions that fail, on purpose, by the dozen.
    drop(server.command(&["check", "--deep"]).output().expect("the binary"));
    let last: Vec<_> = (0..7).map(|_| fail_to_log_in(&server, &format!("LOGIN {ALICE} wrong"))).collect();
    let bundle = Unpacked::of(&server, &[]);
    let has = |id: &String| bundle.files.contains_key(&format!("sessions/{id}.txt"));
    assert!(has(&first) && has(&last[6]) && !has(&last[0]), "{:?}", bundle.files.keys());
    bundle.has("accounts/1.txt", &[ALICE]);
    bundle.has("accounts/2.txt", &["name          nobody@example.test", "no such user"]);
    bundle.has("README.txt", &["the newest sessions that failed"]);
}

/// The id of a message: who brought it, where it waits, and for whom; not its text.
#[test]
fn a_message_that_waits() {
    let (dns, peer) = (
        Dns::start("x.test MX 10 mx.x.test\nmx.x.test A 127.0.0.1\n"),
        Peer::start(Script::default().answer("RCPT", &["451 4.3.0 later"])),
    );
    let relay = format!("[relay]\nresolvers = [\"{}\"]\nport = {}\nallow_private = true", dns.address(), peer.port());
    let server = scenario().config(&relay).start();
    let mut swaks = harness::client("swaks");
    swaks.args([
        "--server",
        "127.0.0.1",
        "--port",
        &server.port(465).to_string(),
        "--tls-on-connect",
        "--auth",
        "PLAIN",
    ]);
    swaks.args(["--auth-user", ALICE, "--auth-password", PASSWORD, "--from", ALICE, "--to", "bob@x.test"]);
    swaks.args(["--body", "the text of the letter"]);
    harness::succeed(&mut swaks);
    peer.wait_for_line("RCPT");
    let until = std::time::Instant::now() + harness::PATIENCE;
    let list = loop {
        let list = server.run(&["queue", "list"], "");
        if list.contains("451") {
            break list;
        }
        assert!(std::time::Instant::now() < until, "{list}");
    };
    let id = list
        .split_whitespace()
        .find(|word| word.len() == 11 && word.bytes().all(|o| o.is_ascii_alphanumeric()))
        .expect("an id");
    let bundle = Unpacked::of(&server, &[id]);
    bundle.has("queue.txt", &[id, "bob@x.test", "4.3.0, deferred at RCPT TO"]);
    assert!(
        bundle.files.keys().filter(|name| name.starts_with("sessions/")).count() >= 2,
        "in and out: {:?}",
        bundle.files.keys()
    );
    let all = bundle.files.values().any(|octets| String::from_utf8_lossy(octets).contains("the text of the letter"));
    assert!(!all, "mail is never in it");
}

/// A store with one line for each account shows the entry, too.
#[test]
fn the_entry_of_another_store() {
    let tables = "[auth]\nchain = [\"userdb\", \"exec\"]\n[auth.userdb]\npath = \"userdb\"\n[auth.exec]\ncommand = [\"/bin/false\"]";
    let mut server = scenario().config(tables).prepare();
    let path = server.data().join("userdb");
    std::fs::write(&path, "brian\thome=/home/brian|uid=1000|gid=1000|systempw=$1$abcdefgh$0123456789012345678901\n")
        .expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("a mode");
    server.start();
    let id = fail_to_log_in(&server, "LOGIN brian wrong-one");
    let bundle = Unpacked::of(&server, &[&id]);
    let entry = [
        "module        userdb",
        "home          /home/brian",
        "uid, gid      1000, 1000",
        "[masked]",
        "does not show what it keeps",
    ];
    bundle.has("accounts/1.txt", &entry);
    assert!(!bundle.text("accounts/1.txt").contains("$1$"));
}
