//! Every dialogue, against the bare session. `crates/gatepost/tests/imap` plays the same against the real server.

use harness::dialogue::Dialogue;
use imap::{Limits, Offers, Tls};
use sasl::Mechanism;

use crate::bare::{Host, limits};

fn play(folder: &str, host: impl Fn() -> Host) {
    let folder = format!("{}/tests/dialogues/{folder}", env!("CARGO_MANIFEST_DIR"));
    for dialogue in Dialogue::load_all(folder) {
        let dialogue = dialogue.with_account("alice@example.test", "correct horse");
        dialogue.with("host", "mail.example.test").play(&mut host());
    }
}

#[test]
fn in_clear() {
    play("clear", Host::clear);
}

#[test]
fn with_starttls() {
    play("tls", Host::strict);
}

#[test]
fn over_the_limits() {
    let offers = Offers { tls: Tls::Unavailable, mechanisms: vec![Mechanism::Plain] };
    let limits = Limits { commands_before_login: 5, bad_commands: 3, auth_failures: 3, ..limits() };
    play("limits", || Host::new(limits, offers.clone()));
}
