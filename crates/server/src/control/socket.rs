//! Where the control socket is.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

/// The longest path that fits into a socket's address (unix(7): 108 octets with the NUL).
const LONGEST: usize = 107;

/// The socket of a data folder, as a path that fits into an address.
pub(crate) struct Place {
    /// What to bind or connect to.
    pub(crate) address: PathBuf,
    /// Keeps the folder open while `address` goes through it.
    _folder: Option<File>,
}

/// The socket's own path.
pub fn path(data: &Path) -> PathBuf {
    data.join("control.sock")
}

/// The socket's path, or, if it is too long, a shorter one to the same file through the open folder.
pub(crate) fn place(data: &Path) -> io::Result<Place> {
    let path = path(data);
    if path.as_os_str().len() <= LONGEST {
        return Ok(Place { address: path, _folder: None });
    }
    let folder = File::open(data)?;
    let address = format!("/proc/self/fd/{}/control.sock", folder.as_raw_fd()).into();
    Ok(Place { address, _folder: Some(folder) })
}
