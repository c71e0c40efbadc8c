//! The program that runs once the password was right: as the user, in the user's home.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use auth::Account;

/// Becomes the program; returns only if that fails.
pub(super) fn run(account: &Account, program: &[OsString]) -> io::Error {
    let Some((name, arguments)) = program.split_first() else { return io::ErrorKind::InvalidInput.into() };
    let home = account.home.as_deref().unwrap_or(&account.maildir);
    let mut command = Command::new(name);
    command.args(arguments);
    command.env("USER", account.address.to_string()).env("HOME", home).env("SHELL", "/bin/sh");
    command.env("MAILDIR", &account.maildir);
    // Who never got mail has no folder yet, and may log in all the same.
    command.current_dir(if home.is_dir() { home } else { Path::new("/") });
    if rustix::process::geteuid().is_root()
        && let Some((uid, gid)) = owner(account)
    {
        // A row of the store that says so is wrong, or worse.
        if account.uid == Some(0) {
            let why = format!("{} would run as root: its uid is 0", account.address);
            return io::Error::other(why);
        }
        // Root's supplementary groups go, too: the standard library empties the list before it sets the uid.
        command.gid(gid).uid(uid);
    }
    command.exec()
}

/// Who the program runs as: the account's user, or else the owner of its Maildir, or of the nearest folder above it.
fn owner(account: &Account) -> Option<(u32, u32)> {
    let above = || account.maildir.ancestors().find_map(|folder| fs::metadata(folder).ok());
    match (account.uid, account.gid) {
        (Some(uid), Some(gid)) => Some((uid, gid)),
        (Some(uid), None) => above().map(|meta| (uid, meta.gid())),
        (None, _) => above().map(|meta| (meta.uid(), meta.gid())),
    }
}
