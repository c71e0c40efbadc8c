//! The line that a client has said.

use std::ops::Deref;

/// A line's buffer is given back when it was this large: idle sessions are many.
const KEPT: usize = 512;

/// The last line, without its end. It may hold a password: whoever is done with it forgets it.
#[derive(Default)]
pub(crate) struct Line(Vec<u8>);

impl Line {
    /// Where the next line is read to.
    pub(super) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }

    /// Wipes it and puts a text in its place, for the log.
    pub(crate) fn hide_behind(&mut self, text: &str) {
        self.wipe();
        self.0.extend_from_slice(text.as_bytes());
    }

    /// Wipes it, and gives the buffer back where it was large.
    pub(crate) fn forget(&mut self) {
        self.wipe();
        if self.0.capacity() > KEPT {
            self.0 = Vec::new();
        }
    }

    fn wipe(&mut self) {
        self.0.fill(0);
        self.0.clear();
    }
}

impl Deref for Line {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_session_keeps_no_large_line() {
        let mut line = Line(vec![b'x'; 8000]);
        line.hide_behind("AUTH response");
        assert_eq!(&*line, b"AUTH response");
        line.forget();
        assert!(line.is_empty() && line.0.capacity() <= KEPT);
    }
}
