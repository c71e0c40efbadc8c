//! What became of it: recipients told apart, exit codes, JSON, and where to stop.

use std::net::TcpListener;

use harness::{Peer, Script};
use serde_json::Value;

use crate::{BOB, PASSWORD, Send, server};

/// Who is refused is told, and the others get their mail.
#[test]
fn recipients_are_told_apart() {
    let server = server();
    let said = Send::to_ours(&server, 25)
        .with(&["-f", "x@elsewhere.example", "-t", "nobody@example.test,x@far.example"])
        .fails(69);
    for line in [
        "-- bob@example.test: taken (end of data: 250 2.0.0",
        "-- nobody@example.test: refused (RCPT TO: 550 5.1.1 No such user here",
        "-- x@far.example: refused (RCPT TO: 550 5.7.1 Relaying denied",
        "gatepost: 2 of 3 recipients were refused",
    ] {
        assert!(said.contains(line), "{line:?} is missing:\n{said}");
    }
    server.maildir(BOB).wait_for(1);
}

#[test]
fn exit_codes_tell_what_to_do() {
    for (command, reply, code) in [
        ("GREETING", "554 5.7.1 go away", 69),
        ("GREETING", "421 4.3.2 too busy", 75),
        ("MAIL", "550 5.1.8 bad sender", 69),
        ("RCPT", "450 4.2.0 greylisted", 75),
        ("RCPT", "550 5.1.1 nobody", 69),
        ("DATA", "452 4.3.1 full", 75),
        (".", "552 5.3.4 too large", 69),
        ("RCPT", "DROP", 76),
        ("RCPT", "what?", 76),
        ("DATA", "250 2.0.0 yes", 76),
    ] {
        let peer = Peer::start(Script::default().answer(command, &[reply]));
        let said = Send::to_peer(&peer).fails(code);
        assert!(reply == "DROP" || said.contains(reply), "{command} {reply}: {said}");
    }
    let free = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound");
    let said = Send::new(&["-s", &free.to_string(), "-f", "a@x.example", "-t", "b@x.example"]).fails(68);
    assert!(said.contains("nothing listens on this port"), "{said}");
    for wrong in
        [&["-t", "nobody"][..], &["-t", "a@b.example", "--header", "X"], &["-t", "a@b.example", "-d", "/no/such"]]
    {
        let code = if wrong.contains(&"-d") { 1 } else { 65 };
        Send::new(&["-s", "127.0.0.1:1", "-f", "<>"]).with(wrong).fails(code);
    }
    Send::new(&["-s", "127.0.0.1:1", "-t", "a@b.example", "-tls", "-tlsc"]).fails(2);
    let said = Send::new(&["-s", "127.0.0.1:1", "-t", "a@b.example"]).fails(65);
    assert!(said.contains("say from whom: -f ADDRESS"), "{said}");
}

/// RFC 2033 §4.2: with LMTP each recipient has an answer of its own.
#[test]
fn lmtp() {
    let script =
        Script::default().answer("LHLO", &["250 x.example"]).answer(".", &["250 2.0.0 for c|452 4.2.2 d is full"]);
    let peer = Peer::start(script.answer("RCPT TO:<b@", &["550 5.1.1 nobody"]));
    let said = Send::to_peer(&peer).with(&["-t", "c@x.example,d@x.example", "--protocol", "lmtp"]).fails(69);
    for line in [
        "C: LHLO ",
        "-- b@x.example: refused (RCPT TO: 550",
        "-- c@x.example: taken (end of data: 250",
        "-- d@x.example: later (end of data: 452",
    ] {
        assert!(said.contains(line), "{line:?} is missing:\n{said}");
    }
}

#[test]
fn it_stops_where_it_should() {
    let server = server();
    for (step, last) in [
        ("connect", "S: 220"),
        ("ehlo", "S: 250 STARTTLS"),
        ("tls", "-- (TLS begins"),
        ("auth", "S: 235"),
        ("mail", "S: 250 2.1.0"),
        ("rcpt", "S: 250 2.1.5"),
    ] {
        let said = Send::to_ours(&server, 587).with(&["-tls", "--quit-after", step]).with_alice(PASSWORD).succeeds();
        let (before, behind) = said.split_once("C: QUIT\n").expect("it takes leave");
        // The second EHLO comes inside TLS.
        let line = before.lines().last().unwrap_or_default();
        assert!(line.starts_with(last) || step == "ehlo", "{step}: {said}");
        assert!(behind.contains("-- stopped as you said; nothing was sent"), "{said}");
    }
    assert!(server.maildir(BOB).messages().is_empty());
}

#[test]
fn scripts_get_json() {
    let server = server();
    let json = |text: &str| serde_json::from_str::<Value>(text.lines().next().unwrap_or_default()).expect("JSON");
    let told = json(&Send::to_ours(&server, 465).with(&["-tlsc", "--json"]).with_alice(PASSWORD).succeeds());
    assert_eq!((&told["sent"], &told["login"]), (&Value::Bool(true), &Value::from("SCRAM-SHA-256-PLUS")));
    assert_eq!(told["recipients"][0]["outcome"], "taken");
    assert_eq!(
        (&told["recipients"][0]["address"], &told["recipients"][0]["code"]),
        (&Value::from(BOB), &Value::from(250))
    );
    assert!(told["tls"].as_str().is_some_and(|tls| tls.starts_with("TLSv1.3")), "{told}");
    assert!(told["dialogue"].as_array().is_some_and(|lines| lines.len() > 10), "{told}");
    let told = json(&Send::to_ours(&server, 587).with(&["--json"]).with_alice(PASSWORD).fails(77));
    assert_eq!(told["sent"], false);
    assert!(told["error"].as_str().is_some_and(|error| error.contains("did not offer authentication")), "{told}");
    let said = Send::to_ours(&server, 465).with(&["-tlsc", "--quiet"]).with_alice(PASSWORD).succeeds();
    assert_eq!(said, "");
}
