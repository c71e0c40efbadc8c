//! Command injection: what was sent in clear behind STARTTLS must not be answered inside TLS.
//!
//! A command is put into the packet of STARTTLS; inside TLS another one is said. Whoever answers the first one there has kept
//! octets that a stranger on the way could have added, and takes them for the user's.

use super::Found;
use crate::dialogue::{Broken, Dialogue};
use crate::finding::{Finding, Severity};
use crate::report::Skipped;
use crate::session::Stage;
use crate::survey::Survey;
use crate::target::Family;

pub(crate) const ABOUT: (&str, &str) = ("injection", "a command in the packet of STARTTLS, answered inside TLS");

pub(crate) async fn run(survey: &Survey) -> Found {
    if survey.clear.is_none() || survey.inside.is_none() {
        return Err(Skipped::because("TLS does not begin by a command here"));
    }
    match inject(survey).await? {
        Some(evidence) => Ok(vec![
            Finding::new(
                Severity::Critical,
                "starttls-injection",
                "the server keeps what was sent in clear behind STARTTLS, and obeys it inside TLS",
            )
            .seen(evidence)
            .explained(
                "Somebody on the way adds commands to the session of a user, who then logs in for him: mail can be sent, \
                 or read, as that user (CVE-2011-0411 and its relatives).",
                "Update the server. It must throw its input away when TLS begins.",
            ),
        ]),
        None => Ok(Vec::new()),
    }
}

/// What is said behind STARTTLS, inside TLS, and whether an answer to the latter is that of the former.
struct Words {
    begin: &'static str,
    injected: &'static str,
    inside: &'static str,
}

fn words(family: Family) -> Words {
    match family {
        Family::Smtp => Words { begin: "STARTTLS", injected: "NOOP", inside: "QUIT" },
        Family::Pop3 => Words { begin: "STLS", injected: "XPROBE", inside: "QUIT" },
        Family::Imap => Words { begin: "i1 STARTTLS", injected: "i2 NOOP", inside: "i3 LOGOUT" },
    }
}

async fn inject(survey: &Survey) -> Result<Option<Vec<String>>, Broken> {
    let family = survey.door.protocol().family();
    let Words { begin, injected, inside } = words(family);
    let mut dialogue = survey.door.connect().await?;
    dialogue.greeting().await?;
    if family == Family::Smtp {
        survey.door.hello(&mut dialogue).await?;
    }
    let before = dialogue.transcript().lines().len();
    dialogue.send(format!("{begin}\r\n{injected}\r\n").as_bytes(), &format!("{begin} | {injected}   (one packet)"));
    let agreed = dialogue.answer().await?;
    // A server that refuses, answers in clear, or makes a handshake of the octets obeys nothing.
    if !agreed.is_done() || survey.door.secure(&mut dialogue, Stage::Inside).await.is_err() {
        return Ok(None);
    }
    dialogue.say(inside.as_bytes());
    let obeyed = obeyed(&mut dialogue, family).await;
    let evidence = dialogue.transcript().lines().iter().skip(before).cloned().collect();
    Ok(obeyed.then_some(evidence))
}

/// Whether the first answer inside TLS is that to the injected command.
async fn obeyed(dialogue: &mut Dialogue, family: Family) -> bool {
    let Ok(answer) = dialogue.answer().await else { return false };
    match family {
        // The answer to QUIT is 221 (RFC 5321 §4.1.1.10); a server that is going down says 421.
        Family::Smtp => !answer.has_code(221) && !answer.has_code(421),
        Family::Pop3 => !answer.is_done(),
        Family::Imap => answer.shown.starts_with("S: i2 "),
    }
}
