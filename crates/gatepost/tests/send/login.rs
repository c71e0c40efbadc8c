//! Logging in, and where the password does not go.

use harness::{Peer, Script};

use crate::{ALICE, BOB, PASSWORD, Send, server};

/// MISSION 003-11: swaks' options, every mechanism, every way to TLS; the mail arrives.
#[test]
fn every_mechanism_and_every_port() {
    let server = server();
    let mut count = 0;
    for (port, tls) in [(587, "-tls"), (25, "-tlso"), (465, "-tlsc")] {
        for mechanism in ["PLAIN", "login", "SCRAM-SHA-256"] {
            let said = Send::to_ours(&server, port).with(&[tls, "-a", mechanism]).with_alice(PASSWORD).succeeds();
            assert!(said.contains(&format!("C: AUTH {}", mechanism.to_uppercase())), "{said}");
            assert!(said.contains("-- bob@example.test: taken (end of data: 250 2.0.0 Ok: queued as "), "{said}");
            count += 1;
        }
    }
    let mails = server.maildir(BOB).wait_for(count);
    assert!(mails.iter().all(|mail| mail.contains("From: alice@example.test") && mail.contains(" with ESMTPSA id ")));
    let said = Send::to_ours(&server, 587).with(&["-tls"]).with_alice(PASSWORD).succeeds();
    assert!(said.contains("C: AUTH SCRAM-SHA-256-PLUS •••"), "{said}");
    // As it is typed in haste, the password in the list of processes.
    let said = Send::to_ours(&server, 587).with(&["-tls", "-au", ALICE, "-ap", PASSWORD, "-a"]).succeeds();
    assert!(said.contains("taken"), "{said}");
}

/// MISSION 003-14: without TLS the server offers no login, that is said, and the password stays here.
#[test]
fn without_tls_no_password_leaves() {
    let server = server();
    for port in [25, 587] {
        let said = Send::to_ours(&server, port).with_alice(PASSWORD).fails(77);
        assert!(
            said.contains("gatepost: the server did not offer authentication in clear; it may inside TLS: -tls"),
            "{said}"
        );
        assert!(!said.contains("C: AUTH") && !said.contains("C: MAIL"), "{said}");
    }
    // One that offers it all the same gets no password either, unless that is said.
    let peer = || Peer::start(Script::default().hello(&["AUTH PLAIN"]).login(ALICE, PASSWORD));
    let careful = peer();
    let said = Send::to_peer(&careful).with_alice(PASSWORD).fails(77);
    assert!(said.contains("without TLS the password is not sent: -tls, or --allow-clear"), "{said}");
    assert!(careful.mails().is_empty());
    let careless = peer();
    Send::to_peer(&careless).with(&["--allow-clear"]).with_alice(PASSWORD).succeeds();
    careless.wait_for_mails(1);
}

/// Nor does it go to somebody who cannot say who he is.
#[test]
fn no_password_for_a_stranger() {
    let server = server();
    let place = format!("127.0.0.1:{}", server.port(587));
    let stranger = || Send::new(&["-s", &place, "-t", BOB, "-tls"]);
    let said = stranger().with_alice(PASSWORD).fails(76);
    assert!(said.contains("Nobody who is believed here has signed the certificate"), "{said}");
    assert!(!said.contains("C: AUTH"), "{said}");
    stranger().with(&["--insecure"]).with_alice(PASSWORD).succeeds();
}

/// Refused, temporary, and not possible are told apart.
#[test]
fn logins_that_fail() {
    let server = server();
    let said = Send::to_ours(&server, 587).with(&["-tls"]).with_alice("wrong").fails(77);
    assert!(said.contains("gatepost: the login was refused: ") && said.contains("535 5.7.8"), "{said}");
    assert!(!said.contains("C: MAIL"), "{said}");
    let said = Send::to_ours(&server, 587).with(&["-tls", "-a", "cram-md5"]).with_alice(PASSWORD).fails(77);
    assert!(
        said.contains("the server offers SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN, and nothing of that"),
        "{said}"
    );
    let script = Script::default().hello(&["AUTH PLAIN"]).answer("AUTH", &["454 4.7.0 the store is away"]);
    let said = Send::to_peer(&Peer::start(script)).with(&["--allow-clear"]).with_alice(PASSWORD).fails(75);
    assert!(said.contains("the server could not check the login now: PLAIN: S: 454 4.7.0"), "{said}");
    let said = Send::to_peer(&Peer::start(Script::default())).with(&["-tls"]).fails(76);
    assert!(said.contains("the server does not offer STARTTLS; nothing was sent"), "{said}");
    let said = Send::to_peer(&Peer::start(Script::default())).with(&["-au", "x"]).fails(65);
    assert!(said.contains("there is no password: --password-stdin, or -ap"), "{said}");
}
