//! Sessions as a file for Wireshark.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use ::trace::pcapng;

use super::search::Found;
use crate::exit::{Code, Failure, code};

/// Writes the sessions that were found; `-` is standard output, for a pipe into Wireshark. The file is its owner's alone: what people said is in it.
pub(super) fn write(found: &Found, path: &Path, force: bool, out: &mut dyn Write) -> Result<(), Failure> {
    if found.records.is_empty() {
        return Err(Failure::new(Code::NotFound, "there is no session to write: the message is in the queue alone"));
    }
    if path == Path::new("-") {
        return Ok(pcapng::write(&found.records, out)?);
    }
    let failed = |error: io::Error| {
        let hint = if error.kind() == io::ErrorKind::AlreadyExists { " (--force writes over it)" } else { "" };
        let code = if hint.is_empty() { code(&error) } else { Code::Exists };
        Failure::new(code, format!("{}: {error}{hint}", path.display()))
    };
    if force && path.symlink_metadata().is_ok_and(|there| !there.is_file() && !there.is_symlink()) {
        // A device would be replaced by a file.
        return Err(Failure::new(Code::Exists, format!("{}: what is there is no file", path.display())));
    }
    // Written beside it and renamed: whatever a file that is there lets others do, this one is new, and a link is not
    // followed.
    let beside = path.with_added_extension(format!("{}.new", std::process::id()));
    let target = if force { beside.as_path() } else { path };
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(target).map_err(failed)?;
    let mut file = BufWriter::new(file);
    let written = pcapng::write(&found.records, &mut file).and_then(|()| file.flush());
    if written.is_err() {
        // A half of it is of no use. That it cannot be removed either changes nothing.
        drop(std::fs::remove_file(target));
    }
    written.map_err(failed)?;
    if force {
        std::fs::rename(&beside, path).map_err(failed)?;
    }
    let ids: Vec<_> = found.records.iter().map(|record| record.id.to_string()).collect();
    let noun = if ids.len() == 1 { "session" } else { "sessions" };
    writeln!(out, "{noun} {}: {}", ids.join(", "), path.display())?;
    Ok(())
}
