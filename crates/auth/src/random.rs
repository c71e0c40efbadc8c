//! Random numbers: keys, salts, passwords.

/// So many octets from the kernel.
pub(crate) fn octets<const N: usize>() -> [u8; N] {
    let mut octets = [0; N];
    getrandom::fill(&mut octets).expect("the kernel's random numbers are always there on Linux");
    octets
}
