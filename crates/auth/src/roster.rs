//! Accounts in files of lines: which name is whose, and where it stands. A line that cannot be read may be anybody's, so
//! as long as there is one nobody is called unknown.

mod names;

pub(crate) use names::Names;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::Arc;

use message::Address;
use sasl::Secret;

use crate::login_name;
use crate::scheme::{Bare, Stored};

/// A longer line is no account's.
const MAX_LINE: usize = 64 * 1024;

/// Broken lines that are remembered; the first are the ones to mend.
const MAX_BROKEN: usize = 20;

/// The accounts of one or more files.
#[derive(Debug)]
pub(crate) struct Roster<R> {
    known: HashMap<String, Known<R>>,
    broken: Vec<String>,
}

/// An account, and where it stands.
#[derive(Debug)]
pub(crate) struct Known<R> {
    pub(crate) place: Place,
    pub(crate) record: R,
    /// Another number when the line has changed.
    pub(crate) version: u64,
    /// Where the name stands once more.
    pub(crate) again: Option<Place>,
}

/// `file:line`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    file: Arc<Path>,
    line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

/// What a line says: a name with a record, or nothing.
pub(crate) type Said<R> = Result<Option<(String, R)>, &'static str>;

impl<R> Default for Roster<R> {
    fn default() -> Self {
        Self { known: HashMap::new(), broken: Vec::new() }
    }
}

impl<R> Roster<R> {
    /// Adds the lines of a file. Of a name that stands twice the first counts.
    pub(crate) fn add(&mut self, file: &Path, text: &[u8], parse: impl Fn(&str) -> Said<R>) {
        let file: Arc<Path> = file.into();
        for (line, octets) in (1..).zip(text.split(|octet| *octet == b'\n')) {
            let place = Place { file: file.clone(), line };
            // Old files have names in Latin-1; only in a password does it matter, and there it is told.
            let text = String::from_utf8_lossy(octets.get(..MAX_LINE).unwrap_or(octets));
            let said = match octets.len() {
                0..=MAX_LINE => parse(text.strip_suffix('\r').unwrap_or(&text)),
                _ => Err("it is longer than any account's line"),
            };
            match said {
                Ok(None) => {}
                Ok(Some((name, record))) => self.insert(&name, record, (place, version(octets))),
                Err(what) => self.break_at(&place, what),
            }
        }
    }

    fn insert(&mut self, name: &str, record: R, (place, version): (Place, u64)) {
        match self.known.entry(name_key(name)) {
            Entry::Vacant(free) => {
                free.insert(Known { place, record, version, again: None });
            }
            Entry::Occupied(mut known) => {
                tracing::warn!(name, first = %known.get().place, again = %place, "a name stands twice");
                known.get_mut().again.get_or_insert(place);
            }
        }
    }

    fn break_at(&mut self, place: &Place, what: &str) {
        tracing::warn!(%place, "a line that cannot be read: {what}");
        if self.broken.len() < MAX_BROKEN {
            self.broken.push(format!("{place}: {what}"));
        }
    }

    /// The account with the first of these names that stands here. Nobody is called unknown while a line is broken: it
    /// may be theirs.
    pub(crate) fn find(&self, names: &[String]) -> Result<Option<(String, &Known<R>)>, String> {
        let found = names.iter().find_map(|name| self.known.get(name).map(|known| (name.clone(), known)));
        match (found, self.broken.first()) {
            (None, Some(broken)) => Err(format!("{broken}; whose line that is cannot be told: mend it")),
            (found, _) => Ok(found),
        }
    }

    /// All accounts.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Known<R>)> {
        self.known.iter().map(|(name, known)| (name.as_str(), known))
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.known.len()
    }

    /// The lines that could not be read.
    pub(crate) fn broken(&self) -> &[String] {
        &self.broken
    }
}

/// The key under which a name is found: without case, with A-labels.
pub(crate) fn name_key(name: &str) -> String {
    Address::parse(name).map_or_else(|_| name.to_lowercase(), |address| login_name::key(&address))
}

/// A number that another line does not have.
pub(crate) fn version(line: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    line.hash(&mut hasher);
    hasher.finish()
}

/// Reads a kept password; `None` where there is none or it is locked, as `*` and `!` in shadow(5): no hash begins so, and
/// an account that nobody can log in to is not counted among those that lack something.
pub(crate) fn stored(kept: &Secret) -> Result<Option<Stored>, String> {
    let text = std::str::from_utf8(kept.expose()).unwrap_or("\u{fffd}");
    if text.contains('\u{fffd}') {
        return Err("the password is not UTF-8".to_owned());
    }
    if text.is_empty() || text == "x" || text.starts_with(['*', '!']) {
        return Ok(None);
    }
    Stored::parse(text, Bare::Crypt).map(Some).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(line: &str) -> Said<String> {
        match line.split_once(' ') {
            None if line.is_empty() => Ok(None),
            None => Err("no space"),
            Some((name, rest)) => Ok(Some((name.to_owned(), rest.to_owned()))),
        }
    }

    fn find(roster: &Roster<String>, name: &str) -> Result<Option<String>, String> {
        roster.find(&[name_key(name)]).map(|found| found.map(|(_, known)| known.record.clone()))
    }

    #[test]
    fn names_are_found_in_any_case_and_the_first_line_counts() {
        let mut roster = Roster::default();
        roster.add(Path::new("/f"), "Brian one\r\n\nzoë@bücher.example two\nbrian three".as_bytes(), word);
        assert_eq!(find(&roster, "BRIAN"), Ok(Some("one".to_owned())));
        assert_eq!(find(&roster, "zoë@xn--bcher-kva.example"), Ok(Some("two".to_owned())));
        assert_eq!(find(&roster, "nobody"), Ok(None));
        let (_, known) = roster.find(&["brian".to_owned()]).expect("whole").expect("there");
        assert_eq!(known.again.as_ref().map(ToString::to_string).as_deref(), Some("/f:4"));
    }

    #[test]
    fn nobody_is_unknown_while_a_line_is_broken() {
        let mut roster = Roster::default();
        let long = format!("alice one\nbroken\nbob {}", "x".repeat(MAX_LINE));
        roster.add(Path::new("/f"), long.as_bytes(), word);
        assert_eq!(find(&roster, "alice"), Ok(Some("one".to_owned())));
        let error = find(&roster, "bob").expect_err("it may be one of the broken ones");
        assert_eq!(error, "/f:2: no space; whose line that is cannot be told: mend it");
        assert_eq!(roster.broken().len(), 2);
    }
}
