//! One account's Maildir: there, to be made, or wrong, as the server's user meets it.

use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use auth::Account;

use super::report::{Area, Finding, Severity, shell};
use super::user::{READ, SEARCH, User, WRITE, bare_name, name_of_user, rights};

/// Folders of one account that are looked at.
const MOST_FOLDERS: usize = 1000;

/// What an account's Maildir is like.
#[derive(Debug)]
pub(super) enum Home {
    /// As it should be.
    Ready,
    /// Not there; the first delivery or login makes it.
    ToBeMade,
    /// Not as it should be.
    Wrong(Vec<Defect>),
}

/// A fault.
#[derive(Debug, Clone)]
pub(super) struct Defect {
    pub(super) id: &'static str,
    pub(super) severity: Severity,
    /// Whose.
    account: String,
    pub(super) path: PathBuf,
    found: String,
    fix: String,
}

impl Defect {
    /// For the report.
    pub(super) fn told(self) -> Finding {
        let what = format!("{} ({})", self.path.display(), self.account);
        Finding::new((Area::Accounts, self.severity, self.id), what, self.found).fix(self.fix)
    }
}

/// Looks at it.
pub(super) fn look(account: &Account, user: &User) -> Home {
    let mut look = Look { account: account.address.to_string(), user, defects: Vec::new() };
    let maildir = account.maildir.as_path();
    match fs::metadata(maildir) {
        // A link that leads nowhere is there, and cannot be made.
        Err(error) if error.kind() == ErrorKind::NotFound && fs::symlink_metadata(maildir).is_err() => {
            if look.can_be_made(maildir) {
                return Home::ToBeMade;
            }
        }
        Err(error) => look.unseen(maildir, &error),
        Ok(meta) => {
            look.owner_that_is_told(account, &meta);
            if look.folder(maildir, &meta) {
                look.inside(maildir);
            }
        }
    }
    if look.defects.is_empty() { Home::Ready } else { Home::Wrong(look.defects) }
}

/// A look at one account.
struct Look<'a> {
    account: String,
    user: &'a User,
    defects: Vec<Defect>,
}

impl Look<'_> {
    fn add(&mut self, (severity, id): (Severity, &'static str), path: &Path, (found, fix): (String, String)) {
        let (account, path) = (self.account.clone(), path.to_owned());
        self.defects.push(Defect { id, severity, account, path, found, fix });
    }

    /// Whether the server could make it: the nearest folder that is there must let it.
    fn can_be_made(&mut self, maildir: &Path) -> bool {
        let there = maildir.ancestors().skip(1).find(|folder| fs::symlink_metadata(folder).is_ok());
        let Some(there) = there else { return true };
        let uid = self.user.uid;
        let barred = match self.user.reaches(there, WRITE | SEARCH) {
            Ok(meta) if meta.is_dir() => return true,
            Ok(_) => format!("{}: {}", there.display(), io::Error::from_raw_os_error(libc::ENOTDIR)),
            Err(barred) => barred.to_string(),
        };
        let found = format!("missing, and it cannot be made as {}: {barred}", name_of_user(uid));
        let fix = format!("install -d -m 700 -o {} {}", bare_name(uid), shell(maildir));
        self.add((Severity::Error, "cannot-be-made"), maildir, (found, fix));
        false
    }

    fn unseen(&mut self, path: &Path, error: &io::Error) {
        let fix = format!("ls -ld {}; its disk may not be mounted", shell(path));
        self.add((Severity::Error, "cannot-be-read"), path, (format!("{error}"), fix));
    }

    /// The store says who owns it.
    fn owner_that_is_told(&mut self, account: &Account, meta: &Metadata) {
        let Some(told) = account.uid.filter(|told| *told != meta.uid()) else { return };
        let found = format!("belongs to {}, and the account says uid {told}", name_of_user(meta.uid()));
        let fix = format!("chown -R {} {}", bare_name(told), shell(&account.maildir));
        // Whom it should belong to is the server's question, too: that is told as its own fault.
        if told == self.user.uid {
            return;
        }
        self.add((Severity::Note, "other-owner-than-told"), &account.maildir, (found, fix));
    }

    /// Whether it is a folder that can be used, whoever else can.
    fn folder(&mut self, path: &Path, meta: &Metadata) -> bool {
        if !meta.is_dir() {
            let found = format!("{}: a folder should be here", io::Error::from_raw_os_error(libc::ENOTDIR));
            let fix = format!("mv {0} {0}.old; the next delivery makes the folder", shell(path));
            self.add((Severity::Error, "not-a-folder"), path, (found, fix));
            return false;
        }
        let uid = self.user.uid;
        let own = format!("chown -R {} {}", bare_name(uid), shell(path));
        if let Err(barred) = self.user.reaches(path, READ | WRITE | SEARCH) {
            let fix = match barred.path == *path {
                true if meta.uid() == uid => format!("chmod 700 {}", shell(path)),
                true => own,
                false => format!("chown {} {}", bare_name(uid), shell(&barred.path)),
            };
            self.add((Severity::Error, "not-usable"), path, (barred.to_string(), fix));
            return false;
        }
        if meta.uid() != uid {
            let found = format!("belongs to {}, and the server is {}", name_of_user(meta.uid()), name_of_user(uid));
            self.add((Severity::Warning, "wrong-owner"), path, (found, own));
        }
        self.mode(path, meta);
        true
    }

    /// Mail is its owner's. A group may have been let in on purpose.
    fn mode(&mut self, path: &Path, meta: &Metadata) {
        let (severity, who) = match meta.mode() {
            mode if mode & 0o007 != 0 => (Severity::Warning, "everybody on this machine"),
            mode if mode & 0o070 != 0 => (Severity::Note, "its group"),
            _ => return,
        };
        let found = format!("open to {who}: {}", rights(meta));
        let id = if severity == Severity::Note { "open-to-group" } else { "open-to-all" };
        self.add((severity, id), path, (found, format!("chmod 700 {}", shell(path))));
    }

    /// The three parts of the inbox, and those of each folder.
    fn inside(&mut self, maildir: &Path) {
        self.parts(maildir);
        let Ok(entries) = fs::read_dir(maildir) else { return };
        for entry in entries.flatten().take(MOST_FOLDERS) {
            let (path, name) = (entry.path(), entry.file_name());
            // Maildir++: a folder's name begins with a dot, and it has a `cur`.
            let is_folder = name.to_str().is_some_and(|name| name.starts_with('.'));
            if is_folder && path.join("cur").symlink_metadata().is_ok() {
                match fs::metadata(&path) {
                    Ok(meta) if self.folder(&path, &meta) => self.parts(&path),
                    Ok(_) => {}
                    Err(error) => self.unseen(&path, &error),
                }
            }
        }
    }

    /// A part that is missing is made by the next delivery.
    fn parts(&mut self, folder: &Path) {
        for part in ["cur", "new", "tmp"].map(|part| folder.join(part)) {
            match fs::metadata(&part) {
                Ok(meta) => drop(self.folder(&part, &meta)),
                Err(error) if error.kind() == ErrorKind::NotFound && fs::symlink_metadata(&part).is_err() => {}
                Err(error) => self.unseen(&part, &error),
            }
        }
    }
}
