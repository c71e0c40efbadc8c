//! Copies and moves between folders of one account: hard links and renames, so that no content is written again.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustix::fs::{AtFlags, CWD, RenameFlags, linkat, renameat_with};
use rustix::io::Errno;

use crate::account::Look;
use crate::file_name;
use crate::folder::OpenFolder;
use crate::index::{Change, FolderRow, Location, Row};
use crate::layout::{at, sync};
use crate::messages;
use crate::reconcile::{next_uid, reconcile, record};
use crate::site::Site;
use crate::store::{Copied, StoreError, Uid};

/// What becomes of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It stays.
    Copy,
    /// It goes (RFC 6851).
    Move,
}

/// A file that was put into the target.
struct Placed {
    source: Row,
    target: Row,
}

/// Copies or moves messages into another folder, all or none. Messages that are gone are passed over.
pub(crate) fn transfer(folder: &Arc<OpenFolder>, target: &str, uids: &[Uid], mode: Mode) -> Result<Copied, StoreError> {
    let account = &folder.account;
    let target = account.site(target)?;
    target.mtimes()?;
    folder.work(Look::Again, |change, row| {
        let mut sources = Vec::new();
        for &uid in uids {
            sources.extend(change.message(row.id, uid)?);
        }
        sources.sort_unstable_by_key(|row| row.meta.uid);
        sources.dedup_by_key(|row| row.meta.uid);
        // Before anything is put there: a folder that the index has lost gets its old UIDs back first.
        let mut into = if target.key == folder.site.key { None } else { Some(known(change, &target)?) };
        let mut placed = Vec::new();
        let host = &account.shared.host;
        let done = sources.into_iter().try_for_each(|source| {
            let location = place(&folder.site, &target, &source, (mode, host))?;
            placed.push(Placed { target: Row { meta: source.meta.clone(), location }, source });
            Ok(())
        });
        let copied = done.and_then(|()| {
            let copied = enter(change, (row, into.as_mut()), &target, (&placed, mode))?;
            into.map_or(Ok(()), |into| account.tell(&target, change, &into))?;
            Ok(copied)
        });
        if copied.is_err() {
            take_back(&folder.site, &target, &placed, mode);
        }
        copied
    })
}

/// The row of a folder that is there.
pub(crate) fn known(change: &Change<'_>, site: &Site) -> Result<FolderRow, StoreError> {
    match change.folder(&site.key)? {
        Some(row) => Ok(row),
        None => Ok(reconcile(change, site, None, false)?.0),
    }
}

/// Gives the new files their UIDs, and forgets the old ones of a move. Without a row of its own the target is the source.
fn enter(
    change: &Change<'_>,
    (source, target): (&mut FolderRow, Option<&mut FolderRow>),
    site: &Site,
    (placed, mode): (&[Placed], Mode),
) -> Result<Copied, StoreError> {
    if !placed.is_empty() && mode == Mode::Move {
        source.modseq += 1;
        placed.iter().try_for_each(|one| change.remove(source, one.source.meta.uid))?;
    }
    let target = target.unwrap_or(source);
    let mut uids = Vec::with_capacity(placed.len());
    let mut rows = Vec::with_capacity(placed.len());
    for one in placed {
        let mut row = one.target.clone();
        row.meta.uid = next_uid(target)?;
        uids.push((one.source.meta.uid, row.meta.uid));
        rows.push(row);
    }
    add(change, site, target, rows)?;
    sync(&site.path.join("cur"))?;
    Ok(Copied { uid_validity: target.uid_validity, uids })
}

/// Adds rows of files that are in place, their UIDs given.
pub(crate) fn add(change: &Change<'_>, site: &Site, folder: &mut FolderRow, rows: Vec<Row>) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    folder.modseq += 1;
    let mut given = Vec::with_capacity(rows.len());
    for mut row in rows {
        let keywords = row.meta.keywords.iter().map(|name| change.keyword(folder.id, name));
        row.meta.keywords = keywords.collect::<Result<_, _>>()?;
        given.push((row.meta.uid, row.location.base.clone()));
        change.put(folder, &row)?;
    }
    record(change, site, folder, &given)?;
    change.forget(folder)?;
    change.put_folder(folder)
}

/// Puts a file into the target's `cur/`. A move keeps the name, so that a delivery that is repeated still finds it.
fn place(from: &Site, to: &Site, source: &Row, (mode, host): (Mode, &str)) -> Result<Location, StoreError> {
    let old = from.file(&source.location);
    let info = file_name::info(&source.location.info, source.meta.flags);
    let mut base = source.location.base.clone();
    for _ in 0..2 {
        let location = Location { base, info: info.clone(), in_cur: true };
        let new = to.file(&location);
        let done = match mode {
            Mode::Move if from.key != to.key => renameat_with(CWD, &old, CWD, &new, RenameFlags::NOREPLACE),
            Mode::Copy if location.base == source.location.base => Err(Errno::EXIST),
            _ => linkat(CWD, &old, CWD, &new, AtFlags::empty()),
        };
        match done {
            Ok(()) if mode == Mode::Move && from.key == to.key => {
                fs::remove_file(&old).map_err(at(&old))?;
                return Ok(location);
            }
            Ok(()) => return Ok(location),
            Err(Errno::EXIST) => base = fresh_base(&location.base, host),
            // No hard links here (some network file systems), too many of them, or not our file.
            Err(Errno::MLINK | Errno::PERM | Errno::XDEV | Errno::NOTSUP) if mode == Mode::Copy => {
                return copy(&old, to, location);
            }
            Err(Errno::NOENT) => return Err(StoreError::Gone),
            Err(errno) => return Err(at(&new)(errno.into())),
        }
    }
    Err(StoreError::Index("two files of one name".into()))
}

/// A new name with the old sizes.
fn fresh_base(old: &[u8], host: &str) -> Vec<u8> {
    let mut base = file_name::unique(host).into_bytes();
    if let Some(sizes) = memchr::memmem::find(old, b",S=") {
        base.extend_from_slice(&old[sizes..]);
    }
    base
}

/// Writes the content again, with the date of the old file.
fn copy(old: &Path, to: &Site, location: Location) -> Result<Location, StoreError> {
    let temporary = to.path.join("tmp").join(file_name::unique("copy"));
    let copied = (|| -> io::Result<()> {
        let mut source = messages::open(old)?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
        io::copy(&mut source, &mut file)?;
        file.set_modified(source.metadata()?.modified()?)?;
        file.sync_all()?;
        fs::rename(&temporary, to.file(&location))
    })();
    if copied.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    copied.map(|()| location).map_err(at(&temporary))
}

/// Undoes what was placed before an error.
fn take_back(from: &Site, to: &Site, placed: &[Placed], mode: Mode) {
    for one in placed {
        let (old, new) = (from.file(&one.source.location), to.file(&one.target.location));
        let undone = match mode {
            Mode::Copy => fs::remove_file(&new),
            Mode::Move => fs::rename(&new, &old),
        };
        if let Err(error) = undone {
            tracing::error!(file = %new.display(), %error, "could not be taken back");
        }
    }
}

/// The time of a file for `seconds`.
pub(crate) fn time(seconds: i64) -> SystemTime {
    let distance = Duration::from_secs(seconds.unsigned_abs());
    let epoch = SystemTime::UNIX_EPOCH;
    if seconds < 0 { epoch.checked_sub(distance) } else { epoch.checked_add(distance) }.unwrap_or(epoch)
}

/// Where a message is written before it has its name.
pub(crate) fn temporary(site: &Site, host: &str) -> PathBuf {
    site.path.join("tmp").join(file_name::unique(host))
}
