//! MariaDB.

use std::sync::Arc;
use std::time::{Duration, Instant};

use auth::Rejection;
use config::{Config, SqlLayout};
use sasl::Mechanism;

use crate::asked::Asked;
use crate::mariadb::{Mariadb, USER};
use crate::postgresql::password_file;
use crate::rows::{HOSTILE, schema};
use crate::scenario::{self, query, table, with_layout};
use crate::server::certificate;

const GRANT: &str = "GRANT SELECT ON mail.* TO gatepost@'%'; GRANT SELECT ON mail.* TO gatepost@localhost;";

fn server() -> Mariadb {
    Mariadb::start(&format!("{}{GRANT}", schema("varchar(190)")))
}

fn config(server: &Mariadb, layout: SqlLayout, change: impl FnOnce(&mut config::Mysql)) -> Config {
    let mut config = Config::example(server.dir.path().join("gatepost"));
    config.auth.chain = vec!["mysql".to_owned()];
    config.modules.mysql = with_layout!(server.settings(), layout);
    change(&mut config.modules.mysql);
    config
}

/// MISSION 000-10, 004-15.
#[tokio::test]
async fn logins() {
    let server = server();
    let make = |layout| config(&server, layout, |_| ());
    scenario::table_layout(&make).await;
    scenario::own_query(&make).await;
    scenario::select_clause(&make).await;
    scenario::clear_passwords(&make).await;
    // Expressions in the place of columns, as guides for Courier have them.
    let layout = SqlLayout {
        uid: Some("5000".to_owned()),
        home: Some("\"/home/vmail\"".to_owned()),
        maildir: Some("CONCAT(SUBSTRING_INDEX(id, '@', -1), '/', SUBSTRING_INDEX(id, '@', 1), '/')".to_owned()),
        ..table()
    };
    let account = Asked::new(&make(layout)).account("brian@example.test", "right").await;
    assert_eq!(account.maildir.display().to_string(), "/home/vmail/example.test/brian");
    // A column that cannot hold every letter: such a name is nobody's, not trouble.
    server.sql(
        "USE mail; CREATE TABLE latin (id varchar(190) CHARACTER SET latin1, crypt varchar(190));
        INSERT INTO latin SELECT id, crypt FROM passwd",
    );
    let latin = Asked::new(&make(SqlLayout { table: "latin".to_owned(), ..table() }));
    latin.account("zoë@example.test", "right").await;
    for name in HOSTILE {
        latin.refused(name, "right", Rejection::UnknownUser).await;
    }
    let socket = server.socket().display().to_string();
    let by_socket = config(&server, table(), |settings| settings.host = socket);
    Asked::new(&by_socket).account("brian@example.test", "right").await;
    assert_eq!(server.sql("SELECT count(*) FROM mail.passwd").trim(), "5");
}

/// Ends the connection on which such a query runs, as soon as it does.
fn kill(server: &Mariadb, query: &str) {
    let running =
        format!("SELECT id FROM information_schema.processlist WHERE user = 'gatepost' AND info LIKE '%{query}%'");
    let deadline = Instant::now() + Duration::from_secs(10);
    while Instant::now() < deadline {
        if let Some(id) = server.sql(&running).lines().next() {
            server.sql(&format!("KILL CONNECTION {id}"));
            return;
        }
    }
    panic!("no such query");
}

/// MISSION 002-09.
#[tokio::test]
async fn trouble() {
    let server = Arc::new(server());
    let make = |layout| config(&server, layout, |_| ());
    scenario::useless(&make).await;
    let missing = SqlLayout { table: "passwort".to_owned(), ..table() };
    Asked::new(&make(missing)).trouble(&["1146", "42S02", "\"mail\"", "127.0.0.1"]).await;
    let wrong = password_file(&server.dir.path().join("data"), "another");
    let of = |change: &dyn Fn(&mut config::Mysql)| Asked::new(&config(&server, table(), change));
    let cause = of(&|settings| settings.password_file = Some(wrong.clone())).trouble(&["1045", "password_file"]).await;
    assert!(!cause.contains("another"));
    of(&|settings| settings.password_file = Some("/nowhere".into())).trouble(&["/nowhere", "os error 2", "uid"]).await;
    of(&|settings| settings.database = "nothing".to_owned()).trouble(&["1044", "nothing"]).await;
    of(&|settings| settings.port = 1).trouble(&["127.0.0.1:1", "os error 111"]).await;
    of(&|settings| settings.host = "/nowhere".to_owned()).trouble(&["/nowhere", "os error 2"]).await;
    let float = query("SELECT id AS address, now() AS quota FROM passwd WHERE id = :user");
    Asked::new(&make(float)).trouble(&["quota", "datetime"]).await;
    let writes = query("SELECT id AS address FROM passwd WHERE id = :user FOR UPDATE");
    Asked::new(&make(writes)).trouble(&[]).await;
    // A connection that is lost in the middle of a query is replaced, and nobody is refused.
    let nap = query("SELECT id AS address, crypt AS crypt_password, sleep(1) AS quota FROM passwd WHERE id = :user");
    let nap = Asked::new(&make(nap));
    let killer = tokio::task::spawn_blocking({
        let server = Arc::clone(&server);
        move || kill(&server, "sleep(1)")
    });
    nap.account("brian@example.test", "right").await;
    killer.await.expect("killed");
    // A query that mixes alphabets by itself is broken for everybody, also for names with other letters.
    let mixed = query(
        "SELECT id AS address FROM passwd WHERE id = :user
        AND id COLLATE utf8mb4_bin = crypt COLLATE utf8mb4_general_ci",
    );
    let mixed = Asked::new(&make(mixed));
    mixed.trouble(&["1267", "collations"]).await;
    let other = mixed.login_to(auth::Service::Imap, "zoë@example.test", "right").await;
    assert!(matches!(other, auth::Verdict::TempFail(_)), "{other:?}");
    let slow = query("SELECT id AS address, sleep(60) AS name FROM passwd WHERE id = :user");
    let slow = config(&server, slow, |settings| settings.guard.timeout = Duration::from_millis(400));
    Asked::new(&slow).trouble(&["no answer within 360ms", "127.0.0.1"]).await;
    server.sql(
        "REVOKE SELECT ON mail.* FROM gatepost@'%'; REVOKE SELECT ON mail.* FROM gatepost@localhost;
        GRANT SELECT ON mail.people TO gatepost@'%'; GRANT SELECT ON mail.people TO gatepost@localhost",
    );
    of(&|_| ()).trouble(&["1142", "passwd", "GRANT SELECT"]).await;
}

#[tokio::test]
async fn outage() {
    let mut server = server();
    let asked = Asked::new(&config(&server, table(), |_| ()));
    asked.account("brian@example.test", "right").await;
    server.sql("KILL USER gatepost");
    asked.account("brian@example.test", "right").await;
    server.stop();
    server.begin();
    asked.account("brian@example.test", "right").await;
    server.stop();
    asked.trouble(&["127.0.0.1", "os error 111"]).await;
    // Passwords are still taken, to be answered as temporary.
    let (offered, why) = asked.offer(Mechanism::Plain).await;
    assert!(offered && why.contains("cannot tell now"), "{why}");
    server.begin();
    asked.account("brian@example.test", "right").await;
    server.sql("ALTER USER gatepost@'%' IDENTIFIED BY 'new'; ALTER USER gatepost@localhost IDENTIFIED BY 'new'");
    server.stop();
    server.begin();
    asked.trouble(&["1045"]).await;
    password_file(server.dir.path(), "new");
    asked.account("brian@example.test", "right").await;
}

#[tokio::test]
async fn verified_tls() {
    let mut server = server();
    let verified = |server: &Mariadb, ca: &std::path::Path, host: &str| {
        Asked::new(&config(server, table(), |settings| {
            settings.tls = true;
            settings.host = host.to_owned();
            settings.ca_file = Some(ca.to_owned());
        }))
    };
    let (ca, key) = certificate(server.dir.path(), USER);
    verified(&server, &ca, "localhost").trouble(&["localhost"]).await;
    server.restart_with(&[format!("--ssl-cert={}", ca.display()), format!("--ssl-key={}", key.display())]);
    server.sql("ALTER USER gatepost@'%' REQUIRE SSL; ALTER USER gatepost@localhost REQUIRE SSL");
    verified(&server, &ca, "localhost").account("brian@example.test", "right").await;
    Asked::new(&config(&server, table(), |_| ())).trouble(&["1045"]).await;
    verified(&server, &ca, "127.0.0.1").trouble(&["certificate"]).await;
    let others = tempfile::tempdir().expect("a folder");
    let (other, _) = certificate(others.path(), "root");
    verified(&server, &other, "localhost").trouble(&["certificate"]).await;
}
