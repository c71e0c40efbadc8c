//! `oauth`: tokens instead of passwords, OAUTHBEARER (RFC 7628) and XOAUTH2 (MISSION 004-20).
//!
//! A token is either asked about at the issuer ([`introspection`]), or it is signed, and the issuer's keys are known
//! ([`jwks`]). What it says must be for us and for now ([`claims`]); then it is good for the account that it names, and the
//! chain asks the other modules whether there is one.

mod claims;
mod introspection;
mod jwk;
mod jwks;
mod jwt;
mod verified;

use std::time::{SystemTime, UNIX_EPOCH};

use config::Config;
use message::Domain;
use sasl::{Evidence, TokenEvidence};

use crate::module::{Abilities, Ability, Answer, Module, Request, Who};
use crate::told::{Naming, Told};
use crate::trail::Trail;
use crate::{Rejection, TempFail, Verdict, login_name};
use claims::{Demands, Refusal};
use introspection::Introspection;
use jwks::Jwks;

const NAME: &str = "oauth";

/// The module.
#[derive(Debug)]
pub(crate) struct Oauth {
    judge: Judge,
    demands: Demands,
    naming: Naming,
    domains: Vec<Domain>,
}

/// Who says whether a token is good.
#[derive(Debug)]
enum Judge {
    /// The issuer.
    Issuer(Box<Introspection>),
    /// We, with the issuer's keys.
    Keys(Box<Jwks>),
}

/// What is known of a token, or why not.
#[derive(Debug)]
enum NoClaims {
    /// It is not good.
    Refused(Refusal),
    /// Could not tell: the cause of a TEMPFAIL.
    Unknown(String),
}

impl From<Refusal> for NoClaims {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Oauth {
    pub(crate) fn new(config: &Config) -> Self {
        let settings = &config.modules.oauth;
        let judge = match &settings.introspection_url {
            Some(url) => Judge::Issuer(Box::new(Introspection::new(url, settings))),
            None => Judge::Keys(Box::new(Jwks::new(settings))),
        };
        let demands = Demands {
            issuer: settings.issuer.clone(),
            audience: settings.audience.clone(),
            scope: settings.scope.clone(),
            user_claim: settings.user_claim.clone(),
            complete: matches!(judge, Judge::Keys(_)),
        };
        Self { judge, demands, naming: Naming::new(config), domains: config.domains.clone() }
    }

    async fn judge(&self, request: &Request, evidence: &TokenEvidence) -> Result<Verdict, NoClaims> {
        let trail = &request.who.trail;
        let claims = match &self.judge {
            Judge::Issuer(issuer) => issuer.ask(&evidence.token, trail).await?,
            Judge::Keys(keys) => keys.verify(&evidence.token, trail).await?,
        };
        let user = claims.user(&self.demands, now())?;
        trail.say(format_args!("the token is good, and for {:?}", jwt::shown(user)));
        self.account(&request.who, user)
    }

    /// The account that a token names. It is what a client says that must fit the token, never the other way round.
    fn account(&self, who: &Who, user: &str) -> Result<Verdict, NoClaims> {
        let Some(address) = self.naming.address(user) else {
            return Err(Refusal::wrong(format!("{:?} cannot be an address", jwt::shown(user))).into());
        };
        let claimed = who.address.clone().or_else(|| self.naming.address(&who.identity));
        let same = claimed.is_some_and(|claimed| login_name::key(&claimed) == login_name::key(&address));
        if !who.identity.is_empty() && !same {
            return Err(Refusal::wrong("the client asks for another account than the token's").into());
        }
        // An issuer may know the whole world. Whose domain is not ours has no account here.
        if !self.domains.is_empty() && !self.domains.contains(address.domain()) {
            let words = format!("{} is none of our domains", address.domain());
            return Err(Refusal { reason: Rejection::UnknownUser, words }.into());
        }
        let told = Told { address: Some(address.to_string()), ..Told::default() };
        self.naming.account(who, told).map(Verdict::accept).map_err(NoClaims::Unknown)
    }
}

impl Module for Oauth {
    fn name(&self) -> &'static str {
        NAME
    }

    fn check<'a>(&'a self, request: &'a Request) -> Answer<'a, Verdict> {
        Box::pin(async move {
            // It has no passwords: "unknown user" says least, so that the others' word counts.
            let Evidence::Token(evidence) = &request.evidence else { return Verdict::Reject(Rejection::UnknownUser) };
            match self.judge(request, evidence).await {
                Ok(verdict) => verdict,
                Err(NoClaims::Refused(refusal)) => {
                    request.who.trail.say(format_args!("the token is not accepted: {}", refusal.words));
                    Verdict::Reject(refusal.reason)
                }
                Err(NoClaims::Unknown(cause)) => Verdict::TempFail(TempFail { module: NAME, cause }),
            }
        })
    }

    fn has_accounts(&self) -> bool {
        false
    }

    fn abilities(&self) -> Abilities {
        let token = match &self.judge {
            Judge::Issuer(issuer) => format!("oauth asks {} about tokens", issuer.shown()),
            Judge::Keys(keys) => format!("oauth verifies tokens with the keys of {}", keys.shown()),
        };
        let abstains = || Ability::Abstains;
        Abilities {
            password: abstains(),
            cram: abstains(),
            apop: abstains(),
            scram_sha1: abstains(),
            scram_sha256: abstains(),
            certificate: abstains(),
            token: Ability::Yes(token),
        }
    }

    /// Whether the issuer answers, or its keys can be read.
    fn survey<'a>(&'a self, trail: &'a Trail) -> Answer<'a, Result<(), TempFail>> {
        Box::pin(async move {
            let surveyed = match &self.judge {
                Judge::Issuer(issuer) => issuer.survey(trail).await,
                Judge::Keys(keys) => keys.survey(trail).await,
            };
            surveyed.map_err(|cause| TempFail { module: NAME, cause })
        })
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// For the fuzzer: everything that is done to a token before and after its signature is checked.
#[cfg(any(test, fuzzing))]
pub(crate) fn try_token(token: &[u8], keys: &[u8]) {
    let demands = Demands {
        issuer: Some("i".to_owned()),
        audience: vec!["a".to_owned()],
        scope: vec!["s".to_owned()],
        user_claim: "email".to_owned(),
        complete: true,
    };
    let keys = jwk::Keys::read(keys);
    if let (Ok(token), Ok(keys)) = (jwt::Token::parse(token), &keys) {
        let _ = token.verified(keys);
    }
    // An introspection answers with the same claims, and the signature does not stand in the way.
    if let Ok(serde_json::Value::Object(claims)) = serde_json::from_slice(token) {
        let _ = claims::Claims::new(claims).user(&demands, now());
    }
}

#[cfg(test)]
mod tests;
