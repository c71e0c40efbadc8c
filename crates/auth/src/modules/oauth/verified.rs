//! Tokens that the issuer called active not long ago: keyed hashes, in memory only.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use parking_lot::Mutex;
use sasl::Secret;
use sha2::Sha256;

use super::claims::Claims;
use crate::random;

/// A token that was revoked is good here for no longer than this.
const LONGEST: Duration = Duration::from_secs(60);

/// Tokens that are remembered; with more, all are forgotten.
const MAX: usize = 10_000;

/// The memory.
pub(super) struct Verified {
    key: [u8; 32],
    tokens: Mutex<HashMap<[u8; 32], (Claims, Instant)>>,
}

impl std::fmt::Debug for Verified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Verified(…)")
    }
}

impl Verified {
    pub(super) fn new() -> Self {
        Self { key: random::octets(), tokens: Mutex::default() }
    }

    /// What the issuer said of it. Its times are looked at again by whoever reads the claims.
    pub(super) fn get(&self, token: &Secret, now: i64) -> Option<Claims> {
        let tokens = self.tokens.lock();
        let (claims, at) = tokens.get(&self.tag(token))?;
        let ended = claims.time("exp").ok().flatten().is_some_and(|end| end <= now);
        (at.elapsed() < LONGEST && !ended).then(|| claims.clone())
    }

    pub(super) fn learn(&self, token: &Secret, claims: &Claims, now: i64) {
        if claims.time("exp").map_or(true, |end| end.is_some_and(|end| end <= now)) {
            return;
        }
        let mut tokens = self.tokens.lock();
        if tokens.len() >= MAX {
            tokens.retain(|_, (_, at)| at.elapsed() < LONGEST);
        }
        if tokens.len() >= MAX {
            tokens.clear();
        }
        tokens.insert(self.tag(token), (claims.clone(), Instant::now()));
    }

    /// Looking it up tells nothing of the token, whatever time it takes.
    fn tag(&self, token: &Secret) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(token.expose());
        mac.finalize().into_bytes().into()
    }
}
