//! Every file that the server uses, with its owner and mode, and what is wrong with them (MISSION 002-04).

mod used;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::Scene;
use super::report::{Area, Finding, Severity, shell};
use super::user::{READ, SEARCH, WRITE, bare_name, name_of_user, rights};
pub(in crate::commands) use used::all;
use used::{Kind, Used};

/// Files of one folder that are looked at.
const MOST: usize = 100_000;
/// Faults in one folder that are told.
const MOST_TOLD: usize = 20;

/// Looks at them.
pub(super) fn check(scene: &Scene<'_>) -> Vec<Finding> {
    let all = all(scene.config, scene.source);
    let mut findings: Vec<_> = all.iter().flat_map(|used| one(scene, used)).collect();
    findings.extend(ways(&all));
    findings
}

/// `root:root 0600  /etc/gatepost/key.pem  tls.key`, for who collects it.
pub(in crate::commands) fn described(used: &Used) -> String {
    let seen = fs::symlink_metadata(&used.path);
    let seen = seen.map_or_else(|error| error.to_string(), |meta| format!("{} {} octets", rights(&meta), meta.len()));
    format!("{seen:<36}  {}  {}", used.path.display(), used.role)
}

fn finding(severity: Severity, id: &'static str, path: &Path, found: impl ToString) -> Finding {
    Finding::new((Area::Files, severity, id), path.display(), found.to_string())
}

fn one(scene: &Scene<'_>, used: &Used) -> Vec<Finding> {
    let Used { path, role, kind } = used;
    let (user, needed) = (&scene.user, needed(*kind));
    if kind.may_be_missing()
        && fs::symlink_metadata(path).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
    {
        return Vec::new();
    }
    let meta = match user.reaches(path, needed) {
        Ok(meta) => meta,
        Err(barred) => {
            let found = format!("{role}: the server cannot use it: {barred}");
            let fix = match fs::metadata(path) {
                Ok(_) if barred.path == *path => format!("chown {} {}", bare_name(user.uid), shell(path)),
                // A folder on the way.
                Ok(_) => format!("let {} through: chmod o+x {}", bare_name(user.uid), shell(&barred.path)),
                Err(_) => format!("make it, or take {role} out"),
            };
            return vec![finding(Severity::Error, "file-not-usable", path, found).fix(fix)];
        }
    };
    let mut findings = vec![finding(Severity::Ok, "file", path, format!("{role}: {}", rights(&meta)))];
    findings.extend(open_to_others(used, &meta));
    if kind.is_ours() && meta.uid() != user.uid {
        let found = format!("{role}: belongs to {}, and the server is {}", rights(&meta), name_of_user(user.uid));
        let fix = format!("chown -R {} {}", bare_name(user.uid), shell(path));
        findings.push(finding(Severity::Warning, "wrong-owner", path, found).fix(fix));
    }
    if *kind == Kind::OurFolder {
        findings.extend(inside(scene, path, role));
    }
    findings
}

/// What the server must be able to do with it.
fn needed(kind: Kind) -> u32 {
    match kind {
        Kind::Config | Kind::Public | Kind::Secret | Kind::RouteSecret => READ,
        Kind::OurFile => READ | WRITE,
        Kind::OurFolder => READ | WRITE | SEARCH,
        Kind::Store => READ,
        Kind::Socket => WRITE,
        Kind::Program => SEARCH,
    }
}

/// Who else may read what is secret, or change what counts.
fn open_to_others(used: &Used, meta: &fs::Metadata) -> Option<Finding> {
    let Used { path, role, kind } = used;
    let mode = meta.mode();
    let (severity, id, what, fix) = match kind {
        Kind::Secret if mode & 0o007 != 0 => (Severity::Error, "secret-open", "everybody can read it", "600"),
        // Relaying refuses such a file.
        Kind::RouteSecret if mode & 0o077 != 0 => (Severity::Error, "secret-open", "others can read it", "600"),
        Kind::OurFile if mode & 0o077 != 0 => (Severity::Error, "secret-open", "others can read it", "600"),
        Kind::OurFolder if mode & 0o007 != 0 => (Severity::Warning, "folder-open", "everybody can look into it", "700"),
        Kind::OurFolder if mode & 0o070 != 0 => (Severity::Note, "folder-open-to-group", "its group gets in", "700"),
        Kind::Socket | Kind::Store => return None,
        _ if mode & 0o002 != 0 => (Severity::Error, "file-writable", "everybody can change it", "o-w"),
        Kind::Config | Kind::Program if mode & 0o020 != 0 && meta.gid() != 0 => {
            (Severity::Warning, "file-writable-by-group", "its group can change it", "g-w")
        }
        _ => return None,
    };
    let found = format!("{role}: {what} ({})", rights(meta));
    Some(finding(severity, id, path, found).fix(format!("chmod {fix} {}", shell(path))))
}

/// Who may write into a folder on the way can put another file in its place. Each folder is told once.
fn ways(all: &[Used]) -> Vec<Finding> {
    let mut open: BTreeMap<&Path, (fs::Metadata, Vec<&str>)> = BTreeMap::new();
    for used in all.iter().filter(|used| fs::symlink_metadata(&used.path).is_ok()) {
        for folder in used.path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty()) {
            let Ok(meta) = folder.metadata() else { continue };
            // In a sticky folder, as /tmp, others' files stay theirs.
            if meta.mode() & 0o002 != 0 && meta.mode() & 0o1000 == 0 {
                open.entry(folder).or_insert_with(|| (meta, Vec::new())).1.push(&used.role);
            }
        }
    }
    let told = |(folder, (meta, roles)): (&Path, (fs::Metadata, Vec<&str>))| {
        let found = format!("{}: everybody can replace what lies there: {}", rights(&meta), roles.join(", "));
        finding(Severity::Error, "folder-writable", folder, found).fix(format!("chmod o-w {}", shell(folder)))
    };
    open.into_iter().map(told).collect()
}

/// The files in one of the server's folders: all its own, and nobody else's.
fn inside(scene: &Scene<'_>, folder: &Path, role: &str) -> Vec<Finding> {
    let (mut count, mut octets, mut findings) = (0_usize, 0, Vec::new());
    // Mailboxes are the accounts' matter, and the data folder's files have lines of their own.
    if folder == scene.config.data || folder.ends_with("mail") {
        return findings;
    }
    let Ok(entries) = fs::read_dir(folder) else { return findings };
    for entry in entries.flatten().take(MOST) {
        let (path, Ok(meta)) = (entry.path(), entry.metadata()) else { continue };
        count += 1;
        octets += meta.len();
        if findings.len() < MOST_TOLD && (meta.uid() != scene.user.uid || meta.mode() & 0o077 != 0) && meta.is_file() {
            let found =
                format!("a file of {role}: {}, and should be {}'s alone", rights(&meta), bare_name(scene.user.uid));
            let fix = format!("chown {0} {1} && chmod 600 {1}", bare_name(scene.user.uid), shell(&path));
            findings.push(finding(Severity::Warning, "file-in-folder", &path, found).fix(fix));
        }
    }
    let noun = if count == 1 { "file" } else { "files" };
    let found = format!("{role}: {count} {noun}, {} MiB", octets >> 20);
    findings.push(finding(Severity::Ok, "files-inside", folder, found));
    findings
}
