//! Whether a refusal takes another time for a user who does not exist: then strangers can find out who does.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use sasl::Secret;
use sasl::client::Credentials;

use super::Found;
use super::mechanisms::usual;
use crate::finding::{Finding, Severity};
use crate::login::{Ended, Way};
use crate::plan::Plan;
use crate::report::Skipped;
use crate::session::Stage;
use crate::survey::Survey;

pub(crate) const ABOUT: (&str, &str) =
    ("timing", "how long a refusal takes for users who exist and who do not (10 wrong logins)");

/// Pairs of wrong logins.
const PAIRS: usize = 5;

/// A difference below this is the network's.
const MARGIN: Duration = Duration::from_millis(20);

/// One refusal that takes longer is a server that slows down on purpose: nothing can be measured.
const TOO_SLOW: Duration = Duration::from_secs(12);

pub(crate) async fn run(survey: &Survey, plan: &Plan) -> Found {
    let login = plan.login.as_ref().ok_or_else(|| Skipped::because("it takes --user and --password-stdin"))?;
    if !plan.wrong_logins {
        return Err(Skipped::because("no wrong logins are wanted"));
    }
    let stage = survey.stage_for_secrets(plan.trust).map_err(Skipped::because)?;
    let way = usual(survey).ok_or_else(|| Skipped::because("no login is offered"))?;
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    let stranger = nobody(&login.user);
    // Alternating, so that a server that becomes slower does so for both; the order within a pair changes, too.
    for pair in 0..PAIRS {
        for first in [pair % 2 == 0, pair % 2 == 1] {
            let (user, times) = if first { (login.user.clone(), &mut known) } else { (stranger.clone(), &mut unknown) };
            times.push(refusal(survey, (stage, way), user).await?);
        }
    }
    Ok(judge(&mut known, &mut unknown).into_iter().collect())
}

/// How long one refusal takes.
async fn refusal(survey: &Survey, (stage, way): (Stage, Way), user: String) -> Result<Duration, Skipped> {
    let wrong = Secret::new("gatepost-probe-wrong-password");
    let tried = survey.door.try_login(stage, way, &Credentials::password(user, wrong)).await;
    match tried.ended {
        Ended::Refused(_) if tried.took > TOO_SLOW => {
            Err(Skipped::because("refusals become slow: the server defends itself, and nothing can be measured"))
        }
        Ended::Refused(_) => Ok(tried.took),
        Ended::Accepted => Err(Skipped::because("a wrong password was accepted")),
        Ended::Temporary(answer) => {
            Err(Skipped::because(format!("the server does not judge any more: {}", answer.shown)))
        }
        Ended::Broken(broken) => Err(broken.into()),
        Ended::Unsuitable => Err(Skipped::because("the user name cannot be said by this login")),
    }
}

/// A name that nobody has, in the same domain. Another one each time: a server that slows down with each failure would
/// remember the last probe's, while the user's own were forgiven with his login.
fn nobody(user: &str) -> String {
    let domain = user.split_once('@').map(|(_, domain)| format!("@{domain}")).unwrap_or_default();
    let number = RandomState::new().build_hasher().finish();
    format!("probe-{number:016x}{domain}")
}

/// Only what is clear: each of the one kind is slower than each of the other, and the medians are far apart.
fn judge(known: &mut [Duration], unknown: &mut [Duration]) -> Option<Finding> {
    known.sort_unstable();
    unknown.sort_unstable();
    let (apart, slower) = match (known.first()?, known.last()?, unknown.first()?, unknown.last()?) {
        (fastest, _, _, slowest) if fastest > slowest => (median(known)? - median(unknown)?, "exist"),
        (_, slowest, fastest, _) if fastest > slowest => (median(unknown)? - median(known)?, "do not exist"),
        _ => return None,
    };
    let base = median(known)?.min(median(unknown)?);
    if apart < MARGIN || apart < base / 4 {
        return None;
    }
    let title = format!("a refusal takes {} ms longer for users who {slower}", apart.as_millis());
    let list = |name: &str, times: &[Duration]| {
        let times: Vec<_> = times.iter().map(|time| time.as_millis().to_string()).collect();
        format!("({name}: {} ms)", times.join(", "))
    };
    Some(
        Finding::new(Severity::Warning, "timing", title)
            .seen([list("wrong password", known), list("unknown user", unknown)])
            .explained(
                "Strangers find out which addresses are accounts, and try passwords there.",
                "Let the server do the same work for a user who does not exist, or delay every refusal to the same time \
                 (Dovecot: auth_failure_delay; qmail: AUTHSLEEP).",
            ),
    )
}

fn median(sorted: &[Duration]) -> Option<Duration> {
    sorted.get(sorted.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(known: [u64; 5], unknown: [u64; 5]) -> Option<String> {
        let times = |all: [u64; 5]| all.map(Duration::from_millis);
        judge(&mut times(known), &mut times(unknown)).map(|finding| finding.title)
    }

    #[test]
    fn only_a_clear_margin_is_told() {
        assert_eq!(
            judged([200, 210, 190, 205, 230], [3, 2, 2, 9, 4]).as_deref(),
            Some("a refusal takes 202 ms longer for users who exist")
        );
        assert!(
            judged([2, 3, 2, 4, 3], [300, 310, 330, 310, 305]).is_some_and(|title| title.ends_with("do not exist"))
        );
        assert_eq!(judged([200, 210, 190, 205, 230], [3, 2, 2, 195, 4]), None, "they overlap");
        assert_eq!(judged([30, 31, 32, 33, 34], [20, 21, 22, 23, 24]), None, "a margin of the network");
        assert_eq!(judged([2000, 2030, 2040, 2031, 2029], [1990, 1980, 1985, 1970, 1999]), None, "a small part");
    }
}
