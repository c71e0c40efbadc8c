//! Owners and modes (MISSION 002-04).

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use harness::Dns;

use crate::{Deep, ZONE, give, give_to_nobody, is_root, scenario};

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode");
}

/// Others could read secrets, or change what counts.
#[test]
fn what_is_open_to_others_is_told() {
    let dns = Dns::start(ZONE);
    let route =
        "[[route]]\nto = \"only.test\"\nvia = \"127.0.0.1:1\"\nuser = \"me@only.test\"\npassword_file = \"pass\"";
    let server = scenario(&dns).prepare();
    let data = server.data();
    fs::write(data.join("pass"), "geheim\n").expect("written");
    server.edit_config(|config| format!("{config}\n{route}\n"));
    mode(&data.join("pass"), 0o640);
    fs::create_dir(data.join("queue")).expect("made");
    mode(&data.join("queue"), 0o755);
    fs::write(data.join("queue/journal"), "x").expect("written");
    mode(&data.join("queue/journal"), 0o644);
    mode(&data.join("accounts.sqlite"), 0o644);
    mode(&server.config(), 0o666);
    mode(server.folder(), 0o777);
    mode(&data, 0o755);
    let deep = Deep::of(&server);
    assert_eq!(deep.code, 1);
    deep.has(("error", "secret-open"), "/pass", &["route.0.password_file: others can read it", "0640", "chmod 600 "]);
    deep.has(("error", "secret-open"), "/accounts.sqlite: the accounts", &["0644", "chmod 600 "]);
    deep.has(("error", "file-writable"), "/gatepost.toml", &["everybody can change it", "0666", "chmod o-w "]);
    deep.has(
        ("error", "folder-writable"),
        "everybody can replace what lies there",
        &["the config, tls.certificate", "0777", "chmod o-w "],
    );
    deep.has(("warning", "folder-open"), "/data/queue", &["everybody can look into it", "chmod 700 "]);
    deep.has(("warning", "file-in-folder"), "/queue/journal", &["a file of the queue", "0644", "chmod 600 "]);
    let open = deep.all("folder-open");
    assert!(open.iter().any(|one| one["what"] == data.to_str().expect("UTF-8")), "the data folder: {open:#?}");
    assert!(!deep.text.contains("geheim"));
}

/// What the server's user cannot read it cannot use, whatever root can.
#[test]
fn what_the_server_cannot_read_is_told() {
    if !is_root() {
        return;
    }
    let dns = Dns::start(ZONE);
    let server = scenario(&dns).prepare();
    give_to_nobody(&server);
    let (tls, key) = (server.data().join("tls"), server.data().join("tls/key.pem"));
    give(&key, 0);
    give(&server.data().join("accounts.sqlite"), 0);
    mode(&tls, 0o755);
    let deep = Deep::of(&server);
    let words = ["tls.key: the server cannot use it", "Permission denied", "uid 65534", "root:root 0600", "chown "];
    deep.has(("error", "file-not-usable"), "/key.pem", &words);
    deep.has(("error", "file-not-usable"), "/accounts.sqlite: the accounts", &["root:root 0600"]);
    deep.has(("ok", "file"), "/cert.pem", &["0644"]);
    assert!(deep.text.contains("the owner of the data folder"));

    // A folder on the way that is closed is the one that is named.
    give(&key, crate::NOBODY);
    give(&tls, 0);
    mode(&tls, 0o700);
    let deep = Deep::of(&server);
    deep.has(("error", "file-not-usable"), "/cert.pem", &["/tls: Permission denied", "root:root 0700", "chmod o+x "]);
}

/// It can be used, but whatever the server writes there would be in two names.
#[test]
fn a_folder_of_somebody_else_is_told() {
    if !is_root() {
        return;
    }
    let dns = Dns::start(ZONE);
    let server = scenario(&dns).prepare();
    let queue = server.data().join("queue");
    fs::create_dir(&queue).expect("made");
    give_to_nobody(&server);
    give(&queue, 12_345);
    mode(&queue, 0o707);
    let deep = Deep::of(&server);
    deep.has(("warning", "wrong-owner"), "/data/queue", &["12345:12345 0707", "and the server is ", "chown -R "]);
}
