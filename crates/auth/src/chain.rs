//! The rule of the chain, in one place.

mod vouched;

use message::Address;
use sasl::scram;

use crate::attempts::Outcome;
use crate::guard::{Guarded, Said};
use crate::module::{Found, Request, Who};
use crate::trail::{Kind, Trail};
use crate::{Rejection, TempFail, Verdict};

/// Asks module by module: ACCEPT ends it, REJECT passes on, TEMPFAIL ends it (unless the module says `skip`). If all reject,
/// the reason counts that says the most. (MISSION 004-23)
pub(crate) async fn judge(modules: &[Guarded], request: &Request) -> Verdict {
    let trail = &request.who.trail;
    let (mut reason, mut skipped) = (Rejection::UnknownUser, None);
    for module in modules {
        trail.speaks(module.name());
        trail.line(Kind::Trying, "trying this module");
        match module.check(request).await {
            Said::Skipped(tempfail) => {
                trail.skipped(&tempfail);
                skipped = skipped.or(Some(tempfail));
            }
            Said::Verdict(Verdict::Reject(why)) => {
                trail.rejected(why);
                reason = weightier(reason, why);
            }
            Said::Verdict(Verdict::TempFail(tempfail)) => {
                trail.stopped(&tempfail);
                return Verdict::TempFail(tempfail);
            }
            Said::Verdict(Verdict::Accept(account)) if module.has_accounts() => return accepted(request, account),
            Said::Verdict(Verdict::Accept(account)) => match vouched::account(modules, request, account).await {
                Verdict::Accept(account) => return accepted(request, account),
                verdict => return verdict,
            },
        }
    }
    match skipped {
        // Whoever was not heard might have known the user: "unknown user" would be a guess.
        Some(tempfail) if reason == Rejection::UnknownUser => Verdict::TempFail(tempfail),
        _ => Verdict::Reject(reason),
    }
}

/// ACCEPT, unless the account's options keep it from this service.
fn accepted(request: &Request, account: Box<crate::Account>) -> Verdict {
    let (trail, attempt) = (&request.who.trail, request.attempt);
    if !account.options.allow(attempt.service, attempt.tls) {
        let text = format!("REJECT: the account's options ({}) do not allow this", account.options);
        trail.line_of(Kind::Reject, Some(Outcome::Disabled), text);
        return Verdict::Reject(Rejection::Disabled);
    }
    trail.line(Kind::Accept, format_args!("ACCEPT, username {}", account.address));
    Verdict::Accept(account)
}

/// "Wrong password" says more than "cannot verify this mechanism", and that more than "unknown"; of two that say as much,
/// the first counts.
fn weightier(one: Rejection, other: Rejection) -> Rejection {
    let weight = |reason| match reason {
        Rejection::UnknownUser => 0,
        Rejection::MechanismNotPossible => 1,
        _ => 2,
    };
    if weight(other) > weight(one) { other } else { one }
}

/// The SCRAM keys of the first account that has some. A module that cannot tell stops, as in [`judge`]; one that may be
/// skipped is asked again when the proof is judged.
pub(crate) async fn scram_keys(
    modules: &[Guarded],
    who: &Who,
    hash: scram::Hash,
) -> Result<Option<scram::Keys>, TempFail> {
    for module in modules {
        who.trail.speaks(module.name());
        match module.scram_keys(who, hash).await {
            Ok(None) => {}
            Err(_) if module.is_skipped() => {}
            found => return found,
        }
    }
    Ok(None)
}

/// Who receives mail: the first module that knows the address answers for it. One that cannot tell stops; if it may be
/// skipped, the others are asked, but mail for somebody whom nobody knows then waits instead of being sent back.
pub(crate) async fn lookup(modules: &[Guarded], recipient: &Address, trail: &Trail) -> Found {
    let mut unheard = None;
    for module in modules {
        trail.speaks(module.name());
        trail.line(Kind::Trying, "trying this module");
        match module.lookup(recipient, trail).await {
            Found::Unknown => trail.rejected(Rejection::UnknownUser),
            Found::TempFail(tempfail) if module.is_skipped() => {
                trail.skipped(&tempfail);
                unheard = unheard.or(Some(tempfail));
            }
            Found::TempFail(tempfail) => {
                trail.stopped(&tempfail);
                return Found::TempFail(tempfail);
            }
            found => {
                trail.line(Kind::Accept, "ACCEPT, it is known here");
                return found;
            }
        }
    }
    unheard.map_or(Found::Unknown, Found::TempFail)
}

#[cfg(test)]
mod tests;
