//! What verifies CRAM-MD5 without the password in clear: the two MD5 states of HMAC after its key (RFC 2104 §4).
//! Dovecot's `{CRAM-MD5}` and Courier's `hmac-md5pw` are the same 64 digits. They do for CRAM-MD5 what the password does,
//! so they are to be kept as one.

use md5::block_api::compress;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{from_hex, hex};
use crate::Secret;

/// MD5's block, octets.
const BLOCK: usize = 64;

/// MD5's first state (RFC 1321 §3.3).
const INITIAL: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

/// The outer state and the inner one, 16 octets each, as MD5 writes its words: lowest octet first.
#[derive(Clone)]
pub struct Contexts(Zeroizing<[u8; 32]>);

impl Contexts {
    /// Those of a password.
    pub fn of(password: &Secret) -> Self {
        let mut key = Zeroizing::new([0; BLOCK]);
        if password.expose().len() > BLOCK {
            let hash = Zeroizing::new(finish(INITIAL, 0, password.expose()));
            key[..hash.len()].copy_from_slice(hash.as_slice());
        } else {
            key[..password.expose().len()].copy_from_slice(password.expose());
        }
        let state = |pad: u8| {
            let mut state = INITIAL;
            compress(&mut state, &[key.map(|octet| octet ^ pad)]);
            octets(state)
        };
        let mut both = Zeroizing::new([0; 32]);
        both[..16].copy_from_slice(&state(0x5c));
        both[16..].copy_from_slice(&state(0x36));
        Self(both)
    }

    /// Reads 64 hexadecimal digits in any case, as Dovecot and Courier write them: the outer state first.
    pub fn from_hex(text: &str) -> Option<Self> {
        from_hex(text.as_bytes()).map(|octets| Self(Zeroizing::new(octets)))
    }

    /// Writes them, in lower case.
    pub fn to_hex(&self) -> String {
        hex(self.0.as_slice())
    }

    /// The digest of a challenge, as [`super::digest`] makes it of the password.
    pub fn digest(&self, challenge: &[u8]) -> [u8; 16] {
        let (outer, inner) = self.0.split_at(16);
        let digest = finish(words(inner), BLOCK, challenge);
        finish(words(outer), BLOCK, &digest)
    }

    /// Whether these are the states of this password, in constant time. It costs nothing to try, so whoever verifies
    /// passwords with it has no more than an unsalted MD5.
    pub fn verify(&self, password: &Secret) -> bool {
        *self == Self::of(password)
    }
}

impl PartialEq for Contexts {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(other.0.as_slice()).into()
    }
}

impl Eq for Contexts {}

impl std::fmt::Debug for Contexts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Contexts(…)")
    }
}

/// The end of an MD5 (RFC 1321 §3.1 to §3.5) that has come to `state` with `before` octets, whole blocks.
fn finish(mut state: [u32; 4], before: usize, message: &[u8]) -> [u8; 16] {
    let bits = u64::try_from(before + message.len()).unwrap_or(u64::MAX).wrapping_mul(8);
    let mut rest = Zeroizing::new(Vec::with_capacity(message.len() + BLOCK + 9));
    rest.extend_from_slice(message);
    rest.push(0x80);
    let length = (rest.len() + 8).next_multiple_of(BLOCK) - 8;
    rest.resize(length, 0);
    rest.extend_from_slice(&bits.to_le_bytes());
    let (blocks, _) = rest.as_chunks::<BLOCK>();
    compress(&mut state, blocks);
    octets(state)
}

fn octets(state: [u32; 4]) -> [u8; 16] {
    let mut octets = [0; 16];
    for (chunk, word) in octets.chunks_exact_mut(4).zip(state) {
        chunk.copy_from_slice(&word.to_le_bytes());
    }
    octets
}

fn words(octets: &[u8]) -> [u32; 4] {
    let mut words = [0; 4];
    for (word, chunk) in words.iter_mut().zip(octets.as_chunks::<4>().0) {
        *word = u32::from_le_bytes(*chunk);
    }
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cram::digest;

    proptest! {
        /// RFC 2104 §4: the states are as good as the password.
        #[test]
        fn they_digest_as_the_password_does(password in prop::collection::vec(any::<u8>(), 0..200), challenge in prop::collection::vec(any::<u8>(), 0..200)) {
            let password = Secret::new(password);
            let contexts = Contexts::of(&password);
            prop_assert_eq!(contexts.digest(&challenge), digest(&password, &challenge));
            let read = Contexts::from_hex(&contexts.to_hex().to_uppercase());
            prop_assert_eq!(read.as_ref(), Some(&contexts));
            prop_assert!(contexts.verify(&password));
        }

        #[test]
        fn another_password_has_others(one: Vec<u8>, other: Vec<u8>) {
            // HMAC pads short keys with NUL, which no password has.
            let trimmed = |octets: &[u8]| octets.iter().copied().filter(|o| *o != 0).collect::<Vec<_>>();
            prop_assume!(trimmed(&one) != trimmed(&other));
            prop_assert!(!Contexts::of(&Secret::new(trimmed(&one))).verify(&Secret::new(trimmed(&other))));
        }
    }

    /// What `doveadm pw -s CRAM-MD5 -p …` (Dovecot 2.3.19) and `userdbpw -hmac-md5` (Courier authlib 0.71) write, both the
    /// same; a password over one block is hashed first.
    #[test]
    fn dovecot_and_courier_write_the_same() {
        let vectors = [
            ("tanstaaftanstaaf", "d06d4e1b26fccaa4b0b61801132340a354b21152711fb604ca3e035e7015116b"),
            ("correct horse battery staple", "09eae0fafdb8b11dde53f0031217a5c4938a03ccb3eebe1b64e0c243b569921c"),
            (
                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                "6d9ede435cc910ab8581e77854dad1a8f97d9a2a1e88e80ba098060a8e7af714",
            ),
            (
                "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
                "611522d6421dce161f46577467cf60729aeb67cf86d044c2e4b52e8084826dad",
            ),
            ("päss", "7ecd19142547eb9544f60ee18b46e9f0bcabbcbea45602f2f13b6b7959bcb2e2"),
        ];
        for (password, text) in &vectors {
            let contexts = Contexts::of(&Secret::new(*password));
            assert_eq!(contexts.to_hex(), *text, "{password}");
            assert!(Contexts::from_hex(text).unwrap().verify(&Secret::new(*password)));
        }
    }

    #[test]
    fn broken_digits_are_none_and_nothing_prints() {
        let contexts = Contexts::of(&Secret::new("x"));
        for text in ["", "00", &"g".repeat(64), &"0".repeat(63), &"0".repeat(66), &"é".repeat(32)] {
            assert!(Contexts::from_hex(text).is_none(), "{text}");
        }
        assert_eq!(format!("{contexts:?}"), "Contexts(…)");
    }
}
