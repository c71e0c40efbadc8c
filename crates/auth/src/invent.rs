//! SCRAM keys of users who do not exist: always the same for one name, so that the dialogue does not tell who exists.

use hmac::{Hmac, KeyInit, Mac};
use sasl::scram::{Hash, Keys};
use sha2::Sha256;

use crate::accounts::{SALT, SCRAM_ITERATIONS};

/// Keys that look like those of an account. `secret` is the store's own, so that they survive a restart.
pub(crate) fn keys(secret: &[u8; 32], name: &str) -> Keys {
    let part = |label: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
        mac.update(label.as_bytes());
        mac.update(&[0]);
        mac.update(name.as_bytes());
        mac.finalize().into_bytes()
    };
    Keys {
        hash: Hash::Sha256,
        salt: part("salt")[..SALT].to_vec(),
        iterations: SCRAM_ITERATIONS,
        // RFC 5802 §3: StoredKey is a hash of ClientKey; finding one that fits these octets is breaking SHA-256.
        stored_key: <[u8; 32]>::from(part("stored key")).into(),
        server_key: <[u8; 32]>::from(part("server key")).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stable_for_a_name_and_different_for_others() {
        let (one, again, other) = (keys(&[7; 32], "a@x"), keys(&[7; 32], "a@x"), keys(&[7; 32], "b@x"));
        assert!(one == again && one.salt != other.salt && one.stored_key != one.server_key);
        assert_ne!(keys(&[8; 32], "a@x").salt, one.salt);
    }
}
