//! What came of a trial.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, accessat};
use serde::{Deserialize, Serialize};

use crate::Account;
use crate::attempts::{Outcome, Said};

/// What the chain says of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// As it was asked.
    pub user: String,
    /// The address that the name stands for, with the default domain; nothing if it can be nobody's.
    pub address: Option<String>,
    /// `smtp`, `imap`, `pop3`.
    pub service: String,
    /// By which mechanism; nothing if the account was only looked up.
    pub mechanism: Option<String>,
    /// What each module did, in order.
    pub modules: Vec<Said>,
    /// The result.
    pub outcome: Outcome,
    /// More about it.
    pub why: String,
    /// The account, if one was found or accepted.
    pub account: Option<Found>,
    /// Where an alias leads, if the name is one.
    pub targets: Vec<String>,
}

/// The account that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Its address.
    pub address: String,
    /// The person's name.
    pub name: Option<String>,
    /// Its home folder.
    pub home: Option<PathBuf>,
    /// Its Maildir.
    pub maildir: PathBuf,
    /// Whether that is there and can be used, by the process that was asked.
    pub mailbox: Mailbox,
    /// Who owns its files.
    pub uid: Option<u32>,
    /// Their group.
    pub gid: Option<u32>,
    /// As in Maildir++.
    pub quota: Option<String>,
    /// As Courier writes them.
    pub options: String,
}

/// The state of a Maildir.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mailbox {
    /// There, and can be read and written.
    Ready,
    /// Not there; the first login or message makes it.
    NotYet,
    /// There, but not usable; path, uid and errno.
    Unusable(String),
}

impl Found {
    pub(super) fn of(account: &Account) -> Self {
        Self {
            address: account.address.to_string(),
            name: account.name.clone(),
            home: account.home.clone(),
            maildir: account.maildir.clone(),
            mailbox: Mailbox::of(&account.maildir),
            uid: account.uid,
            gid: account.gid,
            quota: account.quota.clone(),
            options: account.options.to_string(),
        }
    }
}

impl Mailbox {
    /// Looks at a Maildir, as the user of this process.
    fn of(maildir: &Path) -> Self {
        match fs::symlink_metadata(maildir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Self::NotYet,
            Err(error) => return Self::unusable(maildir, &error),
            Ok(_) => {}
        }
        for folder in ["cur", "new", "tmp"] {
            let path = maildir.join(folder);
            let rights = Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK;
            match accessat(CWD, &path, rights, AtFlags::EACCESS) {
                // Another program may have made the folder alone; the next delivery makes the rest.
                Ok(()) | Err(rustix::io::Errno::NOENT) => {}
                Err(errno) => return Self::unusable(&path, &errno.into()),
            }
        }
        Self::Ready
    }

    fn unusable(path: &Path, error: &io::Error) -> Self {
        let uid = rustix::process::geteuid().as_raw();
        Self::Unusable(format!("{}: {error} (as uid {uid}): it must belong to that user, mode 0700", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_maildir_is_there_or_not_yet_or_of_no_use() {
        let folder = tempfile::tempdir().expect("a folder");
        let maildir = folder.path().join("Maildir");
        assert_eq!(Mailbox::of(&maildir), Mailbox::NotYet);
        fs::create_dir_all(maildir.join("cur")).expect("made");
        assert_eq!(Mailbox::of(&maildir), Mailbox::Ready);
        symlink("loop", maildir.join("loop")).expect("a link");
        symlink("../loop", maildir.join("new")).expect("a link");
        symlink("loop", folder.path().join("loop")).expect("a link");
        fs::remove_file(maildir.join("new")).expect("removed");
        symlink("loop", maildir.join("new")).expect("a link");
        assert!(matches!(Mailbox::of(&maildir), Mailbox::Unusable(why) if why.contains("as uid")));
    }
}
