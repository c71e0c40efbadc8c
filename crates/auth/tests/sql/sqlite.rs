//! SQLite files.

use std::path::Path;

use config::{Config, SqlLayout};
use rusqlite::Connection;
use sasl::Mechanism;
use tempfile::TempDir;

use crate::asked::Asked;
use crate::rows::schema;
use crate::scenario::{self, query, table, with_layout};

fn database(dir: &TempDir) -> Connection {
    let connection = Connection::open(dir.path().join("mail.sqlite")).expect("a database");
    connection.execute_batch(&schema("text")).expect("tables");
    connection
}

fn config(dir: &Path, layout: SqlLayout, change: impl FnOnce(&mut config::Sqlite)) -> Config {
    let mut config = Config::example(dir.join("gatepost"));
    config.auth.chain = vec!["sqlite".to_owned()];
    let settings = config::Sqlite { path: Some(dir.join("mail.sqlite")), ..config::Sqlite::default() };
    config.modules.sqlite = with_layout!(settings, layout);
    change(&mut config.modules.sqlite);
    config
}

/// MISSION 000-10, 004-15. In both kinds of journal, with a writer that has it open.
#[tokio::test]
async fn logins() {
    let dir = tempfile::tempdir().expect("a folder");
    let writer = database(&dir);
    let make = |layout| config(dir.path(), layout, |_| ());
    for journal in ["delete", "wal"] {
        writer.pragma_update(None, "journal_mode", journal).expect("a journal");
        scenario::table_layout(&make).await;
    }
    scenario::own_query(&make).await;
    scenario::select_clause(&make).await;
    scenario::clear_passwords(&make).await;
    let asked = Asked::new(&make(table()));
    asked.account("brian@example.test", "right").await;
    // What is written now is seen now, and so is a file that was put in the place of another.
    writer.execute("UPDATE passwd SET crypt = ?1", [crate::rows::hash("changed")]).expect("written");
    asked.account("brian@example.test", "changed").await;
    drop(writer);
    std::fs::remove_file(dir.path().join("mail.sqlite")).expect("removed");
    asked.trouble(&["mail.sqlite", "os error 2", "uid"]).await;
    drop(database(&dir));
    asked.account("brian@example.test", "right").await;
}

/// MISSION 002-09.
#[tokio::test]
async fn trouble() {
    let dir = tempfile::tempdir().expect("a folder");
    let writer = database(&dir);
    let make = |layout| config(dir.path(), layout, |_| ());
    scenario::useless(&make).await;
    let missing = SqlLayout { table: "passwort".to_owned(), ..table() };
    Asked::new(&make(missing)).trouble(&["no such table: passwort", "SQLite error 1", "mail.sqlite"]).await;
    for writing in ["DELETE FROM passwd RETURNING id AS address", "ATTACH '/tmp/x' AS y", "PRAGMA user_version = 7"] {
        Asked::new(&make(query(writing))).trouble(&[]).await;
    }
    let slow = query("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS address FROM n");
    let slow = config(dir.path(), slow, |settings| settings.guard.timeout = std::time::Duration::from_millis(400));
    let slow = Asked::new(&slow);
    slow.trouble(&["no answer within 360ms"]).await;
    writer.execute_batch("BEGIN EXCLUSIVE").expect("locked");
    let locked = config(dir.path(), table(), |settings| settings.guard.timeout = std::time::Duration::from_millis(400));
    Asked::new(&locked).trouble(&["SQLite error 5", "lock"]).await;
    writer.execute_batch("COMMIT").expect("unlocked");
    std::fs::write(dir.path().join("mail.sqlite"), "this is no database at all, only a text that is long enough")
        .expect("written");
    Asked::new(&make(table())).trouble(&["SQLite error 26", "no good database"]).await;
}

/// More accounts than are counted: nothing is offered on the word of the first of them.
#[tokio::test]
async fn too_many_to_count() {
    let dir = tempfile::tempdir().expect("a folder");
    let writer = database(&dir);
    let more = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 99998)
        INSERT INTO people SELECT 'p' || i, 'x', '0' FROM n";
    writer.execute_batch(more).expect("written");
    let people = SqlLayout { table: "people".to_owned(), clear_password: Some("clear".to_owned()), ..table() };
    let asked =
        Asked::new(&config(dir.path(), people, |settings| settings.guard.timeout = std::time::Duration::from_secs(10)));
    assert!(asked.offer(Mechanism::CramMd5).await.0);
    writer.execute_batch("INSERT INTO people VALUES ('one', 'more', '0')").expect("written");
    let (offered, why) = asked.offer(Mechanism::CramMd5).await;
    assert!(!offered && why.contains("more than 100000 accounts"), "{why}");
    asked.account("one", "more").await;
}
