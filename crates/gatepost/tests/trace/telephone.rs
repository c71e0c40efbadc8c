//! The telephone test: a person reads out what the mail program says, and from the id in that alone `gatepost trace` names
//! the reason. Each case is a real client (Python's smtplib, imaplib, poplib) that fails for a reason of its own.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use harness::dialogue::Tcp;
use harness::{Gatepost, Scenario, client, input, succeed};

use crate::{ALICE, BINARY, PASSWORD, call, id, told};

/// Reads the id out of what the client said, as one does: in small letters, in groups, with an O for the zero.
fn read_out(id: &str) -> String {
    let lower = id.to_lowercase().replace('0', "o").replace('1', "l");
    let (first, last) = lower.split_at(4);
    format!("{first}-{last}")
}

/// The case is named by its cause; the answer must have the cause and these words.
fn assert_named(server: &Gatepost, case: &str, words: &str) {
    let said = call(server, case);
    let spoken = read_out(&id(&said));
    let story = told(server, &["trace", &spoken], "How it ended:");
    assert!(story.contains(words), "{case}: {words:?} is not in\n{story}");
    let json = server.run(&["trace", &spoken, "--json"], "");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let causes = json["sessions"][0]["causes"].as_array().expect("causes");
    assert_eq!(causes.iter().map(|cause| &cause["cause"]).collect::<Vec<_>>(), [case], "{said}\n{story}");
    for secret in [PASSWORD, "WRONGPASSWORD", "c2VzYW1lIG9mIGFsaWNl"] {
        assert!(!story.contains(secret) && !json.to_string().contains(secret), "{story}");
    }
}

fn scenario() -> Scenario {
    let users = ["alice", "bob", "carol", "dave"].map(|name| format!("{name}@example.test"));
    users.iter().fold(Scenario::new(BINARY), |scenario, user| scenario.user(user, PASSWORD))
}

/// MISSION 000-09, 002-25, 002-31, 003-12, 003-17, 004-17, 004-29: twelve reasons and one, told apart from the id alone.
#[test]
fn thirteen_reasons_are_told_from_the_id_alone() {
    let server = scenario().start();
    server.run(&["user", "disable", "carol@example.test"], "");
    let maildir = server.maildir("dave@example.test");
    fs::create_dir_all(maildir.path().parent().expect("a domain's folder")).expect("a folder");
    fs::write(maildir.path(), "not a folder").expect("written");
    for (case, words) in [
        ("unknown-user", "alise@example.test could not log in: nobody has this name."),
        ("wrong-password", "alice@example.test could not log in: the password is wrong."),
        ("disabled", "carol@example.test could not log in, although the password is right."),
        ("no-domain-in-name", "the login name is the whole address"),
        ("foreign-domain", "Its domain, exmaple.test, is none of this server's."),
        ("other-identity", "the client asked to act for somebody else"),
        ("mechanism-not-offered", "by CRAM-MD5, which is not offered here"),
        ("password-in-clear", "Switch TLS on in the program"),
        ("login-cancelled", "The client cancelled the login by LOGIN"),
        ("malformed-login", "What came is not base64"),
        ("broken-login", "It is base64, but not what PLAIN says in this place."),
        ("login-wanted", "The client wanted to send without a login."),
        ("mailbox-unusable", "dave@example.test is logged in, but the mailbox cannot be opened."),
    ] {
        assert_named(&server, case, words);
    }
}

#[test]
fn too_many_failures_are_no_wrong_password() {
    let server = scenario().config("[limits]\nauth_failures_per_ip = 1").start();
    call(&server, "wrong-password");
    assert_named(&server, "throttled", "The password was not looked at.");
}

#[test]
fn too_many_sessions_are_no_fault_of_the_password() {
    let server = scenario().config("[limits]\nconnections_per_ip = 1").start();
    let mut other = Tcp::connect(server.port(143), server.ca());
    assert!(other.line().starts_with("* OK"));
    assert_named(&server, "too-many-sessions", "there are too many already, of 127.0.0.1 or in all.");
}

#[test]
fn a_disk_that_is_full_is_named() {
    // More cannot be asked for, and some disk may have it.
    let free = rustix::fs::statvfs(std::env::temp_dir()).map(|disk| disk.f_bavail * disk.f_frsize);
    if free.expect("a disk") > 1 << 40 {
        return;
    }
    let server = scenario().config("[queue]\nmin_free = \"1 TiB\"").start();
    assert_named(&server, "disk-full", "There is no room for the mail");
}

/// MISSION 004-33: nobody is told that the password is wrong, and the operator sees which module could not tell.
#[test]
fn a_store_that_is_not_there_is_named() {
    let server = scenario().start();
    fs::rename(server.data().join("accounts.sqlite"), server.data().join("kept")).expect("renamed");
    assert_named(&server, "store-missing", "accounts.sqlite");
}

/// MISSION 002-09: a store that may not be read looked like a wrong password. The server must be somebody whom modes stop,
/// so it runs as `nobody`.
#[test]
fn a_store_that_may_not_be_read_is_named() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let binary = folder.path().join("gatepost");
    // Everything but `serve` is done as root; the folders are given away in front of it.
    let script = format!(
        "#!/bin/sh\n[ \"$1\" = serve ] || exec {BINARY} \"$@\"\ndata=$(dirname \"$GATEPOST_CONFIG\")\n\
         chmod 711 \"$data/..\" && chown -R 65534:65534 \"$data\"\n\
         exec setpriv --reuid=65534 --regid=65534 --clear-groups {BINARY} \"$@\"\n"
    );
    // Not written by this process: what it has open for writing, a child that another test starts has open, too, and such a
    // file cannot be run (ETXTBSY).
    succeed(client("install").args(["-m", "755", "/dev/stdin"]).arg(&binary).stdin(input(script)));
    let server = Scenario::new(&binary).user(ALICE, PASSWORD).start();
    let store = server.data().join("accounts.sqlite");
    let kept = fs::read(&store).expect("the store");
    fs::remove_file(&store).expect("removed");
    // Root's now, and nobody else's.
    fs::write(&store, kept).expect("written");
    fs::set_permissions(&store, fs::Permissions::from_mode(0o600)).expect("a mode");
    assert_named(&server, "store-not-readable", "Permission denied");
}
