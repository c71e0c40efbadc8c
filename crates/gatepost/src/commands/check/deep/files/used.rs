//! Which files a config makes the server use.

use std::path::{Path, PathBuf};

use config::Config;
use server::control;

/// A file that the server uses.
#[derive(Debug)]
pub(in crate::commands) struct Used {
    pub(in crate::commands) path: PathBuf,
    /// What it is, in words.
    pub(in crate::commands) role: String,
    pub(in crate::commands) kind: Kind,
}

/// What is wanted of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) enum Kind {
    /// `gatepost.toml`.
    Config,
    /// Everybody may read it.
    Public,
    /// A secret that a group may share, as Debian's `ssl-cert` does.
    Secret,
    /// A secret that relaying takes from its owner alone.
    RouteSecret,
    /// The server's own.
    OurFile,
    /// The server's own.
    OurFolder,
    /// Accounts that somebody else writes.
    Store,
    /// Where another program listens.
    Socket,
    /// What is run.
    Program,
}

impl Kind {
    /// Whether the server makes it itself when it needs it.
    pub(super) fn may_be_missing(self) -> bool {
        matches!(self, Self::OurFile | Self::OurFolder)
    }

    /// Whether it must be the server's.
    pub(super) fn is_ours(self) -> bool {
        matches!(self, Self::OurFile | Self::OurFolder)
    }
}

/// What lies in the data folder.
const OURS: [(&str, &str, Kind); 11] = [
    ("accounts.sqlite", "the accounts, with their hashes", Kind::OurFile),
    ("accounts.sqlite-wal", "changes of the accounts", Kind::OurFile),
    ("accounts.sqlite-shm", "SQLite's index of these changes", Kind::OurFile),
    ("received-user.key", "the key of the users' tokens in Received", Kind::OurFile),
    ("auth.secret", "the key of the keys that unknown users are shown", Kind::OurFile),
    ("server.lock", "the server's lock", Kind::OurFile),
    ("exposed", "accounts whose password came in clear", Kind::OurFolder),
    ("queue", "the queue", Kind::OurFolder),
    ("trace", "the records of sessions", Kind::OurFolder),
    ("auth-log", "the login attempts", Kind::OurFolder),
    ("mail", "the mailboxes", Kind::OurFolder),
];

/// All of them: the config, what it names, the data folder, and what the modules of the chain read.
pub(in crate::commands) fn all(config: &Config, source: &Path) -> Vec<Used> {
    let used = |path: PathBuf, role: &str, kind| Used { path, role: role.to_owned(), kind };
    let source = std::path::absolute(source).unwrap_or_else(|_| source.to_owned());
    let mut all = vec![used(source, "the config", Kind::Config)];
    for named in config::named_files(config) {
        let kind = match (named.secret, named.key.starts_with("route.")) {
            (false, _) => Kind::Public,
            (true, true) => Kind::RouteSecret,
            (true, false) => Kind::Secret,
        };
        all.push(used(named.path, &named.key, kind));
    }
    all.push(used(config.data.clone(), "the data folder", Kind::OurFolder));
    all.extend(OURS.map(|(name, role, kind)| used(config.data.join(name), role, kind)));
    all.push(used(control::path(&config.data), "the control socket", Kind::OurFile));
    let chain = &config.auth.chain;
    all.extend(chain.iter().flat_map(|module| stores(config, module)));
    all.extend(config.auth.socket.iter().map(|path| used(path.clone(), "auth.socket", Kind::Socket)));
    all
}

/// What a module opens, connects to or runs.
fn stores(config: &Config, module: &str) -> Vec<Used> {
    let modules = &config.modules;
    let program = |command: &[String]| command.first().map(PathBuf::from).filter(|path| path.is_absolute());
    let found: Vec<(Option<PathBuf>, &str, Kind)> = match module {
        "userdb" => vec![(Some(modules.userdb.path.clone()), "path", Kind::Store)],
        "passwd-file" => vec![(modules.passwd_file.path.clone(), "path", Kind::Store)],
        "vpopmail" => vec![
            (Some(modules.vpopmail.home.clone()), "home", Kind::Store),
            (Some(modules.vpopmail.users.clone()), "users", Kind::Store),
        ],
        "sqlite" => vec![(modules.sqlite.path.clone(), "path", Kind::Store)],
        "courier" => vec![(Some(modules.courier.socket.clone()), "socket", Kind::Socket)],
        "dovecot" => vec![
            (Some(modules.dovecot.socket.clone()), "socket", Kind::Socket),
            (modules.dovecot.userdb_socket.clone(), "userdb_socket", Kind::Socket),
        ],
        "exec" => vec![(program(&modules.exec.command), "command", Kind::Program)],
        "checkpassword" => vec![(program(&modules.checkpassword.command), "command", Kind::Program)],
        "pam" => vec![(program(&modules.pam.helper), "helper", Kind::Program)],
        _ => Vec::new(),
    };
    let used = |(path, key, kind): (Option<PathBuf>, &str, Kind)| {
        // A name with variables is another file for each domain.
        let path = path.filter(|path| !path.to_string_lossy().contains('%'))?;
        Some(Used { path, role: format!("auth.{module}.{key}"), kind })
    };
    found.into_iter().filter_map(used).collect()
}
