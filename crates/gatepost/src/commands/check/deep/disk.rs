//! The disks: room and inodes where mail, queue and records lie, held against the config's limits.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use rustix::fs::{StatVfsMountFlags, statvfs};

use super::Scene;
use super::report::{Area, Finding, Severity};

/// A Maildir takes an inode for each message: with fewer free than this, an evening's mail fills them.
const FEW_INODES: u64 = 10_000;

/// Looks at each file system once.
pub(super) fn check(scene: &Scene<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (_, (path, roles)) in places(scene) {
        match statvfs(&path) {
            Ok(told) => {
                let what = format!("{} ({})", path.display(), roles.join(", "));
                findings.push(room(scene, &what, &roles, told.f_bavail.saturating_mul(told.f_frsize)));
                findings.push(inodes(&what, told.f_files, told.f_favail));
                if told.f_flag.contains(StatVfsMountFlags::RDONLY) {
                    let found = "mounted for reading only: nothing can be taken in or delivered".to_owned();
                    let fix = format!("dmesg | tail; mount -o remount,rw {}", path.display());
                    findings.push(finding(Severity::Error, "disk-read-only", &what, found).fix(fix));
                }
            }
            Err(errno) => {
                let found = std::io::Error::from(errno).to_string();
                findings.push(finding(Severity::Error, "disk-unknown", &path.display().to_string(), found));
            }
        }
    }
    findings
}

fn finding(severity: Severity, id: &'static str, what: &str, found: String) -> Finding {
    Finding::new((Area::Disk, severity, id), what, found)
}

/// One folder of each file system that the server writes to, and what lies there.
fn places(scene: &Scene<'_>) -> BTreeMap<u64, (PathBuf, Vec<&'static str>)> {
    let data = &scene.config.data;
    let wanted = [
        (data.clone(), "data"),
        (data.join("queue"), "queue"),
        (data.join("mail"), "mailboxes"),
        (data.join("trace"), "records"),
    ];
    let mut places: BTreeMap<u64, (PathBuf, Vec<&'static str>)> = BTreeMap::new();
    for (path, role) in wanted {
        // What is not there yet will be made in the nearest folder that is.
        let Some((there, meta)) = path.ancestors().find_map(|at| Some((at, fs::metadata(at).ok()?))) else { continue };
        places.entry(meta.dev()).or_insert_with(|| (there.to_owned(), Vec::new())).1.push(role);
    }
    places
}

fn room(scene: &Scene<'_>, what: &str, roles: &[&'static str], free: u64) -> Finding {
    let config = scene.config;
    let least = config.queue.min_free;
    let queue = roles.contains(&"queue");
    // What the records may still grow by, and some messages of the largest size.
    let grows = if roles.contains(&"records") { config.trace.size + config.auth.log_size } else { 0 };
    let comfortable = least + grows + 4 * config.limits.message_size;
    let found = format!("{} free", size(free));
    let fix = "make room (du -xsh /* | sort -h), or a larger disk";
    if queue && free < least {
        let found = format!("{found}, less than queue.min_free = {}: new mail is put off with 452", size(least));
        return finding(Severity::Error, "disk-full", what, found).fix(fix);
    }
    if free < comfortable {
        let found =
            format!("{found}; queue.min_free, the records' room and a few large messages take {}", size(comfortable));
        return finding(Severity::Warning, "disk-tight", what, found).fix(fix);
    }
    finding(Severity::Ok, "disk-room", what, found)
}

/// Some file systems have no fixed number of inodes, and tell 0.
fn inodes(what: &str, all: u64, free: u64) -> Finding {
    let found = format!("{free} inodes free");
    match (all, free) {
        (0, _) => finding(Severity::Ok, "disk-inodes", what, "as many files as there is room for".to_owned()),
        (_, 0) => finding(Severity::Error, "disk-no-inodes", what, "no inode is free: no file can be made".to_owned())
            .fix("remove many small files (df -i; du --inodes -x / | sort -n)"),
        (_, ..FEW_INODES) => {
            finding(Severity::Warning, "disk-few-inodes", what, found).fix("df -i; du --inodes -x / | sort -n | tail")
        }
        _ => finding(Severity::Ok, "disk-inodes", what, found),
    }
}

fn size(octets: u64) -> String {
    match octets {
        0..1_048_576 => format!("{} KiB", octets >> 10),
        1_048_576..10_737_418_240 => format!("{} MiB", octets >> 20),
        _ => format!("{} GiB", octets >> 30),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inodes_run_out_or_are_not_counted() {
        let severity = |all, free| inodes("/", all, free).severity;
        assert_eq!(severity(1_000_000, 0), Severity::Error);
        assert_eq!(severity(1_000_000, 9_999), Severity::Warning);
        assert_eq!(severity(1_000_000, 500_000), Severity::Ok);
        assert_eq!(severity(0, 0), Severity::Ok);
    }
}
