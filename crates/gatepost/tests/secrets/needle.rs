//! What is looked for: a mark, in each form in which a program may spell it.

use std::collections::BTreeSet;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD as BASE64, BASE64_URL_SAFE as URL_SAFE};
use memchr::memmem;

/// A mark in all its spellings.
pub(crate) struct Needles(Vec<(String, Vec<u8>)>);

impl Needles {
    pub(crate) fn of(mark: &str) -> Self {
        let octets = mark.as_bytes();
        let each =
            |form: &dyn Fn(u8) -> String| octets.iter().map(|octet| form(*octet)).collect::<String>().into_bytes();
        let mut forms = vec![
            ("raw".to_owned(), octets.to_vec()),
            ("in capitals".to_owned(), mark.to_uppercase().into_bytes()),
            ("in small letters".to_owned(), mark.to_lowercase().into_bytes()),
            ("backwards".to_owned(), octets.iter().rev().copied().collect()),
            ("hexadecimal".to_owned(), each(&|octet| format!("{octet:02x}"))),
            ("hexadecimal, capitals".to_owned(), each(&|octet| format!("{octet:02X}"))),
            ("escaped as \\xNN".to_owned(), each(&|octet| format!("\\x{octet:02x}"))),
            ("escaped as \\\\xNN".to_owned(), each(&|octet| format!("\\\\x{octet:02x}"))),
            ("escaped as \\u00NN".to_owned(), each(&|octet| format!("\\u00{octet:02x}"))),
            ("percent-encoded".to_owned(), each(&|octet| format!("%{octet:02X}"))),
            ("a list of numbers".to_owned(), each(&|octet| format!("{octet},"))),
            ("a list of numbers, with spaces".to_owned(), each(&|octet| format!("{octet}, "))),
        ];
        for shift in 0..3 {
            for (name, engine) in [("base64", &BASE64), ("base64 for URLs", &URL_SAFE)] {
                forms.push((format!("{name}, shifted by {shift}"), inside(engine, octets, shift)));
            }
            // What is encoded once more, as XOAUTH2's answers are.
            let once = inside(&BASE64, octets, shift);
            forms.extend((0..3).map(|again| {
                (format!("base64 of base64, shifted by {shift} and {again}"), inside(&BASE64, &once, again))
            }));
        }
        Self(forms)
    }

    /// The forms that stand in a text.
    pub(crate) fn found(&self, text: &[u8]) -> BTreeSet<&str> {
        self.0.iter().filter(|(_, form)| memmem::find(text, form).is_some()).map(|(name, _)| name.as_str()).collect()
    }

    /// Panics with the place where one of them is.
    pub(crate) fn assert_absent(&self, place: &str, text: &[u8]) {
        let found = self.found(text);
        assert!(found.is_empty(), "the password is in {place}: {found:?}, {}", around(text, &self.0));
    }

    /// Searches every file under a folder; how many octets those were.
    pub(crate) fn assert_not_under(&self, folder: &Path) -> u64 {
        let mut octets = 0;
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let (path, kind) = entry.and_then(|entry| Ok((entry.path(), entry.file_type()?))).expect("an entry");
            if kind.is_dir() {
                octets += self.assert_not_under(&path);
            } else if kind.is_file() {
                let text = std::fs::read(&path).expect("a file");
                octets += text.len() as u64;
                self.assert_absent(&path.display().to_string(), &text);
            }
        }
        octets
    }
}

/// The letters of a base64 that are the octets' alone, whatever stands around them: `shift` octets are in front.
fn inside(engine: &impl base64::Engine, octets: &[u8], shift: usize) -> Vec<u8> {
    let text = engine.encode([&vec![0; shift][..], octets].concat());
    let (begin, end) = ((shift * 8).div_ceil(6), (shift + octets.len()) * 8 / 6);
    text.as_bytes()[begin..end].to_vec()
}

/// The line in which the first of them stands.
fn around(text: &[u8], forms: &[(String, Vec<u8>)]) -> String {
    let at = forms.iter().find_map(|(_, form)| memmem::find(text, form)).unwrap_or_default();
    let (before, behind) = text.split_at(at);
    let begin = memchr::memrchr(b'\n', before).map_or(0, |end| end + 1);
    let end = at + memchr::memchr(b'\n', behind).unwrap_or(behind.len());
    text[begin.max(at.saturating_sub(2000))..end.min(at + 2000)].escape_ascii().to_string()
}

#[test]
fn every_spelling_is_found() {
    let (mark, other) = ("Mark7Qx9", "Nark7Qx9");
    let needles = Needles::of(mark);
    let spelt = |mark: &str| {
        let shifted = (0..3).map(|shift| BASE64.encode(format!("{}{mark}\"\\", "é".repeat(shift)).as_bytes()));
        let twice: Vec<_> = shifted.clone().map(|once| BASE64.encode(format!("x{once}"))).collect();
        let hex: String = mark.bytes().map(|octet| format!("{octet:02x}")).collect();
        let quoted = serde_json_like(&format!("a\"{mark}\\b"));
        shifted.chain(twice).chain([hex, quoted, mark.chars().rev().collect()]).collect::<Vec<_>>()
    };
    for text in spelt(mark) {
        assert!(!needles.found(text.as_bytes()).is_empty(), "{text}");
    }
    for text in spelt(other) {
        assert!(needles.found(text.as_bytes()).is_empty(), "{text}");
    }
}

/// Quoted as IMAP and JSON do.
fn serde_json_like(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
