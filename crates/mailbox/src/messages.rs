//! What is done to messages of one folder: read, change flags, remove.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use rustix::fs::{CWD, OFlags, RenameFlags, renameat_with};
use rustix::io::Errno;

use crate::account::Look;
use crate::body::to_crlf;
use crate::file_name;
use crate::folder::OpenFolder;
use crate::index::{Change, FolderRow, Row};
use crate::layout::at;
use crate::store::{FlagChange, Flags, StoreError, Uid};

/// What STORE wants.
pub(crate) struct Wanted {
    pub(crate) change: FlagChange,
    pub(crate) flags: Flags,
    pub(crate) keywords: BTreeSet<Arc<str>>,
}

/// The whole message, CRLF. A file that was renamed since the last look is looked for once more.
pub(crate) fn read(folder: &Arc<OpenFolder>, uid: Uid) -> Result<Bytes, StoreError> {
    let known = folder.account.exclusively(|change| {
        let Some(row) = change.folder(&folder.site.key)? else { return Ok(None) };
        folder.same(&row)?;
        change.message(row.id, uid)
    })?;
    if let Some(text) = known.map(|row| read_file(folder, &row)).transpose()?.flatten() {
        return Ok(text);
    }
    let row = folder.work(Look::Afresh, |change, row| change.message(row.id, uid))?.ok_or(StoreError::Gone)?;
    read_file(folder, &row)?.ok_or(StoreError::Gone)
}

/// `None` if the file is not there.
fn read_file(folder: &OpenFolder, row: &Row) -> Result<Option<Bytes>, StoreError> {
    let path = folder.site.file(&row.location);
    let mut text = Vec::with_capacity(usize::try_from(row.meta.size).unwrap_or(0).min(64 << 20));
    match open(&path).and_then(|mut file| file.read_to_end(&mut text)) {
        Ok(_) => Ok(Some(to_crlf(text))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(at(&path)(error)),
    }
}

/// Opens for reading, never through a link: it could lead out of the mailbox.
pub(crate) fn open(path: &Path) -> std::io::Result<File> {
    File::options().read(true).custom_flags(OFlags::NOFOLLOW.bits().cast_signed()).open(path)
}

/// Changes flags and keywords; messages that are gone are passed over.
pub(crate) fn store(folder: &Arc<OpenFolder>, uids: &[Uid], wanted: &Wanted) -> Result<(), StoreError> {
    folder.work(Look::Again, |change, row| {
        let mut keywords = BTreeSet::new();
        for name in &wanted.keywords {
            match wanted.change {
                FlagChange::Remove => keywords.extend(change.known_keyword(row.id, name)?),
                FlagChange::Add | FlagChange::Replace => drop(keywords.insert(change.keyword(row.id, name)?)),
            }
        }
        let next = FolderRow { modseq: row.modseq + 1, ..*row };
        for &uid in uids {
            let Some(message) = change.message(row.id, uid)? else { continue };
            if store_one(change, folder, &next, message, (wanted, &keywords))? {
                row.modseq = next.modseq;
            }
        }
        Ok(())
    })
}

/// Changes one message; whether there was something to change.
fn store_one(
    change: &Change<'_>,
    folder: &OpenFolder,
    row: &FolderRow,
    mut message: Row,
    (wanted, keywords): (&Wanted, &BTreeSet<Arc<str>>),
) -> Result<bool, StoreError> {
    let before = message.meta.clone();
    let meta = &mut message.meta;
    match wanted.change {
        FlagChange::Add => {
            meta.flags.0 |= wanted.flags.0;
            meta.keywords.extend(keywords.iter().cloned());
        }
        FlagChange::Remove => {
            meta.flags.0 &= !wanted.flags.0;
            meta.keywords.retain(|keyword| !keywords.contains(keyword));
        }
        FlagChange::Replace => (meta.flags, meta.keywords) = (wanted.flags, keywords.clone()),
    }
    if *meta == before {
        return Ok(false);
    }
    if meta.flags != before.flags {
        let mut target = message.location.clone();
        (target.info, target.in_cur) = (file_name::info(&target.info, meta.flags), true);
        let (from, to) = (folder.site.file(&message.location), folder.site.file(&target));
        match renameat_with(CWD, &from, CWD, &to, RenameFlags::NOREPLACE) {
            Ok(()) => message.location = target,
            // Another program renamed or removed it just now: its word counts, and the next look hears it.
            Err(Errno::NOENT | Errno::EXIST) => return Ok(false),
            Err(errno) => return Err(at(&from)(errno.into())),
        }
    }
    change.put(row, &message)?;
    Ok(true)
}

/// Removes messages; those that were there.
pub(crate) fn expunge(folder: &Arc<OpenFolder>, uids: &[Uid]) -> Result<Vec<Uid>, StoreError> {
    folder.work(Look::Again, |change, row| {
        let mut removed = Vec::new();
        for &uid in uids {
            let Some(message) = change.message(row.id, uid)? else { continue };
            let path = folder.site.file(&message.location);
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(at(&path)(error)),
                _ => {}
            }
            if removed.is_empty() {
                row.modseq += 1;
            }
            change.remove(row, uid)?;
            removed.push(uid);
        }
        removed.sort_unstable();
        Ok(removed)
    })
}

/// Writes down which messages are no longer recent.
pub(crate) fn write_recent(folder: &Arc<OpenFolder>) {
    let written = folder.work(Look::Again, |_, row| {
        row.recent = row.recent.max(folder.first_recent());
        Ok(())
    });
    if let Err(error) = written {
        tracing::debug!(folder = folder.site.name, %error, "what is recent could not be written");
    }
}
