//! What a checker can verify, found out with an account whose password is known.

use std::net::IpAddr;

use config::{Config, CramOrder};
use sasl::{Secret, apop, cram};

use super::fields::{Shown, hex};
use super::{Checker, NAME, Said, nobody};
use crate::trail::Trail;
use crate::{Attempt, Line, Service, TempFail, password};

/// What a checker was found to verify: what to write into `[auth.checkpassword]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probed {
    /// The right password was accepted.
    pub password: bool,
    /// `cram = …`: the right response was accepted in this order, and a wrong one was not.
    pub cram: CramOrder,
    /// `apop = …`: the same for APOP.
    pub apop: bool,
    /// What it accepted and should not have: "a wrong password", …. A checker that does so must not be used.
    pub wrongly: Vec<&'static str>,
    /// What was asked and said.
    pub lines: Vec<Line>,
}

/// Asks the checker of a config about an account whose password is right: with that and with wrong ones, in clear, and as a
/// response to a challenge in both orders. Nothing is assumed (MISSION 000-10).
///
/// # Errors
/// [`TempFail`]: the checker could not tell.
pub async fn probe(config: &Config, user: &str, password: &Secret) -> Result<Probed, TempFail> {
    let checker = Checker::new(&config.modules.checkpassword);
    let trail = Trail::default();
    trail.speaks(NAME);
    let probing = Probing { checker, user, right: password, wrong: password::generate(), trail };
    let mut wrongly = Vec::new();
    let right = probing.accepts(user, "the password in clear", &Shown::Password(password)).await?;
    if probing.accepts(user, "a wrong password in clear", &Shown::Password(&probing.wrong)).await? {
        wrongly.push("a wrong password");
    }
    if probing.accepts(&nobody(), "a user who does not exist", &Shown::Password(&probing.wrong)).await? {
        wrongly.push("a user who does not exist");
    }
    let mut found = CramOrder::None;
    for order in [CramOrder::ResponseChallenge, CramOrder::ChallengeResponse] {
        if probing.verifies("CRAM-MD5", order, cram_response, &mut wrongly).await? {
            found = order;
        }
    }
    let apop = probing.verifies("APOP", CramOrder::ResponseChallenge, apop_digest, &mut wrongly).await?;
    Ok(Probed { password: right, cram: found, apop, wrongly, lines: probing.trail.lines() })
}

struct Probing<'a> {
    checker: Checker,
    user: &'a str,
    right: &'a Secret,
    wrong: Secret,
    trail: Trail,
}

/// Makes the hexadecimal response out of a password and a challenge.
type Respond = fn(&Secret, &[u8]) -> String;

impl Probing<'_> {
    async fn accepts(&self, user: &str, what: &str, shown: &Shown<'_>) -> Result<bool, TempFail> {
        let attempt = Attempt::new(Service::Pop3, IpAddr::from([127, 0, 0, 1]), true);
        self.trail.say(format_args!("asking with {what}"));
        let said = self.checker.ask(user, shown, attempt, &self.trail).await?;
        Ok(matches!(said, Said::Accepted(_)))
    }

    /// Whether the right response is accepted in this order, and a wrong one is not.
    async fn verifies(
        &self,
        what: &'static str,
        order: CramOrder,
        respond: Respond,
        wrongly: &mut Vec<&'static str>,
    ) -> Result<bool, TempFail> {
        let challenge = format!("<{}@probe.invalid>", nobody()).into_bytes();
        let named = match order {
            CramOrder::ChallengeResponse => format!("{what}: challenge, response"),
            _ => format!("{what}: response, challenge"),
        };
        let shown = |password| Shown::ordered(order, respond(password, &challenge).into_bytes(), challenge.clone());
        let (Some(right), Some(wrong)) = (shown(self.right), shown(&self.wrong)) else { return Ok(false) };
        if !self.accepts(self.user, &named, &right).await? {
            return Ok(false);
        }
        let also_wrong = self.accepts(self.user, &format!("{named}, and a wrong one"), &wrong).await?;
        if also_wrong {
            wrongly.push(what);
        }
        Ok(!also_wrong)
    }
}

fn cram_response(password: &Secret, challenge: &[u8]) -> String {
    hex(&cram::digest(password, challenge))
}

fn apop_digest(password: &Secret, timestamp: &[u8]) -> String {
    hex(&apop::digest(&String::from_utf8_lossy(timestamp), password))
}
