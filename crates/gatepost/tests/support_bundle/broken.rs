//! No server, a broken config, no config: it says so, and takes what there is.

use std::fs;

use crate::{ALICE, Unpacked, fail_to_log_in, scenario};

#[test]
fn without_a_server() {
    let mut server = scenario().start();
    let id = fail_to_log_in(&server, &format!("LOGIN {ALICE} wrong"));
    assert!(server.stop().success());
    let bundle = Unpacked::of(&server, &[&id]);
    bundle.has("README.txt", &["Not there:", "the running server: no server runs on "]);
    bundle.has(&format!("sessions/{id}.txt"), &["the password is wrong"]);
    bundle.has("accounts/1.txt", &["ARGON2ID [masked]"]);
    assert!(bundle.said.contains("\nNot there:\n"), "{}", bundle.said);
}

/// The config has three faults and a password where none belongs; sessions and accounts are found all the same.
#[test]
fn with_a_broken_config() {
    let server = scenario().start();
    let id = fail_to_log_in(&server, &format!("LOGIN {ALICE} wrong"));
    server.edit_config(|config| {
        format!("{}\n[auth.mysql]\npassword = \"hunter2-in-clear\"\nnonsense here\n", config.replace("[tls]", "[tsl]"))
    });
    let bundle = Unpacked::of(&server, &[&id]);
    bundle.has("check.txt", &["the server would not start with this config", "gatepost.toml:"]);
    bundle.has("gatepost.toml", &["[tsl]", "password = \"[masked]\"", "# [a line that is no setting, 13 characters]"]);
    bundle.has("README.txt", &["the config is broken: see check.txt"]);
    bundle.has(&format!("sessions/{id}.txt"), &["the password is wrong"]);
    bundle.has("accounts/1.txt", &["ARGON2ID [masked]"]);
    let everywhere = bundle.files.iter().find(|(_, octets)| String::from_utf8_lossy(octets).contains("hunter2"));
    assert!(everywhere.is_none(), "{everywhere:?}");
}

#[test]
fn without_a_config() {
    let server = scenario().prepare();
    fs::remove_file(server.config()).expect("removed");
    let bundle = Unpacked::of(&server, &[]);
    bundle.has("system.txt", &["kernel "]);
    bundle.has("versions.txt", &["compiler      rustc "]);
    bundle.has("README.txt", &["the config's text: cannot read ", "No such file"]);
}
