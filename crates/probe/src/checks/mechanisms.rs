//! Each way to log in, with the caller's own password, each in a session of its own: what is offered must work.

use sasl::Mechanism;
use sasl::client::Credentials;

use super::Found;
use super::begin::MAX_MECHANISMS;
use crate::finding::{Finding, Severity};
use crate::login::{Ended, Tried, Way, timestamp};
use crate::plan::Plan;
use crate::report::Skipped;
use crate::session::Stage;
use crate::survey::Survey;
use crate::target::Family;

pub(crate) const ABOUT: (&str, &str) = ("mechanisms", "each way to log in, with and without an initial response");

pub(crate) async fn run(survey: &Survey, plan: &Plan) -> Found {
    let credentials = plan.login.as_ref().ok_or_else(|| Skipped::because("it takes --user and --password-stdin"))?;
    let stage = survey.stage_for_secrets(plan.trust).map_err(Skipped::because)?;
    let ways = ways(survey);
    if ways.is_empty() {
        return Err(Skipped::because("no login is offered"));
    }
    let (tried, stopped) = try_all(survey, stage, &ways, credentials).await;
    match stopped {
        None => Ok(judge(&tried)),
        Some(why) if tried.is_empty() => Err(Skipped::because(why)),
        Some(why) => Err(Skipped { findings: judge(&tried), why }),
    }
}

/// A way that works here, to log in by; what every client can comes first.
pub(super) fn usual(survey: &Survey) -> Option<Way> {
    let ways = ways(survey);
    let preferred = [Way::Plain(Mechanism::Plain), Way::Login, Way::User, Way::Plain(Mechanism::Login)];
    preferred.into_iter().find(|way| ways.contains(way)).or(ways.first().copied())
}

/// The ways that are offered.
fn ways(survey: &Survey) -> Vec<Way> {
    let Some(seen) = survey.best() else { return Vec::new() };
    let family = survey.door.protocol().family();
    // RFC 4959: IMAP's initial response is an extension.
    let initial = family != Family::Imap || seen.capabilities.has("SASL-IR");
    let mut ways = Vec::new();
    for mechanism in seen.capabilities.known().into_iter().take(MAX_MECHANISMS) {
        ways.push(Way::Plain(mechanism));
        // The server of CRAM-MD5 speaks first.
        if initial && mechanism != Mechanism::CramMd5 {
            ways.push(Way::Initial(mechanism));
        }
    }
    match family {
        Family::Smtp => {}
        Family::Imap if seen.capabilities.has("LOGINDISABLED") => {}
        Family::Imap => ways.push(Way::Login),
        Family::Pop3 => {
            ways.extend(timestamp(&seen.greeting).map(|_| Way::Apop));
            ways.push(Way::User);
        }
    }
    ways
}

/// Tries them in their order. A server that opens no session any more has had enough of us: that says nothing of the rest.
async fn try_all(
    survey: &Survey,
    stage: Stage,
    ways: &[Way],
    credentials: &Credentials,
) -> (Vec<Tried>, Option<String>) {
    let mut tried = Vec::new();
    for way in ways {
        let one = survey.door.try_login(stage, *way, credentials).await;
        match &one.ended {
            Ended::Broken(broken) if one.is_unopened() => {
                return (tried, Some(format!("from {way} on no session was opened: {broken}")));
            }
            Ended::Unsuitable => {}
            _ => tried.push(one),
        }
    }
    (tried, None)
}

/// What it comes to.
fn judge(tried: &[Tried]) -> Vec<Finding> {
    let accepted: Vec<_> = tried.iter().filter(|one| one.is_accepted()).collect();
    let Some(first) = accepted.first() else { return nothing_works(tried) };
    let names: Vec<_> = accepted.iter().map(|one| one.way.to_string()).collect();
    let mut findings = vec![Finding::new(Severity::Info, "logins", format!("accepted: {}", names.join("; ")))];
    findings.extend(tried.iter().filter(|one| !one.is_accepted()).map(|one| fails(one, first, tried)));
    findings
}

/// MISSION 000-09, 000-11: one fails where another succeeds.
fn fails(one: &Tried, other: &Tried, tried: &[Tried]) -> Finding {
    let evidence = one.evidence.clone();
    let twin = match one.way {
        Way::Plain(mechanism) => Some(Way::Initial(mechanism)),
        Way::Initial(mechanism) => Some(Way::Plain(mechanism)),
        _ => None,
    };
    if tried.iter().any(|known| known.is_accepted() && Some(known.way) == twin) {
        let title = match one.way {
            Way::Plain(mechanism) => format!("{mechanism} works with an initial response only"),
            _ => format!("{} does not work, without one it does", one.way),
        };
        return Finding::new(Severity::Warning, "initial-response", title).seen(evidence).explained(
            "Some programs send the first message in the command itself, others wait to be asked; half of them fail.",
            "Servers must know both (RFC 4954 §4); IMAP's must not promise SASL-IR if they do not (RFC 4959).",
        );
    }
    let title = format!("{} is offered, and fails with a password that {} accepts", one.way, other.way);
    Finding::new(Severity::Error, "mechanism-fails", title).seen(ended(one)).seen(evidence).explained(
        "A program that prefers this mechanism cannot log in, and tells its user that the password is wrong. CRAM-MD5 and \
         SCRAM cannot be verified against a hash that was made for another purpose.",
        "Do not offer it; or keep for each account what it takes to verify it (the password itself, or the mechanism's own \
         key), and see that the server has access to that.",
    )
}

fn nothing_works(tried: &[Tried]) -> Vec<Finding> {
    let evidence = tried.last().map(|one| one.evidence.clone()).unwrap_or_default();
    let temporary = tried.iter().any(|one| matches!(one.ended, Ended::Temporary(_)));
    let broken = tried.iter().find(|one| matches!(one.ended, Ended::Broken(_)));
    let finding = if let Some(broken) = broken {
        Finding::new(Severity::Error, "login-breaks", format!("{}: the login does not come to an answer", broken.way))
            .seen(ended(broken))
            .seen(broken.evidence.clone())
            .explained(
                "A program shows a lost connection. After a right password it is often a missing home or Maildir.",
                "The server's log tells. Does the account's home exist, and may the server enter it?",
            )
    } else if temporary {
        Finding::new(Severity::Error, "login-temporary", "no login works: the server cannot tell just now")
            .seen(evidence)
            .explained(
                "Users are told to try later, although their password is right.",
                "A store of accounts is down or unreadable; the server's log names it. Modules that are not used should \
                 not be asked.",
            )
    } else {
        Finding::new(Severity::Error, "login-refused", "no login works: the password is refused by every way")
            .seen(evidence)
            .explained(
                "Either the password or the user name is wrong, or none of the mechanisms can be verified.",
                "Is the name complete (with @domain), and is the password right? Then see the server's log.",
            )
    };
    vec![finding]
}

/// A line for what is not an answer.
fn ended(one: &Tried) -> Option<String> {
    match &one.ended {
        Ended::Broken(broken) => Some(format!("({broken})")),
        _ => None,
    }
}
