//! The issuer is asked about a token (RFC 7662).

use std::path::PathBuf;

use sasl::Secret;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::claims::{Claims, Refusal};
use super::verified::Verified;
use super::{NoClaims, now};
use crate::http_client::{Ask, Authorization, HttpClient, form};
use crate::named_file;
use crate::trail::Trail;
use crate::{Rejection, random};

/// The endpoint.
#[derive(Debug)]
pub(super) struct Introspection {
    client: HttpClient,
    /// Who we are there, and where the secret for it is.
    credentials: Option<(String, PathBuf)>,
    /// Tokens that were good not long ago.
    verified: Verified,
}

impl Introspection {
    pub(super) fn new(url: &str, settings: &config::Oauth) -> Self {
        let credentials = settings.client_id.clone().zip(settings.client_secret_file.clone());
        Self { client: HttpClient::new(url, settings.ca_file.clone()), credentials, verified: Verified::new() }
    }

    /// For the operator.
    pub(super) fn shown(&self) -> &str {
        self.client.shown()
    }

    /// What the issuer says of a token that is active. That one is not is never remembered.
    pub(super) async fn ask(&self, token: &Secret, trail: &Trail) -> Result<Claims, NoClaims> {
        if let Some(claims) = self.verified.get(token, now()) {
            trail.say("the issuer called this token active not long ago");
            return Ok(claims);
        }
        trail.say(format_args!("asking {}", self.shown()));
        let answer = self.introspect(token).await.map_err(NoClaims::Unknown)?;
        match answer.get("active") {
            Some(Value::Bool(true)) => {}
            // RFC 7662 §2.2: expired, revoked, made by somebody else: nobody learns which.
            Some(Value::Bool(false)) => return Err(said_no(&answer).into()),
            _ => return Err(NoClaims::Unknown(format!("{}: the answer does not say `active`", self.shown()))),
        }
        let claims = Claims::new(answer);
        self.verified.learn(token, &claims, now());
        Ok(claims)
    }

    /// Asks about a token that nobody has: the endpoint must know us and answer.
    pub(super) async fn survey(&self, trail: &Trail) -> Result<(), String> {
        trail.say(format_args!("asking {} about a token of nobody's", self.shown()));
        let nobody: [u8; 16] = random::octets();
        let nobody: String = nobody.iter().map(|octet| format!("{octet:02x}")).collect();
        let answer = self.introspect(&Secret::new(nobody)).await?;
        match answer.get("active") {
            Some(Value::Bool(false)) => Ok(()),
            _ => Err(format!("{}: it does not say that a random token is not active", self.shown())),
        }
    }

    async fn introspect(&self, token: &Secret) -> Result<Map<String, Value>, String> {
        let who = match &self.credentials {
            None => Authorization::None,
            Some((id, path)) => {
                let secret = named_file::secret(path);
                let secret = secret.map_err(|what| format!("auth.oauth.client_secret_file: {what}"))?;
                Authorization::Basic(id.clone(), secret)
            }
        };
        // RFC 7662 §2.1.
        let body = ["token=", &form(token.expose()), "&token_type_hint=access_token"].concat();
        let answer = self.client.ask(Ask::Form(Zeroizing::new(body)), &who).await.map_err(|error| error.to_string())?;
        serde_json::from_slice(&answer).map_err(|_| format!("{}: the answer is not a JSON object", self.shown()))
    }
}

/// Some issuers say when an inactive token ended.
fn said_no(answer: &Map<String, Value>) -> Refusal {
    let expired = answer.get("exp").and_then(Value::as_i64).is_some_and(|end| end <= now());
    let reason = if expired { Rejection::Expired } else { Rejection::WrongPassword };
    Refusal { reason, words: "the issuer says that it is not active: expired, revoked or never issued".to_owned() }
}
