//! SCRAM-SHA-256 (RFC 5802, RFC 7677): keys and proofs.

pub(crate) mod message;
pub(crate) mod nonce;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::prep::saslprep;

/// Fewest rounds that our client lets a server ask for (RFC 7677 §4): with fewer, whoever plays the server learns
/// something that is cheap to guess passwords with.
pub const MIN_ITERATIONS: u32 = 4096;

/// The hash that a SCRAM mechanism is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hash {
    /// SCRAM-SHA-1 (RFC 5802).
    Sha1,
    /// SCRAM-SHA-256 (RFC 7677).
    Sha256,
}

/// What a server keeps instead of a password (RFC 5802 §3). None of it allows a login by itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    /// Random salt.
    pub salt: Vec<u8>,
    /// PBKDF2 rounds.
    pub iterations: u32,
    /// `StoredKey`.
    pub stored_key: [u8; 32],
    /// `ServerKey`.
    pub server_key: [u8; 32],
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys(iterations {}, …)", self.iterations)
    }
}

impl Keys {
    /// Derives the keys of a password (RFC 5802 §3), after SASLprep (RFC 4013) where that is possible.
    pub fn derive(password: &[u8], salt: Vec<u8>, iterations: u32) -> Self {
        let salted = salted_password(password, &salt, iterations);
        let stored_key = Sha256::digest(client_key(&salted).as_slice()).into();
        let server_key = hmac(salted.as_slice(), b"Server Key");
        Self { salt, iterations, stored_key, server_key }
    }
}

/// Whether `proof` shows knowledge of the password behind `keys`.
pub fn verify(keys: &Keys, auth_message: &[u8], proof: &[u8; 32]) -> bool {
    // RFC 5802 §3: ClientKey = ClientProof XOR ClientSignature, and H(ClientKey) must be StoredKey.
    let client_key = Zeroizing::new(xor(proof, &hmac(&keys.stored_key, auth_message)));
    let hash: [u8; 32] = Sha256::digest(client_key.as_slice()).into();
    hash.ct_eq(&keys.stored_key).into()
}

/// `SaltedPassword`, as good as the password itself.
pub(crate) fn salted_password(password: &[u8], salt: &[u8], iterations: u32) -> Zeroizing<[u8; 32]> {
    let mut salted = Zeroizing::new([0; 32]);
    pbkdf2::pbkdf2_hmac::<Sha256>(&saslprep(password), salt, iterations, salted.as_mut());
    salted
}

/// `ClientProof` (RFC 5802 §3).
pub(crate) fn client_proof(salted: &[u8; 32], auth_message: &[u8]) -> [u8; 32] {
    let client_key = client_key(salted);
    let stored_key = Sha256::digest(client_key.as_slice());
    xor(&client_key, &hmac(&stored_key, auth_message))
}

/// `ServerSignature` (RFC 5802 §3).
pub(crate) fn server_signature(server_key: &[u8; 32], auth_message: &[u8]) -> [u8; 32] {
    hmac(server_key, auth_message)
}

/// `ServerKey`, on the client's side.
pub(crate) fn server_key(salted: &[u8; 32]) -> [u8; 32] {
    hmac(salted, b"Server Key")
}

fn client_key(salted: &[u8; 32]) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(hmac(salted, b"Client Key"))
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

fn xor(a: &[u8; 32], b: &[u8; 32]) -> [u8; 32] {
    std::array::from_fn(|i| a[i] ^ b[i])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn passwords_are_prepared_where_that_is_possible() {
        let keys = |password: &[u8]| Keys::derive(password, b"salt".to_vec(), 1);
        assert_eq!(keys("I\u{ad}X".as_bytes()), keys(b"IX"));
        assert_ne!(keys(b"caf\xe9"), keys("café".as_bytes()));
    }

    #[test]
    fn keys_do_not_print() {
        let text = format!("{:?}", Keys::derive(b"pencil", b"salt".to_vec(), 1));
        assert_eq!(text, "Keys(iterations 1, …)");
    }

    proptest! {
        #[test]
        fn only_the_right_password_proves(password: Vec<u8>, other: Vec<u8>, message: Vec<u8>) {
            let keys = Keys::derive(&password, b"salt".to_vec(), 2);
            let proof = |password: &[u8]| client_proof(&salted_password(password, b"salt", 2), &message);
            prop_assert!(verify(&keys, &message, &proof(&password)));
            prop_assume!(saslprep(&password) != saslprep(&other));
            prop_assert!(!verify(&keys, &message, &proof(&other)));
        }
    }
}
