//! The clock: whether somebody keeps it right, and whether anything here is of the future.

use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use trace::Record;

use super::Scene;
use super::report::{Area, Finding, Severity};

/// Clocks of two programs on one machine do not differ by so much.
const SLACK: Duration = Duration::from_secs(60);
/// Files of the queue that are looked at.
const MOST: usize = 10_000;

/// Looks at it.
pub(super) fn check(scene: &Scene<'_>) -> Vec<Finding> {
    let now = SystemTime::now();
    let mut findings = vec![kernel()];
    let newest = newest_record(scene).map(|time| ("the newest record of a session".to_owned(), time));
    let future = files(scene).into_iter().filter_map(|path| {
        let time = fs::metadata(&path).ok()?.modified().ok()?;
        Some((path.display().to_string(), time))
    });
    let newest = newest.into_iter().chain(future).max_by_key(|(_, time)| *time);
    if let Some((what, time)) = newest.filter(|(_, time)| *time > now + SLACK) {
        let ahead = time.duration_since(now).unwrap_or_default();
        let stamp = Timestamp::try_from(time).map(|time| format!("{time:.0}")).unwrap_or_default();
        let found = format!("is of {stamp}, {} in the future: the clock was set back, or is slow", words(ahead));
        findings.push(finding(Severity::Error, "clock-back", &what, found).fix("timedatectl set-ntp true"));
    }
    findings
}

fn finding(severity: Severity, id: &'static str, what: &str, found: String) -> Finding {
    Finding::new((Area::Clock, severity, id), what, found)
}

fn words(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..7200 => format!("{} minutes", seconds / 60),
        seconds @ 7200..172_800 => format!("{} hours", seconds / 3600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

/// What the kernel was told by whoever keeps the time. Tokens, certificates, `Date:` and retries depend on it.
fn kernel() -> Finding {
    let now = Timestamp::now();
    let what = format!("the kernel's clock ({now:.0})");
    match synchronised() {
        Some(true) => finding(Severity::Ok, "clock-synchronised", &what, "kept right by a time server".to_owned()),
        Some(false) => {
            let found = "nobody keeps it right: the kernel was not told of a time server".to_owned();
            let fix = "timedatectl set-ntp true, or install chrony (a container has its host's clock)";
            finding(Severity::Warning, "clock-unsynchronised", &what, found).fix(fix)
        }
        None => finding(
            Severity::Note,
            "clock-unknown",
            &what,
            "the kernel does not tell whether it is kept right".to_owned(),
        ),
    }
}

/// adjtimex(2), which with no mode set only tells.
#[allow(unsafe_code, reason = "a system call that rustix does not have")]
fn synchronised() -> Option<bool> {
    // SAFETY: the struct is plain numbers, for which zeros are values; the kernel fills it in and changes nothing.
    let (state, status) = unsafe {
        let mut told: libc::timex = std::mem::zeroed();
        (libc::adjtimex(&raw mut told), told.status)
    };
    match state {
        -1 => None,
        libc::TIME_ERROR => Some(false),
        _ => Some(status & libc::STA_UNSYNC == 0),
    }
}

/// When the last session ended that is written down.
fn newest_record(scene: &Scene<'_>) -> Option<SystemTime> {
    let mut newest = None;
    let mut each = |record: Record| {
        newest = Some(record.ended.unwrap_or(record.began));
        Ok(ControlFlow::Break(()))
    };
    trace::reader(&scene.config.data).newest_first("", &mut each).ok()?;
    newest.map(SystemTime::from)
}

/// What the server writes to all the time.
fn files(scene: &Scene<'_>) -> Vec<PathBuf> {
    let folders = ["queue", "trace", "auth-log"].map(|name| scene.config.data.join(name));
    let entries = folders.into_iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
    entries.map(|entry| entry.path()).take(MOST).collect()
}
