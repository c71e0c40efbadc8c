//! OAUTHBEARER and XOAUTH2, with tokens that the openssl command signs.

use std::path::PathBuf;
use std::process::Command;
use std::time::SystemTime;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use harness::{Gatepost, client, fail_with, input, succeed};
use serde_json::json;

use super::{ALICE, CURL_DENIED, MSMTP_NOT_PERMITTED, PASSWORD, assert_noted, curl, msmtp, prepare};

const ISSUER: &str = "https://issuer.example";

/// Who makes tokens: an RSA key in a file.
struct Issuer {
    key: PathBuf,
}

impl Issuer {
    fn new(server: &Gatepost, name: &str) -> Self {
        let key = server.folder().join(name);
        succeed(client("openssl").args(["genrsa", "-out"]).arg(&key).arg("2048"));
        Self { key }
    }

    /// Its JWK set.
    fn keys(&self) -> String {
        let said = succeed(client("openssl").args(["rsa", "-noout", "-modulus", "-in"]).arg(&self.key));
        json!({"keys": [{"kty": "RSA", "n": BASE64.encode(after_equals(&said)), "e": "AQAB"}]}).to_string()
    }

    /// A token for an address that is good for so many seconds.
    fn token(&self, address: &str, seconds: i64) -> String {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs();
        let expiry = i64::try_from(now).expect("before the end of time") + seconds;
        let claims = json!({"iss": ISSUER, "aud": "mail", "email": address, "exp": expiry});
        let parts = [json!({"alg": "RS256"}), claims].map(|part| BASE64.encode(part.to_string()));
        let message = parts.join(".");
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

fn with(server: &Gatepost, standard: u16, token: &str) -> Command {
    let mut command = curl(server, standard, "OAUTHBEARER", "");
    command.args(["--oauth2-bearer", token]);
    command
}

/// A token of the issuer is a login in every protocol, beside passwords that another module of the chain judges; one
/// that is too old or of another issuer is none.
#[test]
fn tokens_log_in_beside_passwords() {
    let tables = format!("[auth.oauth]\njwks_file = \"jwks.json\"\nissuer = \"{ISSUER}\"\naudience = [\"mail\"]");
    let (mut server, _) = prepare("\"oauth\", \"passwd-file\"", &tables);
    let issuer = Issuer::new(&server, "issuer.key");
    std::fs::write(server.data().join("jwks.json"), issuer.keys()).expect("written");
    server.start();
    let good = issuer.token(ALICE, 600);
    let mut wanted = Vec::new();
    for (port, listener) in [(465, "submissions"), (993, "imaps"), (995, "pop3s")] {
        succeed(&mut with(&server, port, &good));
        succeed(&mut curl(&server, port, "CRAM-MD5", PASSWORD));
        wanted.extend(["OAUTHBEARER", "CRAM-MD5"].map(|mechanism| format!("{listener} {mechanism} ok")));
    }
    for mechanism in ["oauthbearer", "xoauth2"] {
        succeed(&mut msmtp(&server, mechanism, &good, ""));
        wanted.push(format!("submission {} ok", mechanism.to_ascii_uppercase()));
    }
    let stranger = Issuer::new(&server, "stranger.key");
    for (token, outcome) in [(issuer.token(ALICE, -600), "expired"), (stranger.token(ALICE, 600), "wrong password")] {
        fail_with(&mut with(&server, 993, &token), CURL_DENIED);
        fail_with(&mut msmtp(&server, "xoauth2", &token, ""), MSMTP_NOT_PERMITTED);
        wanted.extend([format!("imaps OAUTHBEARER {outcome}"), format!("submission XOAUTH2 {outcome}")]);
    }
    server.maildir(ALICE).wait_for(4);
    assert_noted(&server, &wanted);
    assert!(!server.log().contains(&good), "no token in the log");
}
