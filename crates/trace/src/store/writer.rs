//! Writing a log: one thread, so that no session ever waits for a disk.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::time::{Duration, Instant, SystemTime};

use super::segment::Segment;
use super::{Kept, LINE_LIMIT, Settings, segments};

/// Records that may wait for the disk. More are dropped, and counted: a flood must not fill the memory.
const WAITING: usize = 4096;
/// Octets of memory that waiting records may hold together.
const WAITING_WEIGHT: usize = 16 << 20;
/// Most records that are written at once.
const BATCH: usize = 256;
/// How often trouble with the disk is told.
const TELL_EVERY: Duration = Duration::from_secs(60);
/// Longest wait for what is under way to be on disk, at the end of the server.
const FLUSH: Duration = Duration::from_secs(2);
/// A file is closed after this part of the age: so much longer than the age may a record stay.
const AGE_PARTS: u32 = 16;
/// How often, at the least and at the most, it is looked whether files are too old.
const LOOK: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(3600));

/// The log, as those see it who write to it. Its thread ends with it, after all that was handed over is written.
#[derive(Debug)]
pub struct Log<R> {
    to: SyncSender<Message<R>>,
    count: Arc<Count>,
}

/// What both sides count.
#[derive(Debug, Default)]
struct Count {
    dropped: AtomicU64,
    /// The weight of all that waits.
    waiting: AtomicUsize,
}

#[derive(Debug)]
enum Message<R> {
    Record(Box<R>),
    Flush(SyncSender<()>),
}

impl<R: Kept> Log<R> {
    /// Goes on with the log in a folder, or begins it. What is too old there goes.
    ///
    /// # Errors
    /// The folder or its newest file cannot be made, read or written, or there can be no thread.
    pub fn open(settings: Settings) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(&settings.folder)?;
        let segment = Segment::last(&settings.folder)?;
        let ((log, from), thread) = (Self::channel(), settings.thread.to_owned());
        let mut writer = Writer { settings, segment, count: Arc::clone(&log.count), told: None };
        writer.renew(SystemTime::now())?;
        writer.remove_old(SystemTime::now())?;
        std::thread::Builder::new().name(thread).spawn(move || writer.run(&from))?;
        Ok(log)
    }

    fn channel() -> (Self, Receiver<Message<R>>) {
        let (to, from) = mpsc::sync_channel(WAITING);
        (Self { to, count: Arc::default() }, from)
    }

    /// Hands a record over; never waits. It is dropped, and counted, where too many wait already.
    pub fn write(&self, record: R) {
        let weight = record.weight();
        let waiting = self.count.waiting.fetch_add(weight, Ordering::Relaxed);
        let sent = waiting < WAITING_WEIGHT && self.to.try_send(Message::Record(Box::new(record))).is_ok();
        if !sent {
            self.count.waiting.fetch_sub(weight, Ordering::Relaxed);
            self.count.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Records that are in no file.
    pub fn dropped(&self) -> u64 {
        self.count.dropped.load(Ordering::Relaxed)
    }

    /// Waits, for a bounded time, until all that was handed over is in the files. Blocks: not for a runtime's threads.
    pub fn flush(&self) {
        let (done, written) = mpsc::sync_channel(1);
        let until = Instant::now() + FLUSH;
        let mut message = Message::Flush(done);
        while let Err(TrySendError::Full(back)) = self.to.try_send(message) {
            if Instant::now() >= until {
                return;
            }
            message = back;
            std::thread::sleep(Duration::from_millis(5));
        }
        // An error: the thread is gone, or too slow. Either way there is no more to wait for.
        let _ = written.recv_timeout(FLUSH);
    }
}

/// The thread's.
struct Writer {
    settings: Settings,
    segment: Segment,
    count: Arc<Count>,
    /// When it was last told that something does not work.
    told: Option<Instant>,
}

impl Writer {
    fn run<R: Kept>(mut self, from: &Receiver<Message<R>>) {
        let look = self.settings.age.map_or(LOOK.1, |age| (age / AGE_PARTS).clamp(LOOK.0, LOOK.1));
        loop {
            let written = match from.recv_timeout(look) {
                Ok(message) => self.batch(std::iter::once(message).chain(from.try_iter().take(BATCH))),
                // Also where nothing comes any more, what is old goes.
                Err(RecvTimeoutError::Timeout) => self.renew(SystemTime::now()),
                Err(RecvTimeoutError::Disconnected) => return,
            };
            if let Err(error) = written {
                self.tell(&error);
            }
        }
    }

    fn batch<R: Kept>(&mut self, messages: impl Iterator<Item = Message<R>>) -> io::Result<()> {
        let (mut lines, mut count, mut waiting) = (Vec::new(), 0, Vec::new());
        for message in messages {
            match message {
                Message::Flush(done) => waiting.push(done),
                Message::Record(mut record) => {
                    let weight = record.weight();
                    let line = line(&mut *record, &mut lines);
                    self.count.waiting.fetch_sub(weight, Ordering::Relaxed);
                    count += u64::from(line);
                    self.count.dropped.fetch_add(u64::from(!line), Ordering::Relaxed);
                }
            }
        }
        let written = self.append(&lines);
        if written.is_err() {
            self.count.dropped.fetch_add(count, Ordering::Relaxed);
        }
        for done in waiting {
            // Who asked may have given up.
            let _ = done.try_send(());
        }
        written
    }

    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        self.renew(SystemTime::now())?;
        self.segment.append(lines)
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
            let (path, dropped) = (self.settings.folder.display(), self.count.dropped.load(Ordering::Relaxed));
            tracing::error!(%path, %error, dropped, "{}", self.settings.trouble);
        }
    }
}

/// Adds a record's line, of at most [`LINE_LIMIT`] octets with its end. `false`: it cannot be written so short.
fn line(record: &mut impl Kept, lines: &mut Vec<u8>) -> bool {
    let start = lines.len();
    loop {
        let written = serde_json::to_writer(&mut *lines, record);
        if written.is_ok() && lines.len() - start < LINE_LIMIT {
            lines.push(b'\n');
            return true;
        }
        lines.truncate(start);
        if written.is_err() || !record.shorten() {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Serialize)]
    struct Heavy(usize);

    impl Kept for Heavy {
        fn weight(&self) -> usize {
            self.0
        }
    }

    #[test]
    fn what_waits_for_the_disk_is_bounded_in_number_and_weight() {
        for (weight, most) in [(0, WAITING), (1 << 20, WAITING_WEIGHT >> 20)] {
            let (log, from) = Log::channel();
            (0..10_000).for_each(|_| log.write(Heavy(weight)));
            assert_eq!((from.try_iter().count(), log.dropped()), (most, 10_000 - most as u64));
        }
    }
}
