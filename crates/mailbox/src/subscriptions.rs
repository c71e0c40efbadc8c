//! Which folders a user subscribed to (RFC 3501 §6.3.6): a file of names, UTF-8, one a line.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::folder_name::normal;
use crate::layout::{at, replace};
use crate::store::{FolderName, StoreError};

/// Names of one account; more are refused.
const MAX_SUBSCRIPTIONS: usize = 10_000;

fn path(home: &Path) -> PathBuf {
    home.join("gatepost-subscriptions")
}

/// The names, sorted. Lines that are no folder's name are passed over.
pub(crate) fn read(home: &Path) -> Result<BTreeSet<FolderName>, StoreError> {
    let path = path(home);
    match fs::read(&path) {
        Ok(text) => Ok(String::from_utf8_lossy(&text).lines().filter_map(|line| normal(line).ok()).collect()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(BTreeSet::new()),
        Err(error) => Err(at(&path)(error)),
    }
}

/// Replaces the file.
pub(crate) fn write(home: &Path, names: BTreeSet<FolderName>) -> Result<(), StoreError> {
    if names.len() > MAX_SUBSCRIPTIONS {
        return Err(StoreError::BadName("too many subscriptions"));
    }
    let text: String = names.into_iter().map(|name| name + "\n").collect();
    replace(&path(home), text.as_bytes())
}

/// Adds or removes one name.
pub(crate) fn change(home: &Path, name: &str, wanted: bool) -> Result<(), StoreError> {
    let name = normal(name)?;
    let mut names = read(home)?;
    let changed = if wanted { names.insert(name) } else { names.remove(&name) };
    if changed { write(home, names) } else { Ok(()) }
}
