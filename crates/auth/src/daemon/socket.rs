//! A socket of the daemon: made beside its place, then moved there, so that nobody finds it half open.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use config::Config;
use tokio::net::UnixListener;

/// Why a socket cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another daemon answers there.
    #[error("{0}: another daemon answers at this socket already")]
    Taken(PathBuf),
    /// Something else is there.
    #[error("{0}: there is a file that is no socket; it is left alone")]
    NoSocket(PathBuf),
    /// It cannot be made.
    #[error("cannot make the socket {path} as uid {uid}: {error}; its folder must be there, and this user's")]
    Io {
        /// The socket.
        path: PathBuf,
        /// Who tried.
        uid: u32,
        /// Why.
        error: io::Error,
    },
    /// No such group.
    #[error("there is no group {group} in /etc/group for the socket {path}; a number is taken as it is")]
    Group {
        /// The socket.
        path: PathBuf,
        /// As it was written.
        group: String,
    },
}

/// The socket that a server asks: as the config says, or in the data folder.
pub fn own_path(config: &Config) -> PathBuf {
    config.authd.socket.clone().unwrap_or_else(|| config.data.join("authd.sock"))
}

/// Who may connect.
#[derive(Debug, Clone, Copy)]
pub(super) struct Access<'a> {
    pub(super) mode: u32,
    pub(super) group: Option<&'a str>,
}

/// A socket that this process has made.
#[derive(Debug)]
pub(super) struct Opened {
    path: PathBuf,
    file: Option<(u64, u64)>,
}

impl Opened {
    /// Opens one. What a daemon that was killed has left behind is replaced.
    pub(super) fn open(path: &Path, access: Access<'_>) -> Result<(Self, UnixListener), OpenError> {
        let failed = |error| OpenError::Io { path: path.to_owned(), uid: super::own_ids().0, error };
        match path.symlink_metadata() {
            Ok(meta) if !meta.file_type().is_socket() => return Err(OpenError::NoSocket(path.to_owned())),
            Ok(_) if UnixStream::connect(path).is_ok() => return Err(OpenError::Taken(path.to_owned())),
            _ => {}
        }
        let group = access.group.map(|name| gid(name).ok_or_else(|| no_group(path, name))).transpose()?;
        let mut temporary = path.as_os_str().to_owned();
        temporary.push(".tmp");
        let temporary = PathBuf::from(temporary);
        match fs::remove_file(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        // Until the mode is set, nobody but this user can connect: that takes write permission, and the umask gives none.
        let listener = UnixListener::bind(&temporary).map_err(failed)?;
        let settle = || {
            group.map_or(Ok(()), |gid| chown(&temporary, None, Some(gid)))?;
            fs::set_permissions(&temporary, Permissions::from_mode(access.mode))?;
            fs::rename(&temporary, path)
        };
        if let Err(error) = settle() {
            // What is in the way next time is removed then.
            drop(fs::remove_file(&temporary));
            return Err(failed(error));
        }
        Ok((Self { path: path.to_owned(), file: identity(path) }, listener))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Takes it away, unless another daemon has put its own there meanwhile.
    pub(super) fn remove(&self) {
        if self.file.is_some()
            && identity(&self.path) == self.file
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::warn!(socket = %self.path.display(), %error, "the socket stays behind");
        }
    }
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    path.symlink_metadata().ok().map(|meta| (meta.dev(), meta.ino()))
}

fn no_group(path: &Path, group: &str) -> OpenError {
    OpenError::Group { path: path.to_owned(), group: group.to_owned() }
}

/// A group by its number, or by its name in `/etc/group` (group(5)).
fn gid(name: &str) -> Option<u32> {
    if let Ok(number) = name.parse() {
        return Some(number);
    }
    let groups = fs::read_to_string("/etc/group").ok()?;
    groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(name)).then(|| fields.nth(1)?.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn made_with_its_mode_replaced_if_left_over_and_removed_if_it_is_ours() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("socket");
        let access = Access { mode: 0o640, group: Some("0") };
        let (first, listener) = Opened::open(&path, access).expect("made");
        assert_eq!(path.metadata().expect("it is there").mode() & 0o777, 0o640);
        assert!(matches!(Opened::open(&path, access), Err(OpenError::Taken(_))));
        drop(listener);
        let (second, _listener) = Opened::open(&path, access).expect("the other one is dead");
        first.remove();
        assert!(path.exists(), "it is not the first one's");
        second.remove();
        assert!(!path.exists() && fs::read_dir(dir.path()).expect("a folder").next().is_none());
        fs::write(&path, "mail").expect("a file");
        assert!(matches!(Opened::open(&path, access), Err(OpenError::NoSocket(_))));
        let nowhere = Opened::open(Path::new("/nowhere/socket"), access).expect_err("no folder");
        assert!(nowhere.to_string().contains("as uid"), "{nowhere}");
        let group = Access { mode: 0o660, group: Some("no such group") };
        assert!(matches!(Opened::open(&dir.path().join("b"), group), Err(OpenError::Group { .. })));
    }

    #[test]
    fn groups_by_name_and_number() {
        assert_eq!((gid("root"), gid("4711"), gid("no such group")), (Some(0), Some(4711), None));
    }
}
