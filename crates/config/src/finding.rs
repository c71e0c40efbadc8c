//! One thing that is wrong with a config, or worth a second look.

use std::io;
use std::ops::Range;
use std::path::PathBuf;

/// Whether the server can start with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The config is not used.
    Error,
    /// The config is used.
    Warning,
}

/// Something wrong, and where.
#[derive(Debug)]
pub struct Finding {
    /// What.
    pub cause: Cause,
    /// Octets of the file; `None` where nothing in it is to blame (a key that is missing).
    pub span: Option<Range<usize>>,
    /// What would be right there, in words.
    pub allowed: Option<String>,
    /// The nearest right name: "did you mean …?"
    pub nearest: Option<String>,
}

/// What can be wrong.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// The file cannot be read.
    #[error("cannot read it as uid {uid}: {error}")]
    Unreadable {
        /// From the system.
        error: io::Error,
        /// Who tried.
        uid: u32,
    },
    /// Larger than any config is.
    #[error("the file is larger than {max} octets: this is no config")]
    TooLarge {
        /// The limit.
        max: u64,
    },
    /// Not UTF-8.
    #[error("the file is not UTF-8 text")]
    NotText,
    /// Not TOML.
    #[error("not TOML: {0}")]
    Syntax(String),
    /// No such section or top-level key.
    #[error("there is no `{0}`")]
    UnknownTop(String),
    /// No such key in this section.
    #[error("there is no `{key}` in `{section}`")]
    UnknownKey {
        /// As written.
        key: String,
        /// Where it was written.
        section: &'static str,
    },
    /// A key that must be set is not.
    #[error("`{0}` is not set")]
    Missing(String),
    /// A value of another type.
    #[error("`{key}` is {found}")]
    WrongType {
        /// Which key.
        key: String,
        /// "a list", "a number"…
        found: &'static str,
    },
    /// The right type, but not a value that is understood.
    #[error("`{key}` cannot be that: {why}")]
    BadValue {
        /// Which key.
        key: String,
        /// Why not.
        why: String,
    },
    /// Too small or too large.
    #[error("`{key}` is out of range")]
    OutOfRange {
        /// Which key.
        key: String,
    },
    /// An empty list where one entry is needed.
    #[error("`{0}` is empty")]
    Empty(String),
    /// A key that makes no sense without another one.
    #[error("`{key}` is set, but `{other}` is not")]
    Without {
        /// What is set.
        key: String,
        /// What it needs.
        other: String,
    },
    /// Two keys that contradict each other.
    #[error("{0}")]
    Contradiction(&'static str),
    /// Two services on one address.
    #[error("{address} is already taken by `{other}`")]
    AddressTaken {
        /// The address.
        address: std::net::SocketAddr,
        /// By whom.
        other: &'static str,
    },
    /// A file that is named cannot be read.
    #[error("cannot read {path} as uid {uid}: {error}")]
    FileUnreadable {
        /// The file.
        path: PathBuf,
        /// From the system.
        error: io::Error,
        /// Who tried.
        uid: u32,
    },
    /// A secret that everybody can read.
    #[error("{path} is readable by everybody (mode {mode:04o})")]
    SecretExposed {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// A folder was expected.
    #[error("{0} is not a folder")]
    NotAFolder(PathBuf),
    /// It works, but hardly as meant.
    #[error("{0}")]
    Doubtful(&'static str),
    /// `auth.chain` names a module that nobody knows.
    #[error("there is no module `{0}`: it is left out of the chain")]
    NoSuchModule(String),
    /// The same twice.
    #[error("`{0}` stands here twice")]
    Twice(String),
    /// Too many findings to be useful; the rest is not shown.
    #[error("and more; mend these first")]
    TooMany,
}

impl Cause {
    /// Whether the server can start with it.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Doubtful(_) | Self::Twice(_) | Self::NoSuchModule(_) => Severity::Warning,
            _ => Severity::Error,
        }
    }
}
