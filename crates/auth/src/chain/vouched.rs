//! Somebody was vouched for by a module without accounts (a token's issuer): whether there is such an account here, and where
//! its mail lies, the others say.

use sasl::{CertificateEvidence, Evidence};

use crate::guard::{Guarded, Said};
use crate::module::{Found, Request, Who};
use crate::{Account, Rejection, Verdict, login_name};

/// The account of the first module that has it. One that is switched off or past its time is refused. If none of the others
/// can tell without a password, or there are no others, the account is as it was vouched for.
pub(super) async fn account(modules: &[Guarded], request: &Request, vouched: Box<Account>) -> Verdict {
    let trail = &request.who.trail;
    let (mut asked, mut mute) = (false, false);
    let inquiry = inquiry(request, &vouched);
    for module in modules.iter().filter(|module| module.has_accounts()) {
        trail.speaks(module.name());
        trail.say(format_args!("asked whether there is an account {}", vouched.address));
        asked = true;
        match one(module, &inquiry).await {
            Some(Verdict::Reject(Rejection::UnknownUser)) => {}
            Some(Verdict::Reject(Rejection::MechanismNotPossible)) => mute = true,
            Some(verdict) => return verdict,
            None => mute = true,
        }
    }
    if asked && !mute {
        trail.say(format_args!("REJECT: no module has an account {}", vouched.address));
        return Verdict::Reject(Rejection::UnknownUser);
    }
    Verdict::Accept(vouched)
}

/// What one module says; `None` if it could not tell and may be skipped.
async fn one(module: &Guarded, inquiry: &Request) -> Option<Verdict> {
    match module.check(inquiry).await {
        Said::Skipped(_) => None,
        // Who cannot judge without a password may still know who receives mail.
        Said::Verdict(Verdict::Reject(Rejection::MechanismNotPossible)) => {
            let address = inquiry.who.address.as_ref()?;
            match module.lookup(address, &inquiry.who.trail).await {
                Found::Account(account) => Some(Verdict::Accept(account)),
                Found::TempFail(tempfail) => Some(Verdict::TempFail(tempfail)),
                Found::Unknown if module.can_look_up() => Some(Verdict::Reject(Rejection::UnknownUser)),
                Found::Targets(_) | Found::Unknown => None,
            }
        }
        Said::Verdict(verdict) => Some(verdict),
    }
}

/// The same question as for a certificate that TLS has verified: who it is, is proven already.
fn inquiry(request: &Request, vouched: &Account) -> Request {
    let identity = login_name::key(&vouched.address);
    let evidence = CertificateEvidence { authzid: None, names: vec![identity.clone()], fingerprint: [0; 32] };
    let who = Who { identity, address: Some(vouched.address.clone()), ..request.who.clone() };
    Request { who, evidence: Evidence::Certificate(evidence), attempt: request.attempt, known: request.known }
}
