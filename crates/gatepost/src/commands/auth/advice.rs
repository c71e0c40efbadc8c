//! What keeps somebody from logging in, and what to do: a table of causes, words and fixes (MISSION 004-26).

use auth::attempts::{Outcome, Said};
use auth::trial::{Mailbox, Report};

use crate::printer::{shell, visible};

/// A cause: what it means, and the fix. `USER` and `MECH` stand for the user and the mechanism.
struct Cause {
    outcome: Outcome,
    means: &'static str,
    fix: &'static str,
}

const CAUSES: [Cause; 9] = [
    Cause {
        outcome: Outcome::UnknownUser,
        means: "it has nobody of that name",
        fix: "is the name spelled as the store has it, with or without its domain (auth.default_domain)? A new account: \
              gatepost user add USER",
    },
    Cause {
        outcome: Outcome::WrongPassword,
        means: "it knows the user, but the password is not the one that it keeps",
        fix: "a new password (gatepost user passwd USER, or where that module keeps them); then in all of the user's \
              programs",
    },
    Cause {
        outcome: Outcome::Disabled,
        means: "the password is right, but the account is switched off, or may not use this service",
        fix: "gatepost user enable USER, gatepost user allow USER SERVICE, or the options where that module keeps them",
    },
    Cause {
        outcome: Outcome::Expired,
        means: "the password is right, but account or password are past their time",
        fix: "a later date, or a new password, where that module keeps them",
    },
    Cause {
        outcome: Outcome::MechanismNotPossible,
        means: "what it keeps of the user cannot verify MECH",
        fix: "another mechanism (--mechanism PLAIN), or a stored form that MECH can be held against: see `gatepost auth \
              modules`. A login by password inside TLS adds SCRAM keys to an account of our own",
    },
    Cause {
        outcome: Outcome::Temporary,
        means: "it could not tell, so nobody after it was asked",
        fix: "mend what its line says; until then its users are told to try again later. `on_unreachable = \"skip\"` in \
              its section would have the next modules asked",
    },
    Cause {
        outcome: Outcome::BadExchange,
        means: "the exchange did not come to its end",
        fix: "see what is wrong with it above; is there a character in name or password that SASLprep forbids?",
    },
    Cause {
        outcome: Outcome::Throttled,
        means: "there were too many failures",
        fix: "wait for limits.auth_failure_window; `gatepost auth log --failed` shows where they come from",
    },
    Cause {
        outcome: Outcome::CleartextRefused,
        means: "it would be in clear",
        fix: "TLS in the user's program; or auth.require_tls = false, if everybody may read along",
    },
];

const NO_DOMAIN: &str = "write the whole address, as the store has it: USER@DOMAIN; or set auth.default_domain, which is added to \
                         names without one";

/// What to do about a report; nothing if all is well.
pub(in crate::commands) fn of(report: &Report) -> Option<String> {
    let unusable = report.account.as_ref().and_then(|account| match &account.mailbox {
        Mailbox::Unusable(why) => Some(format!("the login works, but the mail cannot be opened: {why}")),
        _ => None,
    });
    if report.outcome == Outcome::Ok {
        return unusable;
    }
    if !report.targets.is_empty() {
        return Some(format!("log in as one of {}", report.targets.join(", ")));
    }
    let cause = CAUSES.iter().find(|cause| cause.outcome == report.outcome)?;
    // There is no account without a domain that could be added.
    let bare = cause.outcome == Outcome::UnknownUser && !report.user.contains('@');
    Some(filled(if bare { NO_DOMAIN } else { cause.fix }, report, &shell(&report.user)))
}

/// The search of the tutorial: which module should have accepted the user, and why it did not.
pub(in crate::commands) fn search(report: &Report) -> Vec<String> {
    if report.modules.is_empty() {
        return vec!["no module was asked: the name can be nobody's address".to_owned()];
    }
    let each = report.modules.iter().map(|said| format!("{}: {}", said.module, meaning(said, report)));
    let mut lines: Vec<_> = each.collect();
    lines.push(conclusion(report));
    lines
}

fn meaning(said: &Said, report: &Report) -> String {
    let cause = said.outcome.and_then(|outcome| CAUSES.iter().find(|cause| cause.outcome == outcome));
    cause.map_or_else(|| "it accepts the user".to_owned(), |cause| filled(cause.means, report, &report.user))
}

/// The first that knows the user, or could not tell, is the one to look at.
fn conclusion(report: &Report) -> String {
    let knows = report.modules.iter().find(|said| said.outcome != Some(Outcome::UnknownUser));
    match knows {
        None => "none of them knows the user: so the store that should have the name does not, or is not in auth.chain"
            .to_owned(),
        Some(said) if said.outcome.is_none() => format!("so it is {} that authenticates the user", said.module),
        Some(said) => format!("so {} is the one that should have accepted the user", said.module),
    }
}

/// `user` as it is to be read, or pasted.
fn filled(text: &str, report: &Report, user: &str) -> String {
    let mechanism = report.mechanism.as_deref().unwrap_or("the mechanism");
    // The user's name comes last: it may have any of these words in it.
    text.replace("MECH", mechanism).replace("SERVICE", &report.service).replace("USER", &visible(user))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_be_refused_has_its_advice() {
        let mut without: Vec<_> =
            Outcome::ALL.into_iter().filter(|o| !CAUSES.iter().any(|c| c.outcome == *o)).collect();
        // One is no refusal, and the other cannot come of a trial: nobody leaves in the middle.
        without.retain(|outcome| !matches!(outcome, Outcome::Ok | Outcome::Aborted));
        assert_eq!(without, []);
    }
}
