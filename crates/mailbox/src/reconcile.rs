//! Brings index and directories together: other programs deliver into `new/`, move to `cur/`, rename flags and delete. A
//! directory is read only if its mtime says that something happened.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::body::crlf_size;
use crate::file_name;
use crate::index::{Change, FolderRow, Location, Row};
use crate::layout::at;
use crate::store::{FolderName, Meta, StoreError, Uid};
use crate::uid_list;

/// A change within the same tick of the kernel's clock leaves the mtime as it was: an mtime this young proves nothing.
const TICK: Duration = Duration::from_millis(20);
/// What is kept on disk outlives our knowledge of the clock (NFS, FAT): an mtime must be older to be written down.
const WRITTEN_TICK: Duration = Duration::from_secs(2);

/// One folder on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Site {
    /// Its name for users.
    pub(crate) name: FolderName,
    /// Its directory.
    pub(crate) path: PathBuf,
    /// The directory's name in the index; empty for INBOX.
    pub(crate) key: String,
}

/// The mtimes of `new/` and `cur/` (ns) as of which the index is right; `None` is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Seen {
    pub(crate) new: Option<i64>,
    pub(crate) cur: Option<i64>,
}

/// One of the two directories of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    New,
    Cur,
}

/// Files by their unique name.
type Files = HashMap<Vec<u8>, Location>;

impl Site {
    /// The mtimes now; [`StoreError::NoSuchFolder`] where the directories are gone.
    pub(crate) fn mtimes(&self) -> Result<Seen, StoreError> {
        let mtime = |part: &str| {
            let path = self.path.join(part);
            match fs::metadata(&path) {
                Ok(metadata) => Ok(Some(nanoseconds(&metadata))),
                Err(error) if error.kind() == ErrorKind::NotFound => Err(StoreError::NoSuchFolder(self.name.clone())),
                Err(error) => Err(at(&path)(error)),
            }
        };
        Ok(Seen { new: mtime("new")?, cur: mtime("cur")? })
    }

    /// A message's file.
    pub(crate) fn file(&self, location: &Location) -> PathBuf {
        let name = file_name::join(&location.base, &location.info);
        self.path.join(if location.in_cur { "cur" } else { "new" }).join(std::ffi::OsStr::from_bytes(&name))
    }
}

fn nanoseconds(metadata: &Metadata) -> i64 {
    metadata.mtime().saturating_mul(1_000_000_000).saturating_add(metadata.mtime_nsec())
}

/// The mtimes that were old enough at `now`, when they were read, to be relied on.
fn settled(mtimes: Seen, now: Duration, tick: Duration) -> Seen {
    let limit = i64::try_from(now.saturating_sub(tick).as_nanos()).unwrap_or(i64::MAX);
    let old = |mtime: Option<i64>| mtime.filter(|&mtime| mtime < limit);
    Seen { new: old(mtimes.new), cur: old(mtimes.cur) }
}

/// Time since 1970.
fn now() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO)
}

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
            Err(rustix::io::Errno::NOENT | rustix::io::Errno::EXIST) => Ok(()),
            Err(errno) => Err(at_error(&from, errno)),
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

fn at_error(path: &Path, errno: rustix::io::Errno) -> StoreError {
    at(path)(errno.into())
}

/// Reads a directory. Only plain files count: a link could lead to what is not the user's.
fn list(site: &Site, part: Part, into: &mut Files) -> Result<(), StoreError> {
    let in_cur = part == Part::Cur;
    let path = site.path.join(if in_cur { "cur" } else { "new" });
    for entry in fs::read_dir(&path).map_err(at(&path))? {
        let entry = entry.map_err(at(&path))?;
        let name = entry.file_name().into_vec();
        if name.starts_with(b".") || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let (base, info) = file_name::split(&name);
        let location = Location { base: base.to_vec(), info: info.to_vec(), in_cur };
        into.insert(base.to_vec(), location);
    }
    Ok(())
}

/// Size and date of a file; `None` if it went away. One that cannot be read must not hide the others: its size is then a
/// guess, and reading it will say what is wrong.
fn look(site: &Site, location: Location) -> Option<Row> {
    let path = site.file(&location);
    let metadata = fs::symlink_metadata(&path).ok()?;
    // A name may lie: its sizes count only if the one that can be checked is right.
    let size = match file_name::sizes(&location.base) {
        (Some(size), Some(crlf)) if size == metadata.len() && crlf >= size && crlf <= size.saturating_mul(2) => crlf,
        _ => match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return None,
            Err(_) => metadata.len(),
            Ok(text) => crlf_size(&text),
        },
    };
    let flags = file_name::flags(&location.info);
    let meta = Meta { uid: 0, flags, keywords: BTreeSet::new(), size, internal_date: metadata.mtime() };
    Some(Row { meta, location })
}
