//! One server for one data folder.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// The lock on a data folder: `server.lock`, with the server's process id in it. The kernel frees it when the process
/// ends, however it ends.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

/// Why the folder cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another server has it.
    #[error("another server runs on {data}{who}; stop it first, or give this one another `data` folder", who = .pid.as_ref().map(|pid| format!(" (process {pid})")).unwrap_or_default())]
    Running {
        /// The folder.
        data: PathBuf,
        /// The other server, if the file tells.
        pid: Option<String>,
    },
    /// The file cannot be made or written.
    #[error("{path}: {error} (as uid {uid})", uid = rustix::process::geteuid().as_raw())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

impl DataLock {
    /// Takes the lock.
    ///
    /// # Errors
    /// See [`LockError`].
    pub fn take(data: &Path) -> Result<Self, LockError> {
        let path = data.join("server.lock");
        let io = |error| LockError::Io { path: path.clone(), error };
        let mut file = File::options().read(true).write(true).create(true).truncate(false).open(&path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LockError::Running { data: data.to_owned(), pid: pid(&mut file) });
            }
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        write_pid(&mut file).map_err(io)?;
        Ok(Self { _file: file })
    }
}

fn write_pid(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

/// The other server's id; it may be just writing it.
fn pid(file: &mut File) -> Option<String> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    let pid = text.trim();
    (!pid.is_empty() && pid.bytes().all(|octet| octet.is_ascii_digit())).then(|| pid.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_server_is_told_the_first_ones_pid_and_may_start_when_it_is_gone() {
        let folder = tempfile::TempDir::new().unwrap();
        let first = DataLock::take(folder.path()).unwrap();
        let refused = DataLock::take(folder.path()).unwrap_err();
        let own = std::process::id().to_string();
        assert!(matches!(&refused, LockError::Running { pid: Some(pid), .. } if *pid == own), "{refused}");
        assert!(refused.to_string().contains(&format!("(process {own})")));
        drop(first);
        DataLock::take(folder.path()).unwrap();
    }

    #[test]
    fn a_folder_that_is_missing_is_named() {
        let error = DataLock::take(Path::new("/nowhere/at/all")).unwrap_err().to_string();
        assert!(error.starts_with("/nowhere/at/all/server.lock: "), "{error}");
    }
}
