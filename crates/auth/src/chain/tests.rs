use config::{Guard, OnUnreachable};

use super::*;
use crate::account::Options;
use crate::says::{Says, accept, request, tempfail};

async fn ask_with(rules: &Guard, verdicts: &[Verdict]) -> Verdict {
    let modules: Vec<_> =
        verdicts.iter().map(|v| Says::these(std::slice::from_ref(v)).guarded(rules.clone())).collect();
    judge(&modules, &request("x")).await
}

async fn ask(verdicts: &[Verdict]) -> Verdict {
    ask_with(&Guard::default(), verdicts).await
}

const UNKNOWN: Verdict = Verdict::Reject(Rejection::UnknownUser);
const WRONG: Verdict = Verdict::Reject(Rejection::WrongPassword);
const NOT_POSSIBLE: Verdict = Verdict::Reject(Rejection::MechanismNotPossible);
const DISABLED: Verdict = Verdict::Reject(Rejection::Disabled);

/// MISSION 004-23, 004-33.
#[tokio::test]
async fn accept_ends_reject_passes_on_tempfail_stops() {
    assert_eq!(ask(&[UNKNOWN, accept(), tempfail()]).await, accept());
    assert_eq!(ask(&[WRONG, tempfail(), accept()]).await, tempfail());
    assert_eq!(ask(&[UNKNOWN, WRONG, DISABLED]).await, WRONG);
    assert_eq!(ask(&[DISABLED, UNKNOWN]).await, DISABLED);
    assert_eq!(ask(&[NOT_POSSIBLE, UNKNOWN]).await, NOT_POSSIBLE);
    assert_eq!(ask(&[NOT_POSSIBLE, WRONG]).await, WRONG);
    assert_eq!(ask(&[]).await, UNKNOWN);
}

#[tokio::test]
async fn a_skipped_module_is_never_a_wrong_guess() {
    let skip = Guard { on_unreachable: OnUnreachable::Skip, ..Guard::default() };
    assert_eq!(ask_with(&skip, &[tempfail(), accept()]).await, accept());
    assert_eq!(ask_with(&skip, &[tempfail(), UNKNOWN]).await, tempfail(), "it might have known the user");
    assert_eq!(ask_with(&skip, &[tempfail(), WRONG]).await, WRONG);
}

#[tokio::test]
async fn options_keep_an_account_from_a_service() {
    let Verdict::Accept(mut account) = accept() else { panic!() };
    account.options = Options::parse("disableimap=1");
    assert_eq!(ask(&[Verdict::Accept(account)]).await, DISABLED);
}

/// MISSION 004-25, 004-26: the trail tells which module did what.
#[tokio::test]
async fn the_trail_names_every_module() {
    let modules = [Says::these(&[WRONG]).guarded(Guard::default()), Says::these(&[accept()]).guarded(Guard::default())];
    let request = request("x");
    judge(&modules, &request).await;
    let lines: Vec<_> = request.who.trail.lines().into_iter().map(|line| line.text).collect();
    assert_eq!(
        lines,
        [
            "trying this module",
            "REJECT (wrong password) - try next module",
            "trying this module",
            "ACCEPT, username a@example.test"
        ]
    );
}
