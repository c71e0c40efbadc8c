//! Smuggling: one message whose content seems to end early must stay one message (CVE-2023-51764 and its relatives).
//!
//! What is seen are the server's answers: one for one message. Whether a second one was delivered shows in the mailbox
//! only, by the marker in its subject.

use super::Found;
use super::mechanisms::usual;
use crate::dialogue::{Broken, Dialogue};
use crate::finding::{Finding, Severity};
use crate::plan::Plan;
use crate::report::Skipped;
use crate::session::Session;
use crate::survey::Survey;
use crate::target::Protocol;

pub(crate) const ABOUT: (&str, &str) = ("smuggling", "content that seems to end early, in one message or two");

/// Ends that are none (RFC 5321 §4.1.1.4 knows CRLF.CRLF alone).
const ENDS: [(&str, &str); 5] =
    [("LF.LF", "\n.\n"), ("LF.CRLF", "\n.\r\n"), ("CR.CR", "\r.\r"), ("CRLF.LF", "\r\n.\n"), ("CRLF.CR", "\r\n.\r")];

/// Answers that are read behind the content; a smuggled message takes five.
const MAX_ANSWERS: usize = 8;

pub(crate) async fn run(survey: &Survey, plan: &Plan) -> Found {
    let protocol = survey.door.protocol();
    if !protocol.takes_mail() || protocol == Protocol::Lmtp {
        return Err(Skipped::because("it is about SMTP"));
    }
    let mailbox = plan.smuggling_to.as_deref().ok_or_else(|| Skipped::because("it takes --smuggling-to MAILBOX"))?;
    let mut findings = Vec::new();
    for (name, end) in ENDS {
        match attempt(survey, plan, mailbox, (name, end)).await {
            Ok(None) => {}
            Ok(Some(evidence)) => findings.push(accepted(name, evidence)),
            Err(Skipped { why, .. }) => return Err(Skipped { findings, why: format!("{name}: {why}") }),
        }
    }
    Ok(findings)
}

fn accepted(name: &str, evidence: Vec<String>) -> Finding {
    let title = format!("{name} ends a message: others can be smuggled behind it");
    Finding::new(Severity::Critical, "smuggling", title).seen(evidence).explained(
        "A second message rides in the content of the first, with any sender, past SPF, DKIM and every filter. It is seen by \
         the number of the server's answers; in the mailbox look for the subject that ends in \"smuggled\".",
        "Update the server, and let nothing but CRLF.CRLF end a message (Postfix: smtpd_forbid_bare_newline = normalize).",
    )
}

/// The evidence, if the server answered more than one message.
async fn attempt(
    survey: &Survey,
    plan: &Plan,
    mailbox: &str,
    (name, end): (&str, &str),
) -> Result<Option<Vec<String>>, Skipped> {
    let mut session = open(survey, plan).await?;
    let dialogue = &mut session.dialogue;
    for (command, wanted) in [
        (format!("MAIL FROM:<{}>", sender(plan, mailbox)), 250),
        (format!("RCPT TO:<{mailbox}>"), 250),
        ("DATA".to_owned(), 354),
    ] {
        let answer = dialogue.command(&command).await?;
        if !answer.has_code(wanted) {
            return Err(Skipped::because(format!("{command}: {}", answer.shown)));
        }
    }
    let before = dialogue.transcript().lines().len();
    dialogue
        .send(content(plan, mailbox, (name, end)).as_bytes(), &format!("(one message with {name} inside, then QUIT)"));
    let answers = count(dialogue).await?;
    let evidence = dialogue.transcript().lines().iter().skip(before).cloned().collect();
    Ok((answers > 1).then_some(evidence))
}

/// A login first, if there is one and the port wants it.
async fn open(survey: &Survey, plan: &Plan) -> Result<Session, Skipped> {
    let wanted = survey.door.protocol().wants_login();
    let Some(login) = plan.login.as_ref().filter(|_| wanted) else {
        return Ok(survey.door.open(survey.stage()).await?);
    };
    let stage = survey.stage_for_secrets(plan.trust).map_err(Skipped::because)?;
    let way = usual(survey).ok_or_else(|| Skipped::because("no login is offered"))?;
    let mut session = survey.door.open(stage).await?;
    match session.log_in(way, login).await.is_accepted() {
        true => Ok(session),
        false => Err(Skipped::because("the login was refused")),
    }
}

/// Who logs in sends as himself; on port 25 the mailbox writes to itself.
fn sender<'a>(plan: &'a Plan, mailbox: &'a str) -> &'a str {
    plan.login.as_ref().map(|login| login.user.as_str()).filter(|user| user.contains('@')).unwrap_or(mailbox)
}

/// One message whose content holds the end that is none, and a whole transaction behind it. All in one packet with
/// QUIT, so that its answers can be counted without waiting for what may not come.
fn content(plan: &Plan, mailbox: &str, (name, end): (&str, &str)) -> String {
    let sender = sender(plan, mailbox);
    let header =
        |part: &str| format!("From: <{sender}>\r\nTo: <{mailbox}>\r\nSubject: gatepost probe: {name}, {part}\r\n\r\n");
    let (outer, inner) = (header("the message itself"), header("smuggled"));
    format!(
        "{outer}A test of `gatepost probe`. There should be no second message, \"smuggled\".{end}\
         MAIL FROM:<{sender}>\r\nRCPT TO:<{mailbox}>\r\nDATA\r\n{inner}This message was smuggled.\r\n.\r\nQUIT\r\n"
    )
}

/// Answers until the one to QUIT, or the end. A refusal of the whole ends it, too.
async fn count(dialogue: &mut Dialogue) -> Result<usize, Skipped> {
    let mut answers = 0;
    while answers < MAX_ANSWERS {
        match dialogue.answer().await {
            Ok(answer) if answer.has_code(221) || answer.has_code(421) => break,
            // 5xx to the whole, and whatever it says to the rest of the packet: nothing was taken.
            Ok(answer) if answers == 0 && !answer.is_done() => break,
            Ok(_) => answers += 1,
            Err(Broken::Closed) => break,
            Err(broken) => return Err(broken.into()),
        }
    }
    Ok(answers)
}
