//! Debian's Postfix authenticates submission through our daemon (`smtpd_sasl_type = dovecot`).

use std::fs;
use std::path::Path;
use std::process::Command;

use harness::{Postfix, client, fail_with, succeed};

use crate::{PASSWORD, Setting};

/// swaks' exit code when AUTH fails.
const NO_AUTH: i32 = 28;

fn postfix(setting: &Setting) -> Postfix {
    let (socket, tls) = (setting.socket("dovecot"), setting.server.data().join("tls"));
    Postfix::start(|folder: &Path| {
        for file in ["cert.pem", "key.pem"] {
            fs::copy(tls.join(file), folder.join(file)).expect("the certificate");
        }
        fs::create_dir(folder.join("mail")).expect("a folder");
        harness::give_to_postfix(&folder.join("mail"));
        let folder = folder.display();
        format!(
            "smtpd_sasl_auth_enable = yes\nsmtpd_sasl_type = dovecot\nsmtpd_sasl_path = {}\n\
             smtpd_sasl_security_options = noanonymous\nsmtpd_tls_security_level = may\n\
             smtpd_tls_cert_file = {folder}/cert.pem\nsmtpd_tls_key_file = {folder}/key.pem\n\
             smtpd_recipient_restrictions = permit_sasl_authenticated, reject\n\
             smtpd_relay_restrictions = permit_sasl_authenticated, reject\n\
             virtual_mailbox_domains = example.net\nvirtual_mailbox_base = {folder}/mail\n\
             virtual_mailbox_maps = inline:{{ {{ bob@example.net = bob/ }} }}\n\
             virtual_uid_maps = static:65534\nvirtual_gid_maps = static:65534\nvirtual_minimum_uid = 1",
            socket.display()
        )
    })
}

fn swaks(postfix: &Postfix, mechanism: &str, password: &str, more: &[&str]) -> Command {
    let mut command = client("swaks");
    command.arg("--server").arg(format!("127.0.0.1:{}", postfix.port()));
    command.args([
        "--from",
        "alice@example.test",
        "--to",
        "bob@example.net",
        "--timeout",
        "60",
        "--quit-after",
        "RCPT",
    ]);
    command.args(["--auth", mechanism, "--auth-user", "alice@example.test", "--auth-password", password]).args(more);
    command
}

/// MISSION 004-24 for Dovecot's protocol: right, wrong, unknown, by each mechanism that swaks has.
#[test]
fn postfix_asks_our_accounts() {
    let setting = Setting::new("");
    let authd = setting.authd();
    let postfix = postfix(&setting);
    for mechanism in ["PLAIN", "LOGIN"] {
        let said = succeed(&mut swaks(&postfix, mechanism, PASSWORD, &["--tls"]));
        assert!(said.contains("235 2.7.0 Authentication successful"), "{said}");
        assert!(said.contains("SCRAM-SHA-256") && !said.contains("CRAM-MD5"), "what is offered is computed: {said}");
        let said = fail_with(&mut swaks(&postfix, mechanism, "wrong", &["--tls"]), NO_AUTH);
        assert!(said.contains("535 5.7.8 "), "{said}");
    }
    let line = authd.wait_for_log("login accepted");
    assert!(line.contains("service=\"smtp\" peer=127.0.0.1"), "{line}");
    postfix.wait_for_log_with(&["sasl_method=PLAIN", "sasl_username=alice@example.test"]);
}

/// Passwords are taken inside TLS only, also for others.
#[test]
fn without_tls_postfix_is_refused() {
    let setting = Setting::new("");
    let authd = setting.authd();
    let postfix = postfix(&setting);
    let said = fail_with(&mut swaks(&postfix, "PLAIN", PASSWORD, &[]), NO_AUTH);
    assert!(said.contains("535 5.7.8 "), "{said}");
    authd.wait_for_log("no TLS yet, and auth.require_tls is true");
    drop(authd);
    setting.server.edit_config(|config| format!("{config}\n[auth]\nrequire_tls = false\n"));
    let _authd = setting.authd();
    succeed(&mut swaks(&postfix, "PLAIN", PASSWORD, &[]));
}

/// MISSION 004-33: what cannot be told is 4xx. (This Postfix makes a 535 of every `FAIL`, so it is not told one.)
#[test]
fn what_cannot_be_told_is_temporary_for_postfix() {
    let setting = Setting::new("");
    let authd = setting.authd();
    let postfix = postfix(&setting);
    // The smtpd process that learns here what is offered takes the next connection too.
    succeed(&mut swaks(&postfix, "PLAIN", PASSWORD, &["--tls"]));
    let store = setting.server.data().join("accounts.sqlite");
    fs::rename(&store, store.with_extension("away")).expect("it is there");
    let said = fail_with(&mut swaks(&postfix, "PLAIN", PASSWORD, &["--tls"]), NO_AUTH);
    assert!(said.contains("454 4.7.0 "), "{said}");
    authd.wait_for_log("there is no account store");
}
