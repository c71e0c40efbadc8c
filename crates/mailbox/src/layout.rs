//! Directories: an account's Maildir, made at its first use, and its folders (Maildir++).

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use parking_lot::Mutex;
use rustix::io::Errno;

use crate::folder_name::{decoded, encoded};
use crate::store::{FolderName, SpecialUse, StoreError};
use crate::subscriptions;

/// Folders made in a new mailbox; a folder of this name has this attribute (RFC 6154).
const SPECIAL: [(&str, SpecialUse); 5] = [
    ("Archive", SpecialUse::Archive),
    ("Drafts", SpecialUse::Drafts),
    ("Junk", SpecialUse::Junk),
    ("Sent", SpecialUse::Sent),
    ("Trash", SpecialUse::Trash),
];

/// The attribute of a folder.
pub(crate) fn special_use(name: &str) -> Option<SpecialUse> {
    SPECIAL.iter().find(|(known, _)| *known == name).map(|(_, special)| *special)
}

/// Names the file in an error.
pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    move |error| match Errno::from_io_error(&error) {
        Some(Errno::NOSPC | Errno::DQUOT) => StoreError::NoSpace,
        _ => StoreError::Io { path: path.to_owned(), uid: rustix::process::geteuid().as_raw(), error },
    }
}

/// One Maildir is made at a time: two deliveries that make the same one would take each other's files away.
static MAKING: Mutex<()> = Mutex::new(());

/// Makes an account's Maildir where there is none, and what is missing of one; cheap where there is one.
pub(crate) fn ensure_home(home: &Path, create_special: bool) -> Result<(), StoreError> {
    let whole = || ["cur", "new", "tmp"].iter().all(|part| home.join(part).is_dir());
    if whole() {
        return Ok(());
    }
    let _alone = MAKING.lock();
    if whole() {
        return Ok(());
    }
    let known = home.join("cur").is_dir();
    let parent = home.parent().unwrap_or(home);
    DirBuilder::new().recursive(true).mode(0o700).create(parent).map_err(at(parent))?;
    // A delivery goes ahead as soon as `new` is there, so that comes last: no mail in a Maildir without `cur`.
    make_maildir(home, ["tmp", "cur", "new"])?;
    if known {
        return sync(home);
    }
    for (name, _) in SPECIAL.iter().filter(|_| create_special) {
        make_folder(&home.join(encoded(name)))?;
    }
    let names = SPECIAL.iter().filter(|_| create_special).map(|(name, _)| *name);
    subscriptions::write(home, std::iter::once("INBOX").chain(names).map(String::from).collect())?;
    sync(home)?;
    sync(parent)?;
    tracing::info!(home = %home.display(), "new mailbox");
    Ok(())
}

/// Makes a folder's directories and the file that marks it as one (Maildir++).
pub(crate) fn make_folder(directory: &Path) -> Result<(), StoreError> {
    // A folder is one as soon as `cur` is there, so that comes last.
    make_maildir(directory, ["tmp", "new", "cur"])?;
    let mark = directory.join("maildirfolder");
    OpenOptions::new().create(true).append(true).mode(0o600).open(&mark).map_err(at(&mark))?;
    sync(directory)
}

/// Makes what is missing, in the order of `parts`: a crash, or another delivery, may come between any two.
fn make_maildir(directory: &Path, parts: [&str; 3]) -> Result<(), StoreError> {
    for path in std::iter::once(directory.to_owned()).chain(parts.map(|part| directory.join(part))) {
        match DirBuilder::new().mode(0o700).create(&path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(at(&path)(error)),
            _ => {}
        }
    }
    Ok(())
}

/// Makes a directory's entries durable.
pub(crate) fn sync(directory: &Path) -> Result<(), StoreError> {
    File::open(directory).and_then(|file| file.sync_all()).map_err(at(directory))
}

/// Names of the folders that are there, sorted, without INBOX.
pub(crate) fn folders(home: &Path) -> Result<Vec<FolderName>, StoreError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(home).map_err(at(home))? {
        let entry = entry.map_err(at(home))?;
        let Some(name) = entry.file_name().to_str().and_then(decoded) else { continue };
        if entry.path().join("cur").is_dir() {
            names.push(name);
        }
    }
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// Writes a small file whole or not at all.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    let temporary = path.with_extension("tmp");
    // What a crash left, or a link that somebody laid to have another file overwritten: never written through.
    let _ = fs::remove_file(&temporary);
    let mut file =
        OpenOptions::new().create_new(true).write(true).mode(0o600).open(&temporary).map_err(at(&temporary))?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(at(&temporary))?;
    fs::rename(&temporary, path).map_err(at(path))
}
