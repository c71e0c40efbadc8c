//! Every mechanism, by clients that nobody here wrote, on a server that keeps a password in clear and asks for
//! certificates, so that all of them are offered.

mod certificates;
mod tokens;

use std::process::Command;

use harness::{Gatepost, Scenario, client, fail_with, input, succeed};

use crate::BINARY;
use crate::log::records;
use certificates::Authority;

const ALICE: &str = "alice@example.test";
const PASSWORD: &str = "sesame of alice";

/// Exit codes for a login that was refused: of swaks, of curl, and sysexits(3)'s `EX_NOPERM` of msmtp.
const SWAKS_NO_AUTH: i32 = 28;
const CURL_DENIED: i32 = 67;
const MSMTP_NOT_PERMITTED: i32 = 77;

/// The server, not started yet, and who signs its clients' certificates.
fn prepare(chain: &str, tables: &str) -> (Gatepost, Authority) {
    let config = format!("[auth]\nchain = [{chain}]\n[auth.passwd-file]\npath = \"users\"\n{tables}");
    let server = Scenario::new(BINARY).config(&config).prepare();
    std::fs::write(server.data().join("users"), format!("{ALICE}:{{PLAIN}}{PASSWORD}:::::\n")).expect("written");
    let authority = Authority::new(server.folder(), "authority");
    let line = format!("[tls]\nclient_ca = \"{}\"\n", authority.certificate().display());
    server.edit_config(|text| text.replace("[tls]\n", &line));
    (server, authority)
}

fn start() -> Gatepost {
    let (mut server, _) = prepare("\"passwd-file\"", "");
    server.start();
    server
}

/// Compares what the server wrote down of the logins with `listener MECHANISM outcome`, in any order: a record is
/// written after the answer.
fn assert_noted(server: &Gatepost, wanted: &[String]) {
    let text = |value: &serde_json::Value| value.as_str().expect("a word").to_owned();
    let found = records(server, wanted.len(), &["auth", "log", "--json"]);
    let line = |record| ["listener", "mechanism", "outcome"].map(|key| text(&serde_json::Value::clone(record)[key]));
    let mut found: Vec<_> = found.iter().map(|record| line(record).join(" ")).collect();
    let mut wanted = wanted.to_vec();
    found.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(found, wanted);
}

fn swaks(server: &Gatepost, port: u16, mechanism: &str, password: &str) -> Command {
    let mut command = client("swaks");
    command.args(["--server", &format!("127.0.0.1:{}", server.port(port)), "--timeout", "60", "--tls-verify"]);
    command.arg("--tls-ca-path").arg(server.ca()).args(["--from", ALICE, "--to", ALICE]);
    command.arg(if port == 465 { "--tls-on-connect" } else { "--tls" });
    command.args(["--auth", mechanism, "--auth-user", ALICE, "--auth-password", password]);
    command
}

/// curl, which lists a mailbox or sends a message.
fn curl(server: &Gatepost, standard: u16, mechanism: &str, password: &str) -> Command {
    let scheme = match standard {
        110 => "pop3",
        143 => "imap",
        465 => "smtps",
        993 => "imaps",
        995 => "pop3s",
        _ => "smtp",
    };
    let mut command = client("curl");
    command.args(["--silent", "--show-error", "--ssl-reqd", "--cacert"]).arg(server.ca());
    command.args(["--user", &format!("{ALICE}:{password}"), "--login-options", &format!("AUTH={mechanism}")]);
    if scheme.starts_with("smtp") {
        command.args(["--mail-from", ALICE, "--mail-rcpt", ALICE, "--upload-file", "-"]);
        command.stdin(input("Subject: by curl\r\n\r\nHello.\r\n"));
    }
    command.arg(format!("{scheme}://localhost:{}/", server.port(standard)));
    command
}

fn msmtp(server: &Gatepost, mechanism: &str, password: &str, lines: &str) -> Command {
    let config = format!(
        "host 127.0.0.1\nport {}\nfrom {ALICE}\nauth {mechanism}\nuser {ALICE}\npasswordeval cat secret\n\
         tls on\ntls_starttls on\ntls_trust_file {}\n{lines}",
        server.port(587),
        server.ca().display(),
    );
    let path = server.folder().join("msmtprc");
    std::fs::write(&path, config).expect("a config");
    // A token is too long for a line of the config.
    std::fs::write(server.folder().join("secret"), format!("{password}\n")).expect("a secret");
    let mut command = client("msmtp");
    command.current_dir(server.folder()).arg("-C").arg(&path).arg(ALICE).stdin(input("Subject: by msmtp\n\nHello.\n"));
    command
}

/// GNU SASL's client, behind STARTTLS. It binds what it can to the connection, and then refuses to use SCRAM without a
/// binding; `--no-cb` makes it a client that cannot bind.
fn gsasl(server: &Gatepost, protocol: &str, mechanism: &str, password: &str) -> Command {
    let port = server.port(if protocol == "--imap" { 143 } else { 587 });
    let mut command = client("gsasl");
    command.args([protocol, "--starttls", "--verbose", "--mechanism", mechanism, "--authentication-id", ALICE]);
    command.args(["--authorization-id", "", "--password", password]);
    command.args((!mechanism.ends_with("-PLUS")).then_some("--no-cb"));
    command.arg("--x509-ca-file").arg(server.ca()).arg(format!("--connect=localhost:{port}")).stdin(input(""));
    command
}

/// MISSION 000-07, 003-02: the three mechanisms of the old patch, on both submission ports, and none with a wrong
/// password.
#[test]
fn swaks_submits_with_plain_login_and_cram_md5() {
    let server = start();
    let mut wanted = Vec::new();
    for mechanism in ["PLAIN", "LOGIN", "CRAM-MD5"] {
        for (port, listener) in [(587, "submission"), (465, "submissions")] {
            let said = succeed(&mut swaks(&server, port, mechanism, PASSWORD));
            assert!(said.contains("235 2.7.0 ") && said.contains("250 2.0.0 Ok: queued as "), "{said}");
            wanted.push(format!("{listener} {mechanism} ok"));
        }
        let said = fail_with(&mut swaks(&server, 587, mechanism, "wrong"), SWAKS_NO_AUTH);
        assert!(said.contains("535 5.7.8 Authentication credentials invalid"), "{said}");
        wanted.push(format!("submission {mechanism} wrong password"));
    }
    server.maildir(ALICE).wait_for(6);
    assert_noted(&server, &wanted);
}

/// MISSION 002-02, 003-02: one name and password for sending and for reading by POP3 and IMAP, with the three mechanisms,
/// behind STARTTLS and with TLS at once; `auth test` finds the same for every service.
#[test]
fn one_name_and_password_is_good_for_smtp_imap_and_pop3() {
    let server = start();
    let mut wanted = Vec::new();
    for mechanism in ["PLAIN", "LOGIN", "CRAM-MD5"] {
        for (port, listener) in
            [(587, "submission"), (465, "submissions"), (143, "imap"), (993, "imaps"), (110, "pop3"), (995, "pop3s")]
        {
            succeed(&mut curl(&server, port, mechanism, PASSWORD));
            wanted.push(format!("{listener} {mechanism} ok"));
        }
        for service in ["smtp", "imap", "pop3"] {
            let arguments = ["auth", "test", ALICE, "--service", service, "--mechanism", mechanism, "--password-stdin"];
            let text = server.run(&arguments, &format!("{PASSWORD}\n"));
            assert!(text.contains(&format!("accepted by {mechanism}")), "{text}");
        }
    }
    for (port, listener) in [(465, "submissions"), (993, "imaps"), (995, "pop3s")] {
        fail_with(&mut curl(&server, port, "CRAM-MD5", "wrong"), CURL_DENIED);
        wanted.push(format!("{listener} CRAM-MD5 wrong password"));
    }
    server.maildir(ALICE).wait_for(6);
    assert_noted(&server, &wanted);
}

/// MISSION 000-12, 002-02: the same password by APOP. RFC 1939 §7: its timestamp is in the greeting, which a client of
/// STLS has heard in clear, where nothing is offered: curl sends nothing then, and `check` says why.
#[test]
fn curl_reads_by_apop() {
    let server = start();
    succeed(&mut curl(&server, 995, "+APOP", PASSWORD));
    fail_with(&mut curl(&server, 110, "+APOP", PASSWORD), CURL_DENIED);
    fail_with(&mut curl(&server, 995, "+APOP", "wrong"), CURL_DENIED);
    assert_noted(&server, &["pop3s APOP ok", "pop3s APOP wrong password"].map(str::to_owned));
    let check = server.run(&["check"], "");
    let offers = |line: &str| line.trim_start().starts_with("APOP ").then(|| line.contains(" not offered because its"));
    let said: Vec<_> = check.lines().filter_map(offers).collect();
    assert_eq!(said, [true, false], "behind STLS, and at pop3s: {check}");
}

/// What Python's libraries say of each login; a refused one is an exception of theirs.
const PYTHON: &str = r"
import imaplib, poplib, smtplib, ssl, sys
ca, imaps, pop3s, submissions, user, password = sys.argv[1:]
trust = ssl.create_default_context(cafile=ca)
pop3 = lambda: poplib.POP3_SSL('localhost', int(pop3s), context=trust)
imap = lambda: imaplib.IMAP4_SSL('localhost', int(imaps), ssl_context=trust)
smtp = lambda: smtplib.SMTP_SSL('localhost', int(submissions), context=trust)
logins = [lambda: pop3().apop(user, password), lambda: imap().login_cram_md5(user, password),
          lambda: smtp().login(user, password)]
for login in logins:
    try:
        login()
        print('ok')
    except (poplib.error_proto, imaplib.IMAP4.error, smtplib.SMTPAuthenticationError):
        print('refused')
";

/// MISSION 000-07, 002-02: poplib's APOP, imaplib's CRAM-MD5, and smtplib, which takes CRAM-MD5 by itself where it is
/// offered, and tries the others after it.
#[test]
fn python_logs_in_with_apop_and_cram_md5() {
    let server = start();
    let python = |password: &str| {
        let ports = [993, 995, 465].map(|standard| server.port(standard).to_string());
        let mut command = client("python3");
        command.args(["-c", PYTHON]).arg(server.ca()).args(ports).args([ALICE, password]);
        succeed(&mut command)
    };
    assert_eq!(python(PASSWORD), "ok\nok\nok\n");
    assert_noted(&server, &["pop3s APOP ok", "imaps CRAM-MD5 ok", "submissions CRAM-MD5 ok"].map(str::to_owned));
    assert_eq!(python("wrong"), "refused\nrefused\nrefused\n");
}

/// MISSION 003-02: both hashes of SCRAM beside the three, by msmtp.
#[test]
fn msmtp_submits_with_every_mechanism_that_it_has() {
    let server = start();
    let mut wanted = Vec::new();
    for mechanism in ["plain", "login", "cram-md5", "scram-sha-1", "scram-sha-256"] {
        succeed(&mut msmtp(&server, mechanism, PASSWORD, ""));
        wanted.push(format!("submission {} ok", mechanism.to_ascii_uppercase()));
    }
    for mechanism in ["scram-sha-1", "scram-sha-256"] {
        fail_with(&mut msmtp(&server, mechanism, "wrong", ""), MSMTP_NOT_PERMITTED);
        wanted.push(format!("submission {} wrong password", mechanism.to_ascii_uppercase()));
    }
    server.maildir(ALICE).wait_for(5);
    assert_noted(&server, &wanted);
}

/// MISSION 003-02: by GNU SASL over SMTP and IMAP, SCRAM bound to the TLS connection, and not bound.
#[test]
fn gsasl_logs_in_with_scram_bound_to_the_connection() {
    let server = start();
    let mut wanted = Vec::new();
    for (protocol, listener) in [("--smtp", "submission"), ("--imap", "imap")] {
        for mechanism in
            ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN"]
        {
            let said = succeed(&mut gsasl(&server, protocol, mechanism, PASSWORD));
            assert!(said.contains("235 2.7.0 ") || said.contains("OK [CAPABILITY "), "{said}");
            wanted.push(format!("{listener} {mechanism} ok"));
        }
        for mechanism in ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS"] {
            let said = fail_with(&mut gsasl(&server, protocol, mechanism, "wrong"), 1);
            assert!(said.contains("535 5.7.8 ") || said.contains("NO [AUTHENTICATIONFAILED]"), "{said}");
            wanted.push(format!("{listener} {mechanism} wrong password"));
        }
    }
    assert_noted(&server, &wanted);
}
