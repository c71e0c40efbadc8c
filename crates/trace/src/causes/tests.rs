//! Every row of the table with a record that has its evidence, and records that have none.

use super::sample::{ended, login, named, record, relayed, said};
use super::*;
use crate::record::{Direction, Outcome, Protocol, Tls};

fn facts() -> Facts {
    let domains = vec!["example.test".to_owned()];
    Facts { hostname: "mail.example.test".to_owned(), domains, default_domain: None, data: "/data".to_owned() }
}

fn names(record: &Record) -> Vec<&'static str> {
    of(record, &facts()).iter().map(|finding| finding.cause).collect()
}

fn inside_tls(record: Record) -> Record {
    let tls = Tls { version: "TLSv1.3".into(), cipher: "c".into(), server_name: None, client_certificate: None };
    Record { tls: Some(Box::new(tls)), ..record }
}

/// A login by token that a module refused with these words.
fn by_token(line: &str) -> Record {
    let mut record = login("wrong password", "", line);
    record.logins.iter_mut().for_each(|login| login.mechanism = Some("XOAUTH2".into()));
    record
}

/// A client that looks at what there is and leaves; it must be the end of it.
fn looks() -> Record {
    said(&["S: * OK ready", "C: a CAPABILITY", "S: * CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED", "S: a OK done"])
}

/// Records by which a client's trouble is recognised.
fn sessions() -> Vec<(&'static str, Record)> {
    vec![
        ("other-identity", login("disabled", "asked to act for somebody else", "")),
        ("token-not-yet-good", by_token("it is not good yet (nbf)")),
        ("token-refused", by_token("it names no issuer (iss)")),
        ("wrong-password", login("wrong password", "", "")),
        ("no-domain-in-name", named("alice", "unknown user")),
        ("foreign-domain", named("test@doiain.de", "unknown user")),
        ("unknown-user", named("alise@example.test", "unknown user")),
        ("disabled", login("disabled", "", "")),
        ("expired", login("expired", "", "")),
        ("mechanism-not-offered", login("mechanism not possible", "it is not offered here", "")),
        ("mechanism-not-possible", login("mechanism not possible", "", "")),
        ("password-in-clear", login("cleartext refused", "no TLS, and auth.require_tls is true", "")),
        ("throttled", login("throttled", "too many failures", "")),
        ("store-not-readable", login("temporary", "accounts: /f as uid 999: Permission denied (os error 13)", "")),
        ("store-missing", login("temporary", "accounts: there is no account store /f", "")),
        ("store-away", login("temporary", "ldap: cannot tell", "connect: Connection refused (os error 111)")),
        ("store-trouble", login("temporary", "userdb: line 3 is none", "")),
        ("login-cancelled", login("aborted", "the client cancelled", "")),
        ("login-left", login("aborted", "the client left in the middle", "")),
        ("malformed-login", login("bad exchange", "the response is not base64", "")),
        ("broken-login", login("bad exchange", "no NUL in it", "")),
        ("no-login-before-tls", looks()),
        ("no-common-mechanism", inside_tls(looks())),
        ("tls-to-plain-port", ended(Outcome::SpokeTlsToPlain, "")),
        ("plain-to-tls-port", ended(Outcome::SpokePlainToTls, "")),
        ("no-certificate", said(&["S: -ERR No TLS here: this server has no certificate [7HX2K9QF]"])),
        ("certificate-not-trusted", ended(Outcome::TlsFailed, "received fatal alert: UnknownCA")),
        ("certificate-expired", ended(Outcome::TlsFailed, "received fatal alert: CertificateExpired")),
        ("certificate-refused", ended(Outcome::TlsFailed, "received fatal alert: BadCertificate")),
        ("tls-too-old", ended(Outcome::TlsFailed, "peer is incompatible: SupportedVersionsExtensionRequired")),
        ("waits-at-tls-port", ended(Outcome::TlsFailed, "timed out")),
        ("tls-broken-off", ended(Outcome::TlsFailed, "unexpected end of file")),
        ("http-to-mail-port", said(&["S: 421 4.7.0 This is SMTP, not HTTP, closing the connection [7HX2K9QF]"])),
        ("proxy-header-missing", ended(Outcome::NoProxyHeader, "timed out")),
        ("proxy-not-trusted", said(&["C: PROXY TCP4 192.0.2.7 198.51.100.1 49152 25", "S: 500 5.5.1 No [7HX2K9QF]"])),
        ("relaying-denied", said(&["S: 550 5.7.1 Relaying denied, log in first: <q@b.test> [7HX2K9QF]"])),
        ("login-wanted", said(&["S: 530 5.7.0 Authentication required [7HX2K9QF]"])),
        ("no-such-user", said(&["S: 550 5.1.1 No such user here: <x@example.test> [7HX2K9QF]"])),
        ("not-your-address", said(&["S: 550 5.7.1 Not one of your addresses: <x@example.test> [7HX2K9QF]"])),
        ("message-too-large", said(&["S: 552 5.3.4 Message too large; octets allowed: 9 [7HX2K9QF]"])),
        ("mail-loop", said(&["S: 554 5.4.6 Too many hops, the message is looping [7HX2K9QF]"])),
        ("bare-line-ends", said(&["S: 550 5.6.11 Message has a bare CR or LF; lines end with CRLF [7HX2K9QF]"])),
        ("too-many-sessions", ended(Outcome::RefusedFull, "")),
        ("server-going-down", ended(Outcome::ServerDraining, "")),
        ("client-silent", ended(Outcome::TimedOut, "nothing came for 1 s")),
        ("address-guessing", said(&["S: 421 4.7.0 Too many recipients who do not exist, closing [7HX2K9QF]"])),
        ("too-many-errors", ended(Outcome::TooManyErrors, "Too many wrong commands, closing the connection")),
        ("our-fault", ended(Outcome::Panicked, "")),
        ("disk-full", said(&["S: 452 4.3.1 Not enough disk space, try again later [7HX2K9QF]"])),
        ("memory-full", said(&["S: 452 4.3.1 Too many large messages at once, try again later [7HX2K9QF]"])),
        ("mailbox-unusable", said(&["S: -ERR [SYS/PERM] Mailbox not available, ask your postmaster [7HX2K9QF]"])),
        ("queue-unusable", said(&["S: 451 4.3.0 Cannot store the message, try again later [7HX2K9QF]"])),
        ("recipients-not-readable", said(&["S: 451 4.3.0 Temporary lookup failure for <a@b> [7HX2K9QF]"])),
    ]
}

/// Why mail did not leave, in the words of `relay`, or of another server.
const REASONS: &[(&str, &str)] = &[
    ("null-mx", "the domain takes no mail (null MX)"),
    ("no-such-domain", "the domain does not exist"),
    ("no-mx", "the domain has no mail host with an address"),
    ("route-is-this-server", "hub.test:587: mail for the domain would come back here: its best mail host is this one"),
    ("mx-is-this-server", "mail for the domain would come back here: its best mail host is this one"),
    ("dns-trouble", "nodns.test: DNS: request timed out"),
    ("port-25-blocked", "mx.test [192.0.2.1]:25: could not connect: Connection timed out (os error 110)"),
    ("server-away", "mx.test [192.0.2.1]:25: could not connect: Connection refused (os error 111)"),
    (
        "other-server-broke-off",
        "mx.test [192.0.2.1]:25: the peer closed the connection (waiting for the reply to DATA)",
    ),
    ("relay-plain-to-tls-port", "h [192.0.2.1]:465: nothing came for 5s (waiting for the reply to greeting)"),
    ("relay-tls-to-plain-port", "h: TLS handshake: received corrupt message of type InvalidContentType"),
    ("relay-other-mechanism", "the server offers no mechanism that can be used (it offers GSSAPI NTLM)"),
    ("relay-no-tls", "h [192.0.2.1]:587: the server does not offer STARTTLS"),
    ("relay-wrong-credentials", "h [192.0.2.1]:587: as me@test.test: the login was refused (the server offers PLAIN)"),
    // MISSION 002-17, 002-29
    (
        "relay-user-misspelt",
        "h [192.0.2.1]:587: as kunde081%@domaOn.de: the login was refused (the server offers PLAIN)",
    ),
    ("relay-other-user", "553 5.7.1 <a@b.test>: Sender address rejected: not owned by user me@test.test"),
    ("relay-file", "h: /etc/pass: others than its owner may read it (mode 0644); chmod 600"),
    ("relay-login-later", "the server could not check the login now"),
    ("relay-tls-first", "refused at MAIL FROM: 530 5.7.0 Must issue a STARTTLS command first"),
    ("relay-wants-login", "refused at MAIL FROM: 530 5.7.0 Authentication required"),
    ("relay-certificate-time", "TLS handshake: invalid peer certificate: NotValidYet"),
    ("relay-certificate-expired", "TLS handshake: invalid peer certificate: certificate expired: verified at"),
    ("relay-certificate-name", "TLS handshake: invalid peer certificate: certificate not valid for name \"a\""),
    ("relay-certificate", "TLS handshake: invalid peer certificate: UnknownIssuer"),
    ("no-such-recipient", "550 5.1.1 No such user here: <nobody@hub.test>"),
    ("recipient-full", "552 5.2.2 mailbox full"),
    ("other-disk-full", "452 4.3.1 insufficient system storage"),
    ("greylisted", "450 4.7.1 Greylisted, come back in 300 seconds"),
    ("too-large-there", "h: the server takes messages of at most 100 octets"),
    ("remote-policy", "550 5.7.1 we do not like you, see https://example.test/"),
];

/// The unit test of each row: its record brings its name and words, and no other's.
#[test]
fn each_cause_is_recognised_by_its_evidence() {
    for (name, record) in sessions() {
        assert_eq!(names(&record), [name]);
    }
    for (name, reason) in REASONS {
        assert_eq!(of_reason(reason, &facts()).map(|finding| finding.cause), Some(*name), "{reason}");
        assert_eq!(names(&relayed(reason)), [*name]);
    }
}

#[test]
fn no_row_is_without_a_record_here() {
    let shown: Vec<_> = sessions().into_iter().map(|(name, _)| name).chain(REASONS.iter().map(|row| row.0)).collect();
    for (name, symptom) in all() {
        assert!(shown.contains(&name) && !symptom.is_empty(), "{name} has no record");
    }
    assert_eq!(all().count(), shown.len(), "two rows have one name");
}

#[test]
fn every_place_in_the_words_is_filled() {
    let found = sessions().into_iter().flat_map(|(_, record)| of(&record, &facts()));
    let found = found.chain(REASONS.iter().filter_map(|(_, reason)| of_reason(reason, &facts())));
    for finding in found {
        let texts = [&finding.happened, &finding.why].into_iter().chain(&finding.fix);
        texts.for_each(|text| assert!(!text.is_empty() && !text.contains('{'), "{finding:?}"));
        assert!(!finding.fix.is_empty(), "{finding:?}");
    }
}

/// No words where there is nothing to say: a session that went well, another server that says our words, a scanner on port
/// 25, a look that ended in a login.
#[test]
fn where_nothing_is_known_nothing_is_said() {
    assert_eq!(of(&record(), &facts()), []);
    let out = Record { direction: Direction::Out, ..said(&["S: 452 4.3.1 Not enough disk space"]) };
    assert_eq!(of(&out, &facts()), []);
    let subject =
        said(&["S: * 1 FETCH (ENVELOPE (NIL \"550 5.7.1 Relaying denied, Mailbox not available\"))", "S: a OK done"]);
    assert_eq!(of(&subject, &facts()), []);
    let smtp = Record { protocol: Protocol::Smtp, service: "smtp".into(), ..said(&["C: EHLO scanner", "S: 250 ok"]) };
    assert_eq!(of(&smtp, &facts()), []);
    let running = Record { ended: None, outcome: Outcome::Running, ..looks() };
    assert_eq!(of(&running, &facts()), []);
    let mut accepted = login("ok", "", "");
    accepted.logins.iter_mut().for_each(|login| login.accepted = true);
    assert_eq!(of(&accepted, &facts()), []);
}

#[test]
fn the_same_cause_is_told_once() {
    let mut record = login("wrong password", "", "");
    record.logins = record.logins.iter().cycle().take(3).cloned().collect();
    record.logins.extend(named("bob@example.test", "unknown user").logins);
    assert_eq!(names(&record), ["wrong-password", "unknown-user"]);
    let found = of(&record, &facts());
    let first = found.first().expect("two");
    assert_eq!(first.happened, "alice@example.test could not log in: the password is wrong.");
    assert_eq!(first.fix.last().map(String::as_str), Some("A new one: gatepost user passwd alice@example.test"));
}
