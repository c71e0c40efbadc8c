//! What it takes two sessions, another program, a clock or the server's end to see.

use std::fs;
use std::time::Instant;

use harness::dialogue::{Received, Wire};

use super::account::{PASSWORD, address, ask, connect, deliver, open, refusal, server};

/// RFC 3501 §7.4.1: what another session removed keeps its number until it may be told.
#[test]
fn numbers_hold_while_another_session_expunges() {
    let server = server("", &["alice"]);
    let (mut reader, mut remover) = (open(&server, "alice"), open(&server, "alice"));
    ask(&mut remover, "STORE 1 +FLAGS.SILENT (\\Deleted)");
    assert_eq!(ask(&mut remover, "EXPUNGE"), ["* 1 EXPUNGE", "a OK EXPUNGE completed"]);

    assert_eq!(ask(&mut reader, "FETCH 3 UID"), ["* 3 FETCH (UID 3)", "a OK FETCH completed"]);
    let gone = refusal(&mut reader, "FETCH 1 BODY[]");
    assert_eq!(gone, "a NO [EXPUNGEISSUED] some of the messages are gone");
    assert_eq!(ask(&mut reader, "NOOP"), ["* 1 EXPUNGE", "a OK NOOP completed"]);
    assert_eq!(ask(&mut reader, "FETCH 2 UID"), ["* 2 FETCH (UID 3)", "a OK FETCH completed"]);
}

/// RFC 3501 §2.3.2: a message is recent in one session; flags that change elsewhere are told.
#[test]
fn what_other_sessions_do_is_told() {
    let server = server("", &["alice"]);
    let (mut one, mut two) = (open(&server, "alice"), open(&server, "alice"));
    ask(&mut one, "STORE 2 +FLAGS (\\Flagged)");
    let told = ask(&mut two, "NOOP");
    assert_eq!(told, ["* 2 FETCH (UID 2 FLAGS (\\Flagged))", "a OK NOOP completed"]);

    ask(&mut one, "COPY 3 INBOX");
    let recent = ask(&mut one, "SEARCH RECENT");
    assert!(recent[0].ends_with(" 4"), "{recent:?}");
    assert_eq!(ask(&mut two, "NOOP"), ["* 4 EXISTS", "* 0 RECENT", "a OK NOOP completed"]);
}

/// RFC 2177, woken by a file that another program put there.
#[test]
fn idle_wakes_for_new_mail() {
    let server = server("", &["alice"]);
    let mut wire = open(&server, "alice");
    wire.send(b"i IDLE\r\n");
    assert_eq!(wire.line(), "+ idling");
    deliver(&server, "alice", "1800000001.M1P1.mail");
    assert_eq!(wire.line(), "* 4 EXISTS");
    assert!(wire.line().ends_with(" RECENT"));
    wire.send(b"DONE\r\n");
    assert_eq!(wire.line(), "i OK IDLE terminated");
    wire.send(b"j IDLE\r\nwrong\r\n");
    assert_eq!(wire.line(), "+ idling");
    assert!(wire.line().starts_with("j BAD DONE was expected ["));
}

/// No silent disconnects: a reason is always sent.
#[test]
fn silence_is_ended_with_a_reason() {
    let server = server("[limits]\nimap_idle = \"1s\"\nlogin_timeout = \"1s\"", &["alice"]);
    let mut stranger = connect(&server);
    assert!(stranger.line().starts_with("* BYE idle for too long ["));
    assert!(matches!(stranger.receive_line(), Received::Closed));
    let mut sleeper = open(&server, "alice");
    sleeper.send(b"i IDLE\r\n");
    assert_eq!(sleeper.line(), "+ idling");
    assert!(sleeper.line().starts_with("* BYE idle for too long ["));
}

/// SIGTERM: those who wait are told, in IDLE too.
#[test]
fn a_server_that_ends_says_so() {
    let mut server = server("", &["alice"]);
    let (mut waiting, mut idling) = (open(&server, "alice"), open(&server, "alice"));
    idling.send(b"i IDLE\r\n");
    assert_eq!(idling.line(), "+ idling");
    let begin = Instant::now();
    assert!(server.stop().success());
    assert!(begin.elapsed().as_secs() < 10, "nobody was waited for");
    for wire in [&mut waiting, &mut idling] {
        assert!(wire.line().starts_with("* BYE the server is shutting down ["));
        assert!(matches!(wire.receive_line(), Received::Closed));
    }
}

/// RFC 3501 §6.3.11: too large a message is refused before it comes; one that comes anyway is swallowed.
#[test]
fn messages_over_the_limit() {
    let server = server("[limits]\nmessage_size = \"2 KiB\"\nimap_command = 8192", &["alice"]);
    let mut wire = open(&server, "alice");
    let refused = "a NO [TOOBIG] the message is larger than 2048 octets";
    assert_eq!(refusal(&mut wire, "APPEND INBOX {5000000}"), refused);
    let message = "x".repeat(3000);
    assert_eq!(refusal(&mut wire, &format!("APPEND INBOX {{3000+}}\r\n{message}")), refused);
    let too_long = "a BAD [TOOBIG] the command is too long";
    assert_eq!(refusal(&mut wire, &format!("NOOP {}", "x".repeat(9000))), too_long);
    assert_eq!(refusal(&mut wire, "SELECT {9000}"), too_long);
    assert_eq!(ask(&mut wire, "NOOP"), ["a OK NOOP completed"]);
    let refused = refusal(&mut wire, "APPEND INBOX {4+}\r\na\0b\n");
    assert_eq!(refused, "a NO [CANNOT] a message must not hold a NUL octet");
}

/// The path is the operator's to see, the id in the reply finds it.
#[test]
fn a_mailbox_that_cannot_be_opened_is_told() {
    let server = server("", &["alice"]);
    let maildir = server.maildir(&address("alice"));
    fs::remove_dir_all(maildir.path()).unwrap();
    fs::write(maildir.path(), "not a folder").unwrap();
    let mut wire = connect(&server);
    ask(&mut wire, &format!("LOGIN {} \"{PASSWORD}\"", address("alice")));
    let reply = ask(&mut wire, "SELECT INBOX").concat();
    assert!(reply.starts_with("a NO [UNAVAILABLE] the mailbox cannot be used now ["), "{reply}");
    let id = reply.rsplit_once('[').and_then(|(_, id)| id.strip_suffix(']')).unwrap();
    let log = server.wait_for_log("the mailbox cannot be used");
    assert!(log.contains(id) && log.contains(&maildir.path().display().to_string()), "{log}");
    assert_eq!(ask(&mut wire, "NOOP"), ["a OK NOOP completed"], "the session went on");
}

/// MISSION 003-12: the operator hears of a password that came in clear.
#[test]
fn a_password_in_clear_is_noticed() {
    let server = server("", &["alice"]);
    let mut wire = harness::dialogue::Tcp::connect(server.port(143), server.ca());
    wire.line();
    let refused = ask(&mut wire, &format!("LOGIN {} \"{PASSWORD}\"", address("alice")));
    assert!(
        matches!(&refused[..], [one] if one.starts_with("a NO [PRIVACYREQUIRED] only inside TLS [")),
        "{refused:?}"
    );
    assert!(server.wait_for_log("a password came in clear").contains("alice@example.test"));
    assert!(!server.log().contains(PASSWORD));
}

/// MISSION 003-15: the refusal and the goodbye arrive, and nothing that comes after is heard.
#[test]
fn a_password_in_clear_can_be_the_end() {
    let server = server("[auth]\non_cleartext = \"close\"", &["alice"]);
    let mut wire = harness::dialogue::Tcp::connect(server.port(143), server.ca());
    wire.line();
    let login = format!("a LOGIN {} \"{PASSWORD}\"\r\n", address("alice"));
    wire.send(format!("{login}{login}").as_bytes());
    let refused = wire.line();
    assert!(refused.starts_with("a NO [PRIVACYREQUIRED] only inside TLS ["), "{refused}");
    assert!(wire.line().starts_with("* BYE no login in clear ["));
    assert_eq!(wire.receive_line(), Received::Closed);
    assert!(server.wait_for_log("a password came in clear").contains("alice@example.test"));
}

/// MISSION 004-33, 004-34: an account store that is broken is no wrong password, and once it is mended the same session
/// logs in.
#[test]
fn a_broken_account_store_is_no_wrong_password() {
    let server = server("", &["alice"]);
    let (accounts, kept) = (server.data().join("accounts.sqlite"), server.data().join("kept.sqlite"));
    let mut wire = connect(&server);
    fs::rename(&accounts, &kept).unwrap();
    fs::write(&accounts, "this is no database\n".repeat(500)).unwrap();
    let login = format!("LOGIN {} \"{PASSWORD}\"", address("alice"));
    let refused = ask(&mut wire, &login).concat();
    assert!(refused.starts_with("a NO [UNAVAILABLE] temporary problem, the password was not judged ["), "{refused}");
    assert!(server.wait_for_log("login could not be judged").contains("accounts.sqlite"));
    fs::rename(&kept, &accounts).unwrap();
    assert!(ask(&mut wire, &login).concat().starts_with("a OK [CAPABILITY "));
}
