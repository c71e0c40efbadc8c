//! The message itself.

use std::fs;

use harness::{Peer, Script};

use crate::{BOB, PASSWORD, Send, server};

/// What a message must have is there, dots and letters of any language arrive.
#[test]
fn header_body_dots_and_letters() {
    let server = server();
    let letter = |more: &[&str], input: &str| {
        Send::to_ours(&server, 25).with(&["-f", "x@elsewhere.example"]).with(more).reading(input).succeeds()
    };
    letter(&["--header", "Subject: Grüße", "--header", "X-Mine: 1", "--body", "one\\n.two\\n.\\nthrée"], "");
    let mail = server.maildir(BOB).wait_for(1).remove(0);
    for part in [
        "Subject: =?utf-8?b?R3LDvMOfZQ==?=\n",
        "X-Mine: 1\n",
        "From: x@elsewhere.example\n",
        "To: bob@example.test\n",
        "Content-Type: text/plain; charset=utf-8\n",
        "\n\none\n.two\n.\nthrée",
    ] {
        assert!(mail.contains(part), "{part:?} is missing:\n{mail}");
    }
    assert!(
        mail.contains("Date: ") && mail.contains("Message-ID: <") && mail.matches("Subject:").count() == 1,
        "{mail}"
    );
    // From a file, from standard input, and a message as it is.
    let file = server.folder().join("text");
    fs::write(&file, "from a file\n").expect("written");
    letter(&["--body", &format!("@{}", file.display())], "");
    letter(&["--body", "-"], "from a pipe\n");
    letter(&["--data", "-"], "Subject: mine\n\nwhole\n");
    let mails = server.maildir(BOB).wait_for(4);
    for part in ["from a file\n", "from a pipe\n", "\nSubject: mine\n\nwhole\n"] {
        assert!(mails.iter().any(|mail| mail.contains(part)), "{part:?} is missing:\n{mails:?}");
    }
    assert!(mails.iter().any(|mail| mail.contains("\nSubject: mine\n") && !mail.contains("Message-ID: <")));
}

/// The password is the first line, the body what follows.
#[test]
fn password_and_body_from_one_pipe() {
    let server = server();
    Send::to_ours(&server, 465).with(&["-tlsc", "--body", "-"]).reading("the body\n").with_alice(PASSWORD).succeeds();
    let mail = server.maildir(BOB).wait_for(1).remove(0);
    assert!(mail.contains("\n\nthe body\n"), "{mail}");
    assert!(!mail.contains(PASSWORD), "{mail}");
}

/// RFC 1870, 6152, 6531: what the server cannot take is not sent.
#[test]
fn what_the_server_cannot_take() {
    let peer = |lines: &[&str]| Peer::start(Script::default().hello(lines));
    let said = Send::to_peer(&peer(&["SIZE 100"])).fails(69);
    assert!(said.contains("the server takes messages of at most 100 octets; nothing was sent"), "{said}");
    let said = Send::to_peer(&peer(&[])).with(&["--body", "ü"]).fails(69);
    assert!(said.contains("does not offer 8BITMIME; nothing was sent"), "{said}");
    let said = Send::to_peer(&peer(&["8BITMIME"])).with(&["-t", "grüße@x.example"]).fails(69);
    assert!(said.contains("the message needs SMTPUTF8 and the server does not offer it"), "{said}");
    let able = peer(&["8BITMIME", "SMTPUTF8", "SIZE"]);
    let said = Send::to_peer(&able).with(&["-t", "grüße@bücher.example"]).succeeds();
    assert!(said.contains(" BODY=8BITMIME SMTPUTF8") && said.contains("C: RCPT TO:<grüße@bücher.example>"), "{said}");
    // A domain has another spelling.
    let said = Send::to_peer(&peer(&[])).with(&["-t", "b@bücher.example"]).succeeds();
    assert!(said.contains("C: RCPT TO:<b@xn--bcher-kva.example>"), "{said}");
}

/// A server from before EHLO; the name that we give.
#[test]
fn old_servers_and_names() {
    let peer = Peer::start(Script::default().answer("EHLO", &["502 5.5.1 what?"]));
    let said = Send::to_peer(&peer).with(&["--ehlo", "me.example", "--body", "x\n".repeat(200).as_str()]).succeeds();
    assert!(said.contains("C: EHLO me.example\nS: 502") && said.contains("C: HELO me.example\nS: 250"), "{said}");
    assert!(said.contains("C: x\n-- (") && said.contains(" more lines)\nC: .\n"), "{said}");
    let mail = peer.wait_for_mails(1).remove(0);
    assert!(format!("{mail:?}").matches("x\\r\\n").count() >= 200, "{mail:?}");
}
