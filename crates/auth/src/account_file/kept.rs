//! What was read of files, kept until they change.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use parking_lot::Mutex;

use super::Read;

/// More files than this are not kept at once: names in a path come from clients.
const MAX_KEPT: usize = 256;

/// Values read from files, by the path that was asked for.
#[derive(Debug)]
pub(crate) struct Kept<T>(Mutex<HashMap<PathBuf, One<T>>>);

#[derive(Debug)]
struct One<T> {
    value: Arc<T>,
    /// All that it was made of.
    read: Vec<Read>,
    /// Whether every later change will show.
    settled: bool,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Kept<T> {
    /// The value of a path, read now if it is not known or a file has changed. A file that breaks is an error at once:
    /// what it said before is forgotten.
    pub(crate) fn get<E>(&self, path: &Path, load: impl FnOnce() -> Result<(T, Vec<Read>), E>) -> Result<Arc<T>, E> {
        let mut kept = self.0.lock();
        if let Some(one) = kept.get(path)
            && one.settled
            && one.read.iter().all(Read::is_same)
        {
            return Ok(one.value.clone());
        }
        kept.remove(path);
        let now = SystemTime::now();
        let (value, read) = load()?;
        let value = Arc::new(value);
        if kept.len() >= MAX_KEPT
            && let Some(any) = kept.keys().next().cloned()
        {
            kept.remove(&any);
        }
        let settled = read.iter().all(|read| read.is_settled(now));
        kept.insert(path.to_owned(), One { value: value.clone(), read, settled });
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account_file::{Unreadable, read};

    #[test]
    fn read_once_and_again_after_every_change() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("file");
        let kept: Kept<Vec<u8>> = Kept::default();
        let get = || {
            let mut loads = 0;
            let load = || {
                loads += 1;
                read(&path).map(|(text, read)| (text.to_vec(), vec![read]))
            };
            let value = kept.get(&path, load);
            value.map(|value| (value.to_vec(), loads))
        };
        assert!(get().is_err_and(|error: Unreadable| error.is_missing()));
        // At once after a write, the same size: every one shows.
        for text in [b"one", b"two", b"six"] {
            std::fs::write(&path, text).expect("written");
            assert_eq!(get().expect("read").0, text);
        }
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
        while get().expect("read").1 != 0 {
            assert!(std::time::Instant::now() < deadline, "it is never kept");
        }
        std::fs::write(dir.path().join("new"), b"ten").expect("written");
        std::fs::rename(dir.path().join("new"), &path).expect("renamed");
        assert_eq!(get().expect("read").0, b"ten");
        std::fs::remove_file(&path).expect("removed");
        assert!(get().is_err());
    }

    #[test]
    fn names_from_clients_do_not_fill_the_memory() {
        let kept: Kept<()> = Kept::default();
        for n in 0..MAX_KEPT + 10 {
            kept.get(Path::new(&n.to_string()), || Ok::<_, ()>(((), Vec::new()))).expect("kept");
        }
        assert_eq!(kept.0.lock().len(), MAX_KEPT);
    }
}
