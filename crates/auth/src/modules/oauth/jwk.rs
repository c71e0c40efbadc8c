//! The issuer's keys: a JWK set (RFC 7517).

use aws_lc_rs::signature::{self, ParsedPublicKey, RsaParameters, RsaPublicKeyComponents, VerificationAlgorithm};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::jwt::Algorithm;

/// More keys than this are not looked at.
const MAX_KEYS: usize = 100;

/// RFC 7518 §3.3: an RSA key has at least 2048 bits. More than 8192 cost too much to check.
const RSA_OCTETS: std::ops::RangeInclusive<usize> = 256..=1024;

/// A set of keys that signatures are checked against.
#[derive(Debug, Default)]
pub(super) struct Keys(Vec<Key>);

/// A public key.
#[derive(Debug)]
struct Key {
    id: Option<String>,
    /// RFC 7517 §4.4: the only algorithm that it is for, if it says so.
    only: Option<String>,
    public: Public,
}

#[derive(Debug)]
enum Public {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(ParsedPublicKey),
    P384(ParsedPublicKey),
    Ed25519(ParsedPublicKey),
}

/// Keys that are not here are ignored (RFC 7517 §4).
#[derive(Deserialize)]
struct Wire {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

impl Keys {
    /// Reads a set. RFC 7517 §5: keys of a kind that is not understood are left out, and so are those that are not for
    /// signatures. A symmetric key (`oct`) is one of them: whoever can check could also make tokens.
    ///
    /// # Errors
    /// It is not a set of keys, or none in it is of use.
    pub(super) fn read(octets: &[u8]) -> Result<Self, String> {
        // serde's texts may quote values, and a careless issuer may have put a private key here.
        let set: Set = serde_json::from_slice(octets)
            .map_err(|error| format!("this is no JWK set (line {}, column {})", error.line(), error.column()))?;
        let wires = set.keys.into_iter().take(MAX_KEYS).filter_map(|key| serde_json::from_value(key).ok());
        let keys: Vec<_> = wires.filter_map(Key::read).collect();
        if keys.is_empty() {
            return Err(
                "there is no key in it that signatures could be checked with (RSA, P-256, P-384, Ed25519)".to_owned()
            );
        }
        Ok(Self(keys))
    }

    /// Whether there is a key that a token may mean.
    pub(super) fn any_for(&self, algorithm: Algorithm, id: Option<&str>) -> bool {
        self.meant(algorithm, id).next().is_some()
    }

    /// Whether one of the keys that are meant made the signature.
    pub(super) fn verify(&self, (algorithm, id): (Algorithm, Option<&str>), message: &[u8], signature: &[u8]) -> bool {
        self.meant(algorithm, id).any(|key| key.public.verify(algorithm, message, signature))
    }

    /// RFC 8725 §3.1: the key decides which algorithms it may be used with, not the token.
    fn meant<'a>(&'a self, algorithm: Algorithm, id: Option<&'a str>) -> impl Iterator<Item = &'a Key> {
        self.0.iter().filter(move |key| {
            let named = id.is_none() || key.id.as_deref() == id;
            named && key.public.serves(algorithm) && key.only.as_deref().is_none_or(|only| algorithm.is_named(only))
        })
    }
}

impl Key {
    fn read(wire: Wire) -> Option<Self> {
        let verifies = wire.key_ops.is_none_or(|operations| operations.iter().any(|operation| operation == "verify"));
        if !verifies || wire.purpose.is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let octets = |text: &Option<String>| URL_SAFE_NO_PAD.decode(text.as_ref()?).ok();
        let public = match (wire.kty.as_str(), wire.crv.as_deref()) {
            ("RSA", _) => {
                let (n, e) = (octets(&wire.n)?, octets(&wire.e)?);
                RSA_OCTETS.contains(&n.len()).then_some(Public::Rsa { n, e })?
            }
            ("EC", Some("P-256")) => {
                let point = point(&octets(&wire.x)?, &octets(&wire.y)?, 32)?;
                Public::P256(parsed(&signature::ECDSA_P256_SHA256_FIXED, point)?)
            }
            ("EC", Some("P-384")) => {
                let point = point(&octets(&wire.x)?, &octets(&wire.y)?, 48)?;
                Public::P384(parsed(&signature::ECDSA_P384_SHA384_FIXED, point)?)
            }
            ("OKP", Some("Ed25519")) => Public::Ed25519(parsed(&signature::ED25519, octets(&wire.x)?)?),
            _ => return None,
        };
        Some(Self { id: wire.kid, only: wire.alg, public })
    }
}

impl Public {
    fn serves(&self, algorithm: Algorithm) -> bool {
        match self {
            Self::Rsa { .. } => rsa(algorithm).is_some(),
            Self::P256(_) => algorithm == Algorithm::Es256,
            Self::P384(_) => algorithm == Algorithm::Es384,
            Self::Ed25519(_) => algorithm == Algorithm::EdDsa,
        }
    }

    fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Rsa { n, e } => {
                let key = RsaPublicKeyComponents { n, e };
                rsa(algorithm).is_some_and(|rules| key.verify(rules, message, signature).is_ok())
            }
            Self::P256(key) | Self::P384(key) | Self::Ed25519(key) => key.verify_sig(message, signature).is_ok(),
        }
    }
}

fn rsa(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    Some(match algorithm {
        Algorithm::Rs256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        Algorithm::Rs384 => &signature::RSA_PKCS1_2048_8192_SHA384,
        Algorithm::Rs512 => &signature::RSA_PKCS1_2048_8192_SHA512,
        Algorithm::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
        Algorithm::Ps384 => &signature::RSA_PSS_2048_8192_SHA384,
        Algorithm::Ps512 => &signature::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}

/// RFC 7518 §6.2.1: coordinates have exactly the curve's length. Whether the point is on the curve, the parser looks.
fn point(x: &[u8], y: &[u8], length: usize) -> Option<Vec<u8>> {
    (x.len() == length && y.len() == length).then(|| [&[4], x, y].concat())
}

fn parsed(algorithm: &'static dyn VerificationAlgorithm, octets: Vec<u8>) -> Option<ParsedPublicKey> {
    ParsedPublicKey::new(algorithm, octets).ok()
}
