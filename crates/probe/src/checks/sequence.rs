//! The codes of what is not allowed yet: 530 where a login or TLS must come first (MISSION 003-09, 003-17), and no mail
//! for others without a login.

use super::Found;
use crate::dialogue::{Answer, Broken, Verdict};
use crate::finding::{Finding, Severity};
use crate::report::Skipped;
use crate::session::{Session, Stage};
use crate::survey::Survey;
use crate::target::{Family, Protocol};

pub(crate) const ABOUT: (&str, &str) =
    ("sequence", "the answers to AUTH before TLS and to MAIL before AUTH, and relaying");

/// A domain that nobody has (RFC 2606): a server that takes mail for it takes mail for everybody.
const ELSEWHERE: &str = "probe@relay-test.example";

pub(crate) async fn run(survey: &Survey) -> Found {
    if survey.door.protocol().family() != Family::Smtp || survey.door.protocol() == Protocol::Lmtp {
        return Err(Skipped::because("it is about SMTP"));
    }
    let mut findings = Vec::new();
    if survey.clear.is_some() && survey.inside.is_some() {
        findings.extend(auth_before_tls(survey).await?);
    }
    let mut session = survey.door.open(survey.stage()).await?;
    findings.extend(mail_before_login(survey, &mut session).await?);
    session.dialogue.leave().await;
    Ok(findings)
}

/// AUTH in clear, without a word that is secret.
async fn auth_before_tls(survey: &Survey) -> Result<Option<Finding>, Broken> {
    let mut session = survey.door.open(Stage::Clear).await?;
    let offered = session.capabilities.known();
    let mechanism = offered.first().map_or("PLAIN", |mechanism| mechanism.name());
    let answer = session.dialogue.command(&format!("AUTH {mechanism}")).await?;
    let evidence = session.dialogue.transcript().last(2);
    if answer.verdict == Verdict::Continue {
        session.dialogue.say(b"*");
        session.dialogue.answer().await?;
    }
    session.dialogue.leave().await;
    if !answer.has_code(538) && !answer.has_code(503) {
        return Ok(None);
    }
    let code = answer.code.unwrap_or_default();
    let finding = if offered.is_empty() {
        let title = format!("AUTH before TLS is answered {code}, where 530 belongs");
        Finding::new(Severity::Notice, "auth-before-tls-code", title)
    } else {
        let title = format!("AUTH is offered in clear, and then refused with {code}");
        Finding::new(Severity::Warning, "auth-offered-then-refused", title).seen(session.listed)
    };
    Ok(Some(finding.seen(evidence).explained(
        "538 is historic, 503 says that the commands are in a wrong order: clients take the one for a fault of the \
         mechanism and try the next with the same password, and the other for a login that was done already.",
        "Answer \"530 5.7.0 Must issue a STARTTLS command first\" (RFC 3207 §4), and offer no AUTH before TLS.",
    )))
}

async fn mail_before_login(survey: &Survey, session: &mut Session) -> Result<Option<Finding>, Broken> {
    let mail = session.dialogue.command("MAIL FROM:<probe@sender-test.example>").await?;
    if !mail.is_done() {
        return Ok(not_530(survey, &mail, session.dialogue.transcript().last(2)));
    }
    let recipient = session.dialogue.command(&format!("RCPT TO:<{ELSEWHERE}>")).await?;
    let evidence = session.dialogue.transcript().last(4);
    if !recipient.is_done() {
        return Ok(not_530(survey, &recipient, evidence));
    }
    let reset = session.dialogue.command("RSET").await;
    drop(reset);
    Ok(Some(
        Finding::new(Severity::Critical, "open-relay", "mail for a strange domain is taken without a login")
            .seen(evidence)
            .explained(
                "If it does so for everybody, spammers find it within hours. It may do so only for the address that this \
                 probe comes from: then whoever gets into that network can send.",
                "Take mail for others after a login only. Probe from another network to see what strangers see.",
            ),
    ))
}

/// On a port for users a login is missing, and 530 says so.
fn not_530(survey: &Survey, answer: &Answer, evidence: Vec<String>) -> Option<Finding> {
    if !survey.door.protocol().is_submission() || answer.has_code(530) {
        return None;
    }
    let code = answer.code.unwrap_or_default();
    let severity = if matches!(code, 503 | 538) { Severity::Warning } else { Severity::Notice };
    let title = format!("mail without a login is refused with {code}, where 530 belongs");
    Some(Finding::new(severity, "mail-before-login-code", title).seen(evidence).explained(
        "530 tells a program that its login is missing. With another code it tells its user that the recipient or the \
         message is bad.",
        "Answer \"530 5.7.0 Authentication required\" on ports for users (RFC 4954 §6).",
    ))
}
