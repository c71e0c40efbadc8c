//! A conversation as a file: what is said, and what is expected. The form is that of the dialogues with which Gatepost itself is
//! tested; docs/talk.md describes it.

mod pattern;

use pattern::tokens;
pub(super) use pattern::{Pattern, Token, encode};

use crate::dialogue::MASK;

/// One line of the file that is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    /// The client says this, with a line end behind it.
    Client(Vec<Token>),
    /// The client sends these octets.
    Octets(Vec<Token>),
    /// The server says this.
    Server(Pattern),
    /// The server says lines up to this one.
    Until(Pattern),
    /// TLS begins, or is there.
    Tls,
    /// A login, by a way (`None`: the best one) and as a user.
    Auth(Option<String>, String),
    /// The server closes.
    Closed,
}

/// An entry, where it stands, and as it stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) number: usize,
    pub(super) text: String,
    pub(super) entry: Entry,
}

/// A file that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    pub(super) lines: Vec<Line>,
}

/// A line that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {number}: {why}")]
pub struct ScriptError {
    /// Which one, counted from 1.
    pub number: usize,
    /// Why.
    pub why: String,
}

impl Script {
    /// Reads a file's text.
    ///
    /// # Errors
    /// The first line that cannot be used.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        let mut lines = Vec::new();
        for (number, text) in (1..).zip(text.lines()) {
            let entry = entry(text).map_err(|why| ScriptError { number, why })?;
            lines.extend(entry.map(|entry| Line { number, text: text.to_owned(), entry }));
        }
        // Of a conversation that never began, or a disk that was full: it would be the same whatever a server says.
        let compares = |line: &Line| matches!(line.entry, Entry::Server(_) | Entry::Until(_) | Entry::Closed);
        if !lines.iter().any(compares) {
            let why = "nothing is said there by the server, so there is nothing to compare".to_owned();
            return Err(ScriptError { number: 1, why });
        }
        Ok(Self { lines })
    }

    /// Whether a password is needed to repeat it.
    pub fn needs_password(&self) -> bool {
        self.any_variable(&["password", "password64", "plain"]) || self.entries().any(|e| matches!(e, Entry::Auth(..)))
    }

    /// Whether a user is needed who does not stand in the file.
    pub fn needs_user(&self) -> bool {
        self.any_variable(&["user", "user64", "plain"])
    }

    fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.lines.iter().map(|line| &line.entry)
    }

    fn any_variable(&self, names: &[&str]) -> bool {
        let is = |token: &Token| matches!(token, Token::Variable(name) if names.contains(&name.as_str()));
        self.entries().any(|entry| match entry {
            Entry::Client(tokens) | Entry::Octets(tokens) => tokens.iter().any(is),
            Entry::Server(pattern) | Entry::Until(pattern) => pattern.tokens().iter().any(is),
            Entry::Tls | Entry::Auth(..) | Entry::Closed => false,
        })
    }
}

/// What a line is; `None` for a comment and an empty line.
fn entry(line: &str) -> Result<Option<Entry>, String> {
    let (key, rest) = line.split_once(':').unwrap_or((line, ""));
    let rest = rest.strip_prefix(' ').unwrap_or(rest);
    let entry = match key.trim_end() {
        "" => return Ok(None),
        comment if comment.starts_with('#') => return Ok(None),
        "C" => Entry::Client(said(rest)?),
        "C-" => Entry::Octets(said(rest)?),
        "S" => Entry::Server(Pattern::parse(rest)?),
        "S*" => Entry::Until(Pattern::parse(rest)?),
        "TLS" => Entry::Tls,
        "CLOSED" => Entry::Closed,
        "AUTH" => {
            let words: Vec<&str> = rest.split_whitespace().collect();
            match words.as_slice() {
                [user] => Entry::Auth(None, user_name(user)?),
                [way, user] => Entry::Auth(Some((*way).to_owned()), user_name(user)?),
                _ => return Err("AUTH: takes a mechanism and a user, or a user alone".into()),
            }
        }
        _ => return Err("a line begins with C:, C-:, S:, S*:, AUTH:, TLS, CLOSED or #".into()),
    };
    Ok(Some(entry))
}

/// A user's name, with its escapes undone.
fn user_name(word: &str) -> Result<String, String> {
    match tokens(word)?.as_slice() {
        [Token::Octets(octets)] => String::from_utf8(octets.clone()).map_err(|_| "a user's name is UTF-8".into()),
        _ => Err("a user's name stands behind AUTH: as it is".into()),
    }
}

/// What the client says. A secret that was masked cannot be said again.
fn said(text: &str) -> Result<Vec<Token>, String> {
    if text.contains(MASK) {
        let why = "stands for something that is reckoned anew each time, so it cannot be said again: log in with AUTH: MECHANISM USER";
        return Err(format!("{MASK} {why}"));
    }
    tokens(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_and_its_faults_are_told() {
        let script = Script::parse("# a\n\nS: 220 ...\nTLS\nAUTH: plain alice\nC: QUIT\nCLOSED\n").unwrap();
        assert_eq!(script.lines.iter().map(|line| line.number).collect::<Vec<_>>(), [3, 4, 5, 6, 7]);
        assert!(script.needs_password() && !script.needs_user());
        assert!(Script::parse("C: AUTH PLAIN ${plain}\nS: 235").unwrap().needs_user());
        for (text, why) in [
            ("X: a", "a line begins with"),
            ("C: a\nC: ${x", "${ without }"),
            ("C: ${x}", "no variable x"),
            ("S: \\q", "an escape that is not known"),
            ("C: APOP a •••", "cannot be said again"),
            ("AUTH:", "takes a mechanism and a user"),
        ] {
            assert!(Script::parse(text).unwrap_err().why.contains(why), "{text}");
        }
        assert_eq!(Script::parse("C: a\nX").unwrap_err().number, 2);
        for nothing in ["", "# said by nobody\n", "C: NOOP\n"] {
            assert!(Script::parse(nothing).unwrap_err().why.contains("nothing to compare"));
        }
        let login = Script::parse("AUTH: plain DOMAIN\\\\user\nS: 235").unwrap().lines.remove(0).entry;
        assert_eq!(login, Entry::Auth(Some("plain".into()), "DOMAIN\\user".into()));
    }
}
