//! Brings index and directories together: other programs deliver into `new/`, move to `cur/`, rename flags and delete. A
//! directory is read only if its mtime says that something happened.

use std::collections::HashMap;
use std::time::Duration;

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use crate::file_name;
use crate::index::{Change, FolderRow, Location, Row};
use crate::site::{Files, Part, Seen, Site, list, look, now, settled};
use crate::store::{StoreError, Uid};
use crate::uid_list;

/// A change within the same tick of the kernel's clock leaves the mtime as it was: an mtime this young proves nothing.
const TICK: Duration = Duration::from_millis(20);
/// What is kept on disk outlives our knowledge of the clock (NFS, FAT): an mtime must be older to be written down.
const WRITTEN_TICK: Duration = Duration::from_secs(2);

/// Makes the index right. `seen` is what is known already (`None`: what the index says). `claim` moves new mail to `cur/`, as
/// a program does that shows it to its user. The mtimes up to which the index is right now.
pub(crate) fn reconcile(
    change: &Change<'_>,
    site: &Site,
    seen: Option<Seen>,
    claim: bool,
) -> Result<(FolderRow, Seen), StoreError> {
    // The mtimes come first: what happens while the directories are read will show in them the next time.
    let (now, mtimes) = (now(), site.mtimes()?);
    let (row, restored) = folder_row(change, site)?;
    let seen = seen.unwrap_or(Seen { new: row.new_seen, cur: row.cur_seen });
    let (read_new, read_cur) = (mtimes.new != seen.new, mtimes.cur != seen.cur);
    if !read_new && !read_cur {
        return Ok((row, seen));
    }
    let mut pass = Pass { change, site, row, restored, claim, moved: false, touched: false, given: Vec::new() };
    pass.row.modseq += 1;
    // `new/` first: what moves to `cur/` meanwhile is then seen twice and not never.
    let parts: Vec<Part> = [(read_new, Part::New), (read_cur, Part::Cur)]
        .into_iter()
        .filter(|(read, _)| *read)
        .map(|(_, part)| part)
        .collect();
    pass.compare(&parts)?;
    pass.finish(mtimes, now)
}

/// The folder's row; a folder that the index does not know gets one, with the UIDs of its `gatepost-uidlist`.
fn folder_row(change: &Change<'_>, site: &Site) -> Result<(FolderRow, HashMap<Vec<u8>, Uid>), StoreError> {
    if let Some(row) = change.folder(&site.key)? {
        return Ok((row, HashMap::new()));
    }
    if let Some(list) = uid_list::read(&site.path) {
        tracing::info!(folder = site.name, uid_validity = list.uid_validity, "index built again");
        change.adopt_uid_validity(list.uid_validity)?;
        return Ok((change.add_folder(&site.key, list.uid_validity, list.uid_next)?, list.uids));
    }
    new_folder(change, site).map(|row| (row, HashMap::new()))
}

/// A row for a folder that never had one.
pub(crate) fn new_folder(change: &Change<'_>, site: &Site) -> Result<FolderRow, StoreError> {
    let uid_validity = change.next_uid_validity(u32::try_from(now().as_secs()).unwrap_or(1))?;
    uid_list::write(&site.path, uid_validity, 1, &[])?;
    change.add_folder(&site.key, uid_validity, 1)
}

/// Writes new UIDs down, in the text file first: after a crash it may know too many, never too few.
pub(crate) fn record(
    change: &Change<'_>,
    site: &Site,
    row: &FolderRow,
    given: &[(Uid, Vec<u8>)],
) -> Result<(), StoreError> {
    if given.is_empty() {
        return Ok(());
    }
    let live = change.counts(row)?.0 as usize;
    if uid_list::append(&site.path, given, live)? {
        uid_list::write(&site.path, row.uid_validity, row.uid_next, &change.bases(row.id)?)?;
    }
    Ok(())
}

/// One comparison.
struct Pass<'a> {
    change: &'a Change<'a>,
    site: &'a Site,
    row: FolderRow,
    /// UIDs out of the text file, after the index was lost.
    restored: HashMap<Vec<u8>, Uid>,
    claim: bool,
    /// Whether files were moved, so that the mtimes changed by our own doing.
    moved: bool,
    /// Whether clients will see a change.
    touched: bool,
    /// UIDs given.
    given: Vec<(Uid, Vec<u8>)>,
}

impl Pass<'_> {
    fn compare(&mut self, parts: &[Part]) -> Result<(), StoreError> {
        let mut found = Files::new();
        let mut known: HashMap<Vec<u8>, (Uid, Location)> = HashMap::new();
        for &part in parts {
            list(self.site, part, &mut found)?;
            let rows = self.change.locations(self.row.id, part == Part::Cur)?;
            known.extend(rows.into_iter().map(|(uid, at)| (at.base.clone(), (uid, at))));
        }
        let mut newcomers = Vec::new();
        for (base, at) in found {
            match known.remove(&base) {
                Some((_, before)) if before == at => self.settle(&at)?,
                Some((uid, _)) => self.moved_by_others(uid, at)?,
                None => match self.change.by_base(self.row.id, &base)? {
                    // The same name in `new/` and `cur/`: the one in `cur/` counts.
                    Some(row) if row.location.in_cur => {}
                    Some(row) => self.moved_by_others(row.meta.uid, at)?,
                    None => newcomers.push(at),
                },
            }
        }
        self.missing(known)?;
        self.take_in(newcomers)
    }

    /// Files that were not found. A file that is renamed while a directory is read may be missed: only what is not there at a
    /// second look is gone.
    fn missing(&mut self, missing: HashMap<Vec<u8>, (Uid, Location)>) -> Result<(), StoreError> {
        let mut again = Files::new();
        if !missing.is_empty() {
            list(self.site, Part::New, &mut again)?;
            list(self.site, Part::Cur, &mut again)?;
        }
        for (base, (uid, _)) in missing {
            match again.remove(&base) {
                Some(at) => self.moved_by_others(uid, at)?,
                None => self.change.remove(&self.row, uid)?,
            }
            self.touched = true;
        }
        Ok(())
    }

    /// A known file under another name: flags changed, or it went to `cur/`.
    fn moved_by_others(&mut self, uid: Uid, at: Location) -> Result<(), StoreError> {
        let Some(mut row) = self.change.message(self.row.id, uid)? else { return Ok(()) };
        let flags = file_name::flags(&at.info);
        row.location = at;
        if row.meta.flags == flags {
            self.change.relocate(self.row.id, uid, &row.location)?;
        } else {
            row.meta.flags = flags;
            self.change.put(&self.row, &row)?;
            self.touched = true;
        }
        self.settle(&row.location)
    }

    /// Files never seen get UIDs, in the order in which they came.
    fn take_in(&mut self, newcomers: Vec<Location>) -> Result<(), StoreError> {
        let mut rows: Vec<(u64, Row)> = Vec::with_capacity(newcomers.len());
        for location in newcomers {
            if let Some(row) = look(self.site, location) {
                let came = file_name::seconds(&row.location.base);
                rows.push((came.unwrap_or(u64::try_from(row.meta.internal_date).unwrap_or(0)), row));
            }
        }
        rows.sort_unstable_by(|(a, x), (b, y)| (a, &x.location.base).cmp(&(b, &y.location.base)));
        for (_, mut row) in rows {
            row.meta.uid = match self.restored.get(&row.location.base) {
                Some(&uid) => uid,
                None => next_uid(&mut self.row)?,
            };
            if !self.restored.contains_key(&row.location.base) {
                self.given.push((row.meta.uid, row.location.base.clone()));
            }
            self.change.put(&self.row, &row)?;
            self.touched = true;
            self.settle(&row.location)?;
        }
        Ok(())
    }

    /// Moves a message out of `new/` if somebody looks.
    fn settle(&mut self, at: &Location) -> Result<(), StoreError> {
        if at.in_cur || !self.claim {
            return Ok(());
        }
        let flags = file_name::flags(&at.info);
        let target = Location { base: at.base.clone(), info: file_name::info(&at.info, flags), in_cur: true };
        let (from, to) = (self.site.file(at), self.site.file(&target));
        match renameat_with(CWD, &from, CWD, &to, RenameFlags::NOREPLACE) {
            Ok(()) => {
                self.moved = true;
                let Some(row) = self.change.by_base(self.row.id, &at.base)? else { return Ok(()) };
                self.change.relocate(self.row.id, row.meta.uid, &target)
            }
            // Another program was faster; the next look finds out.
            Err(Errno::NOENT | Errno::EXIST) => Ok(()),
            Err(errno) => Err(crate::layout::at(&from)(errno.into())),
        }
    }

    /// Writes the folder's row, and tells up to which mtimes the index is right.
    fn finish(mut self, mtimes: Seen, now: Duration) -> Result<(FolderRow, Seen), StoreError> {
        if !self.touched {
            self.row.modseq -= 1;
        }
        let written = if self.moved { Seen::default() } else { settled(mtimes, now, WRITTEN_TICK) };
        (self.row.new_seen, self.row.cur_seen) = (written.new, written.cur);
        record(self.change, self.site, &self.row, &self.given)?;
        self.change.forget(&mut self.row)?;
        self.change.put_folder(&self.row)?;
        // Our own renames change mtimes too. What was delivered meanwhile must not be missed: `new/`, which is almost empty
        // now, is read again. `cur/` is not: that somebody else renamed there in the same instant is seen at the next
        // change or the next opening of the folder.
        let seen =
            if self.moved { Seen { new: None, cur: self.site.mtimes()?.cur } } else { settled(mtimes, now, TICK) };
        Ok((self.row, seen))
    }
}

/// The next UID; RFC 3501 §2.3.1.1: they only ascend.
pub(crate) fn next_uid(row: &mut FolderRow) -> Result<Uid, StoreError> {
    let uid = row.uid_next;
    row.uid_next = uid.checked_add(1).ok_or_else(|| StoreError::Index("UIDs are used up".into()))?;
    Ok(uid)
}
