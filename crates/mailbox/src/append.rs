//! APPEND: messages are written and made durable in `tmp/`, then all get their names in `cur/` at once.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::Arc;

use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::account::{Account, Look};
use crate::body::{crlf_size, to_lf};
use crate::file_name;
use crate::index::{Change, FolderRow, Location, Row};
use crate::layout::{at, sync};
use crate::reconcile::next_uid;
use crate::site::Site;
use crate::store::{Meta, NewMessage, StoreError, Uid};
use crate::transfer::{add, known, temporary, time};

/// From this many messages on one `syncfs` is cheaper than an `fsync` each.
const MANY: usize = 8;

/// A file in `tmp/`; removed if it gets no name.
struct Written {
    path: PathBuf,
    row: Row,
}

impl Drop for Written {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Adds messages, all or none. The UIDVALIDITY and the UIDs, in order.
pub(crate) fn append(
    account: &Arc<Account>,
    site: &Site,
    messages: &[NewMessage],
) -> Result<(u32, Vec<Uid>), StoreError> {
    site.mtimes()?;
    let mut written = Vec::with_capacity(messages.len());
    let mut last = None;
    for message in messages {
        let (one, file) = write(account, site, message)?;
        if messages.len() < MANY {
            file.sync_all().map_err(at(&one.path))?;
        }
        last = Some(file);
        written.push(one);
    }
    if let Some(file) = last.filter(|_| messages.len() >= MANY) {
        rustix::fs::syncfs(file).map_err(|errno| at(&site.path)(errno.into()))?;
    }
    let add_all = |change: &Change<'_>, folder: &mut FolderRow| {
        written.iter().try_for_each(|one| publish(site, one))?;
        sync(&site.path.join("cur"))?;
        let mut rows: Vec<Row> = written.iter().map(|one| one.row.clone()).collect();
        for row in &mut rows {
            row.meta.uid = next_uid(folder)?;
        }
        let uids = rows.iter().map(|row| row.meta.uid).collect();
        add(change, site, folder, rows)?;
        Ok((folder.uid_validity, uids))
    };
    // Where nobody looks, what else is in the folder does not matter now.
    let added = match account.opened(&site.key) {
        Some(_) => account.in_folder(site, Look::Again, add_all),
        None => account.exclusively(|change| add_all(change, &mut known(change, site)?)),
    };
    if added.is_err() {
        // Nobody else makes files of these names.
        written.iter().for_each(|one| drop(fs::remove_file(site.file(&one.row.location))));
    }
    added
}

/// Writes one message into `tmp/`.
fn write(account: &Account, site: &Site, message: &NewMessage) -> Result<(Written, File), StoreError> {
    let text = to_lf(&message.body);
    let size = crlf_size(&text);
    let base = file_name::with_sizes(&file_name::unique(&account.shared.host), text.len(), size).into_bytes();
    let info = file_name::info(b"", message.flags);
    let keywords = message.keywords.clone();
    let meta = Meta { uid: 0, flags: message.flags, keywords, size, internal_date: message.internal_date.unwrap_or(0) };
    let row = Row { meta, location: Location { base, info, in_cur: true } };
    let mut written = Written { path: temporary(site, &account.shared.host), row };
    let path = &written.path;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(at(path))?;
    file.write_all(&text).map_err(at(path))?;
    match message.internal_date {
        Some(seconds) => file.set_modified(time(seconds)).map_err(at(path))?,
        None => written.row.meta.internal_date = file.metadata().map_err(at(path))?.mtime(),
    }
    Ok((written, file))
}

/// Gives a file its name in `cur/`.
fn publish(site: &Site, one: &Written) -> Result<(), StoreError> {
    let target = site.file(&one.row.location);
    renameat_with(CWD, &one.path, CWD, &target, RenameFlags::NOREPLACE).map_err(|errno| at(&target)(errno.into()))
}
