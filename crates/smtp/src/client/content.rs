//! A message's content as DATA wants it (RFC 5321 §4.5.2).

use memchr::memchr2;

/// Writes content with dots stuffed and the final dot. Every bare LF or CR becomes CRLF: were one let through, `LF . LF`
/// in a message could end it for a sloppy server, and what follows would be commands (SMTP smuggling).
#[derive(Debug)]
pub struct ContentWriter {
    /// The next octet begins a line.
    line_start: bool,
    /// The octet before was a CR whose LF has not come yet; its CRLF is written already.
    after_return: bool,
}

impl Default for ContentWriter {
    fn default() -> Self {
        Self { line_start: true, after_return: false }
    }
}

impl ContentWriter {
    /// Adds a piece of the content to `out`. Pieces may be cut anywhere.
    pub fn push(&mut self, mut piece: &[u8], out: &mut Vec<u8>) {
        while let Some(&first) = piece.first() {
            match first {
                b'\n' if self.after_return => self.after_return = false,
                b'\r' | b'\n' => {
                    out.extend_from_slice(b"\r\n");
                    self.line_start = true;
                    self.after_return = first == b'\r';
                }
                _ => {
                    let length = memchr2(b'\r', b'\n', piece).unwrap_or(piece.len());
                    let (text, rest) = piece.split_at(length);
                    self.text(text, out);
                    piece = rest;
                    continue;
                }
            }
            piece = piece.get(1..).unwrap_or_default();
        }
    }

    fn text(&mut self, text: &[u8], out: &mut Vec<u8>) {
        if self.line_start && text.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(text);
        self.line_start = false;
        self.after_return = false;
    }

    /// Ends the content: the CRLF of a last line without one, and the dot.
    pub fn finish(self, out: &mut Vec<u8>) {
        if !self.line_start {
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b".\r\n");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(pieces: &[&[u8]]) -> Vec<u8> {
        let (mut writer, mut out) = (ContentWriter::default(), Vec::new());
        for piece in pieces {
            writer.push(piece, &mut out);
        }
        writer.finish(&mut out);
        out
    }

    /// What a server makes of it: lines until the dot, first dots removed.
    fn received(wire: &[u8]) -> Vec<u8> {
        let text = wire.strip_suffix(b".\r\n").expect("ends with the dot");
        let mut content = Vec::new();
        let mut rest = text;
        while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
            let (line, tail) = rest.split_at(end + 2);
            assert_ne!(line, b".\r\n", "the dot came early");
            content.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
            rest = tail;
        }
        assert_eq!(rest, b"", "the dot stands on a line of its own");
        content
    }

    #[test]
    fn dots_and_line_ends() {
        assert_eq!(written(&[b"a\r\n.b\r\n..\r\n"]), b"a\r\n..b\r\n...\r\n.\r\n");
        assert_eq!(written(&[b"no end"]), b"no end\r\n.\r\n");
        assert_eq!(written(&[]), b".\r\n");
        assert_eq!(written(&[b"a\n.\nMAIL FROM:<x>\r.\r\r\n"]), b"a\r\n..\r\nMAIL FROM:<x>\r\n..\r\n\r\n.\r\n");
    }

    proptest! {
        #[test]
        fn the_server_gets_the_same(octets in prop::collection::vec(prop::sample::select(&b"\r\n.ab\xe9"[..]), 0..60), cut in 0usize..60) {
            let (head, tail) = octets.split_at(cut.min(octets.len()));
            let wire = written(&[head, tail]);
            prop_assert_eq!(&wire, &written(&[&octets]), "where it is cut never matters");
            let bare = wire.iter().enumerate().any(|(i, &b)| {
                b == b'\n' && (i == 0 || wire[i - 1] != b'\r') || b == b'\r' && wire.get(i + 1) != Some(&b'\n')
            });
            prop_assert!(!bare, "a bare line end: {:?}", wire);
            let wanted = String::from_utf8_lossy(&octets).replace("\r\n", "\n").replace('\r', "\n");
            let wanted = if wanted.is_empty() || wanted.ends_with('\n') { wanted } else { wanted + "\n" };
            prop_assert_eq!(String::from_utf8_lossy(&received(&wire)).replace("\r\n", "\n"), wanted);
        }
    }
}
