//! Passwords in every form in which they are sent, and in none in what is kept.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::Tracer;
use super::tests::begin;
use crate::record::{Protocol, Record};

/// Every spelling in which a secret might be found.
fn spellings(secret: &str) -> Vec<String> {
    let mut all = vec![secret.to_owned(), secret.bytes().map(|octet| format!("{octet:02x}")).collect()];
    all.push(secret.bytes().rev().map(char::from).collect());
    for (before, cut) in [("", 0), ("x", 2), ("xy", 3)] {
        let text = STANDARD.encode(format!("{before}{secret}"));
        // Without the characters that depend on what is in front and behind.
        let end = (before.len() + secret.len()) * 8 / 6;
        all.push(text[cut..end].to_owned());
    }
    all
}

/// A login in one of its forms, as lines of the client; `secret` is in it.
fn forms(user: &str, secret: &str) -> Vec<Vec<String>> {
    let plain = STANDARD.encode(format!("\0{user}\0{secret}"));
    let token = STANDARD.encode(format!("n,a={user},\u{1}auth=Bearer {secret}\u{1}\u{1}"));
    let (of_user, of_secret) = (STANDARD.encode(user), STANDARD.encode(secret));
    let (m, n) = (user.len(), secret.len());
    [
        vec![format!("AUTH PLAIN {plain}")],
        vec!["AUTH PLAIN".into(), plain.clone()],
        vec![plain.clone()],
        vec!["AUTH LOGIN".into(), of_user.clone(), of_secret.clone()],
        vec![format!("AUTH LOGIN {of_user}"), of_secret.clone()],
        vec![of_secret],
        vec![format!("AUTH XOAUTH2 {token}")],
        vec![format!("AUTH {secret}")],
        vec![format!("PASS {secret}")],
        vec![format!("APOP {user} {secret}")],
        vec![format!("a1 LOGIN {user} {secret}")],
        vec![format!("a1 LOGIN \"{user}\" \"{secret}\"")],
        vec![format!("a1 LOGIN {{{m}}}"), format!("{user} {{{n}}}"), secret.into()],
        vec![format!("a1 LOGIN {{{m}+}}"), format!("{user} {secret}")],
        vec![format!("a1 LOGIN {user} {{{n}+}}"), secret.into()],
        vec![format!("a1 LOGIN {user} {{{n}-}}"), secret[..3].into(), secret[3..].into()],
        vec![format!("a1 AUTHENTICATE PLAIN {plain}")],
        vec!["a1 AUTHENTICATE PLAIN".into(), plain.clone()],
        vec!["a1 AUTHENTICATE OAUTHBEARER".into(), token],
        vec![format!("AUHT PLAIN {plain}")],
    ]
    .into()
}

proptest! {
    #[test]
    fn no_spelling_of_a_password_gets_in(
        user in "[a-z]{1,12}(@example\\.test)?",
        secret in "Zq7[A-Za-z0-9]{6,20}",
        form in 0_usize..20,
        junk in prop_oneof![Just(""), Just("\t"), Just(" \0"), Just("\u{ff}\u{fe}"), Just("\u{b}")],
        lower: bool,
        ends: bool,
        at_once: bool,
    ) {
        let tracer = Tracer::without_files();
        let (recorder, id) = begin(&tracer, Protocol::Imap);
        let mut lines = forms(&user, &secret).swap_remove(form);
        if lower {
            for command in ["AUTH ", "PLAIN", "LOGIN", "PASS", "APOP", "AUTHENTICATE"] {
                lines[0] = lines[0].replacen(command, &command.to_lowercase(), 1);
            }
        }
        lines[0].insert_str(0, junk);
        let end = if ends || at_once { "\r\n" } else { "" };
        let lines: Vec<_> = lines.into_iter().map(|line| line + end).collect();
        if at_once {
            recorder.came(lines.concat().as_bytes());
        } else {
            lines.iter().for_each(|line| recorder.came(line.as_bytes()));
        }
        let record = serde_json::to_string(&tracer.running(id).expect("it runs")).expect("JSON");
        for spelling in spellings(&secret) {
            prop_assert!(!record.contains(&spelling), "{} in {}", spelling, record);
        }
    }

    #[test]
    fn whatever_a_driver_says_is_secret_is_hidden(
        before in "[ -~]{0,40}",
        secret in "Zq7[A-Za-z0-9]{6,20}",
        after in "(\r\n[a-z]{0,9}){0,3}",
    ) {
        let tracer = Tracer::without_files();
        let (recorder, id) = begin(&tracer, Protocol::Imap);
        let line = format!("{before}{secret}{after}{secret}");
        recorder.came_secret(line.as_bytes(), before.len(), Some(&"u".repeat(2000)));
        recorder.came_secret(secret.as_bytes(), 0, None);
        recorder.sent_secret(line.as_bytes(), before.len(), None);
        recorder.came_secret(b"short", usize::MAX, None);
        let record = serde_json::to_string(&tracer.running(id).expect("it runs")).expect("JSON");
        prop_assert!(!record.contains(&secret), "{}", record);
    }

    #[test]
    fn any_octets_are_recorded_without_a_panic(octets: Vec<u8>, from: usize, protocol in 0..3) {
        let protocol = [Protocol::Smtp, Protocol::Imap, Protocol::Pop3][protocol as usize];
        let tracer = Tracer::without_files();
        let (recorder, id) = begin(&tracer, protocol);
        recorder.came(&octets);
        recorder.sent(&octets);
        recorder.came_secret(&octets, from, None);
        let record = tracer.running(id).expect("it runs");
        let json = serde_json::to_string(&record).expect("JSON");
        prop_assert_eq!(serde_json::from_str::<Record>(&json).expect("read").transcript, record.transcript);
    }
}
