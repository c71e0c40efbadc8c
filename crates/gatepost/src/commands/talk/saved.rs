//! Writing a conversation to a file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::exit::{Code, Failure, code};

/// A new file that a conversation will be written to. Only its owner may read it, as mail may be in it.
pub(super) struct Saved<'a> {
    path: &'a Path,
    file: File,
}

impl<'a> Saved<'a> {
    /// Makes it before anything is said, so that nothing is lost in the end. One that is there may be a test that somebody
    /// has edited: it is left alone.
    pub(super) fn create(path: &'a Path) -> Result<Self, Failure> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        file.map(|file| Self { path, file }).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => {
                Failure::new(Code::Exists, format!("{} is there already; nothing was changed", path.display()))
            }
            _ => unwritten(path, &error),
        })
    }

    /// Writes the conversation.
    pub(super) fn write(mut self, text: &str) -> Result<(), Failure> {
        self.file.write_all(text.as_bytes()).map_err(|error| {
            let failure = unwritten(self.path, &error);
            self.remove();
            failure
        })
    }

    /// There was no conversation, or the half of one.
    pub(super) fn remove(self) {
        // An empty file is left, at worst.
        drop(fs::remove_file(self.path));
    }
}

fn unwritten(path: &Path, error: &io::Error) -> Failure {
    Failure::new(code(error), format!("cannot write {}: {error}", path.display()))
}
