//! Lines of the log for whoever looks into one user's logins (MISSION 004-13, 004-14): for a limited time, set while the
//! server runs, and forgotten when it ends.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use config::Network;
use jiff::Timestamp;
use parking_lot::Mutex;
use sasl::{Evidence, Secret};
use serde::{Deserialize, Serialize};

use super::Record;

/// The longest that somebody may be looked into without asking again.
pub const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// More rules at once are a mistake.
const MAX_RULES: usize = 100;
/// Most octets of a file of passwords.
const MAX_FILE: u64 = 1 << 20;

/// Whose logins are looked into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// The login name or account, as a whole, in any case.
    pub user: Option<String>,
    /// An address or network.
    pub ip: Option<String>,
    /// For how many seconds.
    pub seconds: u64,
    /// Whether passwords are written down, too: into a file that only the server's user can read.
    pub show_passwords: bool,
}

/// A rule that is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Debugged {
    /// Its number.
    pub id: u64,
    /// What was asked for.
    pub wanted: Wanted,
    /// How many seconds are left.
    pub left: u64,
    /// Where the passwords are.
    pub file: Option<PathBuf>,
}

/// Why a rule cannot be.
#[derive(Debug, thiserror::Error)]
pub enum DebugError {
    /// For everybody.
    #[error("say whose logins: --user or --ip")]
    Nobody,
    /// More than one person's passwords.
    #[error("passwords are shown for one named user only (--user), never for a whole network")]
    NotOneUser,
    /// Too long.
    #[error("at most 24 hours; ask again then")]
    TooLong,
    /// Not an address.
    #[error("--ip: {0}")]
    Network(#[from] config::NotANetwork),
    /// Too many.
    #[error("there are {MAX_RULES} already; end some with --off")]
    TooMany,
    /// The file of passwords cannot be made.
    #[error("{path}: {error} (as uid {uid})", uid = rustix::process::geteuid().as_raw())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

#[derive(Debug)]
struct Rule {
    id: u64,
    wanted: Wanted,
    network: Option<Network>,
    until: Instant,
    passwords: Option<(PathBuf, File)>,
}

/// The rules that are on.
#[derive(Debug, Default)]
pub(super) struct Debug(Mutex<(u64, Vec<Rule>)>);

impl Debug {
    pub(super) fn begin(&self, wanted: Wanted, data: &Path) -> Result<Debugged, DebugError> {
        let network = wanted.ip.as_deref().map(str::parse).transpose()?;
        let span = Duration::from_secs(wanted.seconds);
        match (&wanted.user, network) {
            (None, None) => return Err(DebugError::Nobody),
            (None, Some(_)) if wanted.show_passwords => return Err(DebugError::NotOneUser),
            _ if span > LONGEST => return Err(DebugError::TooLong),
            _ => {}
        }
        self.end_of_old();
        let (next, rules) = &mut *self.0.lock();
        if rules.len() >= MAX_RULES {
            return Err(DebugError::TooMany);
        }
        *next += 1;
        let passwords = if wanted.show_passwords { Some(make(data, *next)?) } else { None };
        let rule = Rule { id: *next, wanted, network, until: Instant::now() + span, passwords };
        rule.announce();
        let debugged = rule.debugged();
        rules.push(rule);
        Ok(debugged)
    }

    pub(super) fn list(&self) -> Vec<Debugged> {
        self.end_of_old();
        self.0.lock().1.iter().map(Rule::debugged).collect()
    }

    /// Ends one rule, or all; how many.
    pub(super) fn end(&self, id: Option<u64>) -> usize {
        let (_, rules) = &mut *self.0.lock();
        let ended = rules.extract_if(.., |rule| id.is_none_or(|id| rule.id == id));
        ended.map(|rule| rule.farewell()).count()
    }

    /// Says at their end that rules have ended. Called with each attempt, and by a clock.
    pub(super) fn end_of_old(&self) {
        let (_, rules) = &mut *self.0.lock();
        let now = Instant::now();
        rules.extract_if(.., |rule| rule.until <= now).for_each(|rule| rule.farewell());
    }

    /// Writes the lines of an attempt, if somebody looks into it.
    pub(super) fn look(&self, record: &Record, evidence: Option<&Evidence>) {
        if self.0.lock().1.is_empty() {
            return;
        }
        self.end_of_old();
        let (_, rules) = &mut *self.0.lock();
        let mut told = false;
        for rule in rules.iter_mut().filter(|rule| rule.fits(record)) {
            if !std::mem::replace(&mut told, true) {
                tell(record);
            }
            if let Some(Evidence::Password(shown)) = evidence {
                rule.write(record, &shown.password);
            }
        }
    }
}

impl Rule {
    fn fits(&self, record: &Record) -> bool {
        let same = |user: &str, name: &str| user.to_lowercase() == name.to_lowercase();
        let account = record.account.as_deref().unwrap_or_default();
        let user = self.wanted.user.as_deref().is_none_or(|user| same(user, &record.identity) || same(user, account));
        user && self.network.is_none_or(|network| network.contains(record.address))
    }

    fn debugged(&self) -> Debugged {
        let left = self.until.saturating_duration_since(Instant::now()).as_secs();
        let file = self.passwords.as_ref().map(|(path, _)| path.clone());
        Debugged { id: self.id, wanted: self.wanted.clone(), left, file }
    }

    fn announce(&self) {
        let (id, user, ip, seconds) = (self.id, &self.wanted.user, &self.wanted.ip, self.wanted.seconds);
        match &self.passwords {
            Some((path, _)) => {
                let path = path.display();
                tracing::warn!(id, user, ip, seconds, %path, "=== AUTH DEBUG WITH PASSWORDS BEGINS: remove the file afterwards ===");
            }
            None => tracing::warn!(id, user, ip, seconds, "=== auth debug begins ==="),
        }
    }

    fn farewell(self) {
        match &self.passwords {
            Some((path, _)) => {
                let path = path.display();
                tracing::warn!(id = self.id, %path, "=== AUTH DEBUG WITH PASSWORDS ENDS: the file is still there, remove it ===");
            }
            None => tracing::warn!(id = self.id, "=== auth debug ends ==="),
        }
    }

    fn write(&mut self, record: &Record, password: &Secret) {
        let Some((path, file)) = &mut self.passwords else { return };
        let full = file.metadata().is_ok_and(|meta| meta.len() > MAX_FILE);
        let Record { time, identity, outcome, .. } = record;
        let shown = String::from_utf8_lossy(password.expose());
        let written = if full { Ok(()) } else { writeln!(file, "{time:.0} {identity:?} {shown:?} {outcome}") };
        if let Err(error) = written {
            let path = path.display();
            tracing::error!(%path, %error, "auth debug cannot be written");
        }
    }
}

fn tell(record: &Record) {
    let Record { identity, service, address, outcome, why, .. } = record;
    tracing::info!(user = identity, service, %address, "auth debug: received auth request");
    for said in &record.modules {
        for line in &said.lines {
            tracing::info!(user = identity, module = said.module, "auth debug: {line}");
        }
    }
    tracing::info!(user = identity, %outcome, why, "auth debug: result");
}

/// The file, which nobody else can read, and which is not there yet: nobody's link is followed.
fn make(data: &Path, id: u64) -> Result<(PathBuf, File), DebugError> {
    let path = data.join(format!("auth-debug-{}-{id}.log", Timestamp::now().as_second()));
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    let banner =
        |mut file: File| file.write_all(b"# passwords of one user, in clear: remove this file\n").map(|()| file);
    match opened.and_then(banner) {
        Ok(file) => Ok((path, file)),
        Err(error) => Err(DebugError::File { path, error }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(user: Option<&str>, ip: Option<&str>, show_passwords: bool) -> Wanted {
        Wanted { user: user.map(str::to_owned), ip: ip.map(str::to_owned), seconds: 600, show_passwords }
    }

    /// MISSION 004-13: passwords only of one named user, and for a limited time.
    #[test]
    fn what_may_not_be_asked_for() {
        let (debug, data) = (Debug::default(), tempfile::tempdir().expect("a folder"));
        let begin = |wanted| debug.begin(wanted, data.path());
        assert!(matches!(begin(wanted(None, None, false)), Err(DebugError::Nobody)));
        assert!(matches!(begin(wanted(None, Some("::/0"), true)), Err(DebugError::NotOneUser)));
        assert!(matches!(begin(wanted(None, Some("host"), false)), Err(DebugError::Network(_))));
        let long = Wanted { seconds: 100_000, ..wanted(Some("a"), None, false) };
        assert!(matches!(begin(long), Err(DebugError::TooLong)));
        assert!(debug.list().is_empty() && data.path().read_dir().expect("a folder").next().is_none());
        let begun = begin(wanted(Some("a"), Some("192.0.2.1"), true)).expect("it may");
        assert!(begun.file.is_some_and(|file| file.exists()));
        assert_eq!((debug.end(Some(7)), debug.end(None), debug.list().len()), (0, 1, 0));
    }

    #[test]
    fn a_rule_ends_by_itself() {
        let (debug, data) = (Debug::default(), tempfile::tempdir().expect("a folder"));
        let over = Wanted { seconds: 0, ..wanted(Some("a"), None, false) };
        debug.begin(over, data.path()).expect("it may");
        assert!(debug.list().is_empty());
    }
}
