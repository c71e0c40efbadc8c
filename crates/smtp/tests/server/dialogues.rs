//! Dialogues, played against the bare session. `gatepost`'s tests play the same files against the binary.

use crate::bare::{Host, policy};
use harness::dialogue::Dialogue;
use smtp::Grammar;
use smtp::server::{Limits, Policy, Role, Wording};

fn play(folder: &str, policy: &Policy) {
    for dialogue in Dialogue::load_all(format!("{}/tests/dialogues/{folder}", env!("CARGO_MANIFEST_DIR"))) {
        dialogue
            .with_account("alice@example.test", "correct horse")
            .with("kilo", "x".repeat(1022))
            .play(&mut Host::new(policy.clone()));
    }
}

#[test]
fn exchange() {
    play("exchange", &policy());
}

#[test]
fn submission() {
    play("submission", &Policy { role: Role::Submission, ..policy() });
}

#[test]
fn strict() {
    play("strict", &Policy { grammar: Grammar::Strict, ..policy() });
}

#[test]
fn xclient() {
    play("xclient", &Policy { xclient: true, ..policy() });
}

#[test]
fn auth_in_clear() {
    play("clear", &Policy { auth_needs_tls: false, ..policy() });
}

#[test]
fn auth_in_clear_can_be_the_end() {
    play("closing", &Policy { role: Role::Submission, cleartext_closes: true, ..policy() });
}

#[test]
fn auth_in_the_words_of_qmail() {
    play("qmail", &Policy { role: Role::Submission, wording: Wording::Qmail, ..policy() });
}

#[test]
fn limits() {
    let limits = Limits {
        message_size: 2000,
        recipients: 3,
        hops: 5,
        commands_before_login: 20,
        bad_commands: 4,
        unknown_recipients: 2,
        auth_failures: 2,
    };
    play("limits", &Policy { limits, auth_needs_tls: false, ..policy() });
}
