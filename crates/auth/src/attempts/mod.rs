//! Every login attempt, as the operator sees it: a bounded log on disk, counts for the metrics, and lines for whoever
//! debugs one user.

mod outcome;
mod reader;
mod record;
mod segments;
mod tally;
mod writer;

use std::io;
use std::path::Path;
use std::sync::OnceLock;

use sasl::scram;

pub use outcome::Outcome;
pub use reader::{Filter, Reader};
pub use record::{Record, Said};
pub use tally::Count;

use crate::module::{Request, Who};
use crate::{Attempt, Rejection, TempFail, Unjudged, Verdict};
use tally::Tally;
use writer::Log;

/// What becomes of attempts once they are judged.
#[derive(Debug, Default)]
pub struct Attempts {
    log: OnceLock<Log>,
    tally: Tally,
}

impl Attempts {
    /// From now on attempts are written down in a data folder, within `size` octets. A server does so, commands do not.
    ///
    /// # Errors
    /// The folder or its newest file cannot be made or written.
    pub fn keep(&self, data: &Path, size: u64) -> io::Result<()> {
        if self.log.get().is_none() {
            // Of two callers at once, the second has opened the same files for nothing.
            let _ = self.log.set(Log::open(data, size)?);
        }
        Ok(())
    }

    /// Waits, for a bounded time, until all attempts so far are in the files.
    pub fn flush(&self) {
        if let Some(log) = self.log.get() {
            log.flush();
        }
    }

    /// Attempts that could not be written down.
    pub fn dropped(&self) -> u64 {
        self.log.get().map_or(0, Log::dropped)
    }

    /// How many there were since the start, by service, mechanism and outcome.
    pub fn counts(&self) -> Vec<Count> {
        self.tally.counts()
    }

    /// One that the chain has judged.
    pub(crate) fn judged(&self, request: &Request, verdict: &Verdict) {
        let mechanism = crate::record::mechanism(&request.evidence).name();
        let identity = request.evidence.identity();
        let mut record = Record::new(request.attempt, Some(mechanism), identity);
        record = record.ended(verdict.into(), &why(verdict)).with(&request.who.trail.lines());
        if let Verdict::Accept(account) = verdict {
            record.account = Some(account.address.to_string());
        }
        self.take(record);
    }

    /// A SCRAM exchange that ended as its keys could not be looked up.
    pub(crate) fn without_keys(&self, attempt: Attempt, hash: scram::Hash, who: &Who, cause: &TempFail) {
        let mechanism = match hash {
            scram::Hash::Sha1 => "SCRAM-SHA-1",
            scram::Hash::Sha256 => "SCRAM-SHA-256",
        };
        let record = Record::new(attempt, Some(mechanism), &who.identity);
        self.take(record.ended(Outcome::Temporary, &cause.to_string()).with(&who.trail.lines()));
    }

    /// One that ended before anybody could judge it.
    pub(crate) fn unjudged(&self, attempt: Attempt, unjudged: &Unjudged) {
        self.take(Record::unjudged(attempt, unjudged));
    }

    fn take(&self, record: Record) {
        self.tally.count(&record);
        if let Some(log) = self.log.get() {
            log.write(record);
        }
    }
}

/// What there is to say beyond the outcome's words.
fn why(verdict: &Verdict) -> String {
    match verdict {
        Verdict::TempFail(tempfail) => tempfail.to_string(),
        Verdict::Reject(reason @ (Rejection::Authzid | Rejection::Throttled)) => {
            crate::record::words(*reason).to_owned()
        }
        _ => String::new(),
    }
}
