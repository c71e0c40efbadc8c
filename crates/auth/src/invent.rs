//! SCRAM keys of users who do not exist: always the same for one name, so that the dialogue does not tell who exists.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use hmac::{Hmac, KeyInit, Mac};
use sasl::scram::{self, Keys};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::accounts::{SALT, SCRAM_ITERATIONS};
use crate::random;

/// Makes them out of a secret of this server, which is kept in `<data>/auth.secret`: after a restart they must be the
/// same.
pub(crate) struct Inventor {
    path: PathBuf,
    secret: OnceLock<Zeroizing<[u8; 32]>>,
}

impl std::fmt::Debug for Inventor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Inventor(…)")
    }
}

impl Inventor {
    /// The secret is read, or made, when it is needed first.
    pub(crate) fn new(data: &Path) -> Self {
        Self { path: data.join("auth.secret"), secret: OnceLock::new() }
    }

    /// Keys that look like those of an account.
    pub(crate) fn keys(&self, name: &str, hash: scram::Hash, iterations: Option<u32>) -> Keys {
        let iterations = iterations.unwrap_or(SCRAM_ITERATIONS);
        // RFC 5802 §3: StoredKey is a hash of ClientKey; finding one that fits these octets is breaking the hash.
        let key = |label| {
            let octets = self.part(label, name);
            match hash {
                scram::Hash::Sha1 => scram::Key::from(*octets.first_chunk::<20>().expect("32 are more than 20")),
                scram::Hash::Sha256 => scram::Key::from(octets),
            }
        };
        let (stored_key, server_key) = (key("stored key"), key("server key"));
        Keys { hash, salt: self.salt(name), iterations, stored_key, server_key }
    }

    /// A salt that is always the same for a name.
    pub(crate) fn salt(&self, name: &str) -> Vec<u8> {
        self.part("salt", name)[..SALT].to_vec()
    }

    fn part(&self, label: &str, name: &str) -> [u8; 32] {
        let secret = self.secret.get_or_init(|| Zeroizing::new(self.load()));
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_slice()).expect("HMAC takes keys of any length");
        mac.update(label.as_bytes());
        mac.update(&[0]);
        mac.update(name.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// Where the secret cannot be kept, one is made for this process alone.
    fn load(&self) -> [u8; 32] {
        self.read_or_make().unwrap_or_else(|error| {
            let path = self.path.display();
            tracing::debug!(%path, %error, "the secret for SCRAM keys of unknown users is not kept");
            random::octets()
        })
    }

    fn read_or_make(&self) -> io::Result<[u8; 32]> {
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.path) {
            Ok(mut file) => {
                let secret = random::octets();
                file.write_all(&secret)?;
                file.sync_all()?;
                Ok(secret)
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let octets = fs::read(&self.path)?;
                octets.try_into().map_err(|_| io::Error::other("it is not 32 octets long; remove it"))
            }
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stable_for_a_name_over_a_restart_and_different_for_others() {
        let (here, there) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let keys = |folder: &Path, name| Inventor::new(folder).keys(name, scram::Hash::Sha256, Some(5000));
        let (one, again, other) = (keys(here.path(), "a@x"), keys(here.path(), "a@x"), keys(here.path(), "b@x"));
        assert!(one == again && one.salt != other.salt && one.stored_key != one.server_key && one.iterations == 5000);
        assert_ne!(keys(there.path(), "a@x").salt, one.salt);
    }

    #[test]
    fn where_nothing_can_be_kept_it_works_all_the_same() {
        let inventor = Inventor::new(Path::new("/nowhere"));
        let keys = || inventor.keys("a@x", scram::Hash::Sha256, None);
        assert!(keys() == keys() && keys().iterations == SCRAM_ITERATIONS);
    }
}
