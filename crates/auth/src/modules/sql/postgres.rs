//! `postgres`: a pool of connections to PostgreSQL.

mod cell;
mod failure;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, Object, Pool, PoolError};
use futures_util::StreamExt;
use parking_lot::Mutex;
use rustls::ClientConfig;
use tokio_postgres::config::SslMode;
use tokio_postgres::{NoTls, Row as Answered};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::dialect::Dialect;
use super::row::{Row, RowError, Value};
use super::secret_file::{self, Stamp};
use super::trouble::{Trouble, with_causes};
use super::{Database, Take};
use crate::module::Answer;
use crate::trust;
use cell::{Cell, Parameter};

/// A database in PostgreSQL.
#[derive(Debug)]
pub(crate) struct Postgres {
    settings: config::Postgres,
    pool: Mutex<Option<Open>>,
}

/// A pool, and the password that it was made with.
#[derive(Clone)]
struct Open {
    pool: Pool,
    tls: Option<MakeRustlsConnect>,
    password: Option<Stamp>,
}

impl std::fmt::Debug for Open {
    // The pool shows the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Open").field("password", &self.password).finish_non_exhaustive()
    }
}

/// A connection that goes back to the pool only if all of its answer was read: whoever gets it next must not wait for
/// what somebody else asked and gave up.
struct Lease {
    connection: Option<Object>,
    tls: Option<MakeRustlsConnect>,
}

/// How long a query that nobody waits for is tried to be cancelled.
const CANCELLING: Duration = Duration::from_secs(5);

impl Postgres {
    pub(super) fn new(settings: &config::Postgres) -> Self {
        Self { settings: settings.clone(), pool: Mutex::default() }
    }

    fn pool(&self) -> Result<Open, Trouble> {
        let read = self.settings.password_file.as_deref().map(secret_file::read).transpose()?;
        let (secret, password) = read.unzip();
        let mut open = self.pool.lock();
        if let Some(open) = open.as_ref().filter(|open| open.password == password) {
            return Ok(open.clone());
        }
        let mut options = tokio_postgres::Config::new();
        options.host(&self.settings.host).dbname(&self.settings.database).user(&self.settings.user);
        options.port(u16::try_from(self.settings.port).unwrap_or(5432)).application_name("gatepost");
        options.ssl_mode(if self.settings.tls { SslMode::Require } else { SslMode::Disable });
        if let Some(secret) = secret {
            options.password(secret.expose());
        }
        let tls = self.settings.tls.then(|| self.tls()).transpose()?.map(MakeRustlsConnect::new);
        let manager = match tls.clone() {
            Some(tls) => Manager::new(options, tls),
            None => Manager::new(options, NoTls),
        };
        // One more than there are questions: the census is not held back by the logins.
        let pool = Pool::builder(manager).max_size(self.settings.guard.concurrency + 1).build();
        let pool = pool.map_err(|error| Trouble::Connect(error.to_string()))?;
        Ok(open.insert(Open { pool, tls, password }).clone())
    }

    fn tls(&self) -> Result<ClientConfig, Trouble> {
        trust::client(self.settings.ca_file.as_deref()).map_err(Trouble::Authorities)
    }

    async fn run(&self, sql: &str, values: &[String], take: &mut Take<'_>) -> Result<(), Trouble> {
        let Open { pool, tls, .. } = self.pool()?;
        let connection = pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) => failure::connecting(&error),
            error => Trouble::Connect(with_causes(&error)),
        })?;
        let mut lease = Lease { connection: Some(connection), tls };
        let answer = lease.read(sql, values, take).await;
        if matches!(answer, Err(Trouble::Lost(_))) {
            // The others in the pool are from before the same restart.
            pool.retain(|_, _| false);
        } else if matches!(answer, Ok(()) | Err(Trouble::Server { .. } | Trouble::Unwritable { .. })) {
            lease.give_back();
        }
        answer
    }
}

impl Lease {
    async fn read(&self, sql: &str, values: &[String], take: &mut Take<'_>) -> Result<(), Trouble> {
        let Some(connection) = &self.connection else { return Ok(()) };
        let trouble = |error| failure::asking(&error, connection.is_closed());
        let statement = connection.prepare_cached(sql).await.map_err(trouble)?;
        let columns: Arc<[String]> = statement.columns().iter().map(|column| column.name().to_owned()).collect();
        let parameters = values.iter().map(|value| Parameter(value));
        let mut rows = pin!(connection.query_raw(&statement, parameters).await.map_err(trouble)?);
        while let Some(row) = rows.next().await {
            take(values_of(&row.map_err(trouble)?, &columns)?)?;
        }
        Ok(())
    }

    fn give_back(&mut self) {
        drop(self.connection.take());
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        let (token, tls) = (connection.cancel_token(), self.tls.take());
        drop(Object::take(connection));
        // The server would go on until it wants to send something.
        let cancel = async move {
            match tls {
                Some(tls) => token.cancel_query(tls).await,
                None => token.cancel_query(NoTls).await,
            }
        };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(tokio::time::timeout(CANCELLING, cancel));
        }
    }
}

fn values_of(row: &Answered, columns: &Arc<[String]>) -> Result<Row, RowError> {
    let value = |(n, column): (usize, &String)| -> Result<Value, RowError> {
        let of = || row.columns().get(n).map_or_else(String::new, |column| column.type_().name().to_owned());
        let cell = row.try_get::<_, Cell>(n);
        cell.map(|cell| cell.0).map_err(|_| RowError::Type { column: column.clone(), of: of() })
    };
    let values: Result<_, _> = columns.iter().enumerate().map(value).collect();
    Ok(Row { columns: columns.clone(), values: values? })
}

impl Database for Postgres {
    const NAME: &'static str = "postgres";
    const DIALECT: Dialect = Dialect::Postgres;
    const VERSION: &'static str = "SELECT current_setting('server_version')";

    fn place(&self) -> String {
        let config::Postgres { host, port, database, user, .. } = &self.settings;
        format!("database {database:?} at {host}:{port}, as {user:?}")
    }

    fn rows<'a>(
        &'a self,
        sql: &'a str,
        values: &'a [String],
        take: &'a mut Take<'_>,
    ) -> Answer<'a, Result<(), Trouble>> {
        Box::pin(self.run(sql, values, take))
    }
}
