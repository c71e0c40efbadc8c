//! Who makes OAuth tokens, signed by the openssl command.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;

use crate::{client, input, succeed};

/// An issuer: an RSA key in a file.
#[derive(Debug)]
pub struct Issuer {
    key: PathBuf,
}

impl Issuer {
    /// What its tokens say in `iss`.
    pub const NAME: &str = "https://issuer.example";

    /// Makes its key, as a file of this name.
    pub fn new(folder: &Path, name: &str) -> Self {
        let key = folder.join(name);
        succeed(client("openssl").args(["genrsa", "-out"]).arg(&key).arg("2048"));
        Self { key }
    }

    /// Its JWK set (RFC 7517 §5).
    pub fn keys(&self) -> String {
        let said = succeed(client("openssl").args(["rsa", "-noout", "-modulus", "-in"]).arg(&self.key));
        let modulus = BASE64.encode(after_equals(&said));
        format!(r#"{{"keys": [{{"kty": "RSA", "n": "{modulus}", "e": "AQAB"}}]}}"#)
    }

    /// A token for an address, to be used with the audience `mail`, that is good from and until so many seconds from now
    /// (RFC 7519).
    pub fn token(&self, address: &str, good: Range<i64>) -> String {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs();
        let [begin, end] = [good.start, good.end].map(|at| i64::try_from(now).expect("before the end of time") + at);
        let issuer = Self::NAME;
        let claims =
            format!(r#"{{"iss": "{issuer}", "aud": "mail", "email": "{address}", "nbf": {begin}, "exp": {end}}}"#);
        let message = [r#"{"alg": "RS256"}"#, &claims].map(|part| BASE64.encode(part)).join(".");
        let mut sign = client("openssl");
        sign.args(["dgst", "-sha256", "-hex", "-sign"]).arg(&self.key).stdin(input(&message));
        format!("{message}.{}", BASE64.encode(after_equals(&succeed(&mut sign))))
    }
}

/// The octets that openssl writes as `Name= HEX`.
fn after_equals(said: &str) -> Vec<u8> {
    let digits = said.trim_end().rsplit('=').next().expect("a part").trim();
    let octet = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).expect("hex");
    (0..digits.len()).step_by(2).map(octet).collect()
}
