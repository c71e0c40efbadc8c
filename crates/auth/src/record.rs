//! One line of the log for each login attempt: who, from where, by which mechanism, and a result out of a closed set.

use crate::module::Request;
use crate::{Rejection, Verdict};

/// Writes the line, inside the session's span, which tells the service and the peer. The name is shown as it was decoded, so that a wrong base64 is seen at once (MISSION 002-25); the
/// evidence never is.
pub(crate) fn record(request: &Request, verdict: &Verdict) {
    let identity = request.evidence.identity();
    let mechanism = request.evidence.mechanism();
    let tls = request.attempt.tls;
    match verdict {
        Verdict::Accept(account) => {
            tracing::info!(user = %account.address, %mechanism, tls, "login accepted");
        }
        Verdict::Reject(reason) => {
            let reason = words(*reason);
            tracing::info!(user = identity, %mechanism, tls, reason, "login refused");
        }
        Verdict::TempFail(tempfail) => {
            let (module, cause) = (tempfail.module, &tempfail.cause);
            tracing::error!(user = identity, %mechanism, tls, module, cause, "login could not be judged");
        }
    }
}

/// In words, for people and in the trail.
pub(crate) fn words(reason: Rejection) -> &'static str {
    match reason {
        Rejection::UnknownUser => "unknown user",
        Rejection::WrongPassword => "wrong password",
        Rejection::Disabled => "disabled",
        Rejection::Expired => "expired",
        Rejection::MechanismNotPossible => "mechanism not possible",
        Rejection::Authzid => "asked to act for somebody else",
        Rejection::Throttled => "too many failures from there or for this account; it was not looked at",
    }
}
