//! Dialogues against the real server, each with an account of its own.

use harness::dialogue::{Dialogue, Tcp};

use super::account::{PASSWORD, address, scenario, server};

fn play(dialogues: Vec<Dialogue>, config: &str) {
    let users: Vec<&str> = dialogues.iter().map(Dialogue::name).collect();
    let server = server(config, &users);
    for dialogue in &dialogues {
        let dialogue = dialogue.clone().with_account(&address(dialogue.name()), PASSWORD);
        dialogue.with("host", "mail.example.test").play(&mut Tcp::connect(server.port(143), server.ca()));
    }
}

/// Those of the bare session.
fn bare(folder: &str) -> Vec<Dialogue> {
    Dialogue::load_all(format!("{}/../imap/tests/dialogues/{folder}", env!("CARGO_MANIFEST_DIR")))
}

/// MISSION 004-03.
#[test]
fn with_starttls() {
    play(bare("tls"), "");
}

/// MISSION 004-04.
#[test]
fn in_clear_where_the_operator_wants_it_so() {
    play(bare("clear"), "[auth]\nrequire_tls = false");
}

/// MISSION 004-05, 004-06, and all that is done with mailboxes.
#[test]
fn with_mailboxes() {
    play(Dialogue::load_all(scenario("dialogues")), "[auth]\nrequire_tls = false");
}

/// MISSION 004-34.
#[test]
fn over_the_limits() {
    let limits = "[limits]\ncommands_before_login = 5\nbad_commands = 3\nauth_failures = 3";
    play(bare("limits"), &format!("[auth]\nrequire_tls = false\n{limits}"));
}
