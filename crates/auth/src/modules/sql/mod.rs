//! `postgres`, `mysql`, `sqlite`: accounts in a database. This is what the three share; a file each asks the database.
//!
//! A login takes this way: its [`login::names`], each as the values of a [`statement::Statement`], through
//! [`Database::rows`]; the [`row::Row`] that comes becomes [`row::Fields`], and those an [`Entry`].

mod dialect;
mod entry;
mod layout;
mod login;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
mod row;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod secret_file;
mod sqlite;
mod statement;
mod tokens;
mod trouble;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use config::{Config, Guard, SqlLayout};

use crate::directory::{Census, Directory, Entry};
use crate::inventory;
use crate::module::{Answer, Who};
use crate::trail::Trail;
use crate::{Service, TempFail};
use dialect::Dialect;
use entry::Place;
use layout::Queries;
use login::Login;
use row::{Fields, Row};
use statement::Statement;
use trouble::Trouble;

/// Accounts that are counted.
const MOST: usize = 100_000;

/// A name that nobody has, to see whether the query works.
const NOBODY: &str = "";

/// `[auth.postgres]`.
#[cfg(feature = "postgres")]
pub(super) fn postgres(config: &Config) -> Sql<postgres::Postgres> {
    let settings = &config.modules.postgres;
    Sql::new(postgres::Postgres::new(settings), config, &settings.layout(), &settings.guard)
}

/// `[auth.mysql]`.
#[cfg(feature = "mysql")]
pub(super) fn mysql(config: &Config) -> Sql<mysql::Mysql> {
    let settings = &config.modules.mysql;
    Sql::new(mysql::Mysql::new(settings), config, &settings.layout(), &settings.guard)
}

/// `[auth.sqlite]`.
pub(super) fn sqlite(config: &Config) -> Sql<sqlite::Sqlite> {
    let settings = &config.modules.sqlite;
    Sql::new(sqlite::Sqlite::new(settings), config, &settings.layout(), &settings.guard)
}

/// Takes the rows of an answer, one by one; an error ends it.
type Take<'t> = dyn FnMut(Row) -> Result<(), Trouble> + Send + 't;

/// A database that can be asked.
trait Database: fmt::Debug + Send + Sync {
    /// As in `auth.chain`.
    const NAME: &'static str;
    /// How it writes SQL.
    const DIALECT: Dialect;
    /// What yields its version, as a text.
    const VERSION: &'static str;

    /// Which database, and where, in words.
    fn place(&self) -> String;

    /// Asks, and hands over the rows as they come. [`Trouble::Lost`]: the connection was dead, and another should be
    /// tried, which it does if it is asked again.
    fn rows<'a>(
        &'a self,
        sql: &'a str,
        values: &'a [String],
        take: &'a mut Take<'_>,
    ) -> Answer<'a, Result<(), Trouble>>;
}

/// A module around a database.
#[derive(Debug)]
pub(super) struct Sql<D> {
    database: D,
    queries: Queries,
    place: Place,
    timeout: Duration,
}

#[expect(private_bounds, reason = "the three databases are told by their functions above")]
impl<D: Database> Sql<D> {
    fn new(database: D, config: &Config, layout: &SqlLayout, guard: &Guard) -> Self {
        let queries = Queries::new(layout, D::DIALECT);
        // A little less than the guard allows: who knows which database it was tells more than "no answer".
        let timeout = guard.timeout * 9 / 10;
        Self { database, queries, place: Place::new(config), timeout }
    }

    /// Asks in time, and once more if the connection had died in the pool.
    async fn ask(
        &self,
        statement: &Statement,
        values: &[String],
        timeout: Duration,
        take: &mut Take<'_>,
    ) -> Result<(), Trouble> {
        // After the first row it cannot be asked again: half of the accounts would be counted twice.
        let taken = AtomicBool::new(false);
        let mut take = |row| {
            taken.store(true, Ordering::Relaxed);
            take(row)
        };
        let asked = async {
            match self.database.rows(&statement.sql, values, &mut take).await {
                Err(Trouble::Lost(_)) if !taken.load(Ordering::Relaxed) => {
                    self.database.rows(&statement.sql, values, &mut take).await
                }
                answer => answer,
            }
        };
        tokio::time::timeout(timeout, asked).await.unwrap_or(Err(Trouble::Late(timeout)))
    }

    /// What the database says of one name. A name that it cannot write is nobody's, if it can do without: a look-up by any
    /// other name must not fail in the same way.
    async fn fields(&self, statement: &Statement, login: Login<'_>) -> Result<Option<Fields>, Trouble> {
        match self.row(statement, login).await {
            Err(Trouble::Unwritable { .. }) if !login.user.is_ascii() => {
                self.row(statement, Login { user: NOBODY, ..login }).await.map(|_| None)
            }
            fields => fields,
        }
    }

    async fn row(&self, statement: &Statement, login: Login<'_>) -> Result<Option<Fields>, Trouble> {
        let mut found = None;
        let mut take = |row: Row| match found {
            Some(_) => Err(Trouble::Several),
            None => {
                found = Some(row.fields(statement.courier)?);
                Ok(())
            }
        };
        self.ask(statement, &statement.values(&login), self.timeout, &mut take).await?;
        Ok(found)
    }

    async fn look_up(&self, who: &Who) -> Result<Option<Entry>, TempFail> {
        let statement = self.queries.one.as_ref().map_err(|error| self.tempfail(error))?;
        let mut found = None;
        // All names, also when the first is found: who is there and who is not must take the same time.
        for name in login::names(who) {
            who.trail.say(format_args!("looking up {name:?} in {}", self.database.place()));
            let login = Login { user: &name, service: who.service.name() };
            let fields = self.fields(statement, login).await.map_err(|trouble| self.tempfail(trouble))?;
            found = found.or(fields);
        }
        let Some(fields) = found else { return Ok(None) };
        who.trail.answered();
        let entry = self.place.entry(&fields, who);
        entry.map(Some).map_err(|error| self.tempfail(format_args!("{}: {error}", who.identity)))
    }

    async fn count(&self, trail: &Trail) -> Result<Census, TempFail> {
        let one = self.queries.one.as_ref().map_err(|error| self.tempfail(error))?;
        let Some(all) = &self.queries.all else {
            // Whether the database is there is worth a question all the same.
            let nobody = Login { user: NOBODY, service: "imap" };
            self.fields(one, nobody).await.map_err(|trouble| self.tempfail(trouble))?;
            return Ok(Census::uncounted("no all_query"));
        };
        let all = all.as_ref().map_err(|error| self.tempfail(error))?;
        let (mut census, mut accounts, mut unknown) = (Census::default(), 0_usize, 0_usize);
        let mut take = |row: Row| {
            accounts += 1;
            if accounts > MOST {
                return Err(Trouble::TooMany(MOST));
            }
            let stored = entry::stored(&row.fields(all.courier)?);
            unknown += usize::from(stored.is_err());
            census.count(&stored.unwrap_or_default());
            Ok(())
        };
        let asked = self.ask(all, &[], self.timeout * 12, &mut take).await;
        match asked {
            Err(trouble @ Trouble::TooMany(_)) => return Ok(Census::uncounted(trouble.to_string())),
            asked => asked.map_err(|trouble| self.tempfail(trouble))?,
        }
        trail.say(format_args!("{accounts} accounts in {}", self.database.place()));
        if unknown > 0 {
            trail.say(format_args!("{unknown} of them keep the password in a form that is not known"));
        }
        Ok(census)
    }

    /// Every account, where the query for all tells more than passwords.
    async fn list_all(&self, all: &Statement, take: &mut inventory::Take<'_>) -> Result<(), TempFail> {
        let (identity, address, trail) = (String::new(), None, Trail::default());
        let nobody = Who { identity, address, service: Service::Imap, trail };
        let mut each = |row: Row| {
            let fields = row.fields(all.courier)?;
            take(self.place.account(&fields, &nobody).map_err(|error| format!("{}: {error}", self.database.place())));
            Ok(())
        };
        self.ask(all, &[], self.timeout * 12, &mut each).await.map_err(|trouble| self.tempfail(trouble))
    }

    async fn ask_version(&self) -> Result<Option<String>, TempFail> {
        let mut version = None;
        let mut take = |row: Row| {
            if let Some(row::Value::Bytes(octets)) = row.values.into_iter().next() {
                version = String::from_utf8(octets).ok();
            }
            Ok(())
        };
        self.database.rows(D::VERSION, &[], &mut take).await.map_err(|trouble| self.tempfail(trouble))?;
        Ok(version)
    }

    fn tempfail(&self, trouble: impl fmt::Display) -> TempFail {
        TempFail { module: D::NAME, cause: format!("{}: {trouble}", self.database.place()) }
    }
}

impl<D: Database> Directory for Sql<D> {
    fn name(&self) -> &'static str {
        D::NAME
    }

    fn entry<'a>(&'a self, who: &'a Who) -> Answer<'a, Result<Option<Entry>, TempFail>> {
        Box::pin(self.look_up(who))
    }

    fn census<'a>(&'a self, trail: &'a Trail) -> Answer<'a, Result<Census, TempFail>> {
        Box::pin(self.count(trail))
    }

    fn list<'a>(&'a self, take: &'a mut inventory::Take<'_>) -> Option<Answer<'a, Result<(), TempFail>>> {
        let all = self.queries.all.as_ref()?;
        Some(Box::pin(async move {
            let all = all.as_ref().map_err(|error| self.tempfail(error))?;
            self.list_all(all, take).await
        }))
    }

    fn version(&self) -> Option<Answer<'_, Result<Option<String>, TempFail>>> {
        Some(Box::pin(self.ask_version()))
    }
}
