//! What is asked of all three databases.

use std::path::Path;

use auth::{Rejection, Service, Verdict};
use config::{Config, SqlLayout};
use sasl::Mechanism;

use crate::asked::Asked;
use crate::rows::HOSTILE;

/// A config whose chain is the module under test, with the layout.
pub(crate) type Make<'a> = &'a dyn Fn(SqlLayout) -> Config;

/// Puts a layout into the section of a module.
macro_rules! with_layout {
    ($section:expr, $layout:expr) => {{
        let (mut section, layout) = ($section, $layout);
        section.query = layout.query;
        section.all_query = layout.all_query;
        section.table = layout.table;
        section.login = layout.login;
        section.crypt_password = layout.crypt_password;
        section.clear_password = layout.clear_password;
        section.uid = layout.uid;
        section.gid = layout.gid;
        section.home = layout.home;
        section.maildir = layout.maildir;
        section.quota = layout.quota;
        section.name = layout.name;
        section.options = layout.options;
        section.condition = layout.condition;
        section
    }};
}
pub(crate) use with_layout;

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Courier's own names.
pub(crate) fn table() -> SqlLayout {
    SqlLayout { table: "passwd".to_owned(), login: "id".to_owned(), ..SqlLayout::default() }
}

/// All of Courier's columns.
fn full_table() -> SqlLayout {
    SqlLayout {
        crypt_password: some("crypt"),
        clear_password: some("clear"),
        uid: some("uid"),
        gid: some("gid"),
        home: some("home"),
        maildir: some("maildir"),
        quota: some("quota"),
        name: some("name"),
        options: some("options"),
        condition: some("active = 1 -- those who pay"),
        ..table()
    }
}

pub(crate) fn query(query: &str) -> SqlLayout {
    SqlLayout { query: some(query), ..table() }
}

/// FORMATS 2.9: the layout of authmysqlrc, authpgsqlrc and authsqliterc.
pub(crate) async fn table_layout(make: Make<'_>) {
    let asked = Asked::new(&make(full_table()));
    let account = asked.account("Brian@Example.TEST", "right").await;
    assert_eq!(account.address.to_string(), "brian@example.test");
    assert_eq!((account.uid, account.gid), (Some(5000), Some(5001)));
    assert_eq!(account.home.as_deref(), Some(Path::new("/home/vmail/brian")));
    assert_eq!(account.maildir, Path::new("/home/vmail/brian/mail"));
    assert_eq!((account.quota.as_deref(), account.name.as_deref()), (Some("10000000S"), Some("Brian")));
    let pop3 = asked.login_to(Service::Pop3, "brian@example.test", "right").await;
    assert_eq!(pop3, Verdict::Reject(Rejection::Disabled));
    // As it was typed, after the full address; and no address at all.
    let short = asked.account("short", "right").await;
    assert_eq!(short.address.to_string(), "short@mail.example.test");
    asked.account("zoë@example.test", "right").await;
    asked.refused("brian@example.test", "wrong", Rejection::WrongPassword).await;
    asked.refused("gone@example.test", "right", Rejection::UnknownUser).await;
    hostile(&asked).await;
    let (offered, why) = asked.offer(Mechanism::CramMd5).await;
    assert!(!offered && why.contains("none of 4 active accounts"), "{why}");
    assert!(asked.offer(Mechanism::Plain).await.0);
    listed(&asked).await;
}

/// MISSION 004-28: every account, and the version of the database. A name without a domain is at this host.
async fn listed(asked: &Asked) {
    let (accounts, version) = asked.listed().await;
    let brian = accounts.iter().find(|account| account.address.to_string() == "brian@example.test").expect("brian");
    assert_eq!((brian.uid, brian.maildir.as_path()), (Some(5000), Path::new("/home/vmail/brian/mail")));
    assert!(accounts.iter().any(|account| account.address.to_string() == "short@mail.example.test"), "{accounts:?}");
    assert_eq!(accounts.len(), 4);
    assert!(version.is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit())));
}

/// An operator's own query, with parameters by name.
pub(crate) async fn own_query(make: Make<'_>) {
    let sql = "SELECT id AS address, crypt AS crypt_password, home, uid, quota FROM passwd
        WHERE active = 1 AND id = :user AND :service <> 'smtp' /* not :this */ AND id LIKE '%:%' IS NOT NULL";
    let asked = Asked::new(&make(query(sql)));
    let account = asked.account("brian@example.test", "right").await;
    assert_eq!((account.uid, account.quota.as_deref()), (Some(5000), Some("10000000S")));
    let smtp = asked.login_to(Service::Smtp, "brian@example.test", "right").await;
    assert_eq!(smtp, Verdict::Reject(Rejection::UnknownUser));
    hostile(&asked).await;
    let (offered, why) = asked.offer(Mechanism::ScramSha256).await;
    assert!(!offered && why.contains("no all_query"), "{why}");
}

/// FORMATS 2.9: a MYSQL_SELECT_CLAUSE, whose columns have an order and no names.
pub(crate) async fn select_clause(make: Make<'_>) {
    let sql = "SELECT id, crypt, clear, uid, gid, home, maildir, quota, name, options FROM passwd
        WHERE id = '$(local_part)@$(domain)' AND '$(service)' <> 'smtp'";
    let asked = Asked::new(&make(query(sql)));
    let account = asked.account("brian@example.test", "right").await;
    assert_eq!(account.maildir, Path::new("/home/vmail/brian/mail"));
    assert_eq!(account.options.get("disablepop3"), Some("1"));
    let smtp = asked.login_to(Service::Smtp, "brian@example.test", "right").await;
    assert_eq!(smtp, Verdict::Reject(Rejection::UnknownUser));
    hostile(&asked).await;
}

/// Nobody gets in by a name that is SQL, nothing breaks, and a name with a quote in it is a name.
async fn hostile(asked: &Asked) {
    for name in HOSTILE {
        asked.refused(name, "right", Rejection::UnknownUser).await;
    }
    asked.account("o'brien@example.test", "right").await;
    asked.account("brian@example.test", "right").await;
}

/// FORMATS 2.11: a password in clear makes CRAM-MD5 and SCRAM possible.
pub(crate) async fn clear_passwords(make: Make<'_>) {
    let people = SqlLayout { table: "people".to_owned(), clear_password: some("clear"), ..table() };
    let asked = Asked::new(&make(people.clone()));
    asked.account("carol@example.test", "tanstaaf").await;
    asked.refused("carol@example.test", "wrong", Rejection::WrongPassword).await;
    for mechanism in [Mechanism::CramMd5, Mechanism::ScramSha256, Mechanism::Plain] {
        assert!(asked.offer(mechanism).await.0);
    }
    let own = query("SELECT clear AS clear_password FROM people WHERE id = :user");
    let own = SqlLayout { all_query: some("SELECT clear AS clear_password FROM people"), ..own };
    let asked = Asked::new(&make(own));
    assert!(asked.offer(Mechanism::CramMd5).await.0);
    assert_eq!(asked.account("dave@example.test", "sesame").await.address.to_string(), "dave@example.test");
}

/// What makes a query or a table useless is told, with its name.
pub(crate) async fn useless(make: Make<'_>) {
    let missing = SqlLayout { table: "passwort".to_owned(), ..table() };
    Asked::new(&make(missing)).trouble(&["passwort"]).await;
    let column = SqlLayout { crypt_password: some("krypt"), ..table() };
    Asked::new(&make(column)).trouble(&["krypt"]).await;
    Asked::new(&make(SqlLayout { table: "twice".to_owned(), ..table() })).trouble(&["more than one row"]).await;
    let number = SqlLayout { uid: some("name"), ..table() };
    Asked::new(&make(number)).trouble(&["uid", "not a number"]).await;
    let few = query("SELECT id, crypt FROM passwd WHERE id = :user");
    Asked::new(&make(few)).trouble(&["id, crypt", "crypt_password"]).await;
    Asked::new(&make(query("SELECT id AS address FROM passwd WHERE id = :usr"))).trouble(&[":usr", ":user"]).await;
    Asked::new(&make(query("SELECT 1 FROM"))).trouble(&[]).await;
}
