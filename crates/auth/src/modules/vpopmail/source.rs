//! A list that stands in two files: as text, and as the cdb that is made of it.

use std::io;
use std::path::{Path, PathBuf};

use crate::account_file::{self, Stamp, Unreadable};
use crate::cdb::Cdb;
use crate::trail::Trail;

/// Records of one cdb that are counted.
const MAX_RECORDS: usize = 1_000_000;

/// The one that is read.
#[derive(Debug)]
pub(super) enum Source {
    Text(PathBuf),
    Cdb(PathBuf),
}

impl Source {
    /// The newer of both; `None` if there is neither. Whoever edits the text and forgets to make the cdb anew gets what the
    /// text says, and is told.
    pub(super) fn newer(text: &Path, cdb: &Path, trail: &Trail) -> Result<Option<Self>, String> {
        let (text_time, cdb_time) = (modified(text)?, modified(cdb)?);
        if let (Some(text_time), Some(cdb_time)) = (text_time, cdb_time) {
            let (newer, older) = if text_time > cdb_time { (text, cdb) } else { (cdb, text) };
            trail.say(format_args!("{} is read: it is not older than {}", newer.display(), older.display()));
        }
        Ok(if text_time > cdb_time {
            Some(Self::Text(text.to_owned()))
        } else {
            cdb_time.map(|_| Self::Cdb(cdb.to_owned()))
        })
    }

    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Text(path) | Self::Cdb(path) => path,
        }
    }

    /// The value of a key of the cdb. It is opened for each question: vpopmail puts a new one in its place.
    pub(super) fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, String> {
        self.open()?.get(key).map_err(|error| self.at(&error))
    }

    /// Every record of the cdb.
    pub(super) fn each(&self, mut each: impl FnMut(&[u8], &[u8])) -> Result<(), String> {
        let mut count = 0;
        let counted = self.open()?.each(|key, value| {
            each(key, value);
            count += 1;
            count < MAX_RECORDS
        });
        counted.map_err(|error| self.at(&error))
    }

    fn open(&self) -> Result<Cdb<std::fs::File>, String> {
        let (file, meta) = account_file::open(self.path()).map_err(|error| error.to_string())?;
        Cdb::new(file, meta.len()).map_err(|error| self.at(&error))
    }

    fn at(&self, error: &crate::cdb::CdbError) -> String {
        format!("{}: {error}", self.path().display())
    }
}

/// When a file was written; `None` if there is none, which is not the same as one behind a closed folder.
fn modified(path: &Path) -> Result<Option<(i64, i64)>, String> {
    match path.metadata() {
        Ok(meta) => Ok(Some(Stamp::of(&meta).modified())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Unreadable::io(path, error).to_string()),
    }
}
