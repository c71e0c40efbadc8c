//! Through a provider that demands a login.

use std::fs::{Permissions, set_permissions, write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use harness::{Provider, Scenario};
use tempfile::TempDir;

use crate::BINARY;
use crate::setting::{PASSWORD, Sender, receiver};

fn write_password(path: &Path, password: &str) {
    write(path, format!("{password}\n")).expect("a file");
    set_permissions(path, Permissions::from_mode(0o600)).expect("a mode");
}

/// Another Gatepost is the provider, with TLS from the first octet.
#[test]
fn with_implicit_tls() {
    let provider = receiver();
    // A provider lets its customers send as themselves alone.
    provider.add_user("alice@example.test", PASSWORD);
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("pass");
    write_password(&file, PASSWORD);
    let (port, ca) = (provider.port(465).to_string(), provider.ca());
    let (ca, file) = (ca.to_str().expect("UTF-8"), file.to_str().expect("UTF-8"));
    let sender = Sender::start("smarthost-implicit", &[("port", &port), ("ca", ca), ("password", file)]);
    sender.submit("bob@other.test", "by the provider");
    let mail = provider.maildir("bob@other.test").wait_for(1).remove(0);
    assert!(mail.contains("Subject: by the provider") && mail.contains("(Authenticated sender: "), "{mail}");
}

/// MISSION 001-03, 001-14: Postfix demands a login over STARTTLS. With a wrong password mail stays queued with the reason,
/// and is delivered after the password was corrected and `queue retry`.
#[test]
fn a_wrong_password_keeps_mail_queued_until_it_is_corrected() {
    let certificates = Scenario::new(BINARY).prepare();
    let (certificate, key) = (certificates.data().join("tls/cert.pem"), certificates.data().join("tls/key.pem"));
    let (user, password, mechanisms) = ("me", "right horse", "PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256");
    let postfix = Provider { certificate: &certificate, key: &key, user, password, mechanisms }.start();

    let file = certificates.folder().join("pass");
    write_password(&file, "wrong horse");
    let (port, ca) = (postfix.port().to_string(), certificates.ca());
    let (ca, path) = (ca.to_str().expect("UTF-8"), file.to_str().expect("UTF-8"));
    let sender = Sender::start("smarthost-login", &[("port", &port), ("ca", ca), ("password", path)]);
    sender.submit("b@x.example", "through the provider");

    let line = sender.server.wait_for_log("this route does not work");
    assert!(line.contains("SCRAM-SHA-256 CRAM-MD5 PLAIN LOGIN") && !line.contains("horse"), "{line}");
    let queue = sender.wait_for_queue("4.7.8");
    assert!(queue.contains("535 5.7.8") && queue.contains("b@x.example"), "{queue}");

    write_password(&file, "right horse");
    assert_eq!(sender.server.run(&["queue", "retry"], ""), "1 message is due now\n");
    let mail = postfix.maildir("box").wait_for(1).remove(0);
    assert!(mail.contains("Subject: through the provider"), "{mail}");
    postfix.wait_for_log_with(&["sasl_method=SCRAM-SHA-256", "sasl_username=me"]);
    assert!(sender.server.maildir("alice@example.test").files().is_empty(), "nothing was bounced");
}
