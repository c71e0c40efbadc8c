//! Every login attempt, as the operator sees it: a bounded log on disk, counts for the metrics, and lines for whoever
//! debugs one user.

mod debug;
pub mod exposed;
mod log;
mod outcome;
mod reader;
mod record;
mod sparse;
mod tally;
mod told;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Instant;

use message::Address;
use sasl::{Evidence, scram};

pub use debug::{DebugError, Debugged, LONGEST, Wanted};
pub use outcome::Outcome;
pub use reader::{Filter, Reader};
pub use record::{Record, Said};
pub use tally::Count;

use crate::module::{Request, Who};
use crate::{Attempt, Rejection, TempFail, Unjudged, Verdict};
use debug::Debug;
use log::Log;
use sparse::Sparse;
use tally::Tally;

/// What becomes of attempts once they are judged.
#[derive(std::fmt::Debug, Default)]
pub struct Attempts {
    log: OnceLock<Log>,
    /// The folder of a server that keeps them.
    data: OnceLock<PathBuf>,
    tally: Tally,
    debug: Debug,
    /// Throttled attempts come in floods, which must not push all others out of the log; all of them are counted.
    throttled: Sparse,
}

impl Attempts {
    /// From now on attempts are written down in a data folder, within `size` octets. A server does so, commands do not.
    ///
    /// # Errors
    /// The folder or its newest file cannot be made or written.
    pub fn keep(&self, data: &Path, size: u64) -> io::Result<()> {
        let _ = self.data.set(data.to_owned());
        if self.log.get().is_none() {
            // Of two callers at once, the second has opened the same files for nothing.
            let _ = self.log.set(log::open(data, size)?);
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

    /// Looks into somebody's logins from now on: what the modules do is in the log, line by line.
    ///
    /// # Errors
    /// See [`DebugError`].
    pub fn debug(&self, wanted: Wanted, data: &Path) -> Result<Debugged, DebugError> {
        self.debug.begin(wanted, data)
    }

    /// Whose logins are looked into.
    pub fn debugged(&self) -> Vec<Debugged> {
        self.debug.list()
    }

    /// Ends that, for one or all; how many there were.
    pub fn end_debug(&self, id: Option<u64>) -> usize {
        self.debug.end(id)
    }

    /// Marks the account of a password that came in clear, for the operator.
    pub(crate) fn expose(&self, account: &Address, attempt: Attempt) {
        let Some(data) = self.data.get() else { return };
        if let Err(error) = exposed::mark(data, account, (attempt.peer, attempt.service.name())) {
            tracing::error!(%account, %error, "the account could not be marked as \"password exposed\"");
        }
    }

    /// How many there were since the start, by service, mechanism and outcome.
    pub fn counts(&self) -> Vec<Count> {
        self.tally.counts()
    }

    /// One that the chain has judged.
    pub(crate) fn judged(&self, request: &Request, verdict: &Verdict) -> Record {
        let mechanism = request.evidence.mechanism().name();
        let identity = request.evidence.identity();
        let mut record = Record::new(request.attempt, Some(mechanism), identity);
        record = record.ended(verdict.into(), &why(verdict)).with(&request.who.trail.lines());
        if let Verdict::Accept(account) = verdict {
            record.account = Some(account.address.to_string());
        }
        self.take(record, Some(&request.evidence))
    }

    /// A SCRAM exchange that ended as its keys could not be looked up.
    pub(crate) fn without_keys(&self, attempt: Attempt, hash: scram::Hash, who: &Who, cause: &TempFail) -> Record {
        let mechanism = match hash {
            scram::Hash::Sha1 => "SCRAM-SHA-1",
            scram::Hash::Sha256 => "SCRAM-SHA-256",
        };
        let record = Record::new(attempt, Some(mechanism), &who.identity);
        let record = record.ended(Outcome::Temporary, &cause.to_string()).with(&who.trail.lines());
        self.take(record, None)
    }

    /// One that ended before anybody could judge it.
    pub(crate) fn unjudged(&self, attempt: Attempt, unjudged: &Unjudged) -> Record {
        self.take(Record::unjudged(attempt, unjudged), None)
    }

    fn take(&self, mut record: Record, evidence: Option<&Evidence>) -> Record {
        self.tally.count(&record);
        self.debug.look(&record, evidence);
        let one_of_many = record.outcome == Outcome::Throttled && !self.throttled.admits(Instant::now());
        if let Some(log) = self.log.get().filter(|_| !one_of_many) {
            log.write(&mut record);
        }
        record
    }
}

/// What there is to say beyond the outcome's words.
pub(crate) fn why(verdict: &Verdict) -> String {
    match verdict {
        Verdict::TempFail(tempfail) => tempfail.to_string(),
        Verdict::Reject(reason @ (Rejection::Authzid | Rejection::Throttled)) => {
            crate::record::words(*reason).to_owned()
        }
        _ => String::new(),
    }
}
