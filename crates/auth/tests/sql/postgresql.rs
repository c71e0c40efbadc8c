//! A PostgreSQL of the test's own.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::Signal;
use tempfile::TempDir;

use crate::asked::PASSWORD;
use crate::server::{Running, command_as, folder_of, free_port, run};

pub(crate) const USER: &str = "postgres";

pub(crate) struct Postgresql {
    pub(crate) dir: TempDir,
    pub(crate) port: u16,
    options: Vec<String>,
    running: Option<Running>,
}

/// Debian keeps the server's programs out of the path.
fn program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL is installed");
    let mut found: Vec<_> = versions.flatten().map(|version| version.path().join("bin").join(name)).collect();
    found.retain(|path| path.exists());
    found.sort();
    found.pop().unwrap_or_else(|| panic!("no {name}"))
}

impl Postgresql {
    /// One with the database `mail`, its user `gatepost`, and whatever `sql` makes there.
    pub(crate) fn start(sql: &str) -> Self {
        let dir = folder_of(USER);
        let mut initdb = command_as(USER, &program("initdb"));
        initdb.arg("-D").arg(dir.path().join("data")).args(["-U", "admin", "-E", "UTF8", "--locale=C.UTF-8", "-N"]);
        // The admin by the socket, everybody else by password.
        run(initdb.args(["--auth-local=trust", "--auth-host=scram-sha-256"]), "");
        let mut server = Self { dir, port: free_port(), options: Vec::new(), running: None };
        server.begin();
        server.sql("postgres", &format!("CREATE ROLE gatepost LOGIN PASSWORD '{PASSWORD}'; "));
        server.sql("postgres", "CREATE DATABASE mail");
        server.sql("mail", sql);
        server
    }

    /// Starts it again with an option more.
    pub(crate) fn restart_with(&mut self, option: &str) {
        self.stop();
        self.options.push(option.to_owned());
        self.begin();
    }

    /// Starts it on its old port.
    pub(crate) fn begin(&mut self) {
        let mut command = command_as(USER, &program("postgres"));
        command.arg("-D").arg(self.dir.path().join("data")).arg("-k").arg(self.dir.path());
        command.args(["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "autovacuum=off", "-p"]);
        command.arg(self.port.to_string());
        for option in &self.options {
            command.args(["-c", option]);
        }
        let there = || {
            let mut ready = Command::new("pg_isready");
            ready.args(["-q", "-h"]).arg(self.dir.path()).args(["-p", &self.port.to_string()]);
            ready.status().is_ok_and(|status| status.success())
        };
        self.running = Some(Running::start(&mut command, self.dir.path().join("log"), there));
    }

    /// Stops it as `pg_ctl -m fast` does.
    pub(crate) fn stop(&mut self) {
        self.running.take().expect("it runs").stop(Signal::INT);
    }

    /// Asks it as its superuser.
    pub(crate) fn sql(&self, database: &str, sql: &str) -> String {
        let mut psql = Command::new("psql");
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "admin", "-d", database, "-h"]);
        psql.arg(self.dir.path()).args(["-p", &self.port.to_string(), "-f", "-"]);
        run(&mut psql, sql)
    }

    /// How Gatepost gets there.
    pub(crate) fn settings(&self) -> config::Postgres {
        config::Postgres {
            host: "127.0.0.1".to_owned(),
            port: usize::from(self.port),
            database: "mail".to_owned(),
            user: "gatepost".to_owned(),
            password_file: Some(password_file(self.dir.path(), PASSWORD)),
            ..config::Postgres::default()
        }
    }
}

/// A file with a password that only its owner reads.
pub(crate) fn password_file(folder: &Path, password: &str) -> PathBuf {
    let path = folder.join("password");
    std::fs::write(&path, format!("{password}\n")).expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("a mode");
    path
}
