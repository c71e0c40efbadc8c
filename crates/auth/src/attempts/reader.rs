//! Reading the log of attempts, also while a server writes it, and after a crash.

use std::io;
use std::path::Path;

use config::Network;
use jiff::Timestamp;

use super::{Record, log};

/// Which attempts are wanted; all that is given must fit.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Part of the name or account, in any case.
    pub user: Option<String>,
    /// Where they came from.
    pub from: Option<Network>,
    /// Only those that failed.
    pub failed: bool,
    /// Not older than this.
    pub since: Option<Timestamp>,
}

impl Filter {
    /// Whether an attempt is one of them.
    pub fn fits(&self, record: &Record) -> bool {
        let has = |text: &str, part: &str| text.to_lowercase().contains(&part.to_lowercase());
        let account = record.account.as_deref().unwrap_or_default();
        self.user.as_ref().is_none_or(|user| has(&record.identity, user) || has(account, user))
            && self.from.is_none_or(|network| network.contains(record.address))
            && (!self.failed || record.outcome.is_failure())
            && self.since.is_none_or(|since| record.time >= since)
    }
}

/// Reads attempts from the oldest on, and goes on where it was.
#[derive(Debug)]
pub struct Reader(trace::store::Reader<Record>);

impl Reader {
    /// Of a data folder. Nothing need be there yet.
    pub fn new(data: &Path) -> Self {
        Self(trace::store::Reader::new(log::folder(data)))
    }

    /// Hands out every attempt that was written since the last call, in order.
    ///
    /// # Errors
    /// The folder or a file in it cannot be read, or `each` fails.
    pub fn read(&mut self, each: &mut dyn FnMut(Record) -> io::Result<()>) -> io::Result<()> {
        self.0.read(each)
    }

    /// Lines that were no attempts: torn by a crash, or of another version.
    pub fn unreadable(&self) -> u64 {
        self.0.unreadable()
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;
    use crate::attempts::Outcome;
    use crate::{Attempt, Service};

    fn record(identity: &str) -> Record {
        let attempt = Attempt::new(Service::Imap, IpAddr::from([192, 0, 2, 1]), true);
        Record::new(attempt, Some("PLAIN"), identity).ended(Outcome::WrongPassword, "")
    }

    #[test]
    fn attempts_are_in_the_folder_of_the_log_and_read_from_there() {
        let data = tempfile::tempdir().expect("a folder");
        let log = log::open(data.path(), 1 << 20).expect("a log");
        ["a", "b"].into_iter().for_each(|name| log.write(&mut record(name)));
        log.flush();
        assert!(data.path().join("auth-log/00000001.jsonl").exists());
        let (mut names, mut reader) = (Vec::new(), Reader::new(data.path()));
        let mut each = |record: Record| {
            names.push(record.identity);
            Ok(())
        };
        reader.read(&mut each).expect("read");
        assert_eq!((names, reader.unreadable()), (vec!["a".to_owned(), "b".to_owned()], 0));
    }

    #[test]
    fn all_that_is_asked_for_must_fit() {
        let filter = |user: Option<&str>, from: Option<&str>, failed| Filter {
            user: user.map(str::to_owned),
            from: from.map(|from| from.parse().expect("a network")),
            failed,
            since: None,
        };
        let mut record = record("Alice@example.test");
        assert!(filter(Some("alice"), Some("192.0.2.0/24"), true).fits(&record));
        assert!(!filter(Some("bob"), None, false).fits(&record));
        assert!(!filter(None, Some("198.51.100.0/24"), false).fits(&record));
        record.outcome = Outcome::Ok;
        assert!(!filter(None, None, true).fits(&record));
    }
}
