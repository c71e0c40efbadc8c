//! Debian's Postfix: as a submission server with Cyrus SASL, and on port 25 with a mailbox.

use std::path::Path;

use harness::{Papers, Postfix, Provider};

use crate::{PASSWORD, Probe, Probed};

/// The login at [`Provider`]; Cyrus adds the realm itself.
const ALICE: &str = "alice@provider.test";

/// Postfix as a submission server, with these lines behind the right ones.
fn submission((certificate, key): (&Path, &Path), more: &str) -> Postfix {
    let provider = Provider { certificate, key, user: "alice", password: PASSWORD, mechanisms: "PLAIN LOGIN CRAM-MD5" };
    provider.start_with(&format!(
        "myhostname = mail.example.test\nmynetworks =\nsmtpd_forbid_bare_newline = normalize\n{more}"
    ))
}

fn probed(more: &str) -> Probed {
    let papers = Papers::new();
    let postfix = submission(papers.good(), more);
    probe(&postfix, &papers).with_login(ALICE).run()
}

fn probe(postfix: &Postfix, papers: &Papers) -> Probe {
    Probe::new(format!("127.0.0.1:{}", postfix.port()), "submission", &papers.ca())
}

#[test]
fn a_right_postfix() {
    let probed = probed("");
    probed.is_right();
    assert!(probed.finding("logins").contains("CRAM-MD5"), "{}", probed.finding("logins"));
    // Historic, but nobody is led there: AUTH was not offered.
    assert!(
        probed.finding("auth-before-tls-code").contains("S: 503 5.5.1 Error: authentication not enabled"),
        "{}",
        probed.finding("auth-before-tls-code")
    );
}

/// MISSION 000-02, 003-09.
#[test]
fn auth_in_clear() {
    probed("smtpd_tls_auth_only = no").has_wrong(&["error login-in-clear"]);
}

/// MISSION 003-16.
#[test]
fn another_name_in_the_greeting() {
    probed("smtpd_banner = wampir7.example.test ESMTP").has_wrong(&["warning names-differ"]);
}

/// MISSION 001-14.
#[test]
fn no_login_on_a_port_for_users() {
    probed("smtpd_sasl_auth_enable = no").has_wrong(&["error no-login"]);
}

#[test]
fn no_tls() {
    let probed = probed("smtpd_tls_security_level = none\nsmtpd_tls_auth_only = no");
    probed.has_wrong(&["error no-tls", "error login-in-clear"]);
    assert!(probed.skipped("mechanisms").contains("--allow-clear"), "{}", probed.skipped("mechanisms"));
}

#[test]
fn a_network_that_may_relay() {
    probed(
        "mynetworks = 127.0.0.0/8\nsmtpd_relay_restrictions = permit_mynetworks, reject\n\
            smtpd_recipient_restrictions = permit_mynetworks, reject",
    )
    .has_wrong(&["critical open-relay"]);
}

/// MISSION 003-13: given, but not announced.
#[test]
fn codes_that_are_not_announced() {
    let probed = probed("smtpd_discard_ehlo_keywords = enhancedstatuscodes");
    probed.is_right();
    assert!(probed.finding("status-not-announced").contains("S: 250 2.0.0 Ok"));
}

/// MISSION 004-31 and its kin.
#[test]
fn certificates_that_are_not_good() {
    let papers = Papers::new();
    for ((certificate, key), expected) in [
        (papers.expired(), "error certificate-expired"),
        (papers.for_another(), "error certificate-wrong-name"),
        (papers.short(), "warning certificate-expires-soon"),
        (papers.self_signed(), "error certificate-self-signed"),
    ] {
        let postfix = submission((&certificate, &key), "");
        probe(&postfix, &papers).run().has_wrong(&[expected]);
    }
}

/// The password goes to a server with a bad certificate only when that is wanted.
#[test]
fn a_password_for_whoever_is_there() {
    let papers = Papers::new();
    let (certificate, key) = papers.self_signed();
    let postfix = submission((&certificate, &key), "");
    let careful = probe(&postfix, &papers).with_login(ALICE).run();
    assert!(careful.skipped("mechanisms").contains("the certificate is not good"), "{}", careful.skipped("mechanisms"));
    let careless = probe(&postfix, &papers).with(&["--insecure"]).with_login(ALICE).run();
    careless.has_wrong(&["error certificate-self-signed"]);
    assert!(careless.finding("logins").contains("PLAIN"), "{}", careless.finding("logins"));
}

/// CVE-2023-51764: Debian's Postfix as it is set up by default, and as it should be. What is seen are the answers; what
/// was smuggled lies in the mailbox.
#[test]
fn messages_that_are_smuggled() {
    let papers = Papers::new();
    let postfix = submission(papers.good(), "smtpd_forbid_bare_newline = no");
    let probed = probe(&postfix, &papers).with(&["--smuggling-to", "box@x.example"]).with_login(ALICE).run();
    let wrong = probed.wrong();
    assert!(wrong.iter().all(|finding| finding == "critical smuggling") && !wrong.is_empty(), "{wrong:?}");
    assert!(probed.finding("smuggling").contains("C: (one message with "), "{}", probed.finding("smuggling"));
    // One for each end, and those that were smuggled behind.
    let mails = postfix.maildir("box").wait_for(5 + wrong.len());
    assert!(mails.iter().any(|mail| mail.contains("Subject: gatepost probe: LF.CRLF, smuggled")), "{mails:?}");
    let postfix = submission(papers.good(), "");
    let probed = probe(&postfix, &papers).with(&["--smuggling-to", "box@x.example"]).with_login(ALICE).run();
    probed.is_right();
    assert_eq!(probed.skipped("smuggling"), "");
}
