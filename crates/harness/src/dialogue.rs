//! Dialogues: text files that a postmaster can read, played against a bare session or a real server.
//!
//! ```text
//! # A comment; empty lines are passed over.
//! S: +OK ... ready [...]          one line from the server; "..." stands for anything, also nothing
//! C: USER ${user}                 one line from the client, sent with CRLF
//! C-: raw octets\r\n              sent as they are, without an end
//! S*: .                           any number of lines, up to one that looks so
//! TLS                             the client does the TLS handshake
//! CLOSED                          the server closes the connection, having said nothing more
//! ```
//!
//! Client lines that follow each other are sent in one piece, as a pipelining client would. Escapes: `\r`, `\n`, `\0`,
//! `\t`, `\xNN`, `\\`, `\.` (a dot that begins no wildcard), `\$`. `${name}` is a variable.

mod pattern;
mod tcp;

use std::fmt::Write;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pattern::{Pattern, literal};
pub use tcp::Tcp;

/// What came from the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// A line, without its CRLF.
    Line(Vec<u8>),
    /// The server closed.
    Closed,
    /// Nothing, and it does not look as if anything would come.
    Nothing,
}

/// The client's end of a connection to a bare session or to a real server.
pub trait Wire {
    /// Sends octets.
    fn send(&mut self, octets: &[u8]);
    /// Waits for a line.
    fn receive_line(&mut self) -> Received;
    /// Does the TLS handshake. Whatever the server said and nobody has read is an error.
    fn start_tls(&mut self);
}

/// One dialogue file and the values of its variables.
#[derive(Debug, Clone)]
pub struct Dialogue {
    path: PathBuf,
    text: String,
    variables: Vec<(String, String)>,
}

/// One line of the file.
enum Entry {
    Client(Vec<u8>),
    Server(Pattern),
    Until(Pattern),
    Tls,
    Closed,
}

impl Dialogue {
    /// Reads a file; panics if there is none.
    pub fn load(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref().to_owned();
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self { path, text, variables: Vec::new() }
    }

    /// Every `*.dialogue` in a folder, sorted by name; panics if there is none.
    pub fn load_all(folder: impl AsRef<Path>) -> Vec<Self> {
        let folder = folder.as_ref();
        let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut paths: Vec<_> = entries.map(|entry| entry.expect("a folder entry").path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "dialogue"));
        paths.sort();
        assert!(!paths.is_empty(), "no dialogues in {}", folder.display());
        paths.into_iter().map(Self::load).collect()
    }

    /// Its file's name without `.dialogue`.
    pub fn name(&self) -> &str {
        self.path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default()
    }

    /// Sets a variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// Sets what a client sends to log in: `user` and `password`; both in base64, `user64` and `password64`; the
    /// response of PLAIN, `plain`; and that of a wrong password, `plain_wrong`.
    #[must_use]
    pub fn with_account(self, user: &str, password: &str) -> Self {
        self.with("user", user)
            .with("password", password)
            .with("user64", STANDARD.encode(user))
            .with("password64", STANDARD.encode(password))
            .with("plain", STANDARD.encode(format!("\0{user}\0{password}")))
            .with("plain_wrong", STANDARD.encode(format!("\0{user}\0wrong")))
    }

    /// Plays it; panics at the first line that goes otherwise, with what was said until then.
    pub fn play(&self, wire: &mut dyn Wire) {
        let mut player = Player { wire, unsent: Vec::new(), transcript: String::new() };
        for (number, line) in self.text.lines().enumerate() {
            let outcome = match self.parse(line) {
                Ok(Some(entry)) => player.play(&entry),
                Ok(None) => Ok(()),
                Err(mistake) => Err(mistake),
            };
            if let Err(what) = outcome {
                let transcript = player.transcript;
                panic!("{}:{}: {what}\n    {line}\n== until then\n{transcript}", self.path.display(), number + 1);
            }
        }
        player.flush();
    }

    fn parse(&self, line: &str) -> Result<Option<Entry>, String> {
        let (key, rest) = line.split_once(':').unwrap_or((line, ""));
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        let entry = match key.trim_end() {
            "" => return Ok(None),
            comment if comment.starts_with('#') => return Ok(None),
            "C" => Entry::Client([literal(rest, &self.variables)?, b"\r\n".to_vec()].concat()),
            "C-" => Entry::Client(literal(rest, &self.variables)?),
            "S" => Entry::Server(Pattern::parse(rest, &self.variables)?),
            "S*" => Entry::Until(Pattern::parse(rest, &self.variables)?),
            "TLS" => Entry::Tls,
            "CLOSED" => Entry::Closed,
            _ => return Err("a line begins with C:, C-:, S:, S*:, TLS, CLOSED or #".to_owned()),
        };
        Ok(Some(entry))
    }
}

/// A dialogue under way.
struct Player<'a> {
    wire: &'a mut dyn Wire,
    /// Client lines that wait for the next server line.
    unsent: Vec<u8>,
    transcript: String,
}

impl Player<'_> {
    fn play(&mut self, entry: &Entry) -> Result<(), String> {
        if let Entry::Client(octets) = entry {
            self.unsent.extend_from_slice(octets);
            self.note("C", octets);
            return Ok(());
        }
        self.flush();
        match entry {
            Entry::Client(_) => Ok(()),
            Entry::Server(pattern) => self.expect(pattern),
            Entry::Until(pattern) => self.skip_until(pattern),
            Entry::Tls => {
                self.wire.start_tls();
                Ok(())
            }
            Entry::Closed => match self.receive() {
                Received::Closed => Ok(()),
                other => Err(format!("expected the server to close, got {}", show(&other))),
            },
        }
    }

    fn flush(&mut self) {
        if !self.unsent.is_empty() {
            self.wire.send(&std::mem::take(&mut self.unsent));
        }
    }

    fn receive(&mut self) -> Received {
        let received = self.wire.receive_line();
        if let Received::Line(line) = &received {
            self.note("S", line);
        }
        received
    }

    fn expect(&mut self, pattern: &Pattern) -> Result<(), String> {
        match self.receive() {
            Received::Line(line) if pattern.matches(&line) => Ok(()),
            other => Err(format!("expected {pattern}, got {}", show(&other))),
        }
    }

    fn skip_until(&mut self, pattern: &Pattern) -> Result<(), String> {
        loop {
            match self.receive() {
                Received::Line(line) if pattern.matches(&line) => return Ok(()),
                Received::Line(_) => {}
                other => return Err(format!("expected lines up to {pattern}, got {}", show(&other))),
            }
        }
    }

    fn note(&mut self, who: &str, octets: &[u8]) {
        let line = octets.strip_suffix(b"\r\n").unwrap_or(octets);
        writeln!(self.transcript, "{who}: {}", line.escape_ascii()).expect("a String takes all");
    }
}

fn show(received: &Received) -> String {
    match received {
        Received::Line(line) => format!("\"{}\"", line.escape_ascii()),
        Received::Closed => "a closed connection".to_owned(),
        Received::Nothing => "nothing".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    /// Says its lines whatever it hears.
    #[derive(Default)]
    struct Parrot {
        heard: Vec<Vec<u8>>,
        lines: VecDeque<&'static str>,
        tls: bool,
    }

    impl Wire for Parrot {
        fn send(&mut self, octets: &[u8]) {
            self.heard.push(octets.to_vec());
        }

        fn receive_line(&mut self) -> Received {
            self.lines.pop_front().map_or(Received::Closed, |line| Received::Line(line.into()))
        }

        fn start_tls(&mut self) {
            self.tls = true;
        }
    }

    fn play(text: &str, lines: &[&'static str]) -> Parrot {
        let mut parrot = Parrot { lines: lines.iter().copied().collect(), ..Parrot::default() };
        let dialogue = Dialogue { path: "test.dialogue".into(), text: text.to_owned(), variables: Vec::new() };
        dialogue.with("user", "alice").play(&mut parrot);
        parrot
    }

    #[test]
    fn a_dialogue_is_played() {
        let text =
            "# hello\nS: +OK ... ready\nC: USER ${user}\nC: PASS x\\0\nS*: .\nTLS\n\nC-: QUIT\nS: * bye...\nCLOSED\n";
        let parrot = play(text, &["+OK mail.example.test ready", "a", "b", ".", "* bye now"]);
        assert_eq!(parrot.heard, [&b"USER alice\r\nPASS x\0\r\n"[..], b"QUIT"]);
        assert!(parrot.tls && parrot.lines.is_empty());
    }

    #[test]
    #[should_panic(expected = "test.dialogue:2: expected \"-ERR\", got \"+OK\"")]
    fn another_line_is_told_with_its_place() {
        play("S: a\nS: -ERR\n", &["a", "+OK"]);
    }

    #[test]
    #[should_panic(expected = "test.dialogue:1: expected the server to close, got \"a\"")]
    fn lines_instead_of_a_close_are_told() {
        play("CLOSED", &["a"]);
    }

    #[test]
    #[should_panic(expected = "test.dialogue:1: a line begins with")]
    fn a_misspelt_line_is_told() {
        play("X: hello", &[]);
    }
}
