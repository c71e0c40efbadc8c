//! SCRAM-SHA-256 (RFC 5802, RFC 7677): keys and proofs.

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
        let _ = (password, &salt, iterations);
        todo!("owner: sasl")
    }
}

/// Whether `proof` shows knowledge of the password behind `keys`.
pub fn verify(keys: &Keys, auth_message: &[u8], proof: &[u8; 32]) -> bool {
    let _ = (keys, auth_message, proof);
    todo!("owner: sasl")
}
