//! `gatepost authd`: the server that asks it, and the programs of others that do. They take root, as those programs do.

mod courier;
mod exim;
mod postfix;
mod serve;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use harness::{Beside, Gatepost, Scenario};
use tempfile::TempDir;

const PASSWORD: &str = "correct horse";

/// A server's config and accounts with a daemon beside it; the server itself is not started.
pub(crate) struct Setting {
    sockets: TempDir,
    pub(crate) server: Gatepost,
}

impl Setting {
    /// alice and bob, and these lines in the config.
    pub(crate) fn new(more: &str) -> Self {
        let sockets = tempfile::Builder::new().prefix("gatepost-authd-").tempdir().expect("a folder");
        let open = |path: &Path| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("permissions");
        };
        // Postfix's and Exim's processes run as other users.
        open(sockets.path());
        let courier = sockets.path().join("courier");
        std::fs::create_dir(&courier).expect("a folder");
        open(&courier);
        let path = |name: &str| sockets.path().join(name).display().to_string();
        let authd = format!(
            "[authd]\nsocket = {:?}\ncourier_sockets = {:?}\ndovecot_sockets = {:?}\nclient_mode = \"0666\"\n{more}",
            path("own"),
            path("courier/socket"),
            path("dovecot")
        );
        let scenario = Scenario::new(env!("CARGO_BIN_EXE_gatepost"))
            .user("alice@example.test", PASSWORD)
            .user("bob@example.test", PASSWORD)
            .config(&authd);
        Self { sockets, server: scenario.prepare() }
    }

    /// Starts the daemon.
    pub(crate) fn authd(&self) -> Beside {
        Beside::start(self.server.command(&["authd"]))
    }

    /// `own`, `courier/socket` or `dovecot`.
    pub(crate) fn socket(&self, name: &str) -> PathBuf {
        self.sockets.path().join(name)
    }
}
