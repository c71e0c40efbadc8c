//! What verifying a hash once would cost, read from the hash. Whoever can write into a store of others could make one
//! login take minutes or all memory: that is no login, that is a hole.

use argon2::password_hash::phc::PasswordHash;

use super::crypt::Kind;

/// Most memory of one hash, octets.
const MEMORY: u64 = 1 << 30;

/// Most memory times passes over it: some seconds.
const WORK: u64 = 8 * MEMORY;

/// Most rounds of the hashes that take about a microsecond for each.
pub(super) const ROUNDS: u32 = 5_000_000;

/// SunMD5 reads a page of text in every second round.
const SUN_ROUNDS: u32 = 1_000_000;

/// BSDi's are 25 times DES.
const BSDI_ROUNDS: u32 = 1 << 20;

/// Whether a hash is worth its cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cost {
    /// It is.
    Fits,
    /// At most this much would be.
    Over(&'static str),
}

/// The cost of a hash; `None` if it does not say one, or is no hash of its kind.
pub(super) fn of(kind: Kind, hash: &str) -> Option<Cost> {
    let field = |n| hash.split('$').nth(n);
    match kind {
        Kind::Argon2 => argon2(hash),
        Kind::Bcrypt => {
            let cost: u32 = field(2)?.parse().ok()?;
            Some(at_most(cost <= 16, "cost 16"))
        }
        Kind::Sha => field(2)?.strip_prefix("rounds=").map_or(Some(Cost::Fits), rounds_of_five_million),
        Kind::Yescrypt | Kind::GostYescrypt => yescrypt(field(2)?),
        Kind::Scrypt => scrypt(field(2)?),
        Kind::Bsdi => {
            let rounds = little_endian(hash.as_bytes().get(1..5)?)?;
            Some(at_most(rounds <= BSDI_ROUNDS, "1,048,576 rounds"))
        }
        Kind::SunMd5 => {
            let rounds = hash.split_once("rounds=").map(|(_, rest)| rest.split('$').next().unwrap_or_default());
            rounds.map_or(Some(Cost::Fits), |rounds| Some(at_most(number(rounds)? <= SUN_ROUNDS, "1,000,000 rounds")))
        }
        Kind::Sha1 => rounds_of_five_million(field(2)?),
        Kind::Md5 | Kind::Des | Kind::Nt => Some(Cost::Fits),
    }
}

fn at_most(fits: bool, most: &'static str) -> Cost {
    if fits { Cost::Fits } else { Cost::Over(most) }
}

/// Memory, and the passes over it.
fn memory(octets: u64, passes: u64) -> Cost {
    match at_most(octets <= MEMORY, "1 GiB of memory") {
        Cost::Fits => at_most(octets.saturating_mul(passes) <= WORK, "8 GiB to go through"),
        over @ Cost::Over(_) => over,
    }
}

fn rounds_of_five_million(digits: &str) -> Option<Cost> {
    Some(at_most(number(digits)? <= ROUNDS, "5,000,000 rounds"))
}

/// A number, however large: more than 32 bits are as many as they hold. No sign, which C would read otherwise.
fn number(digits: &str) -> Option<u32> {
    let all = !digits.is_empty() && digits.bytes().all(|octet| octet.is_ascii_digit());
    all.then(|| digits.parse().unwrap_or(u32::MAX))
}

fn argon2(hash: &str) -> Option<Cost> {
    let hash = PasswordHash::new(hash).ok()?;
    hash.hash?;
    let number = |name| hash.params.get_decimal(name);
    let (kibibytes, passes, lanes) = (number("m")?, number("t")?, number("p")?);
    if passes > 100 || lanes > 16 {
        return Some(Cost::Over("100 passes and 16 lanes"));
    }
    Some(memory(u64::from(kibibytes) << 10, u64::from(passes)))
}

/// N's logarithm in one letter, block size and lanes in five each.
fn scrypt(field: &str) -> Option<Cost> {
    let octets = field.as_bytes();
    let (log, size) = (u32::from(crypt64(*octets.first()?)?), little_endian(octets.get(1..6)?)?);
    let lanes = little_endian(octets.get(6..11)?)?;
    Some(memory(blocks(log, size), u64::from(lanes)))
}

/// Flags, N's logarithm, block size, and the few that may follow: lanes, `t`, upgrades, read-only memory.
fn yescrypt(field: &str) -> Option<Cost> {
    let mut rest = field.bytes();
    let _flags = variable(&mut rest, 0)?;
    let (log, size) = (variable(&mut rest, 1)?, variable(&mut rest, 1)?);
    let present = if rest.len() == 0 { 0 } else { variable(&mut rest, 1)? };
    let lanes = if present & 1 == 0 { 1 } else { variable(&mut rest, 2)? };
    let longer = if present & 2 == 0 { 0 } else { variable(&mut rest, 1)? };
    Some(memory(blocks(log, size), u64::from(lanes).saturating_mul(u64::from(longer) + 1)))
}

/// 2^log blocks of 128 times `size` octets.
fn blocks(log: u32, size: u32) -> u64 {
    1_u64.checked_shl(log).map_or(u64::MAX, |n| n.saturating_mul(u64::from(size) * 128))
}

/// Letters of six bits, the lowest first.
fn little_endian(letters: &[u8]) -> Option<u32> {
    let fold = |sum: u32, letter: &u8| Some(sum << 6 | u32::from(crypt64(*letter)?));
    letters.iter().rev().try_fold(0, fold)
}

/// yescrypt's numbers: the first letter says how many follow, from none (below 48) to five, the highest first.
fn variable(letters: &mut impl Iterator<Item = u8>, least: u32) -> Option<u32> {
    let first = u32::from(crypt64(letters.next()?)?);
    let (mut sum, mut start, mut end, mut shift) = (least, 0_u32, 47_u32, 0_u32);
    while first > end {
        sum = sum.saturating_add((end + 1 - start) << shift);
        (start, end, shift) = (end + 1, end + 1 + (62 - end) / 2, shift + 6);
    }
    sum = sum.saturating_add((first - start) << shift);
    while shift > 0 {
        shift -= 6;
        sum = sum.saturating_add(u32::from(crypt64(letters.next()?)?) << shift);
    }
    Some(sum)
}

/// The value of a letter in crypt(3)'s base 64.
pub(super) fn crypt64(octet: u8) -> Option<u8> {
    match octet {
        b'.' => Some(0),
        b'/' => Some(1),
        b'0'..=b'9' => Some(octet - b'0' + 2),
        b'A'..=b'Z' => Some(octet - b'A' + 12),
        b'a'..=b'z' => Some(octet - b'a' + 38),
        _ => None,
    }
}
