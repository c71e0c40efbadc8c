//! Files that the config names beside the stores: authorities, keys, secrets of our own. Read within bounds.

use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;
use sasl::Secret;
use zeroize::Zeroizing;

/// Longest secret that a file may hold, octets.
const MAX_SECRET: usize = 4096;

/// Reads a file as a whole; never waits, as a pipe in its place would make us.
///
/// # Errors
/// With path, uid and errno, in words.
pub(crate) fn read(path: &Path, max: usize) -> Result<Zeroizing<Vec<u8>>, String> {
    let (shown, uid) = (path.display(), rustix::process::geteuid().as_raw());
    let cannot =
        |error| format!("cannot read {shown} as uid {uid}: {error}; it must be a file that this user can read");
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(cannot)?;
    if !file.metadata().map_err(cannot)?.is_file() {
        return Err(format!("{shown} is not a file"));
    }
    // Room for the largest secret, so that no copy of it is left behind by growing.
    let mut octets = Zeroizing::new(Vec::with_capacity(MAX_SECRET + 2));
    let limit = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    file.take(limit).read_to_end(&mut octets).map_err(cannot)?;
    if octets.len() > max {
        return Err(format!("{shown} is longer than {max} octets, the most that is read"));
    }
    Ok(octets)
}

/// The secret on the first line of a file.
///
/// # Errors
/// The file cannot be read, or there is nothing on its first line.
pub(crate) fn secret(path: &Path) -> Result<Secret, String> {
    let octets = read(path, MAX_SECRET)?;
    let line = octets.split(|octet| *octet == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.is_empty() || std::str::from_utf8(line).is_err() {
        return Err(format!("the first line of {} is no secret: it is empty, or not UTF-8", path.display()));
    }
    Ok(Secret::new(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_the_secret() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("secret");
        let says = |text: &str| {
            std::fs::write(&path, text).expect("written");
            secret(&path)
        };
        assert_eq!(says("pä ss\r\nmore\n"), Ok(Secret::new("pä ss")));
        assert!(says("\nmore").expect_err("empty").contains("is no secret"));
        assert!(says(&"x".repeat(MAX_SECRET + 1)).expect_err("long").contains("longer than 4096"));
        assert!(secret(dir.path()).expect_err("a folder").contains("is not a file"));
        let missing = secret(&dir.path().join("none")).expect_err("missing");
        assert!(missing.contains("as uid") && missing.contains("No such file"), "{missing}");
    }
}
