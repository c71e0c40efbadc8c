//! SCRAM (RFC 5802, RFC 7677): keys and proofs.

mod hash;
mod key;
pub(crate) mod message;
pub(crate) mod nonce;

pub use hash::Hash;
pub use key::Key;

use subtle::ConstantTimeEq;

use crate::prep::saslprep;

/// Fewest rounds that our client lets a server ask for (RFC 5802 §5.1, RFC 7677 §4): with fewer, whoever plays the server
/// learns something that is cheap to guess passwords with.
pub const MIN_ITERATIONS: u32 = 4096;

/// What a server keeps instead of a password (RFC 5802 §3). None of it allows a login by itself.
#[derive(Clone)]
pub struct Keys {
    /// Of which mechanism they are.
    pub hash: Hash,
    /// Random salt.
    pub salt: Vec<u8>,
    /// PBKDF2 rounds.
    pub iterations: u32,
    /// `StoredKey`.
    pub stored_key: Key,
    /// `ServerKey`.
    pub server_key: Key,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({:?}, iterations {}, …)", self.hash, self.iterations)
    }
}

impl PartialEq for Keys {
    /// In constant time for the keys.
    fn eq(&self, other: &Self) -> bool {
        let known = self.hash == other.hash && self.salt == other.salt && self.iterations == other.iterations;
        let keys = (self.stored_key == other.stored_key) & (self.server_key == other.server_key);
        known & keys
    }
}

impl Eq for Keys {}

impl Keys {
    /// Derives the keys of a password (RFC 5802 §3), after SASLprep (RFC 4013) where that is possible.
    pub fn derive(hash: Hash, password: &[u8], salt: Vec<u8>, iterations: u32) -> Self {
        let salted = salted_password(hash, password, &salt, iterations);
        let stored_key = hash.digest(client_key(&salted).expose());
        let server_key = server_key(&salted);
        Self { hash, salt, iterations, stored_key, server_key }
    }
}

/// Whether `proof` shows knowledge of the password behind `keys`; never for a proof under another hash.
pub fn verify(keys: &Keys, auth_message: &[u8], proof: &Key) -> bool {
    let (hash, stored_key) = (keys.hash, &keys.stored_key);
    if proof.hash() != hash || stored_key.hash() != hash {
        return false;
    }
    // RFC 5802 §3: ClientKey = ClientProof XOR ClientSignature, and H(ClientKey) must be StoredKey.
    let client_key = proof.xor(&hash.hmac(stored_key.expose(), auth_message));
    hash.digest(client_key.expose()).expose().ct_eq(stored_key.expose()).into()
}

/// `SaltedPassword`, as good as the password itself.
pub(crate) fn salted_password(hash: Hash, password: &[u8], salt: &[u8], iterations: u32) -> Key {
    hash.pbkdf2(&saslprep(password), salt, iterations)
}

/// `ClientProof` (RFC 5802 §3).
pub(crate) fn client_proof(salted: &Key, auth_message: &[u8]) -> Key {
    let (hash, client_key) = (salted.hash(), client_key(salted));
    let stored_key = hash.digest(client_key.expose());
    client_key.xor(&hash.hmac(stored_key.expose(), auth_message))
}

/// `ServerSignature` (RFC 5802 §3).
pub(crate) fn server_signature(server_key: &Key, auth_message: &[u8]) -> Key {
    server_key.hash().hmac(server_key.expose(), auth_message)
}

/// `ServerKey`, on the client's side.
pub(crate) fn server_key(salted: &Key) -> Key {
    salted.hash().hmac(salted.expose(), b"Server Key")
}

fn client_key(salted: &Key) -> Key {
    salted.hash().hmac(salted.expose(), b"Client Key")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn passwords_are_prepared_where_that_is_possible() {
        for hash in Hash::ALL {
            let keys = |password: &[u8]| Keys::derive(hash, password, b"salt".to_vec(), 1);
            assert_eq!(keys("I\u{ad}X".as_bytes()), keys(b"IX"));
            assert_ne!(keys(b"caf\xe9"), keys("café".as_bytes()));
        }
    }

    #[test]
    fn keys_do_not_print() {
        let keys = Keys::derive(Hash::Sha256, b"pencil", b"salt".to_vec(), 1);
        assert_eq!(format!("{keys:?}"), "Keys(Sha256, iterations 1, …)");
    }

    proptest! {
        #[test]
        fn only_the_right_password_proves(sha1: bool, password: Vec<u8>, other: Vec<u8>, message: Vec<u8>) {
            let hash = if sha1 { Hash::Sha1 } else { Hash::Sha256 };
            let keys = Keys::derive(hash, &password, b"salt".to_vec(), 2);
            let proof = |hash, password: &[u8]| client_proof(&salted_password(hash, password, b"salt", 2), &message);
            prop_assert!(verify(&keys, &message, &proof(hash, &password)));
            let another = if sha1 { Hash::Sha256 } else { Hash::Sha1 };
            prop_assert!(!verify(&keys, &message, &proof(another, &password)));
            prop_assume!(saslprep(&password) != saslprep(&other));
            prop_assert!(!verify(&keys, &message, &proof(hash, &other)));
        }
    }
}
