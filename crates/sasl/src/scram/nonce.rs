//! Nonces: printable, without commas (RFC 5802 §7).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A fresh one, 144 random bits.
pub(crate) fn fresh() -> String {
    let mut octets = [0; 18];
    getrandom::fill(&mut octets).expect("the kernel's random numbers are always there on Linux");
    STANDARD.encode(octets)
}
