//! Accounts whose password came in clear although it must not (MISSION 003-12): whoever listened knows it, so it is
//! marked for the operator until there is a new one. One small file an account, in `<data>/exposed`, whatever module knows
//! the account: the server writes them, and commands take them away.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Read, Write};
use std::net::IpAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use message::Address;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::login_name;

/// Longest file; what is written is shorter.
const MAX_FILE: u64 = 16 * 1024;

/// Since when a password counts as known to others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exposed {
    /// Whose.
    pub address: String,
    /// When it came in clear last.
    pub time: String,
    /// From where.
    pub client: IpAddr,
    /// To which service.
    pub service: String,
}

/// Marks an account that exists.
pub(super) fn mark(data: &Path, address: &Address, (client, service): (IpAddr, &str)) -> io::Result<()> {
    let folder = folder(data);
    DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    let time = format!("{:.0}", Timestamp::now());
    let exposed = Exposed { address: address.to_string(), time, client, service: service.to_owned() };
    let path = path(data, address);
    // Another name first: whoever reads sees the old one or the new one.
    let new = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(&serde_json::to_vec(&exposed)?)?;
    fs::rename(&new, &path)
}

/// Whether an account is marked.
pub fn of(data: &Path, address: &Address) -> Option<Exposed> {
    read(&path(data, address))
}

/// Every account that is marked, by address.
pub fn all(data: &Path) -> Vec<Exposed> {
    let files = fs::read_dir(folder(data)).into_iter().flatten().flatten();
    let files = files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|end| end == "json"));
    let mut all: Vec<_> = files.filter_map(|path| read(&path)).collect();
    all.sort_by(|one, other| one.address.cmp(&other.address));
    all
}

/// There is a new password, or the account is gone. Whether there was a mark.
///
/// # Errors
/// The mark is there, but cannot be taken away.
pub fn clear(data: &Path, address: &Address) -> io::Result<bool> {
    match fs::remove_file(path(data, address)) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn read(path: &Path) -> Option<Exposed> {
    let mut text = Vec::new();
    fs::File::open(path).ok()?.take(MAX_FILE).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}

fn folder(data: &Path) -> PathBuf {
    data.join("exposed")
}

/// A name that is always a file's: addresses may have slashes, and be longer than names of files.
fn path(data: &Path, address: &Address) -> PathBuf {
    let digest = Sha256::digest(login_name::key(address).as_bytes());
    let name: String = digest.iter().take(16).map(|octet| format!("{octet:02x}")).collect();
    folder(data).join(name + ".json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marked_until_cleared() {
        let data = tempfile::tempdir().expect("a folder");
        let address = |text| Address::parse(text).expect("an address");
        let alice = address("Alice@example.test");
        assert!(all(data.path()).is_empty() && !clear(data.path(), &alice).expect("nothing to clear"));
        let from = (IpAddr::from([192, 0, 2, 1]), "imap");
        mark(data.path(), &alice, from).expect("marked");
        mark(data.path(), &address("alice@EXAMPLE.test"), from).expect("marked again");
        assert_eq!(all(data.path()).len(), 1);
        assert_eq!(of(data.path(), &alice).expect("marked").client, from.0);
        assert!(of(data.path(), &address("bob@example.test")).is_none());
        assert!(clear(data.path(), &alice).expect("cleared") && all(data.path()).is_empty());
    }
}
