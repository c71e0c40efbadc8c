//! Writing one message for one recipient into a Maildir.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, IoSlice, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use message::Address;
use message::header::fields;
use queue::{Job, QueueId};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use crate::body::{crlf_size, to_lf};
use crate::delivered::mark;
use crate::file_name::{self, split};
use crate::index::Index;
use crate::site::Site;
use crate::store::StoreError;

/// Why a message was not written.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// It has a `Delivered-To:` with this very address.
    Loop(Address),
    /// The file could not be written.
    Io { path: PathBuf, error: io::Error },
}

/// A message that was written, or was there already.
#[derive(Debug)]
pub(crate) struct Written {
    /// The file's name.
    pub(crate) name: String,
    /// The file system it is on, where that is still to be flushed.
    pub(crate) device: Option<u64>,
    /// The file, by which it can be.
    pub(crate) file: Option<File>,
}

/// Writes the messages of one batch. A message for many recipients is converted once.
pub(crate) struct Delivery<'a> {
    host: &'a str,
    converted: Option<(QueueId, Vec<u8>)>,
}

impl<'a> Delivery<'a> {
    pub(crate) fn new(host: &'a str) -> Self {
        Self { host, converted: None }
    }

    /// Writes `job` for its recipient `index` into the Maildir `home`.
    pub(crate) fn deliver(&mut self, home: &Path, job: &Job, index: usize) -> Result<Written, Trouble> {
        let address = &job.envelope.recipients[index].address;
        if delivered_before(&job.body, address) {
            return Err(Trouble::Loop(address.clone()));
        }
        let unique = unique(job, index);
        let path = job.envelope.reverse_path.as_ref().map(ToString::to_string).unwrap_or_default();
        let prefix = format!("Return-Path: <{path}>\nDelivered-To: {address}\n");
        let host = self.host;
        let content = [prefix.as_bytes(), self.body(job)];
        if job.replay
            && let Some(done) = find(home, &unique, content)?
        {
            return Ok(done);
        }
        let (size, crlf) = (content[0].len() + content[1].len(), crlf_size(content[0]) + crlf_size(content[1]));
        place(home, file_name::with_sizes(&format!("{unique}.{host}"), size, crlf), content)
    }

    /// The body with LF.
    fn body(&mut self, job: &Job) -> &[u8] {
        if self.converted.as_ref().is_none_or(|(id, _)| *id != job.id) {
            self.converted = Some((job.id, to_lf(&job.body)));
        }
        self.converted.as_ref().map_or(&[], |(_, body)| body)
    }
}

/// The part of the name that is the same at each attempt: the acceptance time, the id, the recipient's place.
fn unique(job: &Job, index: usize) -> String {
    let accepted = job.accepted.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    format!("{}{}{index}", accepted.as_secs(), mark(job.id))
}

/// RFC 5321 §6.3 leaves loop detection to us; `Delivered-To` is qmail's way of it.
fn delivered_before(body: &[u8], address: &Address) -> bool {
    let same = |value: &[u8]| {
        std::str::from_utf8(value).ok().and_then(|text| Address::parse(text).ok()).as_ref() == Some(address)
    };
    fields(body).any(|field| field.is("Delivered-To") && same(&field.unfolded()))
}

/// Writes the parts into `tmp/` and moves the file to `new/`.
fn place(home: &Path, name: String, [prefix, body]: [&[u8]; 2]) -> Result<Written, Trouble> {
    let (temporary, target) = (home.join("tmp").join(&name), home.join("new").join(&name));
    let mut file = create(&temporary)?;
    let written = write_both(&mut file, prefix, body).map_err(trouble(&temporary));
    let moved = written.and_then(|()| {
        match renameat_with(CWD, &temporary, CWD, &target, RenameFlags::NOREPLACE) {
            // A delivery before this one, whose outcome got lost: the file is whole, since its name was given last.
            Err(Errno::EXIST) => std::fs::remove_file(&temporary).map_err(trouble(&temporary)),
            other => other.map_err(|errno| trouble(&target)(errno.into())),
        }
    });
    if let Err(trouble) = moved {
        let _ = std::fs::remove_file(&temporary);
        return Err(trouble);
    }
    Ok(flushable(name, file))
}

/// Both in one system call, as a rule.
fn write_both(file: &mut File, prefix: &[u8], body: &[u8]) -> io::Result<()> {
    let written = file.write_vectored(&[IoSlice::new(prefix), IoSlice::new(body)])?;
    match written.checked_sub(prefix.len()) {
        Some(of_body) => file.write_all(&body[of_body..]),
        None => file.write_all(&prefix[written..]).and_then(|()| file.write_all(body)),
    }
}

/// A file of this name in `tmp/` is what a crash left of an earlier attempt: it goes.
fn create(temporary: &Path) -> Result<File, Trouble> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    match options.open(temporary) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            std::fs::remove_file(temporary).and_then(|()| options.open(temporary)).map_err(trouble(temporary))
        }
        other => other.map_err(trouble(temporary)),
    }
}

/// Looks for the file of an earlier attempt: in `new/` and `cur/` with any flags and sizes, then in the index, which knows
/// it also in another folder.
fn find(home: &Path, unique: &str, content: [&[u8]; 2]) -> Result<Option<Written>, Trouble> {
    let prefix = format!("{unique}.");
    for directory in [home.join("new"), home.join("cur")] {
        let entries = match std::fs::read_dir(&directory) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            other => other.map_err(trouble(&directory))?,
        };
        for entry in entries {
            let entry = entry.map_err(trouble(&directory))?;
            let name = entry.file_name();
            if name.as_encoded_bytes().starts_with(prefix.as_bytes()) {
                let base = String::from_utf8_lossy(split(name.as_encoded_bytes()).0).into_owned();
                return keep_if_whole(&entry.path(), base, content);
            }
        }
    }
    // An index that cannot be read knows nothing; it will be built again from the files.
    let Some((directory, location)) = Index::find_base(home, &prefix).unwrap_or_default() else { return Ok(None) };
    let name = String::from_utf8_lossy(&location.base).into_owned();
    let site = Site { name: directory.clone(), path: home.join(&directory), key: directory };
    match keep_if_whole(&site.file(&location), name, content) {
        Err(Trouble::Io { error, .. }) if error.kind() == ErrorKind::NotFound => Ok(None),
        other => other,
    }
}

/// After a power cut a file may have its name but not its content (names and data are flushed apart): such a one is removed,
/// to be written again. A longer file is one that its owner changed.
fn keep_if_whole(path: &Path, name: String, [prefix, body]: [&[u8]; 2]) -> Result<Option<Written>, Trouble> {
    let on_disk = std::fs::read(path).map_err(trouble(path))?;
    let whole = on_disk.strip_prefix(prefix) == Some(body) || on_disk.len() > prefix.len() + body.len();
    if !whole {
        tracing::warn!(file = %path.display(), "torn by a crash: written again");
        return std::fs::remove_file(path).map(|()| None).map_err(trouble(path));
    }
    // It may not be flushed yet.
    Ok(Some(flushable(name, File::open(path).map_err(trouble(path))?)))
}

fn flushable(name: String, file: File) -> Written {
    let device = file.metadata().ok().map(|metadata| metadata.dev());
    Written { name, device, file: Some(file) }
}

fn trouble(path: &Path) -> impl FnOnce(io::Error) -> Trouble {
    move |error| Trouble::Io { path: path.to_owned(), error }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Io { path, error, .. } => Self::Io { path, error },
            StoreError::NoSpace => Self::Io { path: PathBuf::new(), error: Errno::NOSPC.into() },
            other => Self::Io { path: PathBuf::new(), error: io::Error::other(other.to_string()) },
        }
    }
}
