//! curl, poplib and fetchmail.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use harness::{Gatepost, client, fail_with, succeed};

use super::account::{PASSWORD, address, messages, server};

fn scenario(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/pop3").join(name)
}

/// A message as it is on the wire.
fn wire_form(message: &PathBuf) -> String {
    fs::read_to_string(message).unwrap().replace('\n', "\r\n")
}

fn curl(server: &Gatepost, url: &str, password: &str) -> Command {
    let mut curl = client("curl");
    curl.args(["--silent", "--show-error", "--ssl-reqd", "--cacert"]).arg(server.ca());
    curl.args(["--user", &format!("{}:{password}", address("alice")), url]);
    curl
}

/// MISSION 004-18: both ports.
#[test]
fn curl_reads_over_stls_and_pop3s() {
    let server = server("", &["alice"]);
    for (scheme, port) in [("pop3", 110), ("pop3s", 995)] {
        let url = format!("{scheme}://localhost:{}/", server.port(port));
        assert_eq!(succeed(&mut curl(&server, &url, PASSWORD)), "1 102\r\n2 47\r\n");
        let [first, _] = messages();
        assert_eq!(succeed(&mut curl(&server, &format!("{url}1"), PASSWORD)), wire_form(&first));
    }
}

/// By submission into the queue, from there into the Maildir, and out: no dot is lost on the way.
#[test]
fn what_curl_sends_curl_reads() {
    let server = server("", &["alice"]);
    let [first, _] = messages();
    let to = address("alice");
    let mut send = curl(&server, &format!("smtps://localhost:{}/", server.port(465)), PASSWORD);
    succeed(send.args(["--crlf", "--mail-from", &to, "--mail-rcpt", &to, "--upload-file"]).arg(&first));
    server.maildir(&to).wait_for(3);
    let read = succeed(&mut curl(&server, &format!("pop3s://localhost:{}/3", server.port(995)), PASSWORD));
    let body = wire_form(&first).split_once("\r\n\r\n").unwrap().1.to_owned();
    assert!(read.contains("Received: ") && read.ends_with(&format!("\r\n\r\n{body}")), "{read}");
}

/// 67: the login was denied.
#[test]
fn curl_with_a_wrong_password_is_told_so() {
    let server = server("", &["alice"]);
    let url = format!("pop3s://localhost:{}/", server.port(995));
    fail_with(&mut curl(&server, &url, "swordfish"), 67);
    server.wait_for_log("login refused");
    assert!(!server.log().contains("swordfish"), "no password in the log");
}

#[test]
fn curl_logs_in_with_plain_and_login() {
    let server = server("", &["alice"]);
    let url = format!("pop3s://localhost:{}/2", server.port(995));
    for mechanism in ["PLAIN", "LOGIN"] {
        let mut curl = curl(&server, &url, PASSWORD);
        let [_, second] = messages();
        assert_eq!(succeed(curl.args(["--login-options", &format!("AUTH={mechanism}")])), wire_form(&second));
    }
}

#[test]
fn poplib_reads_and_deletes() {
    let server = server("", &["alice"]);
    let mut python = client("python3");
    python.arg(scenario("poplib_client.py")).arg(server.port(110).to_string()).arg(server.ca());
    python.args([&address("alice"), PASSWORD]).args(messages());
    assert_eq!(succeed(&mut python), "content\n");
}

/// Takes all mail out of the maildrop, by STLS and by POP3S.
#[test]
fn fetchmail_takes_the_mail() {
    let server = server("", &["stls", "pop3s"]);
    for (user, port, tls) in [("stls", 110, "sslproto TLS1.2+"), ("pop3s", 995, "ssl")] {
        let folder = server.folder().join(user);
        fs::create_dir(&folder).unwrap();
        let rc = fetchmailrc(&server, user, &[("PORT", &server.port(port).to_string()), ("TLS", tls)]);
        succeed(client("fetchmail").arg("--fetchmailrc").arg(rc).env("FETCHMAILHOME", &folder).env("HOME", &folder));
        let fetched = fs::read_to_string(folder.join("fetched")).unwrap();
        for line in ["Subject: one", ".", "..two dots", "Last line", "Subject: two", "short"] {
            assert!(fetched.lines().any(|fetched| fetched == line), "{line:?} in {fetched}");
        }
        assert!(server.maildir(&address(user)).files().is_empty(), "all mail was taken");
    }
}

/// Fills in the scenario's file; fetchmail wants it to be its owner's alone.
fn fetchmailrc(server: &Gatepost, user: &str, values: &[(&str, &str)]) -> PathBuf {
    let folder = server.folder().join(user);
    let (folder_text, ca) = (folder.display().to_string(), server.ca().display().to_string());
    let user = address(user);
    let all = [("FOLDER", folder_text.as_str()), ("CA", &ca), ("USER", &user), ("PASSWORD", PASSWORD)];
    let text = fs::read_to_string(scenario("fetchmailrc")).unwrap();
    let text = all.iter().chain(values).fold(text, |text, (name, value)| text.replace(&format!("@{name}@"), value));
    let rc = folder.join("fetchmailrc");
    fs::write(&rc, text).unwrap();
    fs::set_permissions(&rc, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    rc
}
