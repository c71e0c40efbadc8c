//! Enhanced status codes: announced and given, or neither (RFC 2034).

use super::Found;
use crate::dialogue::Answer;
use crate::finding::{Finding, Severity};
use crate::report::Skipped;
use crate::survey::Survey;
use crate::target::{Family, Protocol};

pub(crate) const ABOUT: (&str, &str) = ("status", "enhanced status codes, announced and given");

pub(crate) async fn run(survey: &Survey) -> Found {
    if survey.door.protocol().family() != Family::Smtp {
        return Err(Skipped::because("it is about SMTP"));
    }
    let mut session = survey.door.open(survey.stage()).await?;
    let announced = session.capabilities.has("ENHANCEDSTATUSCODES");
    let mut answers: Vec<(Answer, Vec<String>)> = Vec::new();
    // RSET must succeed, MAIL has one outcome or the other, and nobody knows the third.
    for command in ["RSET", "MAIL FROM:<>", "XPROBE"] {
        let answer = session.dialogue.command(command).await?;
        answers.push((answer, session.dialogue.transcript().last(2)));
    }
    session.dialogue.leave().await;
    let (with, without): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(answer, _)| answer.enhanced);
    let lines = |all: Vec<(Answer, Vec<String>)>| all.into_iter().flat_map(|(_, lines)| lines);
    let required = survey.door.protocol() == Protocol::Lmtp;
    Ok(match (announced, with.is_empty(), without.is_empty()) {
        (true, _, false) => vec![
            Finding::new(
                Severity::Warning,
                "status-missing",
                "enhanced status codes are announced and not always given",
            )
            .seen(lines(without))
            .explained(
                "Other servers look for the code to tell their users why; with the promise broken they guess.",
                "Give one in every reply but the greeting, EHLO and 3xx (RFC 2034 §4), or do not announce it. A proxy \
                     or filter in front of the server that answers in its place can be the cause.",
            ),
        ],
        (false, false, _) => vec![
            Finding::new(Severity::Notice, "status-not-announced", "enhanced status codes are given and not announced")
                .seen(lines(with))
                .explained("Programs take them for text.", "Announce ENHANCEDSTATUSCODES in EHLO."),
        ],
        (false, true, _) => {
            let severity = if required { Severity::Warning } else { Severity::Info };
            vec![Finding::new(severity, "no-status", "no enhanced status codes: bounces say less")]
        }
        (true, _, true) => Vec::new(),
    })
}
