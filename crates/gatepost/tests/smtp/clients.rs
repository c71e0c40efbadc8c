//! curl and Python's smtplib.

use std::process::Command;

use harness::{Gatepost, client, fail_with, input, succeed};

use crate::{PASSWORD, scenario};

/// curl(1): the peer's certificate cannot be trusted.
const BAD_CERTIFICATE: i32 = 60;

fn curl(server: &Gatepost, url: &str, more: &[&str]) -> Command {
    let mut command = client("curl");
    command.args(["--silent", "--show-error", "--ssl-reqd", "--max-time", "60"]).arg("--cacert").arg(server.ca());
    command.args(["--url", url, "--user", &format!("alice@example.test:{PASSWORD}")]);
    command.args(["--mail-from", "alice@example.test", "--mail-rcpt", "bob@example.test", "--upload-file", "-"]);
    command.args(more).stdin(input("Subject: by curl\r\n\r\n.dot\r\n"));
    command
}

#[test]
fn curl_with_starttls_and_implicit_tls() {
    let server = scenario().start();
    let (submission, submissions) = (server.port(587), server.port(465));
    succeed(&mut curl(&server, &format!("smtp://127.0.0.1:{submission}"), &[]));
    succeed(&mut curl(&server, &format!("smtps://127.0.0.1:{submissions}"), &["--login-options", "AUTH=LOGIN"]));
    for message in server.maildir("bob@example.test").wait_for(2) {
        assert!(message.contains("Subject: by curl") && message.trim_end().ends_with("\n.dot"), "{message}");
    }
}

/// curl has no other way to say it: without a certificate that it can check it sends nothing.
#[test]
fn curl_trusts_nobody_by_default() {
    let server = scenario().start();
    let url = format!("smtps://127.0.0.1:{}", server.port(465));
    let said =
        fail_with(&mut curl(&server, &url, &["--cacert", "/etc/ssl/certs/ca-certificates.crt"]), BAD_CERTIFICATE);
    assert!(said.contains("certificate"), "{said}");
}

const SMTPLIB: &str = r#"
import smtplib, ssl, sys
from email.message import EmailMessage
submission, submissions, ca, password = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
trust = ssl.create_default_context(cafile=ca)

def mail(subject, text):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "alice@example.test", "bob@example.test", subject
    message.set_content(text)
    return message

with smtplib.SMTP("127.0.0.1", submission) as client:
    client.ehlo("client.example")
    assert "auth" not in client.esmtp_features, client.esmtp_features
    client.starttls(context=trust)
    client.ehlo("client.example")
    assert client.esmtp_features["size"] == "52428800", client.esmtp_features
    try:
        client.login("alice@example.test", "wrong")
        raise SystemExit("a wrong password was accepted")
    except smtplib.SMTPAuthenticationError as error:
        assert error.smtp_code == 535, error
    client.login("alice@example.test", password)
    client.send_message(mail("one", "first\n.\n.."))
    client.send_message(mail("two", "grün"), mail_options=["BODY=8BITMIME", "SMTPUTF8"])
    refused = client.send_message(mail("three", "x"), to_addrs=["bob@example.test", "nobody@example.test"])
    assert list(refused) == ["nobody@example.test"] and refused["nobody@example.test"][0] == 550, refused
    assert client.noop()[0] == 250 and client.verify("bob")[0] == 252 and client.help()
with smtplib.SMTP_SSL("127.0.0.1", submissions, context=trust) as client:
    client.login("alice@example.test", password)
    client.send_message(mail("large", "x" * 70 + "\n" + ("y" * 70 + "\n") * 40000))
"#;

#[test]
fn pythons_smtplib() {
    let server = scenario().start();
    let mut python = client("python3");
    python.arg("-c").arg(SMTPLIB).arg(server.port(587).to_string()).arg(server.port(465).to_string());
    succeed(python.arg(server.ca()).arg(PASSWORD));
    let messages = server.maildir("bob@example.test").wait_for(4);
    for subject in ["one", "two", "three", "large"] {
        let message = messages.iter().find(|message| message.contains(&format!("Subject: {subject}")));
        let message = message.unwrap_or_else(|| panic!("no message {subject}"));
        assert_eq!(message.len() > 2_800_000, subject == "large", "{} octets", message.len());
    }
}
