//! What is said between the server and its helper: a line of JSON each way.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::result::{self, Meaning};

/// Stands before the answer: PAM modules, and what they run, may write to standard output, too.
const MARK: &str = "gatepost-pam ";

/// Room for the largest question, so that the password is not copied.
const ROOM: usize = 16 * 1024;

/// What the server asks.
#[derive(Serialize)]
#[serde(tag = "question", rename_all = "lowercase")]
pub(super) enum Question<'a> {
    /// Is this somebody's password, and may they log in?
    Login { service: &'a str, folder: Option<&'a Path>, names: Vec<String>, password: &'a str, peer: String },
    /// Is one of these a user of the system?
    User { names: Vec<String> },
    /// Is everything there for these services?
    Survey { services: Vec<&'a str>, folder: Option<&'a Path> },
}

impl Question<'_> {
    /// As it is written. It is wiped when it is dropped.
    pub(super) fn line(&self) -> Zeroizing<Vec<u8>> {
        let mut line = Zeroizing::new(Vec::with_capacity(ROOM));
        // Writing texts to memory cannot fail, unless the folder's name is not UTF-8: the helper says that it was not asked.
        drop(serde_json::to_writer(&mut *line, self));
        line.push(b'\n');
        line
    }
}

/// The same, as the helper reads it.
#[derive(Deserialize)]
#[serde(tag = "question", rename_all = "lowercase")]
pub(super) enum Asked {
    Login { service: String, folder: Option<PathBuf>, names: Vec<String>, password: String, peer: String },
    User { names: Vec<String> },
    Survey { services: Vec<String>, folder: Option<PathBuf> },
}

/// What the helper answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "lowercase")]
pub(super) enum Reply {
    /// How the login went.
    Login(Outcome),
    /// The user, if there is one.
    User { user: Option<User> },
    /// All is there; what is worth a line.
    Survey { notes: Vec<String> },
    /// It could not be asked at all.
    Broken { cause: String },
}

/// How far PAM came, and what it said there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Outcome {
    /// The call that said it: the last one, or the first that failed.
    pub(super) call: String,
    /// Its result.
    pub(super) code: i32,
    /// The result in PAM's own words.
    pub(super) words: String,
    /// What PAM's modules told the user.
    pub(super) messages: Vec<String>,
    /// What is odd around it, for the operator.
    pub(super) hint: Option<String>,
    /// Whether a wrong password would look the same as this: then it says nothing.
    pub(super) blind: bool,
    /// What the system knows of the user.
    pub(super) user: Option<User>,
}

impl Outcome {
    /// What it means.
    pub(super) fn meaning(&self) -> Meaning {
        match result::meaning(self.code) {
            Meaning::Rejected(_) if self.blind => Meaning::Temporary,
            meaning => meaning,
        }
    }

    /// In the words that Courier's users know, with the symbolic name: the numbers differ between systems.
    pub(super) fn text(&self) -> String {
        let Self { call, code, words, .. } = self;
        let hint = self.hint.as_ref().map(|hint| format!(" [Hint: {hint}]")).unwrap_or_default();
        format!("{call} failed, result {code} ({}): {words}{hint}", result::name(*code))
    }
}

/// A user of the system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) home: String,
    pub(super) full_name: String,
}

impl Reply {
    /// The line, after what others may have written.
    pub(super) fn line(&self) -> String {
        let json = serde_json::to_string(self).unwrap_or_default();
        format!("\n{MARK}{json}\n")
    }

    /// Reads the last line that is one.
    pub(super) fn read(output: &[u8]) -> Option<Self> {
        let lines = output.split(|octet| *octet == b'\n');
        let mut marked = lines.rev().filter_map(|line| line.strip_prefix(MARK.as_bytes()));
        serde_json::from_slice(marked.next()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        let folder = Some(Path::new("/etc/pam.d"));
        let names = vec!["brian".to_owned()];
        let question = Question::Login { service: "imap", folder, names, password: "pä\"ss", peer: "::1".to_owned() };
        let Ok(Asked::Login { service, password, .. }) = serde_json::from_slice(&question.line()) else { panic!() };
        assert_eq!((service.as_str(), password.as_str()), ("imap", "pä\"ss"));
        let reply = Reply::Survey { notes: vec!["a\nb".to_owned()] };
        let written = format!("running 1 test\n{}bye\n", reply.line());
        assert!(matches!(Reply::read(written.as_bytes()), Some(Reply::Survey { notes }) if notes == ["a\nb"]));
        assert!(Reply::read(b"running 1 test\n").is_none() && Reply::read(b"gatepost-pam {").is_none());
    }

    /// MISSION 004-30.
    #[test]
    fn a_failure_in_the_words_that_people_search_for() {
        let outcome = Outcome {
            call: "pam_start".to_owned(),
            code: 4,
            words: "System error".to_owned(),
            messages: Vec::new(),
            hint: Some("there is no /etc/pam.d/imap".to_owned()),
            blind: false,
            user: None,
        };
        let says = "pam_start failed, result 4 (PAM_SYSTEM_ERR): System error [Hint: there is no /etc/pam.d/imap]";
        assert_eq!((outcome.text().as_str(), outcome.meaning()), (says, Meaning::Temporary));
        let blind = Outcome { code: 7, blind: true, ..outcome };
        assert_eq!(blind.meaning(), Meaning::Temporary);
    }
}
