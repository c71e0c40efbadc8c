//! What a test wants of a server, before it is started.

use std::path::{Path, PathBuf};

use crate::Gatepost;

/// A server to be: its config and accounts. Its host is `mail.example.test`, its domain `example.test`.
#[derive(Debug, Clone)]
pub struct Scenario {
    pub(crate) binary: PathBuf,
    pub(crate) domains: Vec<String>,
    pub(crate) top: String,
    pub(crate) tables: String,
    pub(crate) users: Vec<(String, String)>,
    pub(crate) open_files: Option<u32>,
}

impl Scenario {
    /// A scenario for a binary: `env!("CARGO_BIN_EXE_gatepost")`.
    pub fn new(binary: impl AsRef<Path>) -> Self {
        let (top, tables) = (String::new(), String::new());
        let domains = vec!["example.test".to_owned()];
        Self { binary: binary.as_ref().to_owned(), domains, top, tables, users: Vec::new(), open_files: None }
    }

    /// Another local domain.
    #[must_use]
    pub fn domain(mut self, domain: &str) -> Self {
        self.domains.push(domain.to_owned());
        self
    }

    /// Lines for the top of the config, before its first table (`postmaster = …`).
    #[must_use]
    pub fn top(mut self, lines: &str) -> Self {
        self.top += &format!("{lines}\n");
        self
    }

    /// Tables to add to the config. `[tls]` and `[listen]` are there already.
    #[must_use]
    pub fn config(mut self, tables: &str) -> Self {
        self.tables += &format!("\n{tables}\n");
        self
    }

    /// An account with its password.
    #[must_use]
    pub fn user(mut self, address: &str, password: &str) -> Self {
        self.users.push((address.to_owned(), password.to_owned()));
        self
    }

    /// The server may have no more files and sockets open than this.
    #[must_use]
    pub fn open_files(mut self, most: u32) -> Self {
        self.open_files = Some(most);
        self
    }

    /// Makes the folder and accounts, starts the server, and returns when it is ready.
    pub fn start(self) -> Gatepost {
        let mut server = Gatepost::prepare(self);
        server.start();
        server
    }

    /// Makes the folder and accounts, without starting.
    pub fn prepare(self) -> Gatepost {
        Gatepost::prepare(self)
    }
}
