//! PostgreSQL.

use std::time::{Duration, Instant};

use auth::Rejection;
use config::{Config, SqlLayout};
use sasl::Mechanism;

use crate::asked::Asked;
use crate::postgresql::{Postgresql, USER, password_file};
use crate::rows::{HOSTILE, schema};
use crate::scenario::{self, query, table, with_layout};
use crate::server::certificate;

const GRANT: &str = "GRANT SELECT ON ALL TABLES IN SCHEMA public TO gatepost;";

fn server() -> Postgresql {
    Postgresql::start(&format!("{}{GRANT}", schema("text")))
}

fn config(server: &Postgresql, layout: SqlLayout, change: impl FnOnce(&mut config::Postgres)) -> Config {
    let mut config = Config::example(server.dir.path().join("gatepost"));
    config.auth.chain = vec!["postgres".to_owned()];
    config.modules.postgres = with_layout!(server.settings(), layout);
    change(&mut config.modules.postgres);
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
    // Types that are not text are compared as what they are.
    server.sql(
        "mail",
        "CREATE DOMAIN login AS varchar(100); CREATE TABLE typed (id login, crypt char(200), uid bigint);",
    );
    server.sql("mail", &format!("INSERT INTO typed SELECT id, crypt, uid FROM passwd; {GRANT}"));
    let typed = SqlLayout { table: "public.typed".to_owned(), uid: Some("uid".to_owned()), ..table() };
    assert_eq!(Asked::new(&make(typed)).account("brian@example.test", "right").await.uid, Some(5000));
    // An alphabet that cannot write every name: such a name is nobody's, not trouble.
    server.sql("postgres", "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
    server.sql("latin", &format!("SET client_encoding = 'UTF8'; {}{GRANT}", schema("text")));
    let latin = config(&server, table(), |settings| settings.database = "latin".to_owned());
    let latin = Asked::new(&latin);
    latin.account("zoë@example.test", "right").await;
    for name in HOSTILE {
        latin.refused(name, "right", Rejection::UnknownUser).await;
    }
    // By the socket.
    let socket = config(&server, table(), |settings| {
        settings.host = server.dir.path().display().to_string();
        settings.password_file = None;
    });
    Asked::new(&socket).account("brian@example.test", "right").await;
    let count: usize = server.sql("mail", "SELECT count(*) FROM passwd").trim().parse().expect("a number");
    assert_eq!(count, 5);
}

/// MISSION 002-09: whatever keeps it from reading is temporary, and says what and where.
#[tokio::test]
async fn trouble() {
    let server = server();
    let make = |layout| config(&server, layout, |_| ());
    scenario::useless(&make).await;
    Asked::new(&make(SqlLayout { table: "passwort".to_owned(), ..table() }))
        .trouble(&["42P01", "\"mail\"", "127.0.0.1"])
        .await;
    let wrong = password_file(&server.dir.path().join("data"), "another");
    let of = |change: &dyn Fn(&mut config::Postgres)| Asked::new(&config(&server, table(), change));
    let cause = of(&|settings| settings.password_file = Some(wrong.clone())).trouble(&["28P01", "password_file"]).await;
    assert!(!cause.contains("another"));
    of(&|settings| settings.password_file = Some("/nowhere".into())).trouble(&["/nowhere", "os error 2", "uid"]).await;
    of(&|settings| settings.database = "nothing".to_owned()).trouble(&["3D000", "nothing"]).await;
    of(&|settings| settings.port = 1).trouble(&["127.0.0.1:1", "Connection refused (os error 111)"]).await;
    let float = query("SELECT id AS address, 1.5::float8 AS quota FROM passwd WHERE id = :user");
    Asked::new(&make(float)).trouble(&["quota", "float8"]).await;
    server.sql("mail", "REVOKE SELECT ON passwd FROM gatepost");
    of(&|_| ()).trouble(&["42501", "permission denied for table passwd", "GRANT SELECT"]).await;
    server.sql("mail", "GRANT SELECT ON passwd TO gatepost");
    let slow = query("SELECT id AS address, pg_sleep(60)::text AS name FROM passwd WHERE id = :user");
    let slow = config(&server, slow, |settings| settings.guard.timeout = Duration::from_millis(400));
    Asked::new(&slow).trouble(&["no answer within 360ms", "127.0.0.1"]).await;
    // Nor does it go on at the server.
    let running = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'gatepost' AND query LIKE '%pg_sleep%'";
    let deadline = Instant::now() + Duration::from_secs(10);
    while server.sql("mail", running).trim() != "0" {
        assert!(Instant::now() < deadline, "it still runs");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A server that goes is a TEMPFAIL; one that is back works at once; a connection that died in the pool fails nobody.
#[tokio::test]
async fn outage() {
    let mut server = server();
    let asked = Asked::new(&config(&server, table(), |_| ()));
    asked.account("brian@example.test", "right").await;
    let killed =
        server.sql("mail", "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'gatepost'");
    assert_ne!(killed.trim(), "0");
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
    // A table that was changed under a prepared query.
    server.sql("mail", "ALTER TABLE passwd ALTER COLUMN crypt TYPE varchar(500)");
    asked.account("brian@example.test", "right").await;
    // A password of ours that was changed.
    server.sql("mail", "ALTER ROLE gatepost PASSWORD 'new'");
    server.stop();
    server.begin();
    asked.trouble(&["28P01"]).await;
    password_file(server.dir.path(), "new");
    asked.account("brian@example.test", "right").await;
}

/// `tls = "verify"`: only who has a certificate that we trust is told our password.
#[tokio::test]
async fn verified_tls() {
    let mut server = server();
    let verified = |server: &Postgresql, ca: &std::path::Path, host: &str| {
        Asked::new(&config(server, table(), |settings| {
            settings.tls = true;
            settings.host = host.to_owned();
            settings.ca_file = Some(ca.to_owned());
        }))
    };
    let (ca, key) = certificate(server.dir.path(), USER);
    verified(&server, &ca, "localhost").trouble(&["localhost", "TLS"]).await;
    server.restart_with(&format!("ssl_cert_file={}", ca.display()));
    server.restart_with(&format!("ssl_key_file={}", key.display()));
    server.restart_with("ssl=on");
    let asked = verified(&server, &ca, "localhost");
    asked.account("brian@example.test", "right").await;
    let inside = server.sql(
        "mail",
        "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE ssl AND usename = 'gatepost'",
    );
    assert_ne!(inside.trim(), "0");
    verified(&server, &ca, "127.0.0.1").trouble(&["certificate"]).await;
    let others = tempfile::tempdir().expect("a folder");
    let (other, _) = certificate(others.path(), "root");
    verified(&server, &other, "localhost").trouble(&["certificate"]).await;
    verified(&server, &key, "localhost").trouble(&["ca_file", "no certificate"]).await;
}
