//! Logins at smarthosts: the file with the password or token, and what is remembered of earlier attempts.

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use sasl::{Mechanism, Secret};
use smtp::Reply;

/// How long a refused password is not tried again: every attempt counts against the account at the other side, and a
/// full queue has thousands. A changed password is tried at once.
const REFUSED_FOR: Duration = Duration::from_secs(300);
/// Longest file, octets: a token has up to 8192.
const MAX_FILE: u64 = 8448;

/// Why a file with a password or token is not used (MISSION 001-07).
#[derive(Debug, thiserror::Error)]
pub(crate) enum PasswordFileError {
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("others than its owner may read it (mode {0:04o}); chmod 600")]
    TooOpen(u32),
    #[error("its first line is empty")]
    Empty,
    #[error("is longer than {MAX_FILE} octets")]
    TooLong,
}

/// Reads the first line of a file that only its owner can read. It is read for each login, so that a corrected password
/// or a renewed token is used without a reload.
pub(crate) fn read_secret(path: &Path) -> Result<Secret, PasswordFileError> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(PasswordFileError::TooOpen(mode));
    }
    if metadata.len() > MAX_FILE {
        return Err(PasswordFileError::TooLong);
    }
    // Room for all of it from the start: growing would leave copies behind in memory.
    let mut content = Vec::with_capacity(MAX_FILE as usize + 1);
    file.take(MAX_FILE).read_to_end(&mut content)?;
    let content = Secret::new(content);
    let line = content.expose().split(|&octet| octet == b'\n').next().unwrap_or_default();
    match line.strip_suffix(b"\r").unwrap_or(line) {
        [] => Err(PasswordFileError::Empty),
        line => Ok(Secret::new(line)),
    }
}

/// A password that was refused, and by which words.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    password: Secret,
    at: Instant,
    /// In words, with what the server offered.
    reason: String,
    pub(crate) reply: Option<Reply>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (ago, minutes) = (self.at.elapsed().as_secs(), REFUSED_FOR.as_secs() / 60);
        write!(
            f,
            "{} ({ago} s ago; the same password is tried again after {minutes} minutes, a changed one at once)",
            self.reason
        )
    }
}

/// What is remembered, by smarthost and user.
#[derive(Debug, Default)]
pub(crate) struct Logins {
    accounts: Mutex<HashMap<(String, String), Arc<Account>>>,
}

/// One account at one smarthost.
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// Held while nobody has got in yet: of many connections that begin at once, one finds out whether the password is good.
    pub(crate) first: tokio::sync::Mutex<()>,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    works: Option<Mechanism>,
    refused: Option<Refusal>,
}

impl Logins {
    /// The account of a user at `host:port`.
    pub(crate) fn account(&self, host: &str, user: &str) -> Arc<Account> {
        Arc::clone(self.accounts.lock().entry((host.to_owned(), user.to_owned())).or_default())
    }
}

impl Account {
    /// The mechanism that worked the last time.
    pub(crate) fn works(&self) -> Option<Mechanism> {
        self.memory.lock().works
    }

    /// Whether this password was refused a moment ago.
    pub(crate) fn refused(&self, password: &Secret) -> Option<Refusal> {
        let memory = self.memory.lock();
        memory.refused.clone().filter(|refusal| refusal.password == *password && refusal.at.elapsed() < REFUSED_FOR)
    }

    /// The login worked.
    pub(crate) fn accept(&self, mechanism: Mechanism) {
        *self.memory.lock() = Memory { works: Some(mechanism), refused: None };
    }

    /// The password was refused.
    pub(crate) fn refuse(&self, password: Secret, reason: String, reply: Option<Reply>) {
        let refused = Some(Refusal { password, at: Instant::now(), reason, reply });
        *self.memory.lock() = Memory { works: None, refused };
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions, write};

    use super::*;

    fn read(content: &[u8], mode: u32) -> Result<Vec<u8>, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("pass");
        write(&path, content).expect("a file");
        set_permissions(&path, Permissions::from_mode(mode)).expect("a mode");
        read_secret(&path).map(|secret| secret.expose().to_vec()).map_err(|error| error.to_string())
    }

    /// MISSION 001-07: the file's permissions matter.
    #[test]
    fn a_file_that_others_can_read_is_refused() {
        assert_eq!(read(b"geheim\nmore\n", 0o600), Ok(b"geheim".to_vec()));
        assert_eq!(read(b"geheim\r\n", 0o400), Ok(b"geheim".to_vec()));
        for mode in [0o640, 0o604, 0o644, 0o620, 0o666] {
            let error = read(b"geheim\n", mode).expect_err("refused");
            assert!(error.contains("chmod 600") && error.contains(&format!("{mode:04o}")), "{error}");
            assert!(!error.contains("geheim"));
        }
    }

    #[test]
    fn an_empty_or_endless_file_is_no_password() {
        assert!(read(b"", 0o600).is_err() && read(b"\nx", 0o600).is_err());
        assert!(read(&[b'x'; 9000], 0o600).is_err());
        assert!(matches!(read_secret(Path::new("/nowhere/pass")), Err(PasswordFileError::Io(_))));
    }

    #[test]
    fn a_refused_password_is_remembered_and_a_new_one_is_not() {
        let logins = Logins::default();
        let account = logins.account("smart.example:587", "me");
        account.accept(Mechanism::Plain);
        assert_eq!(logins.account("smart.example:587", "me").works(), Some(Mechanism::Plain));
        account.refuse(Secret::new("bad"), "no".into(), None);
        assert!(account.refused(&Secret::new("bad")).is_some_and(|refusal| refusal.to_string().starts_with("no (")));
        assert!(account.refused(&Secret::new("good")).is_none());
        assert!(logins.account("other.example:587", "me").refused(&Secret::new("bad")).is_none());
        account.accept(Mechanism::Login);
        assert!(account.refused(&Secret::new("bad")).is_none());
    }
}
