//! Postfix as a client that relays through us with a login.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use harness::{Gatepost, Postfix};

use crate::{PASSWORD, scenario};

/// A Postfix whose every message goes through our submission port, logged in as alice.
fn relaying(server: &Gatepost, password: &str) -> Postfix {
    Postfix::start(|folder: &Path| {
        let host = format!("[127.0.0.1]:{}", server.port(587));
        let passwords = folder.join("passwords");
        fs::write(&passwords, format!("{host} alice@example.test:{password}\n")).expect("a file");
        fs::set_permissions(&passwords, fs::Permissions::from_mode(0o600)).expect("permissions");
        // Postfix's processes run as another user; the test's folder is for root alone.
        fs::copy(server.ca(), folder.join("ca.pem")).expect("the CA");
        format!(
            "relayhost = {host}\nsmtp_sasl_auth_enable = yes\nsmtp_sasl_password_maps = texthash:{}\n\
             smtp_sasl_security_options = noanonymous\nsmtp_tls_security_level = secure\n\
             smtp_tls_secure_cert_match = localhost\nsmtp_tls_CAfile = {}/ca.pem",
            passwords.display(),
            folder.display()
        )
    })
}

#[test]
fn postfix_relays_through_us_with_a_login() {
    let server = scenario().start();
    let postfix = relaying(&server, PASSWORD);
    // Mail of that host's users: senders that are not ours, and not alice.
    postfix.send("www-data@web.example", "bob@example.test", "Subject: from a web server\n\nx\n");
    postfix.wait_for_log_with(&["to=<bob@example.test>", "status=sent (250 2.0.0 Ok: queued as "]);
    let message = server.maildir("bob@example.test").wait_for(1).remove(0);
    assert!(message.contains("Subject: from a web server"), "{message}");
    assert!(
        message.contains(" with ESMTPSA id ") && message.contains("Return-Path: <www-data@web.example>"),
        "{message}"
    );
}

/// A wrong password is Postfix's trouble to tell; it keeps the mail, and our reply stands in its log.
#[test]
fn postfix_hears_why_it_may_not() {
    let server = scenario().start();
    let postfix = relaying(&server, "wrong");
    postfix.send("www-data@web.example", "bob@example.test", "Subject: never\n\nx\n");
    let line = postfix.wait_for_log_with(&["to=<bob@example.test>", "status=deferred"]);
    assert!(line.contains("535 5.7.8 Authentication credentials invalid ["), "{line}");
    assert!(server.maildir("bob@example.test").files().is_empty());
}
