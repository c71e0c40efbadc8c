//! A name for an account that only this server can turn back (`received_user = "token"`).

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use message::Address;
use sha2::Sha256;

/// Octets of the key.
const KEY: usize = 32;
/// Octets of the HMAC that a token shows: enough that two accounts of one server do not meet.
const SHOWN: usize = 8;

/// Makes tokens. Its key is made at the first start and kept in `<data>/received-user.key`, so that an account has the
/// same token for good.
pub struct UserTokens {
    key: [u8; KEY],
}

impl std::fmt::Debug for UserTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UserTokens(…)")
    }
}

impl UserTokens {
    /// Reads the key, or makes it.
    ///
    /// # Errors
    /// The file cannot be read or made, or holds no key.
    pub fn open(data: &Path) -> io::Result<Self> {
        let path = data.join("received-user.key");
        match fs::read(&path) {
            Ok(octets) => {
                let key = octets.try_into().map_err(|_| io::Error::other(format!("{} is no key", path.display())))?;
                Ok(Self { key })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::make(&path),
            Err(error) => Err(error),
        }
    }

    fn make(path: &Path) -> io::Result<Self> {
        let mut key = [0; KEY];
        getrandom::fill(&mut key)?;
        // Its name comes last: half a key, after a crash, would keep the server from starting.
        let unfinished = path.with_extension("new");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
        file.write_all(&key)?;
        file.sync_all()?;
        fs::rename(unfinished, path)?;
        Ok(Self { key })
    }

    /// The account's token: 16 hexadecimal digits.
    pub fn token(&self, account: &Address) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes a key of any length");
        mac.update(account.to_string().as_bytes());
        mac.finalize().into_bytes().iter().take(SHOWN).map(|octet| format!("{octet:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_lasts_and_differs() {
        let folder = tempfile::tempdir().expect("a folder");
        let [alice, bob] = ["alice@example.test", "bob@example.test"].map(|a| Address::parse(a).expect("an address"));
        let first = UserTokens::open(folder.path()).expect("a key").token(&alice);
        let again = UserTokens::open(folder.path()).expect("the key");
        assert_eq!(first, again.token(&alice));
        assert_ne!(first, again.token(&bob));
        assert!(!first.contains("alice") && first.len() == 16);
        let left: Vec<_> =
            fs::read_dir(folder.path()).expect("a folder").map(|e| e.expect("a file").file_name()).collect();
        assert_eq!(left, ["received-user.key"]);
        let other = tempfile::tempdir().expect("a folder");
        fs::write(other.path().join("received-user.new"), b"what a crash left").expect("a file");
        assert_ne!(first, UserTokens::open(other.path()).expect("a key").token(&alice));
    }
}
