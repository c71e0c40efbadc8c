//! Logins.

use std::fs;

use harness::Scenario;

use crate::{ALICE, BINARY, PASSWORD, send, why};

/// MISSION 002-25, 004-26: from the last login that failed to the fix; and that it works again is told, too.
#[test]
fn the_last_failure_is_explained_and_then_the_success() {
    let server = Scenario::new(BINARY).user(ALICE, PASSWORD).start();
    let nothing = ["Nothing is known that keeps alice@example.test from logging in", "gatepost trace list --since"];
    why(&server, &["login", ALICE], &nothing);
    for _ in 0..2 {
        send(&server, "wrong", ALICE);
    }
    let answer = why(&server, &["login", ALICE], &["2 failed (wrong-password), the last one at 20"]);
    assert!(answer.starts_with("alice@example.test could not log in: the password is wrong."), "{answer}");
    for part in [
        "submissions by PLAIN from 127.0.0.1 [",
        "now the account is found by its name (asked: the running server)",
        "A new one: gatepost user passwd alice@example.test",
        "All of the last one that failed: gatepost trace ",
    ] {
        assert!(answer.contains(part), "{part}: {answer}");
    }
    why(&server, &["login", ALICE, "--service", "pop3"], &nothing);
    why(&server, &["login", ALICE, "--ip", "192.0.2.0/24"], &nothing);
    send(&server, PASSWORD, ALICE);
    why(
        &server,
        &["login", ALICE],
        &["Nothing keeps alice@example.test from logging in: the last login worked", "2 failed"],
    );
    let json = why(&server, &["login", ALICE, "--json"], &["\"answer\":\"Nothing keeps"]);
    assert!(!json.contains(PASSWORD) && json.contains("\"fix\":"), "{json}");
}

/// What keeps somebody out now counts before what was.
#[test]
fn the_account_as_it_is_now_comes_first() {
    let server = Scenario::new(BINARY).user(ALICE, PASSWORD).user("bob@example.test", PASSWORD).start();
    let unknown = ["alise@example.test cannot log in: nobody has this name.", "accounts: it has nobody of that name"];
    let answer = why(&server, &["login", "alise@example.test"], &unknown);
    assert!(answer.contains("Did somebody mean alice@example.test?"), "{answer}");
    // A name is a stranger's: the command that is advised must be no other when it is pasted.
    why(&server, &["login", "$(reboot)@example.test"], &["gatepost user add '$(reboot)@example.test'"]);
    why(&server, &["login", "alice"], &["Write the whole address, as the store has it: alice@DOMAIN"]);
    why(&server, &["route", "`id`@example.test"], &["gatepost user add '`id`@example.test'"]);
    server.run(&["user", "disable", ALICE], "");
    why(
        &server,
        &["login", ALICE],
        &["the account is switched off", "What to do:  gatepost user enable alice@example.test"],
    );
    server.run(&["user", "deny", "bob@example.test", "pop3"], "");
    let denied = ["cannot log in to pop3: the account may not use it", "gatepost user allow bob@example.test pop3"];
    why(&server, &["login", "bob@example.test", "--service", "pop3"], &denied);
    let answer = server.run(&["why", "login", "bob@example.test", "--password-stdin"], "swordfish\n");
    assert!(answer.contains("bob@example.test cannot log in: wrong password."), "{answer}");
    assert!(!answer.contains("swordfish"), "{answer}");
}

/// MISSION 002-09, 004-29: a store and a mailbox that the server cannot read are no wrong password.
#[test]
fn what_cannot_be_read_is_named_with_its_path() {
    let server = Scenario::new(BINARY).user(ALICE, PASSWORD).start();
    let maildir = server.maildir(ALICE);
    fs::create_dir_all(maildir.path().parent().expect("a folder")).expect("made");
    fs::write(maildir.path(), "no folder").expect("written");
    let unusable = ["can log in, but the mailbox cannot be opened.", "/mail/example.test/alice", "chmod 0700"];
    why(&server, &["login", ALICE], &unusable);
    let accounts = server.data().join("accounts.sqlite");
    fs::rename(&accounts, server.data().join("away")).expect("moved");
    let away = ["Nobody can tell now whether alice@example.test may log in", "accounts.sqlite"];
    why(&server, &["login", ALICE], &away);
}
