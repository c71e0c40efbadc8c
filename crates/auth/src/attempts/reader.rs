//! Reading the log of attempts, also while a server writes it, and after a crash.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use config::Network;
use jiff::Timestamp;

use super::Record;
use super::segments::{self, Found};

/// Longest line that is read; what the writer writes is shorter.
const MAX_LINE: u64 = 256 * 1024;

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
pub struct Reader {
    folder: PathBuf,
    /// The segment that was read last, and how far.
    at: Option<(u64, u64)>,
    unreadable: u64,
}

impl Reader {
    /// Of a data folder. Nothing need be there yet.
    pub fn new(data: &Path) -> Self {
        Self { folder: segments::folder(data), at: None, unreadable: 0 }
    }

    /// Hands out every attempt that was written since the last call, in order.
    ///
    /// # Errors
    /// The folder or a file in it cannot be read, or `each` fails.
    pub fn read(&mut self, each: &mut dyn FnMut(Record) -> io::Result<()>) -> io::Result<()> {
        let found = match segments::list(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            found => found?,
        };
        for segment in found {
            let from = match self.at {
                Some((number, _)) if segment.number < number => continue,
                Some((number, offset)) if segment.number == number => offset,
                _ => 0,
            };
            match self.segment(&segment, from, each) {
                // The writer took it away, as it was the oldest.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                read => read?,
            }
        }
        Ok(())
    }

    /// Lines that were no attempts: torn by a crash, or of another version.
    pub fn unreadable(&self) -> u64 {
        self.unreadable
    }

    fn segment(
        &mut self,
        segment: &Found,
        from: u64,
        each: &mut dyn FnMut(Record) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut file = File::open(&segment.path)?;
        file.seek(SeekFrom::Start(from))?;
        let (mut input, mut offset, mut line) = (BufReader::new(file), from, Vec::new());
        loop {
            line.clear();
            let read = (&mut input).take(MAX_LINE).read_until(b'\n', &mut line)? as u64;
            // A line without its end is being written, or was torn: it is looked at again next time.
            if line.last() != Some(&b'\n') && read < MAX_LINE {
                self.at = Some((segment.number, offset));
                return Ok(());
            }
            offset += read;
            match serde_json::from_slice(&line) {
                Ok(record) => each(record)?,
                Err(_) if line == b"\n" => {}
                Err(_) => self.unreadable += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};
    use std::io::Write;

    use std::net::IpAddr;

    use super::super::writer::Log;
    use super::*;
    use crate::attempts::Outcome;
    use crate::{Attempt, Service};

    fn record(identity: &str) -> Record {
        let attempt = Attempt::new(Service::Imap, IpAddr::from([192, 0, 2, 1]), true);
        Record::new(attempt, Some("PLAIN"), identity).ended(Outcome::WrongPassword, "")
    }

    fn names(reader: &mut Reader) -> Vec<String> {
        let mut names = Vec::new();
        let mut each = |record: Record| {
            names.push(record.identity);
            Ok(())
        };
        reader.read(&mut each).expect("read");
        names
    }

    #[test]
    fn what_is_written_is_read_on_and_a_torn_line_is_waited_for_or_passed_over() {
        let data = tempfile::tempdir().expect("a folder");
        let mut reader = Reader::new(data.path());
        assert!(names(&mut reader).is_empty(), "nothing is there yet");
        let log = Log::open(data.path(), 1 << 20).expect("a log");
        ["a", "b"].into_iter().for_each(|name| log.write(record(name)));
        log.flush();
        assert_eq!(names(&mut reader), ["a", "b"]);
        // A crash tears a line.
        let file = segments::path(&segments::folder(data.path()), 1);
        OpenOptions::new().append(true).open(&file).expect("open").write_all(b"{\"time\":\"20").expect("torn");
        assert!(names(&mut reader).is_empty() && reader.unreadable() == 0);
        let log = Log::open(data.path(), 1 << 20).expect("a log");
        log.write(record("c"));
        log.flush();
        assert_eq!((names(&mut reader), reader.unreadable()), (vec!["c".to_owned()], 1));
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(file).expect("there").permissions());
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn it_never_takes_more_room_than_it_may_and_the_newest_stay() {
        let data = tempfile::tempdir().expect("a folder");
        let size = 64 * 1024;
        let log = Log::open(data.path(), size).expect("a log");
        for n in 0..2000 {
            log.write(record(&format!("user{n}")));
            if n % 100 == 0 {
                log.flush();
            }
        }
        log.flush();
        assert_eq!(log.dropped(), 0);
        let all = segments::list(&segments::folder(data.path())).expect("a list");
        let total: u64 = all.iter().map(|segment| segment.length).sum();
        assert!(total <= size + size / segments::SEGMENTS && total > size / 2, "{total}");
        let names = names(&mut Reader::new(data.path()));
        assert!(names.len() > 100 && names.last().is_some_and(|last| last == "user1999"), "{}", names.len());
        assert!(names.first().is_some_and(|first| first != "user0"));
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
