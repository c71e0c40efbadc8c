//! What somebody hides in base64.

/// What a word is, once it is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blob {
    /// No base64, or too short to matter.
    None,
    /// What a server asks or says, and everybody may know: `Username:`, a challenge in angle brackets, a status as JSON.
    Prompt,
    /// Text.
    Text,
    /// Texts with NUL (PLAIN: RFC 4616 §2) or ^A (OAUTHBEARER: RFC 7628 §3.1) between them.
    Parts,
    /// No text, but no word of a language either.
    Random,
    /// Anything else.
    Other,
}

/// Shorter words are no secrets of anybody who wants to keep them (three octets); many commands are as long.
const SHORTEST: usize = 5;
/// More is not decoded: what is so long and nothing but base64 is a token.
const LONGEST: usize = 1024;

/// Looks into a word. Padding may be there or not, and both alphabets are read (RFC 4648 §4, §5).
pub(super) fn blob(word: &[u8]) -> Blob {
    let end = word.iter().rposition(|octet| *octet > b' ').map_or(0, |last| last + 1);
    let word = word.get(..end).unwrap_or_default();
    let unpadded = word.iter().rposition(|octet| *octet != b'=').map_or(0, |last| last + 1);
    let word = word.get(..unpadded).unwrap_or_default();
    if word.len() < SHORTEST || !word.iter().all(|octet| sextet(*octet).is_some()) {
        return Blob::None;
    }
    if word.len() > LONGEST {
        return Blob::Parts;
    }
    let (mut buffer, mut length) = ([0; LONGEST], 0);
    for (octet, place) in decoded(word).zip(&mut buffer) {
        (*place, length) = (octet, length + 1);
    }
    let kind = kind(buffer.get(..length).unwrap_or_default());
    // It may have held a password.
    buffer.get_mut(..length).unwrap_or_default().fill(0);
    std::hint::black_box(&buffer);
    let letters = word.iter().all(u8::is_ascii_alphabetic);
    match (kind, is_whole(word)) {
        (Blob::Text | Blob::Prompt, false) => Blob::Other,
        // Commands are in one case: APPEND has a NUL in it. What was cut off in the middle is not.
        (Blob::Parts, false) if letters && in_one_case(word) => Blob::Other,
        // But StartTLS is.
        (Blob::Other, true) if !(in_one_case(word) || (letters && word.len() <= 8)) => Blob::Random,
        (kind, _) => kind,
    }
}

fn kind(octets: &[u8]) -> Blob {
    let between = |octet: &u8| matches!(octet, 0 | 1);
    let printable = octets.iter().all(|octet| between(octet) || (*octet >= b' ' && *octet != 0x7f));
    match octets {
        _ if !printable => Blob::Other,
        _ if octets.iter().any(between) => Blob::Parts,
        [.., b':'] | [b'<', .., b'>'] | [b'{', ..] => Blob::Prompt,
        _ if str::from_utf8(octets).is_ok() => Blob::Text,
        _ => Blob::Other,
    }
}

/// RFC 4648 §3.5: whoever encodes leaves no bits over. Most words that are no base64 do.
fn is_whole(word: &[u8]) -> bool {
    let last = word.last().and_then(|last| sextet(*last)).unwrap_or_default();
    match word.len() % 4 {
        0 => true,
        2 => last.trailing_zeros() >= 4,
        3 => last.trailing_zeros() >= 2,
        _ => false,
    }
}

fn in_one_case(word: &[u8]) -> bool {
    !word.iter().any(u8::is_ascii_uppercase) || !word.iter().any(u8::is_ascii_lowercase)
}

fn sextet(octet: u8) -> Option<u8> {
    match octet {
        b'A'..=b'Z' => Some(octet - b'A'),
        b'a'..=b'z' => Some(octet - b'a' + 26),
        b'0'..=b'9' => Some(octet - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

fn decoded(word: &[u8]) -> impl Iterator<Item = u8> {
    word.chunks(4).flat_map(|four| {
        let bits = four.iter().fold(0, |bits, octet| bits << 6 | u32::from(sextet(*octet).unwrap_or_default()));
        let [_, octets @ ..] = (bits << (6 * (4 - four.len()))).to_be_bytes();
        octets.into_iter().take(four.len() * 6 / 8)
    })
}
