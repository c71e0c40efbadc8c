//! The walk over all accounts' Maildirs.

use std::fmt::Write;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use harness::{Dns, Gatepost};

use crate::{Deep, PASSWORD, ZONE, give, give_to_nobody, is_root, scenario};

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode");
}

fn maildir(path: &Path) {
    for part in ["cur", "new", "tmp"].map(|part| path.join(part)) {
        fs::create_dir_all(&part).expect("made");
        mode(&part, 0o700);
    }
    mode(path, 0o700);
}

/// Each with a fault of its own; all others' are right.
fn people(server: &Gatepost) {
    let mail = server.data().join("mail/example.test");
    for name in ["alice", "dave", "eve", "frank", "group", "heidi"] {
        maildir(&mail.join(name));
    }
    fs::write(mail.join("carol"), "a file").expect("written");
    symlink("/nowhere/at/all", mail.join("ivan")).expect("a link");
    mode(&mail.join("dave"), 0o755);
    mode(&mail.join("group"), 0o770);
    maildir(&mail.join("heidi/.Sent"));
    fs::remove_dir(mail.join("heidi/.Sent/new")).expect("removed");
    fs::write(mail.join("heidi/.Sent/new"), "a file").expect("written");
    mode(&server.data().join("mail"), 0o700);
    mode(&mail, 0o700);
}

const NAMES: [&str; 9] = ["bob", "carol", "dave", "eve", "frank", "group", "heidi", "ivan", "judy"];

/// MISSION 002-09: path, user and errno in words, and the command that mends it.
#[test]
fn each_fault_of_a_home_is_told() {
    if !is_root() {
        return;
    }
    let dns = Dns::start(ZONE);
    let people_of = |domain: &'static str| NAMES.map(|name| format!("{name}@{domain}"));
    let scenario = people_of("example.test").iter().fold(scenario(&dns), |made, name| made.user(name, PASSWORD));
    let server = scenario.domain("other.test").user("grace@other.test", PASSWORD).prepare();
    people(&server);
    let closed = server.data().join("mail/other.test");
    fs::create_dir(&closed).expect("made");
    give_to_nobody(&server);
    let mail = server.data().join("mail/example.test");
    give(&mail.join("eve"), 0);
    give(&mail.join("frank"), 0);
    ["", "cur", "new", "tmp"].iter().for_each(|part| mode(&mail.join("frank").join(part), 0o777));
    give(&closed, 0);
    mode(&closed, 0o755);

    let deep = Deep::of(&server);
    assert_eq!(deep.code, 1, "{}", deep.text);
    deep.has(("ok", "accounts"), "all accounts", &["11 looked at: 1 Maildirs are all right, 2 will be made"]);
    let about = |name: &str| format!("/mail/example.test/{name} ({name}@example.test)");
    deep.has(("error", "not-a-folder"), &about("carol"), &["Not a directory", "mv "]);
    deep.has(("error", "cannot-be-read"), &about("ivan"), &["No such file"]);
    deep.has(("warning", "open-to-all"), &about("dave"), &["everybody on this machine", "0755", "chmod 700 "]);
    deep.has(("note", "open-to-group"), &about("group"), &["its group", "0770"]);
    deep.has(
        ("error", "not-usable"),
        &about("eve"),
        &["Permission denied", "uid 65534", "root:root 0700", "chown -R "],
    );
    deep.has(("error", "not-a-folder"), "/heidi/.Sent/new", &["a folder should be here"]);
    let grace = ["missing, and it cannot be made as ", "Permission denied", "root:root 0755", "install -d -m 700 -o "];
    deep.has(("error", "cannot-be-made"), "grace@other.test", &grace);
    let frank: Vec<_> = deep.all("wrong-owner").into_iter().filter(|one| one.to_string().contains("/frank")).collect();
    assert_eq!(frank.len(), 4, "the folder and its three parts: {frank:#?}");
    assert!(frank[0]["fix"].as_str().is_some_and(|fix| fix.starts_with("chown -R ")), "{frank:#?}");
}

/// Of many alike a few are told, and how many there are more: it reads 30,000 accounts and keeps 20.
#[test]
fn many_accounts_with_one_fault_are_counted() {
    let dns = Dns::start(ZONE);
    let server =
        scenario(&dns).config("[auth]\nchain = [\"passwd-file\"]\n[auth.passwd-file]\npath = \"users\"").prepare();
    let mut users = String::new();
    for n in 0..30_000 {
        // Nobody, not even root, makes a folder below a file.
        writeln!(users, "u{n}@example.test:{{PLAIN}}x:1000:1000::{}/home{n}::", server.config().display())
            .expect("written");
    }
    users.push_str("broken@example.test:{PLAIN}x:no-such-user:1000::/home/x::\n");
    let path = server.data().join("users");
    fs::write(&path, users).expect("written");
    mode(&path, 0o600);
    let deep = Deep::of(&server);
    deep.has(("ok", "accounts"), "all accounts", &["30000 looked at"]);
    assert_eq!(deep.all("cannot-be-read").len(), 21, "{}", deep.text);
    deep.has(("error", "cannot-be-read"), "other accounts", &["the same with 29980 more"]);
    deep.has(
        ("error", "broken-entry"),
        "an entry",
        &["passwd-file: ", "/users:30001", "neither a number nor in /etc/passwd"],
    );
    assert!(!deep.text.contains("{PLAIN}"), "no password");
}

/// A module that cannot list is told, and that is no fault.
#[test]
fn what_cannot_be_walked_is_said() {
    let dns = Dns::start(ZONE);
    let tables = "[auth]\nchain = [\"accounts\", \"exec\", \"userdb\"]\n[auth.exec]\ncommand = [\"/bin/true\"]\n\
                  [auth.userdb]\npath = \"no-such-file\"";
    let server = scenario(&dns).config(tables).prepare();
    let deep = Deep::of(&server);
    deep.has(("note", "not-walked"), "exec", &["cannot list its accounts"]);
    deep.has(("error", "not-walked"), "userdb", &["no-such-file", "No such file"]);
    deep.has(("error", "module-away"), "userdb", &["cannot tell", "No such file"]);
    deep.has(("error", "file-not-usable"), "no-such-file", &["auth.userdb.path"]);
    deep.has(("ok", "accounts"), "all accounts", &["1 looked at"]);
}

/// Where the chain is left to `gatepost authd`, the stores are walked all the same, and the daemon that is away is told.
#[test]
fn a_daemon_that_is_away_keeps_nobody_from_the_walk() {
    let dns = Dns::start(ZONE);
    let server = scenario(&dns).config("[auth]\nsocket = \"authd.sock\"").prepare();
    let deep = Deep::of(&server);
    deep.has(("ok", "accounts"), "all accounts", &["1 looked at"]);
    deep.has(("error", "module-away"), "cannot tell", &["authd.sock"]);
    deep.has(("error", "file-not-usable"), "authd.sock", &["auth.socket"]);
}
