//! The archive: tar inside gzip, for its owner alone, and never over a file that is there.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, Header};

use super::bundle::Bundle;

/// Writes it; its size. What was begun and failed is taken away.
pub(super) fn write(path: &Path, folder: &str, bundle: &Bundle, now: u64) -> io::Result<u64> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let written = pack(file, folder, bundle, now).and_then(|file| {
        file.sync_all()?;
        Ok(file.metadata()?.len())
    });
    if written.is_err() {
        // The error is told; that half an archive stays would be one more.
        drop(std::fs::remove_file(path));
    }
    written
}

fn pack<W: Write>(file: W, folder: &str, bundle: &Bundle, now: u64) -> io::Result<W> {
    let mut archive = Builder::new(GzEncoder::new(file, Compression::default()));
    for item in &bundle.items {
        let mut header = Header::new_gnu();
        header.set_size(item.content.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(now);
        archive.append_data(&mut header, format!("{folder}/{}", item.name), item.content.as_slice())?;
    }
    archive.into_inner()?.finish()
}
