//! Names of folders: `Work/Über` for users, `.Work.&ANw-ber` on disk (Maildir++ with modified UTF-7, RFC 3501 §5.1.3, as
//! Courier and Dovecot write it).

use std::path::{Path, PathBuf};

use crate::store::{FolderName, StoreError};

/// Longest name of a folder's directory (`NAME_MAX`).
const MAX_ENCODED: usize = 255;
/// Deepest folder.
const MAX_LEVELS: usize = 32;
/// The base64 of RFC 3501 §5.1.3: `,` for `/`, no padding.
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/// Brings a name into the form that is kept: `INBOX` in upper case (RFC 3501 §5.1), no `/` at the end.
pub(crate) fn normal(name: &str) -> Result<FolderName, StoreError> {
    let name = name.strip_suffix('/').unwrap_or(name);
    let (first, rest) = name.split_once('/').map_or((name, None), |(first, rest)| (first, Some(rest)));
    let first = if first.eq_ignore_ascii_case("INBOX") { "INBOX" } else { first };
    let name = rest.map_or_else(|| first.to_owned(), |rest| format!("{first}/{rest}"));
    if name.split('/').any(str::is_empty) {
        return Err(StoreError::BadName("a level of the folder's name is empty"));
    }
    if name.chars().any(char::is_control) {
        return Err(StoreError::BadName("a folder's name cannot hold control characters"));
    }
    if name.split('/').count() > MAX_LEVELS || encoded(&name).len() > MAX_ENCODED {
        return Err(StoreError::BadName("the folder's name is too long"));
    }
    Ok(name)
}

/// The directory of a folder; `name` is in normal form. A folder that another program named in plain UTF-8 (Courier can)
/// is found under that name.
pub(crate) fn directory(home: &Path, name: &str) -> PathBuf {
    if name == "INBOX" {
        return home.to_owned();
    }
    let path = home.join(encoded(name));
    if !name.is_ascii() && !path.exists() {
        let plain = home.join(format!(".{}", name.replace('/', ".")));
        if plain.is_dir() {
            return plain;
        }
    }
    path
}

/// The name of a folder's directory inside the account's Maildir: `.Work.&ANw-ber` for `Work/Über`. For tools that read
/// and write Maildir++ themselves; INBOX is the Maildir itself and has none.
pub fn folder_directory(name: &str) -> Result<String, StoreError> {
    match normal(name)? {
        name if name == "INBOX" => Err(StoreError::BadName("INBOX has no directory of its own")),
        name => Ok(encoded(&name)),
    }
}

/// The folder that a directory in an account's Maildir is; `None` for what is none.
pub fn directory_folder(directory: &str) -> Option<FolderName> {
    decoded(directory)
}

/// `.A.B` for `A/B`. A dot inside a level would split it: it is written in base64, as Courier does.
pub(crate) fn encoded(name: &str) -> String {
    name.split('/').fold(String::new(), |path, level| path + "." + &encode(level))
}

/// The name for `.A.B`; `None` for what is no folder's directory.
pub(crate) fn decoded(directory: &str) -> Option<FolderName> {
    let levels: Vec<String> =
        directory.strip_prefix('.')?.split('.').map(|level| decode(level).unwrap_or_else(|| level.into())).collect();
    let name = levels.join("/");
    // A level that holds `/` could name a folder that it is not.
    let sound =
        levels.iter().all(|level| !level.is_empty() && !level.contains('/') && !level.chars().any(char::is_control));
    (sound && name != "INBOX").then_some(name)
}

/// One level in modified UTF-7.
fn encode(level: &str) -> String {
    let mut out = String::new();
    let mut shifted: Vec<u8> = Vec::new();
    for c in level.chars() {
        if matches!(c, ' '..='~') && c != '.' {
            unshift(&mut shifted, &mut out);
            out.push(c);
            if c == '&' {
                out.push('-');
            }
        } else {
            shifted.extend(c.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_be_bytes()));
        }
    }
    unshift(&mut shifted, &mut out);
    out
}

/// Writes what was collected as `&base64-`.
fn unshift(utf16: &mut Vec<u8>, out: &mut String) {
    if utf16.is_empty() {
        return;
    }
    out.push('&');
    for three in utf16.chunks(3) {
        let bits = three.iter().chain(&[0, 0]).take(3).fold(0_u32, |bits, &b| bits << 8 | u32::from(b));
        for sextet in 0..=three.len() {
            let value = bits >> (18 - 6 * sextet) & 63;
            out.push(char::from(BASE64[value as usize]));
        }
    }
    out.push('-');
    utf16.clear();
}

/// One level out of modified UTF-7; `None` where it is none.
fn decode(level: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = level;
    while let Some((plain, coded)) = rest.split_once('&') {
        out.push_str(plain);
        let (base64, after) = coded.split_once('-')?;
        if base64.is_empty() {
            out.push('&')
        } else {
            out.push_str(&utf16(base64)?)
        }
        rest = after;
    }
    out.push_str(rest);
    level.is_ascii().then_some(out)
}

fn utf16(base64: &str) -> Option<String> {
    let (mut bits, mut count, mut units) = (0_u32, 0, Vec::new());
    for b in base64.bytes() {
        let value = u32::try_from(BASE64.iter().position(|&known| known == b)?).ok()?;
        bits = (bits << 6 | value) & 0x3f_ffff;
        count += 6;
        if count >= 16 {
            count -= 16;
            units.push(u16::try_from(bits >> count & 0xffff).ok()?);
        }
    }
    String::from_utf16(&units).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_as_other_programs_write_them() {
        for (name, directory) in [
            ("Sent", ".Sent"),
            ("Work/Über", ".Work.&ANw-ber"),
            ("a & b", ".a &- b"),
            ("台北", ".&U,BTFw-"),
            ("v1.0", ".v1&AC4-0"),
            ("INBOX/sub", ".INBOX.sub"),
        ] {
            assert_eq!(encoded(name), directory);
            assert_eq!(decoded(directory).as_deref(), Some(name));
        }
        assert_eq!(decoded(".Über & so").as_deref(), Some("Über & so"));
        for foreign in [".", "..", ".a..b", "a", ".INBOX", ".&AC8-etc", ".&AAA-"] {
            assert_eq!(decoded(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn bad_names_say_why() {
        assert_eq!(normal("inbox/A/").expect("a name"), "INBOX/A");
        assert_eq!(normal("..").map(|n| encoded(&n)).expect("a name"), ".&AC4ALg-");
        for bad in ["", "/", "a//b", "/a", "a\0b", "a\nb", &"x".repeat(255), &"x/".repeat(40)] {
            assert!(matches!(normal(bad), Err(StoreError::BadName(_))), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn names_survive(name in "[ -~äß台𝄞./&]{1,20}") {
            if let Ok(name) = normal(&name) {
                let directory = encoded(&name);
                prop_assert!(directory.is_ascii() && !directory.contains('/'));
                prop_assert_eq!(decoded(&directory), (name != "INBOX").then_some(name));
            }
        }

        #[test]
        fn any_directory_is_read_without_harm(directory in "\\.[&A-Za-z+,\\-./é]{0,20}") {
            if let Some(name) = decoded(&directory) {
                prop_assert!(normal(&name).is_ok() || encoded(&name).len() > MAX_ENCODED || name.contains('/'));
            }
        }
    }
}
