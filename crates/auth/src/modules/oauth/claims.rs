//! What a token says, and whether it is for us and for now.

use serde_json::{Map, Value};

use super::jwt::shown;
use crate::Rejection;

/// Clocks differ by this, seconds.
const LEEWAY: i64 = 60;

/// The claims of a token whose signature was checked, or the answer of an introspection.
#[derive(Clone)]
pub(super) struct Claims(Map<String, Value>);

/// What a token must say.
#[derive(Debug, Clone)]
pub(super) struct Demands {
    /// Who must have made it.
    pub(super) issuer: Option<String>,
    /// For whom: one of these.
    pub(super) audience: Vec<String>,
    /// For what: all of these.
    pub(super) scope: Vec<String>,
    /// The claim with the login name.
    pub(super) user_claim: String,
    /// Whether the time of its end and its issuer must be there. An introspection may leave them out: that it is active
    /// says as much (RFC 7662 §2.2).
    pub(super) complete: bool,
}

/// Why a token is not accepted, and in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) reason: Rejection,
    pub(super) words: String,
}

impl Refusal {
    pub(super) fn wrong(words: impl Into<String>) -> Self {
        Self { reason: Rejection::WrongPassword, words: words.into() }
    }
}

impl Claims {
    pub(super) fn new(claims: Map<String, Value>) -> Self {
        Self(claims)
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// RFC 7519 §2: seconds since 1970, with a fraction or not.
    pub(super) fn time(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let Some(value) = self.0.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
        // Far beyond what a date needs, a float is cut to the largest number.
        let whole = value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64));
        whole.map(Some).ok_or_else(|| Refusal::wrong(format!("its {name} is not a time")))
    }

    /// One text, or a list of them.
    fn list(&self, name: &str) -> Vec<&str> {
        match self.0.get(name) {
            Some(Value::String(text)) => vec![text],
            Some(Value::Array(texts)) => texts.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// The login name that it is for, if it meets the demands.
    pub(super) fn user(&self, demands: &Demands, now: i64) -> Result<&str, Refusal> {
        self.is_for_now(demands, now)?;
        self.is_for_us(demands)?;
        let claim = &demands.user_claim;
        // Some issuers let everybody write any address into their profile, and say so by this.
        if claim == "email"
            && matches!(self.0.get("email_verified"), Some(Value::Bool(false)) | Some(Value::String(_)))
            && self.text("email_verified") != Some("true")
        {
            return Err(Refusal::wrong("its email is not verified, so it may be anybody's"));
        }
        let user = self.text(claim).filter(|user| !user.is_empty());
        user.ok_or_else(|| Refusal::wrong(format!("it has no claim {claim:?} (auth.oauth.user_claim)")))
    }

    fn is_for_now(&self, demands: &Demands, now: i64) -> Result<(), Refusal> {
        match self.time("exp")? {
            // RFC 7519 §4.1.4: on or after that time it must not be accepted.
            Some(end) if now >= end.saturating_add(LEEWAY) => {
                let words = format!("it expired {} s ago", now.saturating_sub(end));
                return Err(Refusal { reason: Rejection::Expired, words });
            }
            None if demands.complete => return Err(Refusal::wrong("it has no exp, so it would be good for ever")),
            _ => {}
        }
        match self.time("nbf")? {
            Some(begin) if now < begin.saturating_sub(LEEWAY) => Err(Refusal::wrong("it is not good yet (nbf)")),
            _ => Ok(()),
        }
    }

    fn is_for_us(&self, demands: &Demands) -> Result<(), Refusal> {
        match (&demands.issuer, self.text("iss")) {
            (Some(issuer), Some(found)) if issuer != found => {
                return Err(Refusal::wrong(format!("its issuer is {:?}, not {issuer:?}", shown(found))));
            }
            (Some(_), None) if demands.complete => return Err(Refusal::wrong("it names no issuer (iss)")),
            _ => {}
        }
        let audience = self.list("aud");
        if !demands.audience.is_empty() && !demands.audience.iter().any(|one| audience.contains(&one.as_str())) {
            return Err(Refusal::wrong("its audience (aud) is none of auth.oauth.audience: it was made for others"));
        }
        // RFC 8693 §4.2: a list with spaces; some issuers write `scp`, or a JSON list.
        let scopes: Vec<_> =
            [self.list("scope"), self.list("scp")].concat().into_iter().flat_map(str::split_whitespace).collect();
        match demands.scope.iter().find(|scope| !scopes.contains(&scope.as_str())) {
            Some(missing) => Err(Refusal::wrong(format!("it lacks the scope {missing:?} (auth.oauth.scope)"))),
            None => Ok(()),
        }
    }
}

impl std::fmt::Debug for Claims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Claims(…)")
    }
}
