//! Somebody types: line editing, the history, a password without echo, and the server's lines meanwhile.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use harness::{Gatepost, Peer, Script, client, succeed};
use serde_json::{Value, json};

use crate::{PASSWORD, USER, assert_no_secret, base64, server};

/// Escape, an arrow up.
const UP: &str = "\u{1b}[A";

/// What somebody sees who waits for the first of each pair, and types the second; and the exit code.
fn typed(server: &Gatepost, port: u16, more: &[&str], steps: &[(&str, &str)]) -> (String, i64) {
    let place = format!("127.0.0.1:{}", server.port(port));
    let protocol = if port == 143 { "imap" } else { "submission" };
    let ca = server.ca().display().to_string();
    let options = [&["--protocol", protocol, "--ca", &ca], more].concat();
    typed_at("xterm", &place, (&options, server.folder()), steps)
}

/// The same at a terminal of this kind, with a server at a place, with these options and this folder for the history.
fn typed_at(terminal: &str, place: &str, how: (&[&str], &Path), steps: &[(&str, &str)]) -> (String, i64) {
    let command = [&[env!("CARGO_BIN_EXE_gatepost"), "talk", place], how.0].concat();
    let task = json!({ "command": command, "steps": steps, "terminal": terminal });
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/talk/terminal.py");
    let said = succeed(client("python3").arg(script).arg(task.to_string()).env("XDG_STATE_HOME", how.1));
    let said: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(said["tidy"], true, "the terminal is left as it was: {said}");
    (said["seen"].as_str().expect("a text").to_owned(), said["code"].as_i64().expect("a code"))
}

fn history(server: &Gatepost) -> String {
    fs::read_to_string(server.folder().join("gatepost/talk-history")).unwrap_or_default()
}

/// MISSION 002-20: without a base64 encoder, and without leaving the password behind.
#[test]
fn secrets_stay_out_of_the_history_and_off_the_screen() {
    let server = server();
    let saved = server.folder().join("typed.dialogue");
    let login = format!(".auth plain {USER}\r");
    let asked = format!("Password of {USER}: ");
    let password = format!("{PASSWORD}\r");
    let steps = [
        ("C: ", ".starttls\r"),
        ("(TLS begins", &login),
        (&asked, &password),
        ("S: 235", "RSET\r"),
        ("S: 250", ".quit\r"),
        ("S: 221", ""),
    ];
    let (seen, code) = typed(&server, 587, &["--save", saved.to_str().expect("ASCII")], &steps);
    assert_eq!(code, 0, "{seen}");
    assert!(seen.contains("# user alice@example.test"), "{seen}");
    // Typed without echo: the screen has it nowhere.
    assert_no_secret(&seen);
    assert_no_secret(&fs::read_to_string(&saved).expect("the file"));
    assert_eq!(history(&server), format!(".starttls\n{}\nRSET\n.quit\n", login.trim()));
    let mode = fs::metadata(server.folder().join("gatepost/talk-history")).expect("the history").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

/// Lines with a secret in them that were typed by hand stand on the screen, as they were typed, and nowhere else.
#[test]
fn secrets_typed_by_hand_are_not_kept() {
    let server = server();
    let plain = format!("AUTH PLAIN {}\r", base64(format!("\0{USER}\0{PASSWORD}")));
    let steps = [
        ("C: ", ".starttls\r"),
        ("(TLS begins", "EHLO me\r"),
        ("250 AUTH", &plain),
        ("S: 235", ".encode correct horse\r"),
        ("-- ", "RSET\r"),
        ("S: 250", "\u{4}"),
        ("S: 221", ""),
    ];
    let (seen, code) = typed(&server, 587, &[], &steps);
    assert_eq!(code, 0, "{seen}");
    assert_eq!(history(&server), ".starttls\nEHLO me\nRSET\n");
    // The next session offers them again; one without a history neither reads nor writes it.
    let (seen, _) =
        typed(&server, 587, &[], &[("C: ", &format!("{UP}{UP}\r")), ("S: 250 ", ".quit\r"), ("S: 221", "")]);
    assert!(seen.contains("C: EHLO me"), "{seen}");
    let before = history(&server);
    typed(&server, 587, &["--no-history"], &[("C: ", "NOOP\r"), ("S: 250", "\u{4}"), ("S: 221", "")]);
    assert_eq!(history(&server), before);
}

/// The server's lines come while a line is being typed, and the line stays whole.
#[test]
fn the_servers_lines_come_while_one_types() {
    let server = server();
    let login = format!("a LOGIN {USER} \"{PASSWORD}\"\r");
    let mail = format!("-s 127.0.0.1:{} -f x@elsewhere.example -t {USER} --quiet", server.port(25));
    let deliver = format!("!{} send {mail}", env!("CARGO_BIN_EXE_gatepost"));
    let steps = [
        ("C: ", ".starttls\r"),
        ("(TLS begins", &login),
        ("S: a OK", "b SELECT INBOX\r"),
        ("S: b OK", "c IDLE\r"),
        ("S: + ", "DO"),
        ("C: ", &deliver),
        ("S: * 1 EXISTS", "NE\r"),
        ("S: c OK", "Q LOGOUT\r"),
        ("the server closed", ""),
    ];
    let (seen, code) = typed(&server, 143, &[], &steps);
    assert_eq!(code, 0, "{seen}");
}

/// Ctrl-C ends it; so does the server, and the terminal is left as it was.
#[test]
fn ends() {
    let server = server();
    let (seen, code) = typed(&server, 587, &[], &[("C: ", "half a li\u{3}")]);
    assert_eq!(code, 1, "{seen}");
    assert!(seen.contains("gatepost: interrupted"), "{seen}");
    let (seen, code) = typed(
        &server,
        587,
        &[],
        &[("C: ", ".nonsense\r"), ("-- .nonsense is no command", "QUIT\r"), ("the server closed", "")],
    );
    assert_eq!(code, 0, "{seen}");
}

/// A server that closes while somebody types is heard to its last word.
#[test]
fn the_server_ends_it() {
    let server = server();
    let stop = format!("!kill -TERM {}", server.pid().as_raw_nonzero());
    let steps = [("C: ", "NO"), ("NO", &*stop), ("the server closed the connection", "")];
    let (seen, code) = typed(&server, 587, &[], &steps);
    assert_eq!(code, 76, "{seen}");
    assert!(seen.contains("S: 421 4.3.2 "), "{seen}");
}

/// A server that says nothing does not hold whoever types; a terminal without an editor is good enough.
#[test]
fn silence_and_terminals_that_can_do_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = silent.local_addr().expect("bound").to_string();
    let steps = [("no answer for 5 seconds", ".tls\r"), ("in clear: no TLS", "\u{4}")];
    let (seen, code) = typed_at("xterm", &place, (&["--protocol", "smtp"], folder.path()), &steps);
    assert_eq!(code, 0, "{seen}");
    let peer = Peer::start(Script::default().hello(&["AUTH PLAIN"]).login(USER, PASSWORD));
    let options = ["--protocol", "smtp", "--allow-clear"];
    let (login, password) = (format!(".auth plain {USER}\r"), format!("{PASSWORD}\r"));
    let steps =
        [("S: 220", login.as_str()), ("Password of", &password), ("S: 235", "QUIT\r"), ("the server closed", "")];
    let (seen, code) = typed_at("dumb", &peer.address().to_string(), (&options, folder.path()), &steps);
    assert_eq!(code, 0, "{seen}");
    assert_no_secret(&seen);
}
