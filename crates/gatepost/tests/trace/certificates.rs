//! TLS that does not come about with our own clients: they break off with an alert, and see no id. The list names the cause.

use std::process::Command;

use harness::dialogue::{Tcp, Wire};
use harness::{Gatepost, Paper, Papers, Scenario, client, succeed};

use crate::naming::{assert_listed, assert_named};
use crate::{ALICE, BINARY, PASSWORD, id, told};

/// A server with this certificate instead of its own.
fn with((certificate, key): &Paper) -> Gatepost {
    let mut server = Scenario::new(BINARY).prepare();
    server.edit_config(|config| {
        let line = |line: &str| match line.split(" =").next() {
            Some("certificate") => format!("certificate = {certificate:?}\n"),
            Some("key") => format!("key = {key:?}\n"),
            _ => format!("{line}\n"),
        };
        config.lines().map(line).collect()
    });
    server.start();
    server
}

/// OpenSSL as most mail programs use it: with the name that the user has entered, and these authorities.
fn openssl(server: &Gatepost, ca: &Papers, more: &[&str]) {
    let mut command = client("openssl");
    command.args([
        "s_client",
        "-connect",
        &format!("127.0.0.1:{}", server.port(993)),
        "-verify_return_error",
        "-CAfile",
    ]);
    command.arg(ca.ca()).args(["-verify_hostname", "localhost"]).args(more);
    ended(&mut command);
}

/// Whatever it says: the server tells it better.
fn ended(command: &mut Command) {
    drop(command.stdin(harness::input("")).output().expect("openssl"));
}

/// MISSION 004-31
#[test]
fn certificates_that_a_client_does_not_take() {
    let papers = Papers::new();
    for (paper, cause, words) in [
        (papers.self_signed(), "certificate-not-trusted", "it does not know who signed this server's certificate"),
        (papers.expired(), "certificate-expired", "How many days are left: gatepost check"),
        (papers.not_yet_valid(), "certificate-refused", "The client broke TLS off"),
        (papers.for_another(), "certificate-refused", "Enter mail.example.test as the server's name in the program."),
    ] {
        let server = with(&paper);
        openssl(&server, &papers, &[]);
        assert_listed(&server, cause, words);
    }
}

#[test]
fn clients_that_have_no_tls_for_us() {
    let server = Scenario::new(BINARY).start();
    let papers = Papers::new();
    openssl(&server, &papers, &["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]);
    assert_listed(&server, "tls-too-old", "This server speaks TLS 1.2 and 1.3; the client is older than that.");
    let mut half = Tcp::connect(server.port(995), server.ca());
    half.send(b"\x16\x03\x01\x00\x80\x01");
    drop(half);
    assert_listed(&server, "tls-broken-off", "The TLS handshake failed.");
    openssl(&server, &papers, &["-connect", &format!("127.0.0.1:{}", server.port(143))]);
    assert_listed(&server, "tls-to-plain-port", "The client began TLS on a port that begins in clear (imap).");
    let _silent = Tcp::connect(server.port(465), server.ca());
    assert_listed(&server, "waits-at-tls-port", "It most likely waits for a greeting in clear");
}

/// MISSION 004-31: whoever speaks first on the wrong kind of port is told in clear, in his protocol.
#[test]
fn who_speaks_in_clear_to_a_tls_port_is_told_so() {
    let server = Scenario::new(BINARY).start();
    for (port, line, begins) in [
        (993, "a LOGIN alice x\r\n", "* BYE this port begins with TLS"),
        (995, "USER alice\r\n", "-ERR this port begins with TLS"),
        (465, "EHLO phone.example\r\n", "421 4.7.0 mail.example.test this port begins with TLS"),
    ] {
        let mut wire = Tcp::connect(server.port(port), server.ca());
        wire.send(line.as_bytes());
        let said = wire.line();
        assert!(said.starts_with(begins), "{said}");
        let story = assert_named(&server, &id(&said), "plain-to-tls-port", "\"SSL/TLS\" with 465, 993, 995");
        assert!(!story.contains("alice"), "what came in clear may be a password: {story}");
    }
}

/// MISSION 003-03: who logs in by a certificate is recorded with what it says.
#[test]
fn the_certificate_of_a_client_is_in_its_record() {
    let papers = Papers::new();
    let mut server = Scenario::new(BINARY).user(ALICE, PASSWORD).prepare();
    let line = format!("[tls]\nclient_ca = {:?}\n", papers.ca());
    server.edit_config(|config| config.replace("[tls]\n", &line));
    server.start();
    let (certificate, key) = papers.of_person(ALICE);
    let mut curl = client("curl");
    curl.args(["--silent", "--show-error", "--cacert"]).arg(server.ca()).arg("--cert").arg(certificate);
    curl.arg("--key").arg(key).args(["--user", &format!("{ALICE}:{PASSWORD}")]);
    succeed(curl.arg(format!("imaps://localhost:{}/", server.port(993))));
    let list = told(&server, &["trace", "list", "--json", "--protocol", "imap"], "client_certificate");
    assert!(list.contains(&format!("\"client_certificate\":\"{ALICE}\"")), "{list}");
}

#[test]
fn no_certificate() {
    let mut server = Scenario::new(BINARY).prepare();
    let own = |line: &&str| !line.starts_with("certificate =") && !line.starts_with("key =");
    server.edit_config(|config| config.lines().filter(own).collect::<Vec<_>>().join("\n"));
    server.start();
    for (port, hello, line, refused) in [
        (587, "EHLO phone.example", "STARTTLS", "502 "),
        (143, "a NOOP", "b STARTTLS", "b BAD "),
        (110, "CAPA", "STLS", "-ERR "),
    ] {
        let mut wire = Tcp::connect(server.port(port), server.ca());
        let session = id(&wire.line());
        wire.send(format!("{hello}\r\n{line}\r\n").as_bytes());
        while !wire.line().starts_with(refused) {}
        drop(wire);
        assert_named(&server, &session, "no-certificate", "Without a certificate there is no TLS");
    }
}
