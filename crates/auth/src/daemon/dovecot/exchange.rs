//! One login.

use std::net::{IpAddr, Ipv4Addr};

use sasl::server::{Exchange, Step};
use sasl::{Mechanism, Secret};

use super::super::Context;
use super::greeting::can_be_carried;
use crate::dovecot::{Auth, Params};
use crate::{Attempt, Rejection, Service, Verdict};

/// A login under way.
pub(super) struct Login {
    exchange: Exchange,
    attempt: Attempt,
    /// Who was accepted, while the last word of the mechanism is on its way.
    accepted: Option<String>,
    /// Why not, while the mechanism says so in its own words.
    refused: Option<Params>,
}

/// What is said to a step.
pub(super) enum Said {
    Challenge(Secret, Login),
    Ok(Params),
    Fail(Params),
    /// It could not be told.
    Temporary(Params),
}

impl Login {
    /// Begins one. What is not offered to a client like this is not accepted: without `secured`, and with
    /// `auth.require_tls`, that is everything. A password that may be sent is always judged, though: if no module can be
    /// asked just now, nothing is offered, and that is temporary, not a refusal.
    pub(super) async fn begin(auth: &Auth, context: &Context) -> Said {
        let attempt = attempt(&auth.params);
        let wanted = Mechanism::from_name(&auth.mechanism).filter(|mechanism| can_be_carried(*mechanism));
        let offers = context.auth.offers(attempt.tls);
        let offer = offers.iter().find(|offer| Some(offer.mechanism) == wanted);
        let may = |mechanism: &Mechanism| {
            let password = matches!(mechanism, Mechanism::Plain | Mechanism::Login);
            offer.is_some_and(|offer| offer.offered) || password && (attempt.tls || !context.requires_tls())
        };
        let Some(mechanism) = wanted.filter(may) else {
            let why = offer.map_or("there is no such mechanism", |offer| offer.why.as_str());
            let (mechanism, peer, tls) = (&auth.mechanism, attempt.peer, attempt.tls);
            tracing::info!(mechanism, %peer, tls, why, "login refused: the mechanism is not offered");
            return Said::Fail(Params::default().with("reason", "Unsupported authentication mechanism"));
        };
        let host = context.config.load().hostname.as_ascii().to_owned();
        let initial = auth.response.as_ref().map(Secret::expose);
        let (exchange, step) = Exchange::start(mechanism, &sasl::server::Context::clear(&host), initial);
        Self { exchange, attempt, accepted: None, refused: None }.advance(step, context).await
    }

    /// Takes the client's next response.
    pub(super) async fn go_on(mut self, response: &Secret, context: &Context) -> Said {
        let step = self.exchange.respond(response.expose());
        self.advance(step, context).await
    }

    async fn advance(mut self, mut step: Step, context: &Context) -> Said {
        loop {
            step = match step {
                Step::Challenge(octets) => return Said::Challenge(Secret::new(octets), self),
                Step::NeedKeys { identity, hash } => {
                    match context.auth.scram_keys(self.attempt, &identity, hash).await {
                        Ok(keys) => self.exchange.keys(keys),
                        Err(login) => return Said::Temporary(temporary(&identity, &*login.why)),
                    }
                }
                Step::Judge(evidence) => {
                    let identity = evidence.identity().to_owned();
                    match context.check(self.attempt, evidence).await {
                        Verdict::Accept(account) => {
                            self.accepted = Some(account.address.to_string());
                            self.exchange.accepted()
                        }
                        // Nothing was looked at: it is not said to be wrong.
                        Verdict::Reject(Rejection::Throttled) => {
                            return Said::Temporary(temporary(&identity, "throttle: too many failed logins"));
                        }
                        Verdict::Reject(why) => {
                            self.refused = Some(rejected(&identity, why));
                            self.exchange.rejected()
                        }
                        Verdict::TempFail(tempfail) => return Said::Temporary(temporary(&identity, &tempfail)),
                    }
                }
                Step::Done => {
                    let user = self.accepted.unwrap_or_default();
                    return Said::Ok(Params::default().with("user", user));
                }
                // The refusal of a token is told in the mechanism's own words first.
                Step::Refused => return Said::Fail(self.refused.unwrap_or_default()),
                Step::Broken(why) => {
                    tracing::info!(mechanism = %self.exchange.mechanism(), %why, "login broken off");
                    return Said::Fail(Params::default().with("reason", why));
                }
            };
        }
    }
}

/// The circumstances, as the client tells them.
fn attempt(params: &Params) -> Attempt {
    let peer = params.get("rip").and_then(|rip| rip.parse().ok()).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    // Postfix and Exim say `smtp`. Services that are not ours are somebody's who reads mail.
    let service = params.get("service").and_then(Service::from_name).unwrap_or(Service::Imap);
    Attempt::new(service, peer, params.has("secured"))
}

/// In the words of both versions: `code=` is the newer one.
fn rejected(identity: &str, why: Rejection) -> Params {
    let params = Params::default().with("user", identity);
    match why {
        Rejection::Disabled => params.with("code", "user_disabled").flag("user_disabled"),
        Rejection::Expired => params.with("code", "pass_expired").flag("pass_expired"),
        Rejection::Authzid => params.with("code", "authz_fail").flag("authz"),
        Rejection::UnknownUser | Rejection::WrongPassword | Rejection::MechanismNotPossible | Rejection::Throttled => {
            params
        }
    }
}

/// Why stands in our log; the client learns only that it may come again.
fn temporary(identity: &str, cause: impl std::fmt::Display) -> Params {
    tracing::debug!(%cause, "TEMPFAIL");
    Params::default().with("user", identity)
}
