//! Argon2, in memory that is kept from one hash to the next.
//!
//! A hash of ours takes 19 MiB. Asking the kernel for them each time costs a good part of the hash's own time (page by page), and
//! leaving them to the allocator leaves some in each of its arenas. So the blocks are kept while hashes are computed one
//! after the other, and given back when no one waits for a hash any more ([`release`]).

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use parking_lot::Mutex;
use subtle::ConstantTimeEq;

/// Blocks (of 1 KiB) of one hash that are kept; a foreign hash may need more, which goes back at once.
const MOST: usize = 64 * 1024;

/// What is not in use.
static KEPT: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

/// Whether a password is that of a PHC string (`$argon2id$v=19$m=…,t=…,p=…$salt$output`); `None` if the string is none.
pub(super) fn verify(phc: &str, password: &[u8]) -> Option<bool> {
    let hash = PasswordHash::new(phc).ok()?;
    let (salt, expected) = (hash.salt.as_ref()?, hash.hash.as_ref()?);
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
    let version = hash.version.map_or(Ok(Version::default()), Version::try_from).ok()?;
    let params = Params::try_from(&hash).ok()?;
    let (blocks, mut output) = (params.block_count(), vec![0; expected.len()]);
    let argon2 = Argon2::new(algorithm, version, params);
    let mut memory = KEPT.lock().pop().unwrap_or_default();
    memory.resize(blocks, Block::default());
    let hashed = argon2.hash_password_into_with_memory(password, salt.as_ref(), &mut output, &mut memory[..]);
    if blocks <= MOST {
        KEPT.lock().push(memory);
    }
    hashed.ok()?;
    Some(output.ct_eq(expected.as_bytes()).into())
}

/// Gives the memory back. Nobody waits for a hash.
pub(crate) fn release() {
    drop(std::mem::take(&mut *KEPT.lock()));
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::PasswordVerifier;

    use super::*;

    /// As the library's own function says, whatever was computed in the same memory before.
    #[test]
    fn memory_that_was_used_changes_nothing() {
        let of = |m: u32, t: u32, algorithm: Algorithm, password: &[u8]| {
            let params = Params::new(m, t, 1, None).expect("within bounds");
            let argon2 = Argon2::new(algorithm, Version::V0x13, params);
            argon2::password_hash::PasswordHasher::hash_password(&argon2, password).expect("a hash").to_string()
        };
        let all = [
            of(256, 1, Algorithm::Argon2id, b"one"),
            of(64, 3, Algorithm::Argon2i, b"two"),
            of(512, 2, Algorithm::Argon2d, b"three"),
        ];
        for phc in all.iter().chain(all.iter().rev()) {
            for password in [b"one".as_slice(), b"two", b"three"] {
                let hash = PasswordHash::new(phc).expect("a hash");
                let library = Argon2::default().verify_password(password, &hash).is_ok();
                assert_eq!(verify(phc, password), Some(library), "{phc}");
            }
        }
    }

    #[test]
    fn what_is_no_hash_is_not_judged() {
        for phc in [
            "",
            "$argon2id$",
            "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ",
            "$argon2x$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g",
        ] {
            assert_eq!(verify(phc, b"x"), None, "{phc}");
        }
    }
}
