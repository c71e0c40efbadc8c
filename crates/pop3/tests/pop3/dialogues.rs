//! The dialogues, played against the bare session. `crates/gatepost/tests/pop3` plays those of `tls/` and `clear/`
//! against the real server, too; those of `faults/` need a host whose parts fail on demand.

use crate::host::Host;
use harness::dialogue::Dialogue;

fn play(folder: &str, auth_needs_tls: bool) {
    for dialogue in Dialogue::load_all(format!("{}/tests/dialogues/{folder}", env!("CARGO_MANIFEST_DIR"))) {
        dialogue.with_account("alice@example.test", "wonder land").play(&mut Host::new(auth_needs_tls));
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
fn faults_of_the_host_are_told() {
    play("faults", true);
}
