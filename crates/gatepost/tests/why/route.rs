//! Routes.

use harness::{Dns, Scenario};

use crate::{ALICE, BINARY, PASSWORD, send, why};

/// MISSION 002-18: the mailbox, the alias, the route that counts and why, the MX, and a domain without mail.
#[test]
fn where_mail_for_an_address_goes() {
    let dns = Dns::start("nomail.test MX 0 .\nok.test MX 10 mx.ok.test\nmx.ok.test A 192.0.2.1\n");
    let config = format!(
        "[relay]\nresolvers = [\"{}\"]\nallow_private = true\n\
         [[route]]\nto = \".sub.test\"\nvia = \"127.0.0.9:26\"\n[[route]]\nto = \"a.sub.test\"\nvia = \"127.0.0.9:25\"\n",
        dns.address()
    );
    let server = Scenario::new(BINARY).user(ALICE, PASSWORD).config(&config).start();
    server.run(&["alias", "add", "info@example.test", ALICE], "");
    for (address, wanted) in [
        (ALICE, &["is put into", "It is the account alice@example.test."][..]),
        ("alice+news@example.test", &["is put into", "It is the account alice@example.test."]),
        ("info@example.test", &["goes to alice@example.test.", "is an alias", "gatepost why route alice@example.test"]),
        ("nobody@example.test", &["is refused at RCPT (550 5.1.1)", "gatepost user add nobody@example.test"]),
        ("example.test", &["Mail for example.test stays here"]),
        ("x@b.sub.test", &["goes to 127.0.0.9.", "The first [[route]]", "which is for all names below .sub.test"]),
        (
            "x@a.sub.test",
            &["The second [[route]]", "which is for this very name", "[127.0.0.9]:25 by TLS where it is offered"],
        ),
        ("bob@ok.test", &["goes to mx.ok.test.", "no [[route]] fits it", "would be tried: mx.ok.test [192.0.2.1]:25"]),
        ("bob@nomail.test", &["takes no mail", "[[route]] with to = \"nomail.test\""]),
        ("bob@nowhere.test", &["does not exist"]),
    ] {
        why(&server, &["route", address], wanted);
    }
    let output = server.command(&["why", "route", "a b"]).output().expect("the binary");
    assert_eq!(output.status.code(), Some(65));
}

/// What keeps mail for a domain in the queue is the answer.
#[test]
fn mail_that_waits_is_the_answer() {
    let routes = "[[route]]\nto = \"away.test\"\nvia = \"localhost:1\"";
    let server = Scenario::new(BINARY).user(ALICE, PASSWORD).config(routes).start();
    send(&server, PASSWORD, "bob@away.test");
    let stuck = ["No connection to the other server came about.", "that wait in the queue: 1", "gatepost why message "];
    why(&server, &["route", "carol@away.test"], &stuck);
}
