use proptest::prelude::*;
use serde_json::json;

use super::jwk::Keys;
use super::jwt::Token;

proptest! {
    #[test]
    fn nothing_hostile_panics(token in proptest::collection::vec(any::<u8>(), 0..300), text in "[a-zA-Z0-9_.{}\":, -]{0,120}") {
        let _ = Token::parse(&token).map(drop);
        let _ = Token::parse(text.as_bytes()).map(drop);
        let _ = Keys::read(&token);
        let _ = Keys::read(text.as_bytes());
    }

    /// Points that are on no curve, moduli of every length.
    #[test]
    fn keys_of_any_numbers(kty in "RSA|EC|OKP", crv in "P-256|P-384|Ed25519", n in "[A-Za-z0-9_-]{0,1400}", x in "[A-Za-z0-9_-]{40,66}", token in "[A-Za-z0-9_-]{0,100}") {
        let set = json!({"keys": [{"kty": kty, "crv": crv, "n": n, "e": &n[..n.len().min(4)], "x": x, "y": x}]});
        if let Ok(keys) = Keys::read(set.to_string().as_bytes()) {
            // {"alg":"RS256"}, {"alg":"ES256"}, {"alg":"EdDSA"}
            for header in ["eyJhbGciOiJSUzI1NiJ9", "eyJhbGciOiJFUzI1NiJ9", "eyJhbGciOiJFZERTQSJ9"] {
                let token = format!("{header}.e30.{token}");
                if let Ok(parsed) = Token::parse(token.as_bytes()) {
                    prop_assert!(parsed.verified(&keys).is_err());
                }
            }
        }
    }
}
