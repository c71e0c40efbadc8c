//! What secrets look like wherever they stand: in a URL, as a hash, as a private key, behind `Bearer`.

use std::borrow::Cow;

use super::MASK;

/// Masks all of them in a text.
pub(in super::super) fn scrub(text: &str) -> String {
    let text = keys(text);
    let lines = text.split_inclusive('\n').map(|line| {
        let line = urls(line);
        let line = behind_words(&line);
        hashes(&line)
    });
    lines.collect()
}

/// Private keys in PEM (RFC 7468 §10, §13): from the first line to the last, or to the end.
fn keys(text: &str) -> Cow<'_, str> {
    const BEGIN: &str = "-----BEGIN ";
    if !text.contains("PRIVATE KEY") {
        return Cow::Borrowed(text);
    }
    let (mut kept, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find(BEGIN) {
        let (before, block) = rest.split_at(at);
        let label_end =
            block.get(BEGIN.len()..).and_then(|label| label.find("-----")).map_or(block.len(), |end| end + BEGIN.len());
        kept.push_str(before);
        let is_private = block.get(..label_end).is_some_and(|label| label.contains("PRIVATE KEY"));
        let end = block.find("-----END ").and_then(|end| {
            let behind = block.get(end + 9..)?;
            Some(end + 9 + behind.find("-----")? + 5)
        });
        let end = end.unwrap_or(block.len());
        kept.push_str(if is_private { MASK } else { block.get(..end).unwrap_or(block) });
        rest = block.get(end..).unwrap_or_default();
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

/// The password in `scheme://user:password@host`, a user alone, who may be a token, and what is behind `?` (RFC 3986 §3.2.1,
/// §3.4).
fn urls(line: &str) -> String {
    let (mut kept, mut rest) = (String::with_capacity(line.len()), line);
    while let Some(at) = rest.find("://") {
        let (before, behind) = rest.split_at(at + 3);
        kept.push_str(before);
        let end = behind.find(|c: char| c.is_whitespace() || "\"'`<>,;)]}".contains(c)).unwrap_or(behind.len());
        let (url, next) = behind.split_at(end);
        let authority_end = url.find(['/', '?', '#']).unwrap_or(url.len());
        // A password may hold an @ or a slash that somebody did not escape: the last @ counts.
        match url.rfind('@') {
            Some(sign) => {
                let user = url.get(..sign).and_then(|info| info.split_once(':')).map(|(user, _)| format!("{user}:"));
                kept.push_str(&user.unwrap_or_default());
                kept.push_str(MASK);
                kept.push_str(&query(url.get(sign..).unwrap_or_default()));
            }
            None => {
                let (host, path) = url.split_at(authority_end);
                kept.push_str(host);
                kept.push_str(&query(path));
            }
        }
        rest = next;
    }
    kept.push_str(rest);
    kept
}

fn query(url: &str) -> String {
    match url.split_once('?') {
        Some((path, asked)) if !asked.is_empty() => format!("{path}?{MASK}"),
        _ => url.to_owned(),
    }
}

/// What follows `Bearer` and its like, as in a header.
fn behind_words(line: &str) -> String {
    let mut kept = line.to_owned();
    for word in ["bearer ", "basic "] {
        let mut from = 0;
        while let Some(at) = kept.get(from..).and_then(|rest| find_word(rest, word)).map(|at| at + from) {
            let begin = at + word.len();
            let rest = kept.get(begin..).unwrap_or_default();
            let length = rest.find(|c: char| c.is_whitespace() || "\"'`,;)]}".contains(c)).unwrap_or(rest.len());
            // A short word behind it is prose.
            if length >= 8 && !rest.starts_with(MASK) {
                kept.replace_range(begin..begin + length, MASK);
            }
            from = begin;
        }
    }
    kept
}

fn find_word(text: &str, word: &str) -> Option<usize> {
    text.as_bytes().windows(word.len()).position(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}

/// `{SCHEME}value`, and what crypt(3) and PHC write: `$id$salt$hash`.
fn hashes(line: &str) -> String {
    let mut kept = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(['{', '$']) {
        let (before, hash) = rest.split_at(at);
        kept.push_str(before);
        let end = hash_end(hash);
        kept.push_str(if end > 1 { MASK } else { hash.get(..1).unwrap_or_default() });
        rest = hash.get(end.max(1)..).unwrap_or_default();
    }
    kept.push_str(rest);
    kept
}

/// Octets of the hash that a text begins with; 0 if it is none.
fn hash_end(text: &str) -> usize {
    let length = |text: &str| text.find(|c: char| c.is_whitespace() || "\"'`|;<>:".contains(c)).unwrap_or(text.len());
    if let Some((scheme, value)) = text.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
        let is_scheme = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || "-._".contains(c);
        let scheme_like = !scheme.is_empty() && scheme.len() < 32 && scheme.chars().all(is_scheme);
        return if scheme_like && length(value) > 0 { scheme.len() + 2 + length(value) } else { 0 };
    }
    let whole = text.get(..length(text)).unwrap_or_default();
    let id = whole.split('$').nth(1).unwrap_or_default();
    let is_id = !id.is_empty() && id.len() < 16 && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if is_id && whole.matches('$').count() >= 2 && whole.len() >= 12 { whole.len() } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_lose_what_is_secret_in_them() {
        for (given, masked) in [
            ("postgres://me:geheim@db.test/mail", "postgres://me:[masked]@db.test/mail"),
            ("http://tok123@h.test/x", "http://[masked]@h.test/x"),
            ("see https://h.test/p?api_key=geheim&x=1, and", "see https://h.test/p?[masked], and"),
            ("ldap://a.test ldaps://u:p@ss@b.test", "ldap://a.test ldaps://u:[masked]@b.test"),
            ("http://u:p/w@b.test:80/p", "http://u:[masked]@b.test:80/p"),
            ("https://plain.test/path", "https://plain.test/path"),
        ] {
            assert_eq!(scrub(given), masked);
        }
    }

    #[test]
    fn hashes_keys_and_tokens() {
        for (given, masked) in [
            ("crypt {SSHA}abcdef== end", "crypt [masked] end"),
            ("x $6$salt$hashhash/. y", "x [masked] y"),
            ("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA", "[masked]"),
            ("Authorization: Bearer abcdef.ghi", "Authorization: Bearer [masked]"),
            ("a bearer of news", "a bearer of news"),
            ("costs $5 or {braces}", "costs $5 or {braces}"),
            ("a\n-----BEGIN EC PRIVATE KEY-----\nabc\n-----END EC PRIVATE KEY-----\nb", "a\n[masked]\nb"),
            ("-----BEGIN PRIVATE KEY-----\nabc", "[masked]"),
        ] {
            assert_eq!(scrub(given), masked);
        }
        let certificate = "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n";
        assert_eq!(scrub(certificate), certificate);
    }
}
