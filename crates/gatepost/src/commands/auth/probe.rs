//! `gatepost auth modules --probe`: what a checker can verify, instead of a guess (MISSION 000-10).

use std::io::Write;

use config::{Config, CramOrder};
use serde_json::json;

use crate::exit::{Code, Failure};
use crate::printer::{Format, visible};
use crate::{password, process};

/// Asks the checker.
pub(super) fn run(
    (user, password_stdin): (&str, bool),
    config: &Config,
    format: Format,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let Some(secret) = password::existing(password_stdin)? else {
        return Err(Failure::new(Code::Data, "the user's right password is needed: --password-stdin, or a terminal"));
    };
    let probed = process::runtime()?.block_on(auth::checkpassword::probe(config, user, &secret));
    let probed = probed.map_err(|tempfail| Failure::new(Code::Temporary, tempfail.to_string()))?;
    let cram = order(probed.cram);
    let lines: Vec<_> = probed.lines.iter().map(|line| visible(&line.text)).collect();
    let value = json!({
        "password": probed.password, "cram": cram, "apop": probed.apop, "wrongly": probed.wrongly, "lines": lines,
    });
    format.to(out).print(&value, |out| {
        lines.iter().try_for_each(|line| writeln!(out, "checkpassword: {line}"))?;
        if !probed.password {
            writeln!(
                out,
                "\nThe right password was refused: is it right, and does the program run as the right user?"
            )?;
        }
        writeln!(out, "\n[auth.checkpassword]\ncram = \"{cram}\"\napop = {}", probed.apop)
    })?;
    match (probed.wrongly.is_empty(), probed.password) {
        (true, true) => Ok(()),
        (true, false) => Err(Failure::new(Code::Failed, "")),
        (false, _) => {
            let text = format!("DO NOT USE IT: the program accepts {}", probed.wrongly.join(" and "));
            Err(Failure::new(Code::Failed, text))
        }
    }
}

fn order(order: CramOrder) -> &'static str {
    match order {
        CramOrder::None => "none",
        CramOrder::ResponseChallenge => "response-challenge",
        CramOrder::ChallengeResponse => "challenge-response",
    }
}
