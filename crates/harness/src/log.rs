//! What a process says, kept line by line, so that a test can wait for a line and show all when it fails.

use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Instant;

use crate::PATIENCE;

/// The lines of one stream; cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log(Arc<(Mutex<Lines>, Condvar)>);

#[derive(Debug, Default)]
struct Lines {
    lines: Vec<String>,
    streams: usize,
}

impl Log {
    /// Collects a stream's lines until it ends, in a thread of its own.
    pub(crate) fn follow(&self, stream: impl Read + Send + 'static) {
        let log = self.clone();
        log.change(|lines| lines.streams += 1);
        std::thread::spawn(move || {
            for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
                log.change(|lines| lines.lines.push(String::from_utf8_lossy(&line).into_owned()));
            }
            log.change(|lines| lines.streams -= 1);
        });
    }

    /// How many lines there are.
    pub(crate) fn len(&self) -> usize {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).lines.len()
    }

    /// All lines.
    pub(crate) fn text(&self) -> String {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).lines.join("\n")
    }

    /// Waits for a line at index `from` or later that `wanted` likes; `None` if the streams end first or nothing
    /// comes in time.
    pub(crate) fn wait(&self, from: usize, wanted: impl Fn(&str) -> bool) -> Option<String> {
        let (lines, changed) = &*self.0;
        let deadline = Instant::now() + PATIENCE;
        let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(line) = lines.lines.iter().skip(from).find(|line| wanted(line)) {
                return Some(line.clone());
            }
            let left = deadline.checked_duration_since(Instant::now())?;
            if lines.streams == 0 {
                return None;
            }
            lines = changed.wait_timeout(lines, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits until the streams have ended: then every line is here.
    pub(crate) fn wait_for_end(&self) {
        self.wait(usize::MAX, |_| false);
    }

    fn change(&self, change: impl FnOnce(&mut Lines)) {
        change(&mut self.0.0.lock().unwrap_or_else(PoisonError::into_inner));
        self.0.1.notify_all();
    }
}
