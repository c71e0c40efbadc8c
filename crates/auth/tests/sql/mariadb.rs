//! A MariaDB of the test's own.

use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::Signal;
use tempfile::TempDir;

use crate::asked::PASSWORD;
use crate::postgresql::password_file;
use crate::server::{Running, command_as, folder_of, free_port, run};

pub(crate) const USER: &str = "mysql";

pub(crate) struct Mariadb {
    pub(crate) dir: TempDir,
    pub(crate) port: u16,
    options: Vec<String>,
    running: Option<Running>,
}

impl Mariadb {
    /// One with the database `mail`, its user `gatepost`, and whatever `sql` makes there.
    pub(crate) fn start(sql: &str) -> Self {
        let dir = folder_of(USER);
        let mut install = command_as(USER, Path::new("mariadb-install-db"));
        install.args(["--no-defaults", "--skip-test-db", "--auth-root-authentication-method=normal"]);
        install.arg("--skip-name-resolve").arg(format!("--datadir={}", dir.path().join("data").display()));
        // One of its own: each server that starts clears the temporary tables out of its folder, whoever's they are.
        install.arg(format!("--tmpdir={}", dir.path().display()));
        run(&mut install, "");
        let mut server = Self { dir, port: free_port(), options: Vec::new(), running: None };
        server.begin();
        server.sql(&format!(
            "CREATE DATABASE mail CHARACTER SET utf8mb4;
             CREATE USER gatepost@'%' IDENTIFIED BY '{PASSWORD}';
             CREATE USER gatepost@localhost IDENTIFIED BY '{PASSWORD}';"
        ));
        server.sql(&format!("USE mail;\n{sql}"));
        server
    }

    /// Its socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.dir.path().join("socket")
    }

    /// Starts it again with an option more.
    pub(crate) fn restart_with(&mut self, options: &[String]) {
        self.stop();
        self.options.extend_from_slice(options);
        self.begin();
    }

    /// Starts it on its old port.
    pub(crate) fn begin(&mut self) {
        let mut command = command_as(USER, Path::new("/usr/sbin/mariadbd"));
        command.args(["--no-defaults", "--bind-address=127.0.0.1", "--skip-log-bin", "--skip-name-resolve"]);
        command.args(["--innodb-buffer-pool-size=16M", "--innodb-flush-log-at-trx-commit=0"]);
        command.arg(format!("--datadir={}", self.dir.path().join("data").display()));
        command.arg(format!("--tmpdir={}", self.dir.path().display()));
        command.arg(format!("--pid-file={}", self.dir.path().join("pid").display()));
        command.arg(format!("--socket={}", self.socket().display())).arg(format!("--port={}", self.port));
        command.args(&self.options);
        let there = || {
            let mut ping = Command::new("mariadb-admin");
            ping.arg("--no-defaults").arg(format!("--socket={}", self.socket().display())).args(["-uroot", "ping"]);
            ping.output().is_ok_and(|done| done.status.success())
        };
        self.running = Some(Running::start(&mut command, self.dir.path().join("log"), there));
    }

    /// Stops it in good order.
    pub(crate) fn stop(&mut self) {
        self.running.take().expect("it runs").stop(Signal::TERM);
    }

    /// Asks it as its superuser.
    pub(crate) fn sql(&self, sql: &str) -> String {
        let mut client = Command::new("mariadb");
        client.args(["--no-defaults", "--batch", "--skip-column-names", "-uroot", "--default-character-set=utf8mb4"]);
        client.arg(format!("--socket={}", self.socket().display()));
        run(&mut client, sql)
    }

    /// How Gatepost gets there.
    pub(crate) fn settings(&self) -> config::Mysql {
        config::Mysql {
            host: "127.0.0.1".to_owned(),
            port: usize::from(self.port),
            database: "mail".to_owned(),
            user: "gatepost".to_owned(),
            password_file: Some(password_file(self.dir.path(), PASSWORD)),
            ..config::Mysql::default()
        }
    }
}
