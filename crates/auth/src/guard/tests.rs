use std::time::Duration;

use config::Guard;
use config::OnUnreachable::{Cached, Stop};

use super::*;
use crate::says::{Says, accept, request, tempfail};

fn rules(on_unreachable: OnUnreachable) -> Guard {
    Guard { on_unreachable, timeout: Duration::from_secs(2), concurrency: 2, max_age: Duration::from_secs(60) }
}

async fn verdict(module: &Guarded, password: &str) -> Verdict {
    match module.check(&request(password)).await {
        Said::Verdict(verdict) => verdict,
        Said::Skipped(tempfail) => panic!("skipped: {tempfail}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_module_that_hangs_is_temporary_in_time() {
    let module = Says::these(&[accept()]).after(Duration::from_secs(3600)).guarded(rules(Stop));
    let Verdict::TempFail(why) = verdict(&module, "x").await else { panic!() };
    assert_eq!(why.cause, "no answer within 2s (auth.says.timeout)");
}

#[tokio::test(start_paused = true)]
async fn no_more_questions_than_allowed_at_once() {
    let module = std::sync::Arc::new(Says::these(&[accept()]).after(Duration::from_millis(1900)).guarded(rules(Stop)));
    let mut asked = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let module = module.clone();
        asked.spawn(async move { verdict(&module, "x").await });
    }
    let verdicts = asked.join_all().await;
    assert!(
        verdicts.iter().all(|verdict| matches!(verdict, Verdict::Accept(_))),
        "two waited for a place: {verdicts:?}"
    );
}

#[tokio::test]
async fn who_logged_in_lately_gets_in_while_the_store_is_down() {
    let module = Says::these(&[accept(), tempfail()]).guarded(rules(Cached));
    assert_eq!(verdict(&module, "right").await, accept());
    assert_eq!(verdict(&module, "right").await, accept(), "the store is down now");
    assert_eq!(verdict(&module, "another").await, tempfail());
}

#[tokio::test]
async fn a_module_that_is_down_is_spared_and_found_again_by_the_survey() {
    let module = Says::these(&[tempfail()]).guarded(rules(Stop));
    for _ in 0..5 {
        assert_eq!(verdict(&module, "x").await, tempfail());
    }
    let Verdict::TempFail(why) = verdict(&module, "x").await else { panic!() };
    assert!(why.cause.starts_with("not asked for another"), "{why}");
    assert!(matches!(module.health().reach, Reach::Spared { failures: 5, .. }), "{:?}", module.health());
    module.survey(&Trail::default()).await.expect("it is back");
    assert_eq!((module.health().reach, module.health().tempfailed), (Reach::Answers, 6));
}

/// Found by a benchmark: a flood of guesses, all of which wait for a hash worker, held every place of the store.
#[tokio::test(start_paused = true)]
async fn who_waits_for_a_hash_worker_keeps_nobody_from_the_store() {
    let hashing = Says::these(&[accept()]).hashing().after(Duration::from_secs(20));
    let module = std::sync::Arc::new(hashing.guarded(rules(Stop)));
    let mut asked = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let module = module.clone();
        asked.spawn(async move { verdict(&module, "x").await });
    }
    let verdicts = asked.join_all().await;
    assert!(verdicts.iter().all(|verdict| matches!(verdict, Verdict::Accept(_))), "{verdicts:?}");
}
