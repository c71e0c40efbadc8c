//! A signed token (RFC 7519) in JWS's compact form (RFC 7515).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::claims::Claims;
use super::jwk::Keys;

/// Longest token that is looked at, octets.
const MAX_TOKEN: usize = 16 * 1024;

/// How a token is signed. RFC 8725 §3.2: `none`, and what is keyed by a secret (HS256 …), are not here: with the latter a
/// public key could be used as the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    EdDsa,
}

/// RFC 7518 §3.1, RFC 8037 §3.1; `Ed25519` is the newer name of the same.
const ALGORITHMS: &[(&str, Algorithm)] = &[
    ("RS256", Algorithm::Rs256),
    ("RS384", Algorithm::Rs384),
    ("RS512", Algorithm::Rs512),
    ("PS256", Algorithm::Ps256),
    ("PS384", Algorithm::Ps384),
    ("PS512", Algorithm::Ps512),
    ("ES256", Algorithm::Es256),
    ("ES384", Algorithm::Es384),
    ("EdDSA", Algorithm::EdDsa),
    ("Ed25519", Algorithm::EdDsa),
];

/// RFC 8725 §3.11: tokens for something else (a logout, an event) are none for a login. An ID token has `JWT` or nothing, an
/// access token `at+jwt`.
const TYPES: &[&str] = &["jwt", "at+jwt", "application/jwt", "application/at+jwt"];

/// A token, taken apart but not verified. Nothing of it counts before [`Token::verified`].
pub(super) struct Token<'a> {
    pub(super) algorithm: Algorithm,
    pub(super) key_id: Option<String>,
    /// What is signed.
    message: &'a str,
    payload: &'a str,
    signature: Vec<u8>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<serde_json::Value>,
    /// RFC 7797: a payload that is not encoded. It takes `crit`, too.
    b64: Option<serde_json::Value>,
}

impl Algorithm {
    fn named(name: &str) -> Option<Self> {
        ALGORITHMS.iter().find(|(known, _)| *known == name).map(|(_, algorithm)| *algorithm)
    }

    /// Whether this is its name, or one of them.
    pub(super) fn is_named(self, name: &str) -> bool {
        Self::named(name) == Some(self)
    }
}

impl<'a> Token<'a> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(token: &'a [u8]) -> Result<Self, String> {
        if token.len() > MAX_TOKEN {
            return Err(format!("it is longer than {MAX_TOKEN} octets"));
        }
        let text = std::str::from_utf8(token).map_err(|_| "it is no JWT".to_owned())?;
        let (message, signature) = text.rsplit_once('.').ok_or("it is no JWT: it has no dots")?;
        let (header, payload) = message.split_once('.').ok_or("it is no JWT: it has one dot only")?;
        if payload.contains('.') {
            return Err("it has more than three parts; an encrypted token is not read".to_owned());
        }
        let header: Header = json(header).ok_or("its header is not one of a JWT")?;
        // RFC 7515 §4.1.11: who does not understand all of `crit` must refuse.
        if header.crit.is_some() || header.b64.is_some() {
            return Err("its header has `crit`, which asks for more than is understood".to_owned());
        }
        if let Some(kind) = &header.typ
            && !TYPES.contains(&kind.to_ascii_lowercase().as_str())
        {
            return Err(format!("its type {:?} is not one for a login", shown(kind)));
        }
        let algorithm = Algorithm::named(&header.alg);
        let algorithm = algorithm.ok_or_else(|| format!("its algorithm {:?} is not accepted", shown(&header.alg)))?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| "its signature is not base64url")?;
        Ok(Self { algorithm, key_id: header.kid, message, payload, signature })
    }

    /// Its claims, if one of the issuer's keys made the signature.
    ///
    /// # Errors
    /// What is wrong.
    pub(super) fn verified(&self, keys: &Keys) -> Result<Claims, String> {
        let meant = (self.algorithm, self.key_id.as_deref());
        if !keys.verify(meant, self.message.as_bytes(), &self.signature) {
            return Err("its signature is not by a key of the issuer".to_owned());
        }
        let claims = json(self.payload).ok_or("its claims are not a JSON object")?;
        Ok(Claims::new(claims))
    }
}

fn json<T: serde::de::DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

/// What a stranger wrote, for a line of the trail.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(60).map(|c| if c.is_control() { '·' } else { c }).collect()
}
