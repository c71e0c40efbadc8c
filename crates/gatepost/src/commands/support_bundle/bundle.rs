//! What a bundle holds, and its bounds.

use serde::Serialize;

use super::mask::{Sieve, scrub};

/// Most octets of one file. What is cut says so.
const MOST_OF_ONE: usize = 512 << 10;
/// Most octets of all files together: it is sent by mail.
const MOST: usize = 8 << 20;

/// One file of the bundle.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Item {
    /// Its name in the archive.
    pub(super) name: String,
    /// Octets.
    pub(super) size: usize,
    /// What it is, and why it is there.
    pub(super) why: String,
    /// What was masked in it; nothing, if there is nothing in it that could be a secret.
    pub(super) masked: Option<String>,
    /// How much was cut off.
    pub(super) cut: Option<usize>,
    #[serde(skip)]
    pub(super) content: Vec<u8>,
}

/// Something that is not there, and why.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Missing {
    pub(super) what: String,
    pub(super) why: String,
}

/// Everything that is to be written.
#[derive(Debug, Default, Serialize)]
pub(super) struct Bundle {
    pub(super) items: Vec<Item>,
    pub(super) missing: Vec<Missing>,
    /// What must not be in it.
    #[serde(skip)]
    pub(super) secrets: Sieve,
}

impl Bundle {
    /// Adds a text. Whatever looks like a secret is masked in it, whether or not `masked` tells of some.
    pub(super) fn add(&mut self, name: impl Into<String>, why: &str, masked: Option<&str>, content: &str) {
        let content = scrub(content).into_bytes();
        let (name, why, masked) = (name.into(), why.to_owned(), masked.map(str::to_owned));
        self.items.push(Item { name, size: content.len(), why, masked, cut: None, content });
    }

    /// Says what is not there.
    pub(super) fn lacks(&mut self, what: &str, why: impl ToString) {
        self.missing.push(Missing { what: what.to_owned(), why: why.to_string() });
    }

    /// The last pass, when all is gathered: known secrets go, and what is too much is cut.
    pub(super) fn finish(&mut self) {
        let mut left = MOST;
        for item in &mut self.items {
            item.content = self.secrets.clean(std::mem::take(&mut item.content));
            let room = left.min(MOST_OF_ONE);
            if item.content.len() > room {
                item.cut = Some(item.content.len() - room);
                item.content.truncate(room);
                item.content.extend_from_slice(b"\n[the rest is cut off]\n");
            }
            item.size = item.content.len();
            left = left.saturating_sub(item.size);
        }
        for missing in &mut self.missing {
            let why = self.secrets.clean(scrub(&missing.why).into_bytes());
            missing.why = String::from_utf8_lossy(&why).into_owned();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_is_cut_and_told() {
        let mut bundle = Bundle::default();
        for n in 0..20 {
            bundle.add(format!("{n}"), "x", None, &"line\n".repeat(200_000));
        }
        bundle.finish();
        assert!(bundle.items.iter().all(|item| item.cut.is_some() && item.size == item.content.len()));
        let all: usize = bundle.items.iter().map(|item| item.size).sum();
        assert!(all <= MOST + 20 * 30, "{all}");
        assert!(bundle.items[0].content.ends_with(b"[the rest is cut off]\n"));
    }

    #[test]
    fn a_secret_that_is_found_late_is_masked_in_what_came_before() {
        let mut bundle = Bundle::default();
        bundle.add("a", "x", None, "see geheim123 there");
        bundle.lacks("b", "cannot read /etc/geheim123");
        bundle.secrets.add(b"geheim123");
        bundle.finish();
        assert_eq!(bundle.items[0].content, b"see [masked] there");
        assert_eq!(bundle.missing[0].why, "cannot read /etc/[masked]");
    }
}
