//! By an id: JSON, captures, raw, files, and ids that are not there.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;

use harness::dialogue::{Tcp, Wire};
use harness::{Gatepost, Scenario, client, fail_with, succeed};
use serde_json::Value;

use crate::{ALICE, BINARY, PASSWORD, call, id, told};

fn start() -> Gatepost {
    Scenario::new(BINARY).user(ALICE, PASSWORD).start()
}

fn failed(server: &Gatepost, arguments: &[&str]) -> (i32, String) {
    let output = server.command(arguments).output().expect("the binary");
    (output.status.code().expect("no signal"), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// MISSION 000-03, 004-17: the transcript of a real client, from inside TLS, with the chain's lines and without the password.
#[test]
fn a_story_has_the_reason_what_was_said_and_the_chain() {
    let server = start();
    let url = format!("imaps://localhost:{}/", server.port(993));
    let mut curl = client("curl");
    curl.args(["-v", "--silent", "--show-error", "--cacert"]).arg(server.ca());
    let said = fail_with(curl.args(["--user", &format!("{ALICE}:WRONGPASSWORD"), &url]), 67);
    let story = told(&server, &["trace", &id(&said)], "How it ended:");
    for words in [
        "What happened: alice@example.test could not log in: the password is wrong.",
        "gatepost user passwd alice@example.test",
        "; asked for localhost",
        "-- TLS begins",
        "-> A002 AUTHENTICATE PLAIN [secret: ",
        "NO [AUTHENTICATIONFAILED] login failed",
        "accounts: REJECT (wrong password)",
    ] {
        assert!(story.contains(words), "{words:?} is not in\n{story}");
    }
    assert!(!story.contains("WRONGPASSWORD"));
    let first = [story.find("What happened"), story.find("What was said"), story.find("Logins, and")];
    assert!(first.is_sorted(), "in plain words first: {story}");
}

#[test]
fn scripts_get_the_record_with_its_causes() {
    let server = start();
    let id = id(&call(&server, "wrong-password"));
    told(&server, &["trace", &id], "How it ended:");
    let json: Value = serde_json::from_str(&server.run(&["trace", &id, "--json"], "")).expect("JSON");
    let session = &json["sessions"][0];
    assert_eq!((&json["asked"], &session["id"]), (&Value::from(id.as_str()), &Value::from(id.as_str())));
    assert_eq!((&session["protocol"], &session["service"]), (&"smtp".into(), &"submissions".into()));
    assert_eq!(session["causes"][0]["cause"], "wrong-password");
    assert!(session["causes"][0]["fix"].as_array().is_some_and(|fix| !fix.is_empty()));
    assert!(session["transcript"]["events"].as_array().is_some_and(|events| events.len() > 3));

    let raw = server.run(&["trace", &id, "--raw"], "");
    assert!(raw.starts_with(&format!("# session {id}\n# TLS begins\nS: 220 ")), "{raw}");
    assert!(raw.contains("\nC: ehlo phone.example\n"), "{raw}");
}

/// The capture is one that tshark opens; it is its owner's alone, and nothing is written over.
#[test]
fn a_session_is_a_capture() {
    let server = start();
    let id = id(&call(&server, "wrong-password"));
    told(&server, &["trace", &id], "How it ended:");
    let file = server.folder().join("session.pcapng");
    let path = file.to_str().expect("UTF-8");
    server.run(&["trace", &id, "--pcapng", path], "");
    assert_eq!(fs::metadata(&file).expect("it is there").mode() & 0o777, 0o600);
    let mut tshark = client("tshark");
    tshark.args(["-n", "-r", path, "-T", "fields", "-e", "smtp.req.command", "-e", "smtp.response.code"]);
    let fields = succeed(&mut tshark);
    assert!(fields.contains("AUTH") && fields.contains("535"), "{fields}");
    let octets = fs::read(&file).expect("read");
    assert!(!octets.windows(8).any(|window| window == b"WRONGPAS"), "no password");

    let (code, text) = failed(&server, &["trace", &id, "--pcapng", path]);
    assert!(code == 73 && text.contains("--force"), "{code} {text}");
    server.run(&["trace", &id, "--pcapng", path, "--force"], "");
    let piped = server.command(&["trace", &id, "--pcapng", "-"]).output().expect("the binary");
    assert_eq!(piped.stdout, octets, "nothing but the capture");
    let folder = server.folder().to_str().expect("UTF-8");
    let (code, text) = failed(&server, &["trace", &id, "--pcapng", folder, "--force"]);
    assert!(code == 73 && text.contains("what is there is no file"), "{code} {text}");
}

#[test]
fn an_unknown_id_is_told_with_what_was_searched() {
    let mut server = start();
    let (code, text) = failed(&server, &["trace", "ZZZZZZZZ"]);
    assert_eq!(code, 67);
    assert!(text.contains("where there are no records") && text.contains("the running server"), "{text}");
    let known = id(&call(&server, "wrong-password"));
    told(&server, &["trace", &known], "How it ended:");
    assert!(server.stop().success());
    let (code, text) = failed(&server, &["trace", "ZZZZZZZZ"]);
    assert!(code == 67 && text.contains("whose oldest record is of 2") && text.contains("no server runs"), "{text}");
    // Without a server, too.
    server.run(&["trace", &known], "");
    let (code, text) = failed(&server, &["trace", "abc"]);
    assert!(code == 65 && text.contains("is no id and no file"), "{text}");
}

/// A session that runs is told of, as far as it is.
#[test]
fn a_session_that_runs() {
    let server = start();
    let mut wire = Tcp::connect_tls(server.port(993), server.ca());
    let id = id(&wire.line());
    wire.send(b"a NOOP\r\n");
    wire.line();
    let story = server.run(&["trace", &id], "");
    assert!(story.contains("still running") && story.contains("-> a NOOP"), "{story}");
    assert!(server.run(&["trace", "list"], "").contains(&id));
}

/// Mail is counted, once for each message: however long it is, what was said around it stays in the record.
#[test]
fn a_message_that_is_fetched_is_one_event() {
    let server = start();
    let body = "a line\n.a line with a dot\n".repeat(20_000);
    let new = server.data().join("mail/example.test/alice/new");
    ["new", "cur", "tmp"].iter().for_each(|part| fs::create_dir_all(new.with_file_name(part)).expect("a Maildir"));
    fs::write(new.join("1.1.host"), format!("Subject: x\n\n{body}")).expect("written");
    let mut wire = Tcp::connect_tls(server.port(995), server.ca());
    let id = id(&wire.line());
    wire.send(format!("USER {ALICE}\r\nPASS {PASSWORD}\r\nRETR 1\r\n").as_bytes());
    while wire.line() != "." {}
    let story = server.run(&["trace", &id], "");
    let mail: Vec<_> = story.lines().filter(|line| line.contains("[mail: ")).collect();
    assert!(mail.len() == 1 && mail[0].contains(" octets]"), "{mail:?}");
    assert!(story.contains("-> RETR 1") && !story.contains(PASSWORD), "{story}");
}

/// A draft that is refused before it comes has no octets in the record: what was announced is in its command.
#[test]
fn octets_are_counted_where_they_came() {
    let server = start();
    let mut wire = Tcp::connect_tls(server.port(993), server.ca());
    let id = id(&wire.line());
    for (command, answer) in [
        (format!("a LOGIN {ALICE} \"{PASSWORD}\"\r\n"), "a OK"),
        ("b APPEND Nowhere {1000}\r\n".to_owned(), "b NO [TRYCREATE]"),
        ("c APPEND INBOX {5+}\r\na: b\n\r\n".to_owned(), "c OK"),
    ] {
        wire.send(command.as_bytes());
        while !wire.line().starts_with(answer) {}
    }
    let story = server.run(&["trace", &id], "");
    let counted: Vec<_> = story.lines().filter(|line| line.contains(" octets]") && line.contains("literal")).collect();
    assert!(counted.len() == 1 && counted[0].contains("5 octets"), "{story}");
    assert!(story.contains("{1000}"), "{story}");
}

/// What a person saves and sends along: ids stand in its fields and words.
#[test]
fn a_file_is_searched_for_ids() {
    let server = start();
    let id = id(&call(&server, "wrong-password"));
    told(&server, &["trace", &id], "How it ended:");
    let text = format!("From: alice\nSubject: help\n\nIt says: 535 5.7.8 no [{id}]\n");
    let file = server.folder().join("complaint.eml");
    fs::write(&file, &text).expect("written");
    assert!(server.run(&["trace", file.to_str().expect("UTF-8")], "").contains("the password is wrong"));
    assert!(server.run(&["trace", "-"], &text).contains("the password is wrong"));
    fs::write(&file, "nothing\n").expect("written");
    let (code, text) = failed(&server, &["trace", file.to_str().expect("UTF-8")]);
    assert!(code == 67 && text.contains("there is no id of ours in it"), "{text}");
}

/// Somebody else's transcripts are not for everybody.
#[test]
fn without_permission_it_says_so() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let server = start();
    let id = id(&call(&server, "wrong-password"));
    told(&server, &["trace", &id], "How it ended:");
    // The config and what it names may be read by everybody here, and the records may not.
    let data = server.data();
    let (config, tls) = (server.config(), data.join("tls"));
    let open = [(server.folder(), 0o755), (data.as_path(), 0o755), (config.as_path(), 0o644), (tls.as_path(), 0o755)];
    for (path, mode) in open {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
    }
    for name in ["cert.pem", "key.pem"] {
        chown(tls.join(name), Some(65534), None).expect("root may");
    }
    let mut command = server.command(&["trace", &id]);
    let output = command.uid(65534).gid(65534).output().expect("the binary");
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(77), "{text}");
    assert!(text.contains("as uid 65534: Permission denied"), "{text}");
}
