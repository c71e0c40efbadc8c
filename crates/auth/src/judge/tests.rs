use config::Config;
use serde_json::{Value, json};

use super::*;
use crate::module::{Found, Who};
use crate::says;
use crate::told::Naming;
use crate::trail::Trail;
use crate::{Rejection, Service, Verdict};

fn naming() -> Naming {
    Naming::new(&Config::example("/data"))
}

fn who() -> Who {
    says::request("x").who
}

fn checked(answer: &str) -> Result<Judged, String> {
    Answered::read(answer.as_bytes())?.verdict(&says::request("right"), &naming())
}

fn asked(question: &Question<'_>) -> Value {
    serde_json::from_slice(&question.line()).expect("JSON")
}

#[test]
fn the_questions() {
    let request = says::request("pä\"ss");
    let check = asked(&Question::check(&request).expect("a password can be asked about"));
    assert_eq!(
        check,
        json!({
            "v": 1, "question": "check", "service": "imap", "peer": "127.0.0.1", "tls": true, "user": "a@example.test",
            "address": "a@example.test", "mechanism": "PLAIN", "password": "pä\"ss"
        })
    );
    assert_eq!(asked(&Question::survey()), json!({"v": 1, "question": "survey"}));
    let nobody = Who { identity: "a b".to_owned(), address: None, service: Service::Smtp, trail: Trail::default() };
    let lookup = asked(&Question::lookup(&nobody, Some("SCRAM-SHA-256")));
    assert_eq!(
        lookup,
        json!({"v": 1, "question": "lookup", "service": "smtp", "user": "a b", "mechanism": "SCRAM-SHA-256"})
    );
    assert!(!format!("{:?}", Question::check(&request)).contains("pä"), "a password is never printed");
}

#[test]
fn the_answers_to_a_check() {
    let accept = r#"{"verdict":"accept","account":{"uid":7,"name":"A","colour":"red"},"later":[1]}"#;
    let Ok(Judged::Verdict(Verdict::Accept(account))) = checked(accept) else { panic!() };
    assert_eq!((account.uid, account.address.to_string().as_str()), (Some(7), "a@example.test"));
    for (reason, meant) in [
        ("", Rejection::WrongPassword),
        (r#","reason":"unknown user""#, Rejection::UnknownUser),
        (r#","reason":"disabled""#, Rejection::Disabled),
        (r#","reason":"expired""#, Rejection::Expired),
        (r#","reason":"mechanism not possible""#, Rejection::MechanismNotPossible),
    ] {
        let Ok(Judged::Verdict(Verdict::Reject(why))) = checked(&format!(r#"{{"verdict":"reject"{reason}}}"#)) else {
            panic!("{reason}")
        };
        assert_eq!(why, meant);
    }
}

/// An answer that is not as agreed says nothing about the password.
#[test]
fn what_is_no_answer_is_temporary_and_says_what_was_wrong() {
    for (answer, says) in [
        ("", "the answer is empty"),
        ("ok", "not as agreed: expected value at line 1"),
        ("{}", "missing field `verdict`"),
        (r#"{"verdict":true}"#, "invalid type: boolean"),
        (r#"{"verdict":"yes"}"#, r#"verdict "yes" is none of"#),
        (r#"{"verdict":"reject","reason":"no"}"#, r#"reason "no" is not known"#),
        (r#"{"verdict":"tempfail"}"#, "it gave no cause"),
        (r#"{"verdict":"tempfail","cause":"down\u001b[2J"}"#, "could not tell: down·[2J"),
        (r#"{"verdict":"accept","account":{"home":"rel"}}"#, "not an absolute path"),
        (r#"{"verdict":"accept","account":{"uid":"root"}}"#, "invalid type: string"),
        (r#"{"verdict":"accept","targets":["b@example.test"]}"#, "answered with targets"),
        (r#"{"verdict":"accept"} {"verdict":"reject"}"#, "trailing characters"),
    ] {
        let cause = checked(answer).expect_err(answer);
        assert!(cause.contains(says), "{answer}: {cause}");
    }
    assert!(checked(&" ".repeat(MAX_ANSWER + 1)).expect_err("long").contains("longer than"));
}

#[test]
fn what_is_kept_is_judged_here() {
    let phc = crate::password::hash(&sasl::Secret::new("right"));
    let answer = json!({"verdict": "judge", "stored": [phc]}).to_string();
    let Ok(Judged::Kept(kept)) = checked(&answer) else { panic!() };
    assert_eq!(kept.judge(&says::request("right").evidence), Ok(Some(true)));
    assert_eq!(kept.judge(&says::request("wrong").evidence), Ok(Some(false)));
    let Ok(Judged::Kept(nothing)) = checked(r#"{"verdict":"judge"}"#) else { panic!() };
    assert_eq!(nothing.judge(&says::request("right").evidence), Ok(None));
}

#[test]
fn the_answers_to_a_lookup() {
    let found = |answer: &str| Answered::read(answer.as_bytes()).and_then(|a| a.found(&who(), &naming()));
    let Ok(Found::Account(account)) = found(r#"{"verdict":"accept","account":{"home":"/home/a"}}"#) else { panic!() };
    assert_eq!(account.maildir.display().to_string(), "/home/a/Maildir");
    assert_eq!(found(r#"{"verdict":"reject"}"#), Ok(Found::Unknown));
    let Ok(Found::Targets(targets)) = found(r#"{"verdict":"accept","targets":["b@example.test"]}"#) else { panic!() };
    assert_eq!(targets.len(), 1);
    assert!(found(r#"{"verdict":"accept","targets":["b@"]}"#).is_err());
    assert!(found(r#"{"verdict":"tempfail","cause":"x"}"#).is_err());
}
