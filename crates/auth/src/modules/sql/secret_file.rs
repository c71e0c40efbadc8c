//! A password in a file of its own.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use sasl::Secret;

/// Octets of its first line.
const MAX: u64 = 4096;

/// Why there is no password in it.
#[derive(Debug, thiserror::Error)]
pub(super) enum SecretError {
    /// It cannot be read.
    #[error("password_file {path}: {error} (uid {uid}); it must be a file that this user can read")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
        /// Who tried.
        uid: u32,
    },
    /// Others can read it.
    #[error("password_file {path} has mode {mode:04o}, so others can read it: chmod 600 {path}")]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// Nothing in it.
    #[error("password_file {0}: its first line is empty, longer than {MAX} octets, or not UTF-8")]
    Line(PathBuf),
}

/// Which file it was, and how old: a password that was changed is read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp(u64, u64, i64, i64);

/// The first line of a file, which nobody but its owner and group may read: the same rule as for the keys of `[tls]`.
pub(super) fn read(path: &Path) -> Result<(Secret, Stamp), SecretError> {
    let unreadable = |error| {
        let uid = rustix::process::geteuid().as_raw();
        SecretError::Unreadable { path: path.to_owned(), error, uid }
    };
    let file = File::open(path).map_err(unreadable)?;
    let meta = file.metadata().map_err(unreadable)?;
    if !meta.is_file() {
        return Err(unreadable(io::Error::new(io::ErrorKind::InvalidInput, "not a file")));
    }
    if meta.mode() & 0o007 != 0 {
        return Err(SecretError::Exposed { path: path.to_owned(), mode: meta.mode() & 0o7777 });
    }
    let mut octets = zeroize::Zeroizing::new(Vec::new());
    file.take(MAX).read_to_end(&mut octets).map_err(unreadable)?;
    let line = octets.split(|octet| *octet == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.is_empty() || line.len() as u64 == MAX || std::str::from_utf8(line).is_err() {
        return Err(SecretError::Line(path.to_owned()));
    }
    Ok((Secret::new(line), stamp(&meta)))
}

fn stamp(meta: &Metadata) -> Stamp {
    Stamp(meta.dev(), meta.ino(), meta.mtime(), meta.mtime_nsec())
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_first_line_of_a_file_that_others_cannot_read() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("password");
        assert!(matches!(read(&path), Err(SecretError::Unreadable { .. })));
        std::fs::write(&path, "s3cret\r\nmore\n").expect("written");
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).expect("a mode");
        assert!(matches!(read(&path), Err(SecretError::Exposed { mode: 0o644, .. })));
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("a mode");
        assert!(read(&path).is_ok_and(|(secret, _)| secret.expose() == b"s3cret"));
        std::fs::write(&path, "\nsecond\n").expect("written");
        assert!(matches!(read(&path), Err(SecretError::Line(_))));
    }
}
