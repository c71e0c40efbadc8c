//! The user that the server runs as, and what that user may do. Rights differ: what root can read, the server may not.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use server::control::Status;

/// Reading, writing, and going through a folder, as in a mode.
pub(super) const READ: u32 = 4;
/// See [`READ`].
pub(super) const WRITE: u32 = 2;
/// See [`READ`].
pub(super) const SEARCH: u32 = 1;

/// The server's user.
#[derive(Debug, Clone)]
pub(super) struct User {
    pub(super) uid: u32,
    gids: Vec<u32>,
    /// How that is known.
    how: &'static str,
}

/// What keeps a user from a file.
#[derive(Debug)]
pub(super) struct Barred {
    /// The file or a folder on the way.
    pub(super) path: PathBuf,
    /// In words, with the errno.
    pub(super) why: String,
}

impl User {
    /// That of the running server; else the owner of the data folder, whom `gatepost serve` will run as; else who asks.
    pub(super) fn of(status: Option<&Status>, data: &Path) -> Self {
        if let Some(user) = status.and_then(|status| Self::of_process(status.pid)) {
            return user;
        }
        match data.metadata() {
            Ok(meta) => Self::with_groups(meta.uid(), meta.gid(), "the owner of the data folder"),
            Err(_) => {
                let (uid, gid) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
                Self::with_groups(uid, gid, "who asks")
            }
        }
    }

    fn of_process(pid: u32) -> Option<Self> {
        let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let numbers = |name: &str| -> Option<Vec<u32>> {
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            Some(line.split_whitespace().filter_map(|word| word.parse().ok()).collect())
        };
        // Real, effective, saved, file system.
        let (uid, gid) = (*numbers("Uid:")?.get(1)?, *numbers("Gid:")?.get(1)?);
        let mut gids = numbers("Groups:")?;
        gids.push(gid);
        Some(Self { uid, gids, how: "the running server" })
    }

    fn with_groups(uid: u32, gid: u32, how: &'static str) -> Self {
        let mut gids = vec![gid];
        if let Some(login) = line_of("/etc/passwd", uid) {
            gids.extend(login_gid(&login));
            gids.extend(groups_with(login.split(':').next().unwrap_or_default()));
        }
        Self { uid, gids, how }
    }

    /// For the head of the report.
    pub(super) fn describe(&self) -> String {
        format!("The server's user is {} ({}).", name_of_user(self.uid), self.how)
    }

    /// Whether the mode lets this user do something. Lists of rights (ACLs) are not looked at.
    pub(super) fn may(&self, meta: &Metadata, wanted: u32) -> bool {
        if self.uid == 0 {
            return true;
        }
        let shift = if meta.uid() == self.uid {
            6
        } else if self.gids.contains(&meta.gid()) {
            3
        } else {
            0
        };
        (meta.mode() >> shift) & wanted == wanted
    }

    /// Whether this user gets to a file, through all folders on the way, and may do that with it.
    pub(super) fn reaches(&self, path: &Path, wanted: u32) -> Result<Metadata, Barred> {
        let mut folders: Vec<_> = path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty()).collect();
        folders.reverse();
        for folder in folders {
            let meta = folder.metadata().map_err(|error| Barred::by(folder, &error))?;
            if !self.may(&meta, SEARCH) {
                return Err(self.barred(folder, &meta));
            }
        }
        let meta = path.metadata().map_err(|error| Barred::by(path, &error))?;
        if self.may(&meta, wanted) { Ok(meta) } else { Err(self.barred(path, &meta)) }
    }

    fn barred(&self, path: &Path, meta: &Metadata) -> Barred {
        let denied = io::Error::from_raw_os_error(libc::EACCES);
        let why = format!("{denied} for {}: it is {}", name_of_user(self.uid), rights(meta));
        Barred { path: path.to_owned(), why }
    }
}

impl Barred {
    fn by(path: &Path, error: &io::Error) -> Self {
        Self { path: path.to_owned(), why: error.to_string() }
    }
}

impl std::fmt::Display for Barred {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.why)
    }
}

/// `gatepost:mail 0750`.
pub(super) fn rights(meta: &Metadata) -> String {
    let group = line_of("/etc/group", meta.gid()).and_then(|line| Some(line.split(':').next()?.to_owned()));
    let group = group.unwrap_or_else(|| meta.gid().to_string());
    format!("{}:{group} {:04o}", bare_name(meta.uid()), meta.mode() & 0o7777)
}

/// `gatepost (uid 999)`.
pub(super) fn name_of_user(uid: u32) -> String {
    match login_name(uid) {
        Some(name) => format!("{name} (uid {uid})"),
        None => format!("uid {uid}"),
    }
}

/// The name, or the number where there is none: as `chown` takes it.
pub(super) fn bare_name(uid: u32) -> String {
    login_name(uid).unwrap_or_else(|| uid.to_string())
}

fn login_name(uid: u32) -> Option<String> {
    Some(line_of("/etc/passwd", uid)?.split(':').next()?.to_owned())
}

/// The line of a number in `passwd` or `group`. Users of other sources (LDAP) stay numbers.
fn line_of(file: &str, number: u32) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let is_it = |line: &&str| line.split(':').nth(2).and_then(|field| field.parse().ok()) == Some(number);
    text.lines().find(is_it).map(str::to_owned)
}

fn login_gid(line: &str) -> Option<u32> {
    line.split(':').nth(3)?.parse().ok()
}

fn groups_with(name: &str) -> Vec<u32> {
    let text = fs::read_to_string("/etc/group").unwrap_or_default();
    let member = |line: &&str| line.split(':').nth(3).is_some_and(|all| all.split(',').any(|one| one == name));
    text.lines().filter(member).filter_map(|line| line.split(':').nth(2)?.parse().ok()).collect()
}
