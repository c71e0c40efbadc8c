//! What all sessions share: the files, and who runs.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;

use super::recorder::Session;
use crate::SessionId;
use crate::record::Record;
use crate::store::{Log, Reader, Settings};

/// Sessions begin and end on all threads: so many locks share them.
const SHARDS: usize = 16;

/// The files of all records, and the sessions that run. One for the whole server.
#[derive(Debug)]
pub struct Tracer {
    on: bool,
    log: Option<Log<Record>>,
    running: [Mutex<HashMap<SessionId, Weak<Session>>>; SHARDS],
}

/// Where the records are in a data folder.
pub fn folder(data: &Path) -> PathBuf {
    data.join("trace")
}

/// Reads the records in a data folder, also without a server.
pub fn reader(data: &Path) -> Reader<Record> {
    Reader::new(folder(data))
}

impl Tracer {
    /// Most octets of all files, where nothing else is configured.
    pub const SIZE: u64 = 256 << 20;
    /// How long records stay, where nothing else is configured.
    pub const AGE: Duration = Duration::from_secs(14 * 24 * 3600);

    /// Keeps records in a data folder, within so many octets and for so long.
    ///
    /// # Errors
    /// See [`Log::open`].
    pub fn open(data: &Path, size: u64, age: Option<Duration>) -> io::Result<Arc<Self>> {
        let log = Log::open(Settings {
            folder: folder(data),
            thread: "gatepost-trace",
            trouble: "records of sessions cannot be written down; sessions go on",
            size,
            age,
        })?;
        Ok(Arc::new(Self { log: Some(log), ..Self::new(true) }))
    }

    /// Knows the sessions that run, and keeps nothing of those that ended.
    pub fn without_files() -> Arc<Self> {
        Arc::new(Self::new(true))
    }

    /// Records nothing.
    pub fn off() -> Arc<Self> {
        Arc::new(Self::new(false))
    }

    fn new(on: bool) -> Self {
        Self { on, log: None, running: Default::default() }
    }

    /// Whether sessions are recorded.
    pub fn is_on(&self) -> bool {
        self.on
    }

    /// A session that runs, as far as it has come, with what was said in it.
    pub fn running(&self, id: SessionId) -> Option<Record> {
        let session = self.shard(id).lock().get(&id)?.upgrade()?;
        let live = session.live.lock();
        live.as_ref().map(super::live::Live::snapshot)
    }

    /// The sessions that run, without what was said in them, the longest ones first; at most so many.
    pub fn all_running(&self, most: usize) -> Vec<Record> {
        let mut all = Vec::new();
        for shard in &self.running {
            let sessions: Vec<_> = shard.lock().values().filter_map(Weak::upgrade).collect();
            all.extend(
                sessions.iter().filter_map(|session| session.live.lock().as_ref().map(|live| live.record.clone())),
            );
        }
        all.sort_by_key(|record| record.began);
        all.truncate(most);
        all
    }

    /// Records that are in no file, as the disk failed or was too slow.
    pub fn dropped(&self) -> u64 {
        self.log.as_ref().map_or(0, Log::dropped)
    }

    /// Waits, for a bounded time, until all records so far are in the files. Blocks: not for a runtime's threads.
    pub fn flush(&self) {
        if let Some(log) = &self.log {
            log.flush();
        }
    }

    pub(super) fn begins(&self, session: &Arc<Session>) {
        self.shard(session.id).lock().insert(session.id, Arc::downgrade(session));
    }

    pub(super) fn ended(&self, session: &Arc<Session>, mut record: Record) {
        // Of 40 random bits two may be the same.
        match self.shard(session.id).lock().entry(session.id) {
            Entry::Occupied(one) if one.get().as_ptr() == Arc::as_ptr(session) => drop(one.remove()),
            _ => {}
        }
        if let Some(log) = &self.log {
            log.write(&mut record);
        }
    }

    fn shard(&self, id: SessionId) -> &Mutex<HashMap<SessionId, Weak<Session>>> {
        let [first, ..] = &self.running;
        self.running.get(id.shard() % SHARDS).unwrap_or(first)
    }
}
