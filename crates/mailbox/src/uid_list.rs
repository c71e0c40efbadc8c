//! `gatepost-uidlist`: the UIDs of one folder in plain text, from which a lost index is built again with UIDs and UIDVALIDITY
//! kept. First line `1 <uidvalidity> <uidnext>`, then `<uid> <file name up to the colon>` as in Courier's
//! `courierimapuiddb`. It is only appended to; lines of messages that are gone mean nothing, and go when they are too many.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

use crate::layout::{at, replace};
use crate::store::{StoreError, Uid};

const FILE: &str = "gatepost-uidlist";
/// Octets of a line, about.
const LINE: u64 = 80;

/// What a file says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UidList {
    pub(crate) uid_validity: u32,
    /// Above all UIDs that were given.
    pub(crate) uid_next: Uid,
    pub(crate) uids: HashMap<Vec<u8>, Uid>,
}

/// Reads a folder's file; `None` where there is none that makes sense. Torn and strange lines are passed over.
pub(crate) fn read(directory: &Path) -> Option<UidList> {
    parse(&fs::read(directory.join(FILE)).ok()?)
}

fn parse(text: &[u8]) -> Option<UidList> {
    let mut lines = text.split_inclusive(|&b| b == b'\n').filter_map(|line| line.strip_suffix(b"\n"));
    let header = std::str::from_utf8(lines.next()?).ok()?;
    let [version, uid_validity, uid_next] = header.split(' ').collect::<Vec<_>>().try_into().ok()?;
    let (uid_validity, mut uid_next): (u32, Uid) = (uid_validity.parse().ok()?, uid_next.parse().ok()?);
    if version != "1" || uid_validity == 0 || uid_next == 0 {
        return None;
    }
    let mut uids = HashMap::new();
    for line in lines {
        let Some(space) = memchr::memchr(b' ', line) else { continue };
        let (uid, base) =
            (std::str::from_utf8(&line[..space]).ok().and_then(|uid| uid.parse::<Uid>().ok()), &line[space + 1..]);
        if let Some(uid) = uid.filter(|&uid| uid > 0 && uid < Uid::MAX) {
            uid_next = uid_next.max(uid + 1);
            uids.insert(unescape(base), uid);
        }
    }
    Some(UidList { uid_validity, uid_next, uids })
}

/// Begins a file, or writes it anew.
pub(crate) fn write(
    directory: &Path,
    uid_validity: u32,
    uid_next: Uid,
    entries: &[(Uid, Vec<u8>)],
) -> Result<(), StoreError> {
    let mut text = format!("1 {uid_validity} {uid_next}\n").into_bytes();
    text.extend_from_slice(&lines(entries));
    replace(&directory.join(FILE), &text)
}

/// Adds entries. Whether the file has grown too long for `live` messages and should be written anew.
pub(crate) fn append(directory: &Path, entries: &[(Uid, Vec<u8>)], live: usize) -> Result<bool, StoreError> {
    let path = directory.join(FILE);
    let mut options = OpenOptions::new();
    options.append(true).create(true).mode(0o600).custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
    let mut file = options.open(&path).map_err(at(&path))?;
    file.write_all(&lines(entries)).map_err(at(&path))?;
    let length = file.metadata().map_err(at(&path))?.len();
    Ok(length > 2 * LINE * live as u64 + 64 * 1024)
}

fn lines(entries: &[(Uid, Vec<u8>)]) -> Vec<u8> {
    let mut text = Vec::with_capacity(entries.len() * 80);
    for (uid, base) in entries {
        text.extend_from_slice(format!("{uid} ").as_bytes());
        escape(base, &mut text);
        text.push(b'\n');
    }
    text
}

/// A hostile file name must not make lines: controls and `%` as `%XX`.
fn escape(base: &[u8], into: &mut Vec<u8>) {
    for &octet in base {
        if octet < b' ' || octet == b'%' || octet == 0x7f {
            into.extend_from_slice(format!("%{octet:02X}").as_bytes());
        } else {
            into.push(octet);
        }
    }
}

fn unescape(text: &[u8]) -> Vec<u8> {
    let mut base = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&octet, after)) = rest.split_first() {
        let coded = (octet == b'%').then(|| after.get(..2)).flatten();
        let value = coded.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        base.push(value.unwrap_or(octet));
        rest = if value.is_some() { &after[2..] } else { after };
    }
    base
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn torn_and_foreign_lines_are_passed_over() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(FILE), "1 77 5\n3 a,S=1\nnonsense\n0 b\n9 c\n10 torn").expect("written");
        let list = read(folder.path()).expect("a list");
        assert_eq!((list.uid_validity, list.uid_next), (77, 10));
        assert_eq!(list.uids, HashMap::from([(b"a,S=1".to_vec(), 3), (b"c".to_vec(), 9)]));
        fs::write(folder.path().join(FILE), "1 0 5\n").expect("written");
        assert_eq!(read(folder.path()), None);
    }

    #[test]
    fn it_says_when_it_is_too_long() {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), 7, 1, &[]).expect("written");
        let entries: Vec<_> = (1..2000).map(|uid| (uid, vec![b'x'; 80])).collect();
        assert!(append(folder.path(), &entries, 1).expect("appended"));
        assert!(!append(folder.path(), &[], 2000).expect("appended"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_harm(text in "1 [0-9]{0,11} [0-9]{0,11}\n([0-9]{0,11} ?[%a-f0-9\n\u{0}]{0,9}){0,9}") {
            if let Some(list) = parse(text.as_bytes()) {
                prop_assert!(list.uid_validity > 0 && list.uids.values().all(|&uid| uid > 0 && uid < list.uid_next));
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn any_name_survives(names in prop::collection::hash_set(prop::collection::vec(1_u8.., 1..20), 0..10)) {
            let folder = tempfile::tempdir().expect("a folder");
            let entries: Vec<_> = (1..).zip(names).collect();
            write(folder.path(), 7, 100, &[]).expect("written");
            append(folder.path(), &entries, 10).expect("appended");
            let list = read(folder.path()).expect("a list");
            prop_assert_eq!(list.uids, entries.into_iter().map(|(uid, name)| (name, uid)).collect());
        }
    }
}
