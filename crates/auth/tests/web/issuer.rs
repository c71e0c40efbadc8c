//! An issuer of tokens: keys of every kind, a JWK set, an introspection endpoint.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
    RsaEncoding, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

pub(crate) const NAME: &str = "https://issuer.example";

pub(crate) struct Issuer {
    rsa: RsaKeyPair,
    p256: EcdsaKeyPair,
    p384: EcdsaKeyPair,
    ed: Ed25519KeyPair,
}

impl Issuer {
    pub(crate) fn new() -> Self {
        Self {
            rsa: RsaKeyPair::generate(KeySize::Rsa2048).expect("a key"),
            p256: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key"),
            p384: EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).expect("a key"),
            ed: Ed25519KeyPair::generate().expect("a key"),
        }
    }

    /// Its public keys. The ids begin with `prefix`.
    pub(crate) fn keys(&self, prefix: &str) -> Value {
        let curve = |name: &str, kid: &str, public: &[u8]| {
            let (x, y) = public[1..].split_at(public.len() / 2);
            json!({"kty": "EC", "crv": name, "kid": format!("{prefix}{kid}"), "use": "sig", "x": b64(x), "y": b64(y)})
        };
        json!({"keys": [
            {"kty": "RSA", "kid": format!("{prefix}rsa"), "use": "sig", "n": b64(&self.modulus()), "e": "AQAB"},
            curve("P-256", "p256", self.p256.public_key().as_ref()),
            curve("P-384", "p384", self.p384.public_key().as_ref()),
            {"kty": "OKP", "crv": "Ed25519", "kid": format!("{prefix}ed"), "x": b64(self.ed.public_key().as_ref())},
            {"kty": "oct", "kid": format!("{prefix}secret"), "k": b64(b"shared secret")},
            {"kty": "new kind", "strange": [1, 2]},
        ]})
    }

    /// RFC 8017 §A.1.1: the modulus, out of a key of 2048 bits in DER.
    pub(crate) fn modulus(&self) -> Vec<u8> {
        self.rsa.public_key().as_ref()[9..265].to_vec()
    }

    /// A token, signed as the header says with the key of that kind.
    pub(crate) fn token(&self, header: &Value, claims: &Value) -> String {
        let message = format!("{}.{}", b64(header.to_string().as_bytes()), b64(claims.to_string().as_bytes()));
        let signature = self.sign(header["alg"].as_str().unwrap_or_default(), message.as_bytes());
        format!("{message}.{}", b64(&signature))
    }

    fn sign(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        let rsa = |encoding: &'static dyn RsaEncoding| {
            let mut signature = vec![0; self.rsa.public_modulus_len()];
            self.rsa.sign(encoding, &SystemRandom::new(), message, &mut signature).expect("signed");
            signature
        };
        let curve = |key: &EcdsaKeyPair| key.sign(&SystemRandom::new(), message).expect("signed").as_ref().to_vec();
        match algorithm {
            "RS256" => rsa(&signature::RSA_PKCS1_SHA256),
            "RS384" => rsa(&signature::RSA_PKCS1_SHA384),
            "RS512" => rsa(&signature::RSA_PKCS1_SHA512),
            "PS256" => rsa(&signature::RSA_PSS_SHA256),
            "PS384" => rsa(&signature::RSA_PSS_SHA384),
            "PS512" => rsa(&signature::RSA_PSS_SHA512),
            "ES256" => curve(&self.p256),
            "ES384" => curve(&self.p384),
            "EdDSA" => self.ed.sign(message).as_ref().to_vec(),
            _ => Vec::new(),
        }
    }
}

/// Good claims of alice, with `change`s: a `null` takes one away.
pub(crate) fn claims(change: Value) -> Value {
    let mut claims = json!({
        "iss": NAME, "aud": ["mail", "other"], "exp": now() + 600, "nbf": now() - 5, "scope": "mail openid",
        "email": "alice@example.test", "email_verified": true
    });
    for (name, value) in change.as_object().expect("an object") {
        claims[name] = value.clone();
    }
    claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    claims
}

pub(crate) fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs().try_into().expect("fits")
}

pub(crate) fn b64(octets: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(octets)
}
