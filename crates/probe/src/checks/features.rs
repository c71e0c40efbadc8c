//! Facts about what else is offered.

use super::Found;
use crate::finding::{Finding, Severity};
use crate::report::Skipped;
use crate::survey::Survey;
use crate::target::Family;

pub(crate) const ABOUT: (&str, &str) = ("features", "SIZE, PIPELINING and other facts");

pub(crate) fn run(survey: &Survey) -> Found {
    let seen = survey.best().ok_or_else(|| Skipped::because("there is no session"))?;
    if survey.door.protocol().family() != Family::Smtp {
        return Ok(Vec::new());
    }
    let capabilities = &seen.capabilities;
    let size = match capabilities.parameters("SIZE").map(|text| text.trim().parse::<u64>()) {
        None => "SIZE is not told: a message that is too long is refused after it was sent".to_owned(),
        Some(Ok(0) | Err(_)) => "SIZE: no limit is told".to_owned(),
        Some(Ok(octets)) => format!("SIZE: messages of up to {} MiB", octets / 1_048_576),
    };
    let pipelining = match capabilities.has("PIPELINING") {
        true => "PIPELINING: several commands in one packet",
        false => "no PIPELINING: each command costs a way there and back",
    };
    let international = match (capabilities.has("8BITMIME"), capabilities.has("SMTPUTF8")) {
        (_, true) => "addresses in any script (SMTPUTF8)",
        (true, false) => "8BITMIME, no SMTPUTF8",
        (false, false) => "neither 8BITMIME nor SMTPUTF8",
    };
    let fact = |id, text: String| Finding::new(Severity::Info, id, text);
    Ok(vec![fact("size", size), fact("pipelining", pipelining.into()), fact("international", international.into())])
}
