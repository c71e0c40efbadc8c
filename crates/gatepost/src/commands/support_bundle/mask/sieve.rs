//! The secrets that are known here, looked for in everything, in every form in which programs write them: the last pass, in case
//! one stands where nobody thought of.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::MASK;

/// A shorter one would be found in every word, and where it was masked would tell what it is.
const SHORTEST: usize = 6;

/// No secret's file is larger; more of it is not looked at.
const MOST_OF_A_FILE: u64 = 64 << 10;

/// Secrets in all their forms. It prints none of them.
#[derive(Default)]
pub(in super::super) struct Sieve {
    /// The longest first, so that none is cut in two by a shorter one.
    needles: BTreeSet<(std::cmp::Reverse<usize>, Vec<u8>)>,
}

impl std::fmt::Debug for Sieve {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sieve({})", self.needles.len())
    }
}

impl Sieve {
    /// Adds a secret.
    pub(in super::super) fn add(&mut self, secret: &[u8]) {
        let secret = secret.trim_ascii();
        if secret.len() < SHORTEST {
            return;
        }
        let mut add = |needle: Vec<u8>| {
            if needle.len() >= SHORTEST {
                self.needles.insert((std::cmp::Reverse(needle.len()), needle));
            }
        };
        add(secret.to_vec());
        add(secret.iter().rev().copied().collect());
        add(hex(secret, |octet| format!("{octet:02x}")));
        add(hex(secret, |octet| format!("{octet:02X}")));
        (0..3).for_each(|shift| add(base64(secret, shift)));
        let text = String::from_utf8_lossy(secret);
        add(format!("{text:?}").trim_matches('"').as_bytes().to_vec());
        add(serde_json::json!(text).to_string().trim_matches('"').as_bytes().to_vec());
        add(percent(secret));
    }

    /// Adds each line of a file with a secret. One that cannot be read cannot get in by us either.
    pub(in super::super) fn add_lines_of(&mut self, path: &Path) {
        let mut octets = Vec::new();
        if File::open(path).and_then(|file| file.take(MOST_OF_A_FILE).read_to_end(&mut octets)).is_ok() {
            octets.split(|octet| *octet == b'\n').for_each(|line| self.add(line));
        }
        octets.fill(0);
    }

    /// Takes another's secrets, too.
    pub(in super::super) fn extend(&mut self, other: Self) {
        self.needles.extend(other.needles);
    }

    /// A content without them.
    pub(in super::super) fn clean(&self, content: Vec<u8>) -> Vec<u8> {
        self.needles.iter().fold(content, |content, (_, needle)| replaced(content, needle))
    }
}

fn replaced(content: Vec<u8>, needle: &[u8]) -> Vec<u8> {
    let finder = memchr::memmem::Finder::new(needle);
    let Some(first) = finder.find(&content) else { return content };
    let (mut kept, mut from, mut next) = (Vec::with_capacity(content.len()), 0, Some(first));
    while let Some(at) = next {
        kept.extend_from_slice(content.get(from..at).unwrap_or_default());
        kept.extend_from_slice(MASK.as_bytes());
        from = at + needle.len();
        next = content.get(from..).and_then(|rest| finder.find(rest)).map(|found| found + from);
    }
    kept.extend_from_slice(content.get(from..).unwrap_or_default());
    kept
}

fn hex(secret: &[u8], write: impl Fn(u8) -> String) -> Vec<u8> {
    secret.iter().map(|octet| write(*octet)).collect::<String>().into_bytes()
}

/// What of its base64 does not depend on its neighbours, with `shift` octets before it in its group of three (RFC 4648 §4).
fn base64(secret: &[u8], shift: usize) -> Vec<u8> {
    let whole = sasl::wire::encode(&[&b"\0\0\0"[..shift.min(3)], secret].concat());
    let before = [0, 2, 3].get(shift).copied().unwrap_or_default();
    let octets = shift + secret.len();
    // The last character of an unfinished group has bits of what follows.
    let after = octets / 3 * 4 + [0, 1, 2].get(octets % 3).copied().unwrap_or_default();
    whole.get(before..after).unwrap_or_default().as_bytes().to_vec()
}

/// As in a URL (RFC 3986 §2.1).
fn percent(secret: &[u8]) -> Vec<u8> {
    let plain = |octet: &u8| octet.is_ascii_alphanumeric() || b"-._~".contains(octet);
    let each =
        secret.iter().map(|octet| if plain(octet) { char::from(*octet).to_string() } else { format!("%{octet:02X}") });
    each.collect::<String>().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_every_form() {
        let secret = "ge\"heim\\42 ü";
        let mut sieve = Sieve::default();
        sieve.add(secret.as_bytes());
        let around = |before: &str, after: &str| sasl::wire::encode(format!("{before}{secret}{after}").as_bytes());
        let forms = [
            secret.to_owned(),
            around("", ""),
            around("a", "bc"),
            around("ab", "x"),
            around("abc", "\0"),
            secret.bytes().map(|octet| format!("{octet:02x}")).collect(),
            format!("{secret:?}"),
            serde_json::json!(secret).to_string(),
            "ge%22heim%5C42%20%C3%BC".to_owned(),
        ];
        for form in forms {
            let cleaned = String::from_utf8(sieve.clean(format!("<{form}>").into_bytes())).expect("UTF-8");
            assert!(cleaned.contains(MASK), "{form} became {cleaned}");
            assert!(!cleaned.contains("heim") && !cleaned.contains(&form), "{form} became {cleaned}");
        }
        let reversed: Vec<u8> = secret.bytes().rev().collect();
        assert_eq!(sieve.clean(reversed), MASK.as_bytes());
        assert_eq!(sieve.clean(b"nothing here".to_vec()), b"nothing here");
    }

    #[test]
    fn short_ones_are_not_looked_for() {
        let mut sieve = Sieve::default();
        sieve.add(b"mail\n");
        assert_eq!(sieve.clean(b"mail.example.org".to_vec()), b"mail.example.org");
    }
}
