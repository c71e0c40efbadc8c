//! `exec`: programs that speak JSON, and programs that speak Courier's authpipe.

use std::fs;
use std::path::Path;
use std::time::Duration;

use auth::{Auth, Rejection, Resolution};
use config::ExecProtocol;
use message::Address;
use sasl::scram;

use crate::asked::{Asked, accepted, attempt, program, rejected, temporary, trail};

/// Knows brian, whose password is "right", and what is in the file beside it.
const JSON: &str = r#"#!/usr/bin/env python3
import hmac, json, os, sys
q = json.load(sys.stdin)
here = os.path.dirname(os.path.abspath(__file__))
def say(**answer):
    print(json.dumps(answer))
    sys.exit(0)
account = dict(address='brian@example.test', home='/home/brian', uid=1000, gid=1001, name='Brian', options='disablepop3=1')
known = q.get('user') in ('brian', 'brian@example.test')
if q['v'] != 1:
    say(verdict='tempfail', cause='version')
if q['question'] == 'survey':
    say(verdict='accept')
if os.path.exists(here + '/down'):
    print('cannot reach the directory with ' + q.get('password', 'nothing'), file=sys.stderr)
    say(verdict='tempfail', cause='the directory is down')
if q['question'] == 'lookup':
    stored = ['{PLAIN}right'] if q.get('mechanism') else []
    say(verdict='accept', account=account, stored=stored) if known else say(verdict='reject')
if not known:
    say(verdict='reject', reason='unknown user')
if 'response' in q:
    right = hmac.new(b'right', q['challenge'].encode(), 'md5').hexdigest() == q['response']
else:
    right = q['password'] == 'right'
if q.get('password') == 'old':
    say(verdict='reject', reason='expired')
say(verdict='accept', account=account) if right else say(verdict='reject', reason='wrong password')
"#;

/// As Courier's sample: knows brian with "right"; `die` ends it without an answer, `hang` hangs it.
const AUTHPIPE: &str = r#"#!/usr/bin/env python3
import base64, hmac, os, sys, time
here = os.path.dirname(os.path.abspath(__file__))
open(here + '/starts', 'a').write('x')
def account():
    return 'USERNAME=\nUID=1000\nGID=1001\nHOME=/home/brian\nADDRESS=brian@example.test\nNAME=Brian\nMAILDIR=Mail\n.\n'
def reply(text):
    sys.stdout.write(text)
    sys.stdout.flush()
for line in iter(sys.stdin.readline, ''):
    verb, _, rest = line.strip().partition(' ')
    if verb == 'PRE':
        reply(account() if rest in ('. esmtp brian@example.test',) else 'FAIL\n')
        continue
    fields = sys.stdin.read(int(rest)).split('\n')
    service, kind, user, password = fields[0], fields[1], fields[2], fields[3]
    if user == 'die':
        sys.exit(0)
    if user == 'hang':
        time.sleep(600)
    if user == 'late':
        time.sleep(0.5)
        reply(account())
        continue
    if kind == 'cram-md5':
        user, _, digest = base64.b64decode(password).decode().partition(' ')
        right = hmac.new(b'right', base64.b64decode(fields[2]), 'md5').hexdigest() == digest
    else:
        right = password == 'right'
    reply(account() if right and user == 'brian' and service == 'imap' else 'FAIL\n')
    if user == 'last':
        sys.exit(0)
"#;

fn exec(protocol: ExecProtocol, text: &str, change: impl FnOnce(&mut config::Exec)) -> Asked {
    Asked::new("exec", |config, dir| {
        let settings = &mut config.modules.exec;
        settings.command = vec![program(dir, "judge", text).to_str().expect("UTF-8").to_owned()];
        settings.protocol = protocol;
        change(settings);
    })
}

fn starts(dir: &Path) -> usize {
    fs::read_to_string(dir.join("starts")).map_or(0, |marks| marks.len())
}

#[tokio::test]
async fn json_right_and_wrong() {
    let asked = exec(ExecProtocol::Json, JSON, |_| {});
    asked.auth.survey().await;
    assert!(asked.auth.modules()[0].trouble.is_none(), "{:?}", asked.auth.modules());
    let told = asked.login("brian", "right").await;
    let account = accepted(&told);
    assert_eq!(account.address.to_string(), "brian@example.test", "{}", trail(&told));
    assert_eq!(
        (account.uid, account.gid, account.maildir.to_str()),
        (Some(1000), Some(1001), Some("/home/brian/Maildir"))
    );
    for (user, password, why) in [
        ("brian", "wrong", Rejection::WrongPassword),
        ("brian", "old", Rejection::Expired),
        ("nobody", "right", Rejection::UnknownUser),
    ] {
        assert_eq!(rejected(&asked.login(user, password).await), why);
    }
    fs::write(asked.dir.path().join("down"), "").expect("written");
    let told = asked.login("brian", "secret-word").await;
    assert!(temporary(&told).ends_with("/judge: it could not tell: the directory is down"), "{}", trail(&told));
    assert!(trail(&told).contains("it said: cannot reach the directory with ***\n"), "{}", trail(&told));
}

/// Mail for its users can be delivered: a program can be asked who there is.
#[tokio::test]
async fn json_recipients() {
    let asked = exec(ExecProtocol::Json, JSON, |_| {});
    receives_mail(&asked.auth, asked.dir.path()).await;
}

async fn receives_mail(auth: &Auth, _: &Path) {
    for recipient in ["brian@example.test", "brian+lists@example.test"] {
        let found = auth.resolve(&Address::parse(recipient).expect("an address")).await;
        assert!(matches!(&found, Resolution::Account(account) if account.uid == Some(1000)), "{recipient}: {found:?}");
    }
    let nobody = auth.resolve(&Address::parse("nobody@example.test").expect("an address")).await;
    assert!(matches!(nobody, Resolution::Unknown), "{nobody:?}");
}

/// What it verifies besides passwords is what the config says; for SCRAM it tells what it keeps.
#[tokio::test]
async fn json_mechanisms() {
    let asked = exec(ExecProtocol::Json, JSON, |settings| settings.mechanisms = vec!["CRAM-MD5".to_owned()]);
    accepted(&asked.cram("brian", "right").await);
    assert_eq!(rejected(&asked.cram("brian", "wrong").await), Rejection::WrongPassword);
    let offered = |asked: &Asked, name: &str| {
        asked.auth.offers(true).iter().any(|offer| offer.mechanism.to_string() == name && offer.offered)
    };
    assert!(offered(&asked, "CRAM-MD5") && offered(&asked, "PLAIN") && !offered(&asked, "SCRAM-SHA-256"));
    let none = exec(ExecProtocol::Json, JSON, |_| {});
    assert_eq!(rejected(&none.cram("brian", "right").await), Rejection::MechanismNotPossible);
    assert!(!offered(&none, "CRAM-MD5"));
    let scram = exec(ExecProtocol::Json, JSON, |settings| settings.mechanisms = vec!["SCRAM-SHA-256".to_owned()]);
    assert!(offered(&scram, "SCRAM-SHA-256"));
    let keys = scram.auth.scram_keys(attempt(), "brian", scram::Hash::Sha256).await.expect("it can tell");
    let derived = scram::Keys::derive(keys.hash, b"right", keys.salt.clone(), keys.iterations);
    assert_eq!(keys.stored_key, derived.stored_key, "they are those of the password that it keeps");
    let invented = scram.auth.scram_keys(attempt(), "nobody", scram::Hash::Sha256).await.expect("it can tell");
    let derived = scram::Keys::derive(keys.hash, b"right", invented.salt.clone(), invented.iterations);
    assert_ne!(invented.stored_key, derived.stored_key);
}

/// Whatever a program writes that is no answer is temporary, and says what was wrong with it.
#[tokio::test]
async fn json_answers_that_are_none() {
    for (script, says) in [
        ("exit 0", "the answer is empty"),
        ("exit 1", "exit code 1, so its answer does not count"),
        ("echo '{\"verdict\":\"accept\"}'; exit 3", "exit code 3"),
        ("echo accept", "not as agreed"),
        ("echo '{\"verdict\":\"maybe\"}'", "none of accept"),
        ("echo '{}'", "missing field `verdict`"),
        ("yes", "wrote more than 65536 octets"),
        ("kill -9 $$", "killed by signal 9"),
    ] {
        let asked = exec(ExecProtocol::Json, &format!("#!/bin/sh\n{script}\n"), |_| {});
        let told = asked.login("brian", "right").await;
        assert!(temporary(&told).contains(says), "{script}: {}", trail(&told));
    }
    let none = Asked::new("exec", |_, _| {});
    assert!(temporary(&none.login("brian", "right").await).contains("write it in `command` of [auth.exec]"));
}

/// MISSION 004-20.
#[tokio::test]
async fn authpipe_right_and_wrong_with_one_process() {
    let asked = exec(ExecProtocol::Authpipe, AUTHPIPE, |settings| settings.mechanisms = vec!["cram-md5".to_owned()]);
    asked.auth.survey().await;
    assert!(asked.auth.modules()[0].trouble.is_none(), "{:?}", asked.auth.modules());
    let told = asked.login("brian", "right").await;
    let account = accepted(&told);
    assert_eq!(account.address.to_string(), "brian@example.test", "{}", trail(&told));
    assert_eq!((account.uid, account.maildir.to_str()), (Some(1000), Some("/home/brian/Mail")));
    assert_eq!(rejected(&asked.login("brian", "wrong").await), Rejection::WrongPassword);
    accepted(&asked.cram("brian", "right").await);
    assert_eq!(rejected(&asked.cram("brian", "wrong").await), Rejection::WrongPassword);
    receives_mail(&asked.auth, asked.dir.path()).await;
    assert_eq!(starts(asked.dir.path()), 1, "it stays");
}

/// An end without an answer is Courier's word for "could not tell"; the next question finds a new process.
#[tokio::test]
async fn authpipe_that_ends_is_started_again() {
    let asked = exec(ExecProtocol::Authpipe, AUTHPIPE, |_| {});
    let told = asked.login("die", "x").await;
    assert!(temporary(&told).contains("without an answer"), "{}", trail(&told));
    accepted(&asked.login("brian", "right").await);
    // It ends after an answer, while nobody asks it.
    assert_eq!(rejected(&asked.login("last", "x").await), Rejection::WrongPassword);
    accepted(&asked.login("brian", "right").await);
    assert_eq!(starts(asked.dir.path()), 3);
}

#[tokio::test]
async fn authpipe_that_hangs_is_killed() {
    let asked = exec(ExecProtocol::Authpipe, AUTHPIPE, |settings| settings.guard.timeout = Duration::from_secs(1));
    let told = asked.login("hang", "x").await;
    assert!(temporary(&told).contains("auth.exec.timeout"), "{}", trail(&told));
    accepted(&asked.login("brian", "right").await);
    assert_eq!(starts(asked.dir.path()), 2);
}

/// The answer that nobody waited for must not become the answer to somebody else's question.
#[tokio::test]
async fn authpipe_answers_nobody_with_what_another_asked() {
    let asked = exec(ExecProtocol::Authpipe, AUTHPIPE, |_| {});
    accepted(&asked.login("brian", "right").await);
    tokio::select! {
        told = asked.login("late", "x") => panic!("{}", trail(&told)),
        () = tokio::time::sleep(Duration::from_millis(100)) => {}
    }
    assert_eq!(rejected(&asked.login("brian", "wrong").await), Rejection::WrongPassword);
    assert_eq!(starts(asked.dir.path()), 2);
}
