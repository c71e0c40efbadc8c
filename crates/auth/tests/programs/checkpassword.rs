//! `checkpassword`: right and wrong, every exit code, and what the account is.

use auth::{Rejection, Service};
use config::{CheckpasswordProfile, CramOrder};
use message::Domain;

use crate::asked::{Asked, accepted, attempt, plain, rejected, temporary, trail};
use crate::checkers;

/// Takes what it is asked apart, refuses those who do not exist, and ends with this for `brian`.
fn ends_with(what: &str) -> Asked {
    let script =
        format!("user=$(tr '\\0' '\\n' <&3 | head -n 1); [ \"$user\" = brian ] || exit ${{NOBODY:-1}}; {what}");
    Asked::checker(&["/bin/sh", "-c", &script, "checker"], |_| {})
}

/// MISSION 000-10: the program that checks is exchanged, and the server is not.
#[tokio::test]
async fn a_checker_in_c_becomes_the_user() {
    let dir = tempfile::tempdir().expect("a folder");
    let checker = checkers::in_c(dir.path());
    let asked = Asked::checker(&[checker.to_str().expect("UTF-8")], |_| {});
    asked.auth.survey().await;
    assert!(asked.auth.modules()[0].trouble.is_none(), "{:?}", asked.auth.modules());
    let told = asked.login("brian", "right").await;
    let account = accepted(&told);
    assert_eq!(account.address.to_string(), "brian@mail.example.test");
    assert_eq!(account.maildir.to_str(), Some("/tmp/Maildir"));
    if rustix::process::geteuid().is_root() {
        assert_eq!((account.uid, account.gid), (Some(65534), Some(65534)), "{}", trail(&told));
        assert!(
            trail(&told).contains(r#"it became uid 65534, gid 65534, user "brian", home "/tmp""#),
            "{}",
            trail(&told)
        );
    }
    assert_eq!(rejected(&asked.login("brian", "wrong").await), Rejection::WrongPassword);
    assert_eq!(rejected(&asked.login("nobody", "right").await), Rejection::WrongPassword);
}

/// Debian's own checker, with its module for passwd files.
#[tokio::test]
async fn debians_cvm_checkpassword() {
    let dir = tempfile::tempdir().expect("a folder");
    let users = dir.path().join("users");
    std::fs::write(&users, "brian:right:65534:65534:Brian:/tmp:/bin/sh\n").expect("written");
    let path = format!("CVM_PWFILE_PATH={}", users.display());
    let command = ["/usr/bin/env", &path, "/usr/bin/cvm-checkpassword", "/usr/bin/cvm-pwfile"];
    let asked = Asked::checker(&command, |settings| settings.profile = CheckpasswordProfile::Cvm);
    let told = asked.login("brian", "right").await;
    assert_eq!(accepted(&told).home.as_deref(), Some("/tmp".as_ref()), "{}", trail(&told));
    assert_eq!(rejected(&asked.login("brian", "wrong").await), Rejection::WrongPassword);
    assert_eq!(rejected(&asked.login("nobody", "right").await), Rejection::WrongPassword);
    // Its store is gone: that is nobody's wrong password.
    std::fs::remove_file(&users).expect("it was there");
    let told = asked.login("brian", "right").await;
    assert!(temporary(&told).contains("exit code 4: "), "{}", trail(&told));
}

/// MISSION 002-09: what keeps a checker from reading is temporary, whatever other servers make of it.
#[tokio::test]
async fn exit_codes_are_told_apart() {
    for code in [2, 3, 4, 99, 100, 111, 126, 127, 255] {
        let told = ends_with(&format!("exit {code}")).login("brian", "right").await;
        assert!(temporary(&told).contains(&format!("exit code {code}: ")), "{}", trail(&told));
    }
    let told = ends_with("exit 1").login("brian", "right").await;
    assert_eq!(rejected(&told), Rejection::WrongPassword);
    let told = ends_with("kill -SEGV $$").login("brian", "right").await;
    assert!(temporary(&told).contains("killed by signal 11"), "{}", trail(&told));
    let told = Asked::checker(&["/nowhere/checker"], |_| {}).login("brian", "right").await;
    assert!(temporary(&told).contains("cannot run /nowhere/checker as uid "), "{}", trail(&told));
    let told = Asked::checker(&[], |_| {}).login("brian", "right").await;
    assert!(temporary(&told).contains("write it in `command` of [auth.checkpassword]"), "{}", trail(&told));
}

#[tokio::test]
async fn the_codes_of_vchkpw() {
    let vchkpw = |code: i32| {
        let script = format!(
            "user=$(tr '\\0' '\\n' <&3 | head -n 1); [ \"$user\" = brian ] || exit 3; [ $TCPLOCALPORT = 143 ] || exit 99; exit {code}"
        );
        Asked::checker(&["/bin/sh", "-c", &script], |settings| settings.profile = CheckpasswordProfile::Vchkpw)
    };
    for (code, why) in [
        (1, Rejection::Disabled),
        (3, Rejection::WrongPassword),
        (15, Rejection::MechanismNotPossible),
        (20, Rejection::WrongPassword),
    ] {
        assert_eq!(rejected(&vchkpw(code).login("brian", "right").await), why, "{code}");
    }
    for code in [4, 10, 11, 14, 21, 24, 111] {
        temporary(&vchkpw(code).login("brian", "right").await);
    }
    let long = vchkpw(0).login("brian", &"x".repeat(150)).await;
    assert_eq!(rejected(&long), Rejection::WrongPassword);
    assert!(trail(&long).contains("more than the 156 octets that it can read"), "{}", trail(&long));
}

/// MISSION 002-07: a chain of words without its checker lets everybody in, and is not used.
#[tokio::test]
async fn one_that_accepts_everybody_is_not_used() {
    for command in [&["/bin/true"][..], &["/bin/sh", "-c", "exit 0"], &["/usr/bin/env"]] {
        let asked = Asked::checker(command, |_| {});
        let told = asked.login("brian", "right").await;
        assert!(temporary(&told).contains("it would make an open relay"), "{}", trail(&told));
        asked.auth.survey().await;
        let health = asked.auth.modules();
        assert!(health[0].trouble.as_ref().is_some_and(|why| why.cause.contains("open relay")), "{health:?}");
        assert!(asked.auth.offers(true).iter().all(|offer| !offer.offered), "nothing is offered");
    }
}

/// `checker /bin/true`, as it stands in many a run file, works; the home is not known then.
#[tokio::test]
async fn a_program_behind_the_checker_may_be_named() {
    let dir = tempfile::tempdir().expect("a folder");
    let checker = checkers::in_c(dir.path());
    let asked = Asked::checker(&[checker.to_str().expect("UTF-8"), "/bin/true"], |_| {});
    let told = asked.login("brian", "right").await;
    let maildir = asked.dir.path().join("mail/mail.example.test/brian");
    assert_eq!(accepted(&told).maildir, maildir, "{}", trail(&told));
    assert_eq!(accepted(&told).home, None);
    assert_eq!(rejected(&asked.login("brian", "wrong").await), Rejection::WrongPassword);
    let told =
        Asked::checker(&[checker.to_str().expect("UTF-8"), "/nowhere/true"], |_| {}).login("brian", "right").await;
    assert!(temporary(&told).contains("exit code 111"), "{}", trail(&told));
}

/// As it was typed, and then with the default domain.
#[tokio::test]
async fn a_name_without_a_domain_is_tried_with_it() {
    let script = "user=$(tr '\\0' '\\n' <&3 | head -n 1); [ \"$user\" = brian@example.test ]";
    let asked = Asked::new("checkpassword", |config, _| {
        config.auth.default_domain = Domain::parse("example.test").ok();
        config.modules.checkpassword.command = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
    });
    let told = asked.login("brian", "right").await;
    assert_eq!(accepted(&told).address.to_string(), "brian@example.test", "{}", trail(&told));
    let lines = trail(&told);
    assert!(lines.contains("about \"brian\"\n") && lines.contains("about \"brian@example.test\"\n"), "{lines}");
}

#[tokio::test]
async fn what_it_says_on_stderr_is_in_the_trail_without_the_password() {
    let told =
        ends_with("cat <&3; echo 'cannot open /etc/users: for hunter2' >&2; exit 111").login("brian", "hunter2").await;
    assert!(trail(&told).contains("checkpassword: it said: cannot open /etc/users: for ***\n"), "{}", trail(&told));
    assert!(!trail(&told).contains("hunter2"));
}

#[tokio::test]
async fn a_password_that_it_cannot_read_is_wrong() {
    let dir = tempfile::tempdir().expect("a folder");
    let checker = checkers::in_c(dir.path());
    let asked = Asked::checker(&[checker.to_str().expect("UTF-8")], |_| {});
    let told = asked.login("brian", &"x".repeat(600)).await;
    assert_eq!(rejected(&told), Rejection::WrongPassword);
    assert!(trail(&told).contains("more than the 512 octets"), "{}", trail(&told));
}

/// MISSION 001-04, 000-09: CRAM-MD5 is offered if the checker can, in the order in which it can.
#[tokio::test]
async fn cram_in_either_order() {
    let dir = tempfile::tempdir().expect("a folder");
    let checker = checkers::in_python(dir.path());
    let command = |mode| ["python3", checker.to_str().expect("UTF-8"), mode];
    for (mode, order) in [("rc", CramOrder::ResponseChallenge), ("cr", CramOrder::ChallengeResponse)] {
        let asked = Asked::checker(&command(mode), |settings| settings.cram = order);
        asked.auth.survey().await;
        assert_eq!(offered(&asked), ["CRAM-MD5", "PLAIN", "LOGIN"]);
        accepted(&asked.cram("brian", "right").await);
        accepted(&asked.login("brian", "right").await);
        assert_eq!(rejected(&asked.cram("brian", "wrong").await), Rejection::WrongPassword);
    }
    let asked = Asked::checker(&command("rc"), |_| {});
    asked.auth.survey().await;
    assert_eq!(offered(&asked), ["PLAIN", "LOGIN"]);
    assert_eq!(rejected(&asked.cram("brian", "right").await), Rejection::MechanismNotPossible);
}

#[tokio::test]
async fn what_tcpserver_would_tell_it() {
    let tell = "echo $TCPREMOTEIP $TCPLOCALPORT $SERVICE >&2; exit 1";
    let asked = ends_with(tell);
    for (service, says) in [(Service::Smtp, "587 smtp"), (Service::Imap, "143 imap"), (Service::Pop3, "110 pop3")] {
        let attempt = auth::Attempt { service, ..attempt() };
        let told = asked.auth.explain(attempt, plain("brian", "x")).await;
        assert!(trail(&told).contains(&format!("it said: 192.0.2.1 {says}\n")), "{}", trail(&told));
    }
}

fn offered(asked: &Asked) -> Vec<String> {
    asked.auth.offers(true).into_iter().filter(|offer| offer.offered).map(|offer| offer.mechanism.to_string()).collect()
}
