//! Names of message files: `<unique>[,S=<size>][,W=<size with CRLF>][:2,<flags>]`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use crate::store::Flags;

/// Letters of the Maildir specification and their IMAP flags.
const LETTERS: [(u8, Flags); 5] = [
    (b'D', Flags::DRAFT),
    (b'F', Flags::FLAGGED),
    (b'R', Flags::ANSWERED),
    (b'S', Flags::SEEN),
    (b'T', Flags::DELETED),
];

/// Splits a file's name into the part that never changes and what follows the colon.
pub(crate) fn split(name: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b':', name) {
        Some(colon) => (&name[..colon], &name[colon + 1..]),
        None => (name, b""),
    }
}

/// Puts a name together.
pub(crate) fn join(base: &[u8], info: &[u8]) -> Vec<u8> {
    let mut name = base.to_vec();
    if !info.is_empty() {
        name.push(b':');
        name.extend_from_slice(info);
    }
    name
}

/// The flags that an info says. Only `2,` is known; `1,` is experimental and means nothing to us.
pub(crate) fn flags(info: &[u8]) -> Flags {
    let letters = info.strip_prefix(b"2,").unwrap_or_default();
    LETTERS
        .iter()
        .filter(|(letter, _)| letters.contains(letter))
        .fold(Flags::default(), |all, (_, f)| Flags(all.0 | f.0))
}

/// The info that says `flags`; letters of others (`P`, Dovecot's `a`–`z`) stay. In ASCII order, as the specification wants.
pub(crate) fn info(old: &[u8], flags: Flags) -> Vec<u8> {
    let ours = |letter: &u8| LETTERS.iter().any(|(l, _)| l == letter);
    let mut letters: Vec<u8> = old.strip_prefix(b"2,").unwrap_or_default().to_vec();
    letters.retain(|letter| letter.is_ascii_alphabetic() && !ours(letter));
    letters.extend(LETTERS.iter().filter(|(_, f)| flags.contains(*f)).map(|(letter, _)| letter));
    letters.sort_unstable();
    letters.dedup();
    [b"2,", letters.as_slice()].concat()
}

/// What a name says of sizes: octets on disk (`S=`), and with CRLF (`W=`).
pub(crate) fn sizes(base: &[u8]) -> (Option<u64>, Option<u64>) {
    let field = |key: &[u8]| {
        let value = base.split(|&b| b == b',').skip(1).find_map(|field| field.strip_prefix(key))?;
        std::str::from_utf8(value).ok()?.parse().ok()
    };
    (field(b"S="), field(b"W="))
}

/// The seconds that a name begins with: when the message came.
pub(crate) fn seconds(base: &[u8]) -> Option<u64> {
    let digits = base.iter().position(|b| !b.is_ascii_digit()).unwrap_or(base.len());
    std::str::from_utf8(&base[..digits]).ok()?.parse().ok()
}

/// A host name as part of a file's name; `/` and `:` are written as the Maildir specification says.
pub(crate) fn host(name: &str) -> String {
    name.replace('/', "\\057").replace(':', "\\072")
}

/// Appends the sizes.
pub(crate) fn with_sizes(unique: &str, size: usize, crlf: u64) -> String {
    format!("{unique},S={size},W={crlf}")
}

/// A name that no program on this host makes again: time, process, and a counter.
pub(crate) fn unique(host: &str) -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let (seconds, micros, process) = (now.as_secs(), now.subsec_micros(), std::process::id());
    format!("{seconds}.M{micros:06}P{process}Q{}.{host}", COUNTER.fetch_add(1, Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_of_other_programs() {
        let dovecot = b"1204680122.27c448c1b9d8.host,S=21191,W=21668:2,RSab";
        let (base, info) = split(dovecot);
        assert_eq!(sizes(base), (Some(21191), Some(21668)));
        assert_eq!(flags(info), Flags(Flags::SEEN.0 | Flags::ANSWERED.0));
        assert_eq!(super::info(info, Flags::DELETED), b"2,Tab");
        assert_eq!(seconds(base), Some(1_204_680_122));
        assert_eq!(split(b"x:1,S"), (&b"x"[..], &b"1,S"[..]));
        assert_eq!((flags(b"1,S"), super::info(b"", Flags::SEEN)), (Flags::default(), b"2,S".to_vec()));
        assert_eq!(super::info(b"2,PS", Flags::default()), b"2,P");
        assert_eq!((sizes(b"x,S=-1,W=9x"), seconds(b"x")), ((None, None), None));
        assert_eq!(host("[IPv6:::1]"), "[IPv6\\072\\072\\0721]");
    }

    proptest! {
        #[test]
        fn flags_survive(bits in 0_u8..32, others in "[Pa-z]{0,5}") {
            let old = format!("2,{others}");
            let new = super::info(old.as_bytes(), Flags(bits));
            prop_assert_eq!(flags(&new), Flags(bits));
            prop_assert!(others.bytes().all(|letter| new.contains(&letter)));
        }

        #[test]
        fn any_name_is_split_and_joined(name in prop::collection::vec(any::<u8>(), 0..30)) {
            let (base, info) = split(&name);
            prop_assume!(!name.ends_with(b":"));
            prop_assert_eq!(join(base, info), name);
        }
    }
}
