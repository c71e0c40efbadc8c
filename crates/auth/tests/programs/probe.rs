//! What a checker can verify is found out, and never assumed (MISSION 000-10).

use auth::checkpassword::{Probed, probe};
use config::CramOrder;
use sasl::Secret;

use crate::asked::Asked;
use crate::checkers;

async fn probed(mode: &str, password: &str) -> Probed {
    let dir = tempfile::tempdir().expect("a folder");
    let checker = checkers::in_python(dir.path());
    let asked = Asked::checker(&["python3", checker.to_str().expect("UTF-8"), mode], |_| {});
    probe(&asked.config, "brian", &Secret::new(password)).await.expect("it can tell")
}

#[tokio::test]
async fn what_to_write_into_the_config() {
    for (mode, cram, apop) in [
        ("none", CramOrder::None, false),
        ("rc", CramOrder::ResponseChallenge, false),
        ("cr", CramOrder::ChallengeResponse, false),
        ("rc+apop", CramOrder::ResponseChallenge, true),
        ("apop", CramOrder::None, true),
    ] {
        let found = probed(mode, "right").await;
        assert!(found.password && found.wrongly.is_empty(), "{mode}: {found:?}");
        assert_eq!((found.cram, found.apop), (cram, apop), "{mode}");
    }
    let wrong = probed("rc", "wrong").await;
    assert!(!wrong.password && wrong.cram == CramOrder::None, "{wrong:?}");
}

#[tokio::test]
async fn one_that_takes_any_response_is_named() {
    let found = probed("yes", "right").await;
    assert_eq!(found.cram, CramOrder::None);
    assert!(found.wrongly.contains(&"CRAM-MD5"), "{found:?}");
    let asked = Asked::checker(&["/bin/true"], |_| {});
    let found = probe(&asked.config, "brian", &Secret::new("right")).await.expect("it says yes to all");
    assert!(found.wrongly.contains(&"a wrong password") && found.wrongly.contains(&"a user who does not exist"));
    let error = probe(&Asked::checker(&["/bin/sh", "-c", "exit 111"], |_| {}).config, "brian", &Secret::new("x")).await;
    assert!(error.expect_err("it cannot").cause.contains("temporary problem"));
}
