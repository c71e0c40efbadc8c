//! The dialogues of the `smtp` crate, against the binary.

use harness::dialogue::{Dialogue, Tcp};
use harness::{Gatepost, Scenario};

use crate::{PASSWORD, scenario};

fn play(folder: &str, port: u16, scenario: Scenario) {
    let server = scenario.top("postmaster = \"alice@example.test\"").start();
    server.run(&["alias", "add", "team@example.test", "alice@example.test", "bob@example.test"], "");
    let path = format!("{}/../smtp/tests/dialogues/{folder}", env!("CARGO_MANIFEST_DIR"));
    for dialogue in Dialogue::load_all(path) {
        play_one(&server, port, dialogue);
    }
}

fn play_one(server: &Gatepost, port: u16, dialogue: Dialogue) {
    dialogue
        .with_account("alice@example.test", PASSWORD)
        .with("kilo", "x".repeat(1022))
        .play(&mut Tcp::connect(server.port(port), server.ca()));
}

#[test]
fn exchange() {
    play("exchange", 25, scenario());
}

#[test]
fn submission() {
    play("submission", 587, scenario());
}

#[test]
fn strict() {
    play("strict", 25, scenario().config("[smtp]\nlenient = false"));
}

#[test]
fn xclient() {
    play("xclient", 25, scenario().config("[smtp]\nxclient = [\"127.0.0.0/8\"]"));
}

#[test]
fn auth_in_clear() {
    play("clear", 25, scenario().config("[auth]\nrequire_tls = false"));
}

/// MISSION 003-15
#[test]
fn auth_in_clear_can_be_the_end() {
    play("closing", 587, scenario().config("[auth]\non_cleartext = \"close\""));
}

/// MISSION 002-24, 000-08
#[test]
fn auth_in_the_words_of_qmail() {
    play("qmail", 587, scenario().config("[smtp]\nreplies = \"qmail\"\n[limits]\nauth_delay = 0"));
}

#[test]
fn limits() {
    let limits = "[limits]
        message_size = 2000
        recipients = 3
        commands_before_login = 20
        bad_commands = 4
        unknown_recipients = 2
        auth_failures = 2
        [smtp]
        max_hops = 5
        [auth]
        require_tls = false";
    play("limits", 25, scenario().config(limits));
}
