//! Each mechanism that is offered is begun, without a login: the server must know it.

use sasl::Mechanism;

use super::Found;
use crate::dialogue::{Broken, Verdict};
use crate::finding::{Finding, Severity};
use crate::report::Skipped;
use crate::survey::Survey;
use crate::target::Family;

pub(crate) const ABOUT: (&str, &str) = ("begin", "each offered mechanism can be begun, and cancelled");

/// Mechanisms that are tried.
pub(super) const MAX_MECHANISMS: usize = 12;

pub(crate) async fn run(survey: &Survey) -> Found {
    let seen = survey.best().ok_or_else(|| Skipped::because("there is no session"))?;
    let known = seen.capabilities.known();
    if known.is_empty() {
        return Err(Skipped::because("no mechanism is offered"));
    }
    let mut findings = Vec::new();
    // EXTERNAL wants a certificate of ours, and may say so at once.
    for mechanism in known.into_iter().filter(|mechanism| *mechanism != Mechanism::External).take(MAX_MECHANISMS) {
        match begin(survey, mechanism).await {
            Ok(None) => {}
            Ok(Some(evidence)) => findings.push(
                Finding::new(
                    Severity::Error,
                    "mechanism-not-begun",
                    format!("{mechanism} is offered, and the server does not begin it"),
                )
                .seen(evidence)
                .explained(
                    "A client that prefers it fails, whatever its user types.",
                    "Do not offer it, or install what it needs: a plug-in of SASL, a module, a driver.",
                ),
            ),
            Err(why) => return Err(Skipped { findings, why: why.to_string() }),
        }
    }
    Ok(findings)
}

/// The evidence, if the server does not know it.
async fn begin(survey: &Survey, mechanism: Mechanism) -> Result<Option<Vec<String>>, Broken> {
    let mut session = survey.door.open(survey.stage()).await?;
    let verb = if survey.door.protocol().family() == Family::Imap { "AUTHENTICATE" } else { "AUTH" };
    let answer = session.dialogue.command(&format!("{verb} {mechanism}")).await?;
    let evidence = session.dialogue.transcript().last(2);
    if answer.verdict == Verdict::Continue {
        session.dialogue.say(b"*");
        session.dialogue.answer().await?;
    }
    session.dialogue.leave().await;
    Ok((answer.verdict == Verdict::Refused).then_some(evidence))
}
