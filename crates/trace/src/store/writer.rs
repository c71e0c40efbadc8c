//! Writing a log: one thread, so that no session ever waits for a disk.

use std::fs::{self, DirBuilder};
use std::io;
use std::marker::PhantomData;
use std::os::unix::fs::DirBuilderExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use super::pending::{Batch, Pending};
use super::segment::Segment;
use super::{Kept, LINE_LIMIT, Settings, segments};

/// How often trouble with the disk is told.
const TELL_EVERY: Duration = Duration::from_secs(60);
/// Longest wait for what is under way to be on disk, at the end of the server.
const FLUSH: Duration = Duration::from_secs(2);
/// A file is closed after this part of the age: so much longer than the age may a record stay.
const AGE_PARTS: u32 = 16;
/// How often, at the least and at the most, it is looked whether files are too old.
const LOOK: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(3600));
/// Room for the line of nearly every record.
const LINE: usize = 1024;

/// The log, as those see it who write to it. Its thread ends with it, after all that was handed over is written.
#[derive(Debug)]
pub struct Log<R> {
    shared: Arc<Shared>,
    records: PhantomData<fn(R)>,
}

/// What both sides have.
#[derive(Debug, Default)]
struct Shared {
    pending: Pending,
    /// Records that are in no file.
    dropped: AtomicU64,
}

impl<R: Kept> Log<R> {
    /// Goes on with the log in a folder, or begins it. What is too old there goes.
    ///
    /// # Errors
    /// The folder or its newest file cannot be made, read or written, or there can be no thread.
    pub fn open(settings: Settings) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(&settings.folder)?;
        let segment = Segment::last(&settings.folder)?;
        let (shared, thread) = (Arc::<Shared>::default(), settings.thread.to_owned());
        let mut writer = Writer { settings, segment, shared: Arc::clone(&shared), told: None };
        writer.renew(SystemTime::now())?;
        writer.remove_old(SystemTime::now())?;
        std::thread::Builder::new().name(thread).spawn(move || writer.run())?;
        Ok(Self { shared, records: PhantomData })
    }

    /// Hands a record over; never waits for the disk. It is dropped, and counted, where too much waits already.
    /// What makes its line too long is taken out of it ([`Kept::shorten`]).
    pub fn write(&self, record: &mut R) {
        let mut text = Vec::with_capacity(LINE);
        if !line(record, &mut text) || !self.shared.pending.add(&text) {
            self.shared.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Records that are in no file.
    pub fn dropped(&self) -> u64 {
        self.shared.dropped.load(Ordering::Relaxed)
    }

    /// Waits, for a bounded time, until all that was handed over is in the files. Blocks: not for a runtime's threads.
    pub fn flush(&self) {
        self.shared.pending.flush(FLUSH);
    }
}

impl<R> Drop for Log<R> {
    fn drop(&mut self) {
        self.shared.pending.close();
    }
}

/// The thread's.
struct Writer {
    settings: Settings,
    segment: Segment,
    shared: Arc<Shared>,
    /// When it was last told that something does not work.
    told: Option<Instant>,
}

impl Writer {
    fn run(mut self) {
        let look = self.settings.age.map_or(LOOK.1, |age| (age / AGE_PARTS).clamp(LOOK.0, LOOK.1));
        let mut used = Vec::new();
        loop {
            let written = match self.shared.pending.take(std::mem::take(&mut used), look) {
                Batch::Lines(lines) => {
                    let written = self.append(&lines);
                    used = lines;
                    written
                }
                // Also where nothing comes any more, what is old goes.
                Batch::Nothing => self.renew(SystemTime::now()),
                Batch::Closed => return,
            };
            if let Err(error) = written {
                self.tell(&error);
            }
            self.shared.pending.done();
        }
    }

    /// Writes lines, file after file; what cannot be written is counted.
    fn append(&mut self, mut lines: &[u8]) -> io::Result<()> {
        while !lines.is_empty() {
            let next = self.renew(SystemTime::now());
            let room = self.settings.segment().saturating_sub(self.segment.length);
            let (now, later) = lines.split_at(whole_lines(lines, room));
            if let Err(error) = next.and_then(|()| self.segment.append(now)) {
                let records = memchr::memchr_iter(b'\n', lines).count();
                self.shared.dropped.fetch_add(records as u64, Ordering::Relaxed);
                return Err(error);
            }
            lines = later;
        }
        Ok(())
    }

    /// Begins the next file where this one is full or old, and takes away what is too much or too old.
    fn renew(&mut self, now: SystemTime) -> io::Result<()> {
        let old = self.settings.age.is_some_and(|age| self.segment.is_older(age / AGE_PARTS, now));
        if old || self.segment.length >= self.settings.segment() {
            self.segment = Segment::make(&self.settings.folder, self.segment.number + 1)?;
            return self.remove_old(now);
        }
        // While nothing comes the files grow old all the same.
        if self.settings.age.is_some() && self.segment.length == 0 { self.remove_old(now) } else { Ok(()) }
    }

    /// The oldest go first, until all of them together are within the bound.
    fn remove_old(&self, now: SystemTime) -> io::Result<()> {
        let all = segments::list(&self.settings.folder)?;
        let mut total: u64 = all.iter().map(|segment| segment.length).sum();
        for old in all.iter().filter(|segment| segment.number != self.segment.number) {
            let age = now.duration_since(old.written).unwrap_or_default();
            // Room for one whole segment more is kept, as the new one will grow.
            if total + self.settings.segment() <= self.settings.size && self.settings.age.is_none_or(|most| age < most)
            {
                break;
            }
            fs::remove_file(&old.path)?;
            total -= old.length;
        }
        Ok(())
    }

    fn tell(&mut self, error: &io::Error) {
        if self.told.is_none_or(|told| told.elapsed() > TELL_EVERY) {
            self.told = Some(Instant::now());
            let (path, dropped) = (self.settings.folder.display(), self.shared.dropped.load(Ordering::Relaxed));
            tracing::error!(%path, %error, dropped, "{}", self.settings.trouble);
        }
    }
}

/// How many octets the lines have that begin within so much room; one does at least.
fn whole_lines(lines: &[u8], room: u64) -> usize {
    let room = usize::try_from(room).unwrap_or(usize::MAX).clamp(1, lines.len());
    let rest = lines.get(room - 1..).unwrap_or_default();
    memchr::memchr(b'\n', rest).map_or(lines.len(), |end| room + end)
}

/// Adds a record's line, of at most [`LINE_LIMIT`] octets with its end. `false`: it cannot be written so short.
fn line(record: &mut impl Kept, line: &mut Vec<u8>) -> bool {
    loop {
        let written = serde_json::to_writer(&mut *line, record);
        if written.is_ok() && line.len() < LINE_LIMIT {
            line.push(b'\n');
            return true;
        }
        line.clear();
        if written.is_err() || !record.shorten() {
            return false;
        }
    }
}
