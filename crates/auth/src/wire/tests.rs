use std::time::Duration;

use message::Address;
use sasl::{CramEvidence, Evidence, Mechanism, PasswordEvidence, ScramEvidence, Secret, scram};

use super::*;
use crate::guard::{Health, Reach};
use crate::{Account, Options, Rejection, Resolution, TempFail, Verdict};

fn from() -> From {
    From { service: "imap".to_owned(), peer: [192, 0, 2, 1].into(), tls: true }
}

fn there_and_back(evidence: Evidence) -> Evidence {
    let line = question(Question::Check { from: from(), known: true, evidence: evidence.into() });
    assert_eq!(line.iter().filter(|octet| **octet == b'\n').count(), 1);
    let Ok(Question::Check { evidence, known: true, .. }) = read_question(&line) else { panic!() };
    evidence.evidence().expect("whole")
}

fn account() -> Account {
    Account {
        home: Some("/home/a".into()),
        uid: Some(1),
        quota: Some("10S".to_owned()),
        options: Options::parse("disableimap=1,x=a b"),
        ..Account::new(Address::parse("zoë@bücher.example").expect("an address"), "/m/a".into())
    }
}

#[test]
fn evidence_arrives_as_it_was() {
    let password = PasswordEvidence {
        mechanism: Mechanism::Login,
        authzid: Some("b".to_owned()),
        identity: "a\"b".to_owned(),
        password: Secret::new(b"p\xe4ss\"\\".to_vec()),
    };
    let Evidence::Password(e) = there_and_back(Evidence::Password(password.clone())) else { panic!() };
    assert_eq!((e.mechanism, e.authzid, e.identity), (password.mechanism, password.authzid, password.identity));
    assert_eq!(e.password, password.password);
    let cram = CramEvidence { identity: "a".to_owned(), challenge: b"<1@h>".to_vec(), digest: [7; 16] };
    let Evidence::Cram(e) = there_and_back(Evidence::Cram(cram)) else { panic!() };
    assert_eq!((e.challenge.as_slice(), e.digest), (&b"<1@h>"[..], [7; 16]));
    let scram = ScramEvidence {
        identity: "a".to_owned(),
        authzid: None,
        mechanism: Mechanism::ScramSha256,
        salt: vec![1; 16],
        iterations: 4096,
        auth_message: b"n=a".to_vec(),
        proof: [9; 32].into(),
    };
    let Evidence::Scram(e) = there_and_back(Evidence::Scram(scram)) else { panic!() };
    assert_eq!((e.auth_message.as_slice(), e.proof.expose()), (&b"n=a"[..], &[9; 32][..]));
}

#[test]
fn verdicts_receivers_and_keys_arrive_as_they_were() {
    let tempfail = TempFail { module: "ldap", cause: "down".to_owned() };
    for verdict in
        [Verdict::accept(account()), Verdict::Reject(Rejection::Expired), Verdict::TempFail(tempfail.clone())]
    {
        let line = answer(Answer::Verdict { said: verdict.clone().into(), trail: Vec::new() });
        let Ok(Answer::Verdict { said, .. }) = read_answer(&line) else { panic!() };
        assert_eq!(said.verdict(), Some(verdict));
    }
    let alias = Resolution::Alias(vec![Address::parse("b@example.org").expect("an address")]);
    for resolution in
        [Resolution::Account(account()), alias, Resolution::Unknown, Resolution::TempFail(tempfail.clone())]
    {
        let Ok(Answer::Receiver(whose)) = read_answer(&answer(Answer::Receiver(resolution.clone().into()))) else {
            panic!()
        };
        assert_eq!(whose.resolution(), Some(resolution));
    }
    let keys = scram::Keys::derive(scram::Hash::Sha256, b"x", vec![1; 16], 4096);
    let Ok(Answer::Keys(Some(kept))) = read_answer(&answer(Answer::Keys(Some(keys.clone().into())))) else { panic!() };
    assert!(kept.keys(scram::Hash::Sha256) == Some(keys));
    let (reach, spent) = (Reach::Fails { since: Duration::from_millis(1500), failures: 3 }, Duration::from_secs(1));
    let trouble = Some(tempfail);
    let health = Health { module: "ldap", reach, trouble, accepted: 1, rejected: 2, tempfailed: 3, spent };
    assert_eq!(Fared::from(health.clone()).health(), health);
    assert_eq!(account::module("a module of tomorrow"), crate::remote::NAME);
}

/// A line that is not understood may hold a password: nothing of it is told.
#[test]
fn rubbish_and_other_versions() {
    let cases: [&[u8]; 6] =
        [b"", b"{}", b"{\"v\":1}", b"{\"v\":1,\"ask\":{\"check\":{\"password\":\"x\"}}}", b"\xff", b"[[[["];
    for line in cases {
        assert_eq!(read_question(line).expect_err("rubbish"), Unread::Rubbish);
    }
    assert_eq!(read_question(b"{\"v\":2,\"new\":7}").expect_err("newer"), Unread::Version(2));
    let shown = Shown::Password {
        mechanism: "PLAIN".to_owned(),
        authzid: None,
        identity: "a\nb".to_owned(),
        password: super::sealed::Sealed::of(b"x"),
    };
    assert!(shown.evidence().is_none());
}
