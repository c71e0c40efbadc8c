//! The modules of the chain, each asked.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use harness::{Dns, client, succeed};

use crate::{Deep, ZONE, scenario};

/// A database says its version; its accounts are walked, too.
#[test]
fn a_database_tells_its_version() {
    let dns = Dns::start(ZONE);
    let server = scenario(&dns)
        .config("[auth]\nchain = [\"sqlite\"]\n[auth.sqlite]\npath = \"other.db\"\nhome = \"home\"")
        .prepare();
    let file = server.data().join("other.db");
    let sql = "CREATE TABLE passwd (id TEXT, crypt TEXT, home TEXT); INSERT INTO passwd VALUES ('zoe@example.test', 'x', '/nowhere/zoe');";
    let script = "import sqlite3, sys\nsqlite3.connect(sys.argv[1]).executescript(sys.argv[2])";
    succeed(client("python3").args(["-c", script]).arg(&file).arg(sql));
    let deep = Deep::of(&server);
    deep.has(("ok", "module-answers"), "sqlite", &["answers in", "version 3."]);
    deep.has(("ok", "accounts"), "all accounts", &["1 looked at"]);
}

/// MISSION 002-09: not readable is an error with path and errno; and the running server, which was started before, says the same.
#[test]
fn a_store_that_is_away_is_an_error() {
    let dns = Dns::start(ZONE);
    let tables = "[auth]\nchain = [\"accounts\", \"userdb\"]\nsurvey = \"1s\"\n[auth.userdb]\npath = \"userdb\"";
    let mut server = scenario(&dns).config(tables).prepare();
    let path = server.data().join("userdb");
    fs::write(&path, "brian\thome=/home/brian|uid=1000|gid=1000\n").expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
    server.start();
    assert!(!Deep::of(&server).wrong().contains(&"module-away"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("a mode");
    let deep = Deep::of(&server);
    deep.has(("error", "module-away"), "userdb", &["/userdb", "auth.userdb"]);
    assert_eq!(deep.code, 1);
    server.wait_for_log("a module of the chain cannot tell");
    Deep::of(&server).has(("error", "module-away-for-server"), "userdb", &["the running server cannot reach it"]);
}
