//! Writing the log of attempts: one thread, so that no login ever waits for a disk.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::time::{Duration, Instant};

use super::Record;
use super::segments::{self, SEGMENTS};

/// Attempts that may wait for the disk. More are dropped, and counted: a flood must not fill the memory.
const WAITING: usize = 4096;
/// Most attempts that are written at once.
const BATCH: usize = 256;
/// How often trouble with the disk is told.
const TELL_EVERY: Duration = Duration::from_secs(60);
/// Longest wait for what is under way to be on disk, at the end of the server.
const FLUSH: Duration = Duration::from_secs(2);

/// The log, as those write to it who judge.
#[derive(Debug)]
pub(super) struct Log {
    to: SyncSender<Message>,
    dropped: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Message {
    Record(Box<Record>),
    Flush(SyncSender<()>),
}

impl Log {
    /// Goes on with the log in a data folder, of at most `size` octets.
    pub(super) fn open(data: &Path, size: u64) -> io::Result<Self> {
        let folder = segments::folder(data);
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        let segment = Segment::last(&folder)?;
        let (to, from) = mpsc::sync_channel(WAITING);
        let dropped = Arc::new(AtomicU64::new(0));
        let writer = Writer { folder, segment, size, dropped: Arc::clone(&dropped), told: None };
        std::thread::Builder::new().name("gatepost-auth-log".to_owned()).spawn(move || writer.run(&from))?;
        Ok(Self { to, dropped })
    }

    /// Hands an attempt over; never waits.
    pub(super) fn write(&self, record: Record) {
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) =
            self.to.try_send(Message::Record(Box::new(record)))
        {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Attempts that are in no file.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Waits, for a bounded time, until all that was handed over is in the files.
    pub(super) fn flush(&self) {
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
    folder: PathBuf,
    segment: Segment,
    size: u64,
    dropped: Arc<AtomicU64>,
    /// When it was last told that something does not work.
    told: Option<Instant>,
}

impl Writer {
    fn run(mut self, from: &Receiver<Message>) {
        while let Ok(message) = from.recv() {
            let (mut lines, mut count, mut waiting) = (Vec::new(), 0, Vec::new());
            for message in std::iter::once(message).chain(from.try_iter().take(BATCH)) {
                match message {
                    Message::Flush(done) => waiting.push(done),
                    Message::Record(record) => {
                        serde_json::to_writer(&mut lines, &record).expect("no map has keys other than texts");
                        lines.push(b'\n');
                        count += 1;
                    }
                }
            }
            if let Err(error) = self.append(&lines) {
                self.dropped.fetch_add(count, Ordering::Relaxed);
                self.tell(&error);
            }
            for done in waiting {
                // Who asked may have given up.
                let _ = done.try_send(());
            }
        }
    }

    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        if self.segment.length >= self.size / SEGMENTS {
            self.segment = Segment::make(&self.folder, self.segment.number + 1)?;
            self.remove_old()?;
        }
        self.segment.append(lines)
    }

    /// The oldest go first, until all of them together are within the bound.
    fn remove_old(&self) -> io::Result<()> {
        let all = segments::list(&self.folder)?;
        let mut total: u64 = all.iter().map(|segment| segment.length).sum();
        for old in all.iter().filter(|segment| segment.number != self.segment.number) {
            // Room for one whole segment more is kept, as the new one will grow.
            if total + self.size / SEGMENTS <= self.size {
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
            let (path, dropped) = (self.folder.display(), self.dropped.load(Ordering::Relaxed));
            tracing::error!(%path, %error, dropped, "login attempts cannot be written down; logins go on");
        }
    }
}

/// The file that is written to.
struct Segment {
    number: u64,
    file: File,
    length: u64,
}

impl Segment {
    /// The last one that is there, or the first.
    fn last(folder: &Path) -> io::Result<Self> {
        match segments::list(folder)?.last() {
            Some(last) => Self::make(folder, last.number),
            None => Self::make(folder, 1),
        }
    }

    fn make(folder: &Path, number: u64) -> io::Result<Self> {
        let path = segments::path(folder, number);
        let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
        let mut segment = Self { number, length: file.seek(SeekFrom::End(0))?, file };
        // A crash may have torn the last line: the next one must not become part of it.
        if !segment.ends_with_a_line()? {
            segment.append(b"\n")?;
        }
        Ok(segment)
    }

    fn ends_with_a_line(&mut self) -> io::Result<bool> {
        if self.length == 0 {
            return Ok(true);
        }
        let mut last = [0];
        self.file.seek(SeekFrom::End(-1))?;
        self.file.read_exact(&mut last)?;
        Ok(last == *b"\n")
    }

    fn append(&mut self, octets: &[u8]) -> io::Result<()> {
        self.file.write_all(octets)?;
        self.length += octets.len() as u64;
        Ok(())
    }
}
