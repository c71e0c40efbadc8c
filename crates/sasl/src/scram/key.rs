//! The values that SCRAM computes with.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::Hash;

/// A key, a signature or a proof: as many octets as its hash has. It is wiped when dropped, compared in constant time, and
/// never printed.
#[derive(Clone)]
pub struct Key {
    hash: Hash,
    /// Those behind the hash's length are zero.
    octets: Zeroizing<[u8; 32]>,
}

impl Key {
    /// Takes the octets; `None` if there are not as many as the hash has.
    pub fn new(hash: Hash, octets: &[u8]) -> Option<Self> {
        let mut key = Self { hash, octets: Zeroizing::new([0; 32]) };
        if octets.len() != hash.length() {
            return None;
        }
        key.octets.get_mut(..octets.len())?.copy_from_slice(octets);
        Some(key)
    }

    /// Whose output it is.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// The octets, for the one place that must see them.
    pub fn expose(&self) -> &[u8] {
        self.octets.get(..self.hash.length()).unwrap_or_default()
    }

    /// RFC 5802 §2.2: the exclusive or of two of the same hash.
    pub(crate) fn xor(&self, other: &Self) -> Self {
        let octets = std::array::from_fn(|i| self.octets[i] ^ other.octets[i]);
        Self { hash: self.hash, octets: Zeroizing::new(octets) }
    }
}

impl From<[u8; 20]> for Key {
    /// SHA-1's.
    fn from(octets: [u8; 20]) -> Self {
        let mut key = Self { hash: Hash::Sha1, octets: Zeroizing::new([0; 32]) };
        key.octets[..20].copy_from_slice(&octets);
        key
    }
}

impl From<[u8; 32]> for Key {
    /// SHA-256's.
    fn from(octets: [u8; 32]) -> Self {
        Self { hash: Hash::Sha256, octets: Zeroizing::new(octets) }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && bool::from(self.octets.ct_eq(other.octets.as_slice()))
    }
}

impl Eq for Key {}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_as_long_as_its_hash() {
        assert!(Key::new(Hash::Sha1, &[1; 20]) == Some([1; 20].into()) && Key::new(Hash::Sha1, &[1; 32]).is_none());
        assert!(Key::new(Hash::Sha256, &[1; 32]) == Some([1; 32].into()) && Key::new(Hash::Sha256, &[1; 20]).is_none());
        assert_eq!(Key::from([7; 20]).expose(), [7; 20]);
        assert_ne!(Key::from([0; 20]), Key::from([0; 32]));
        assert_eq!(format!("{:?}", Key::from([7; 32])), "Key(…)");
    }
}
