//! Which files a userdb is: one, or all in a folder and its folders, read together.

use std::path::{Path, PathBuf};

use super::record::{self, Record};
use crate::account_file::{self, Read, Stamp, Unreadable};
use crate::roster::Roster;

/// Folders within folders; a link to a folder above must not lead round and round.
const MAX_DEPTH: usize = 8;

/// Files and folders of one userdb.
const MAX_FILES: usize = 10_000;

/// What the package managers leave beside a file that they did not replace: with it, accounts that were deleted would be
/// back.
const LEFT_OVER: &[&str] = &[".rpmsave", ".rpmorig", ".rpmnew", ".dpkg-old", ".dpkg-dist", ".dpkg-new", ".dpkg-tmp"];

/// Reads a userdb: its accounts, and all that they were read from.
pub(super) fn load(path: &Path) -> Result<(Roster<Record>, Vec<Read>), String> {
    // As `makeuserdb`: the passwords in it are for nobody else.
    if let Some(mode) = account_file::exposed(path).map_err(|error| error.to_string())? {
        let (folder, path) = (path.is_dir(), path.display());
        let wanted = if folder { "700" } else { "600" };
        return Err(format!(
            "{path} has mode {mode:04o}, so others can get at the passwords in it; Courier does not read it either: chmod {wanted} {path}"
        ));
    }
    let (mut files, mut read) = (Vec::new(), Vec::new());
    list(path, 0, &mut files, &mut read)?;
    let (mut roster, mut size) = (Roster::default(), 0);
    for file in files {
        let (text, this) = account_file::read(&file).map_err(|error| error.to_string())?;
        size += text.len() as u64;
        if size > account_file::MAX_FILE {
            return Err(Unreadable::TooLarge { path: path.to_owned() }.to_string());
        }
        roster.add(&file, &text, record::parse);
        read.push(this);
    }
    Ok((roster, read))
}

fn list(path: &Path, depth: usize, files: &mut Vec<PathBuf>, read: &mut Vec<Read>) -> Result<(), String> {
    let unreadable = |error| Unreadable::io(path, error).to_string();
    let meta = path.metadata().map_err(unreadable)?;
    if files.len() + read.len() > MAX_FILES || depth > MAX_DEPTH {
        return Err(format!("{}: more than {MAX_FILES} files, or folders {MAX_DEPTH} deep", path.display()));
    }
    if !meta.is_dir() {
        // Courier's way to leave a file out is to make it a link to /dev/null; a userdb that is one itself is a mistake.
        if depth == 0 || !is_null(path) {
            files.push(path.to_owned());
        }
        return Ok(());
    }
    read.push(Read { path: path.to_owned(), stamp: Stamp::of(&meta) });
    let mut names = Vec::new();
    for name in path.read_dir().map_err(unreadable)?.take(MAX_FILES + 1) {
        names.push(name.map_err(unreadable)?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    for name in names {
        if let Some(what) = LEFT_OVER.iter().find(|end| name.ends_with(**end)) {
            let file = path.join(&name);
            return Err(format!("{}: a {what} file would bring back old accounts: move it away", file.display()));
        }
        // `.lock.x` and `.tmp.x` are those of `userdb` itself; `x~` is an editor's.
        if !name.starts_with('.') && !name.ends_with('~') {
            list(&path.join(name), depth + 1, files, read)?;
        }
    }
    Ok(())
}

fn is_null(path: &Path) -> bool {
    path.canonicalize().is_ok_and(|path| path == Path::new("/dev/null"))
}
