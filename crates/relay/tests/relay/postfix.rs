//! Postfix with Cyrus SASL as the smarthost that demands a login over STARTTLS.

use harness::{Postfix, Provider};

use crate::fixture::{Authority, Fixture, deferred, delivered};

/// A provider, and a courier that logs in there with a password.
fn provider(mechanisms: &str, password: &str) -> (Postfix, Fixture, Authority) {
    let authority = Authority::new();
    let (certificate, key) = (&authority.files.certificate, &authority.files.key);
    let postfix = Provider { certificate, key, user: "me", password: "right horse", mechanisms }.start();
    let fixture = Fixture::new("", 25, "");
    let file = fixture.password(password);
    fixture.reload(&format!(
        "[[route]]\nto = \"*\"\nvia = \"127.0.0.1:{}\"\nuser = \"me\"\npassword_file = \"{}\"\n{}\n",
        postfix.port(),
        file.display(),
        authority.key()
    ));
    (postfix, fixture, authority)
}

/// Logs in by the one mechanism that is offered; the mail arrives with the login's name on it.
async fn logs_in_by(mechanism: &str) {
    let (postfix, fixture, _authority) = provider(mechanism, "right horse");
    let outcome = fixture.send_one("b@x.example").await;
    assert!(delivered(&outcome).contains("queued as"), "{outcome:?}");
    postfix.wait_for_log(&format!("sasl_method={mechanism}"));
    let mail = postfix.maildir("box").wait_for(1).remove(0);
    assert!(mail.contains("Subject: hello") && mail.contains("(Authenticated sender: me"), "{mail}");
}

#[tokio::test]
async fn by_scram() {
    logs_in_by("SCRAM-SHA-256").await;
}

#[tokio::test]
async fn by_scram_sha_1() {
    logs_in_by("SCRAM-SHA-1").await;
}

#[tokio::test]
async fn by_cram_md5() {
    logs_in_by("CRAM-MD5").await;
}

#[tokio::test]
async fn by_plain() {
    logs_in_by("PLAIN").await;
}

#[tokio::test]
async fn by_login() {
    logs_in_by("LOGIN").await;
}

/// MISSION 001-03, 001-14: with a wrong password mail stays queued with the reason, and goes out once it is corrected.
#[tokio::test]
async fn a_wrong_password_keeps_mail_queued_until_it_is_corrected() {
    let (postfix, fixture, _authority) = provider("PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256", "wrong horse");
    let outcome = fixture.send_one("b@x.example").await;
    let (status, configuration, text) = deferred(&outcome);
    assert!(status == "4.7.8" && configuration && text.contains("535 5.7.8"), "{outcome:?}");
    for mechanism in ["SCRAM-SHA-256", "CRAM-MD5", "PLAIN", "LOGIN"] {
        assert!(text.contains(mechanism), "{text}");
    }
    fixture.password("right horse");
    delivered(&fixture.send_one("b@x.example").await);
    postfix.maildir("box").wait_for(1);
}
