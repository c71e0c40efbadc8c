//! The dialogues of the bare session, played against the real server: each with an account of its own.

use harness::dialogue::{Dialogue, Tcp};

use super::account::{PASSWORD, address, server};

fn load(folder: &str) -> Vec<Dialogue> {
    Dialogue::load_all(format!("{}/../pop3/tests/dialogues/{folder}", env!("CARGO_MANIFEST_DIR")))
}

fn play(folder: &str, config: &str) {
    let dialogues = load(folder);
    let users: Vec<&str> = dialogues.iter().map(Dialogue::name).collect();
    let server = server(config, &users);
    for dialogue in &dialogues {
        let dialogue = dialogue.clone().with_account(&address(dialogue.name()), PASSWORD);
        dialogue.play(&mut Tcp::connect(server.port(110), server.ca()));
    }
}

#[test]
fn inside_tls() {
    play("tls", "");
}

/// MISSION 004-01, 004-02.
#[test]
fn in_clear_where_the_operator_wants_it_so() {
    play("clear", "[auth]\nrequire_tls = false");
}

/// MISSION 003-15
#[test]
fn a_login_in_clear_can_be_the_end() {
    play("closing", "[auth]\non_cleartext = \"close\"");
}
