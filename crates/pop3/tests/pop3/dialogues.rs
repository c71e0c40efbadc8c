//! The dialogues, played against the bare session. `crates/gatepost/tests/pop3` plays those of `tls/`, `clear/` and
//! `closing/` against the real server, too; those of `faults/` need a host whose parts fail on demand.

use crate::host::Host;
use harness::dialogue::Dialogue;

fn play(folder: &str, auth_needs_tls: bool) {
    play_on(folder, || Host::new(auth_needs_tls));
}

fn play_on(folder: &str, host: impl Fn() -> Host) {
    for dialogue in Dialogue::load_all(format!("{}/tests/dialogues/{folder}", env!("CARGO_MANIFEST_DIR"))) {
        dialogue.with_account("alice@example.test", "wonder land").play(&mut host());
    }
}

#[test]
fn inside_tls() {
    play("tls", true);
}

#[test]
fn in_clear_where_the_operator_wants_it_so() {
    play("clear", false);
}

#[test]
fn a_login_in_clear_can_be_the_end() {
    play_on("closing", Host::closing);
}

#[test]
fn faults_of_the_host_are_told() {
    play("faults", true);
}
