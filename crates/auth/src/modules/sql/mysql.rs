//! `mysql`: a pool of connections to MySQL or MariaDB.

mod failure;

use std::sync::Arc;

use mysql_async::prelude::Queryable;
use mysql_async::{Column, Conn, OptsBuilder, Params, Pool, PoolConstraints, PoolOpts, SslOpts};
use parking_lot::Mutex;
use sasl::Secret;

use super::dialect::Dialect;
use super::row::{Row, RowError, Value};
use super::secret_file::{self, Stamp};
use super::trouble::Trouble;
use super::{Database, Take};
use crate::module::Answer;
use crate::trust;

/// Octets of a row: an account has no more, and the server need not be asked.
const MAX_PACKET: usize = 1024 * 1024;

/// Seconds after which a server closes an idle connection, unless it says otherwise: known, it need not be asked.
const IDLE: usize = 28_800;

/// A database in MySQL.
#[derive(Debug)]
pub(crate) struct Mysql {
    settings: config::Mysql,
    pool: Mutex<Option<Open>>,
}

/// A pool, and the password that it was made with.
#[derive(Clone)]
struct Open {
    pool: Pool,
    password: Option<Stamp>,
}

impl std::fmt::Debug for Open {
    // The pool shows the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Open").field("password", &self.password).finish_non_exhaustive()
    }
}

/// A connection that goes back to the pool only if all of its answer was read.
struct Lease(Option<Conn>);

impl Mysql {
    pub(super) fn new(settings: &config::Mysql) -> Self {
        Self { settings: settings.clone(), pool: Mutex::default() }
    }

    fn pool(&self) -> Result<Pool, Trouble> {
        let read = self.settings.password_file.as_deref().map(secret_file::read).transpose()?;
        let (secret, password) = read.unzip();
        let mut open = self.pool.lock();
        if let Some(open) = open.as_ref().filter(|open| open.password == password) {
            return Ok(open.pool.clone());
        }
        let pool = Pool::new(self.options(secret.as_ref())?);
        *open = Some(Open { pool: pool.clone(), password });
        Ok(pool)
    }

    fn options(&self, secret: Option<&Secret>) -> Result<OptsBuilder, Trouble> {
        let settings = &self.settings;
        // One more than there are questions: the census is not held back by the logins.
        let most = PoolConstraints::new(0, settings.guard.concurrency + 1).unwrap_or_default();
        let pool = PoolOpts::default().with_constraints(most).with_reset_connection(false);
        let secret = secret.map(|secret| String::from_utf8_lossy(secret.expose()).into_owned());
        let options = OptsBuilder::default()
            .user(Some(&settings.user))
            .pass(secret)
            .db_name(Some(&settings.database))
            .pool_opts(pool)
            // The driver would leave TCP for the socket that the server names, and TLS with it.
            .prefer_socket(false)
            .max_allowed_packet(Some(MAX_PACKET))
            .wait_timeout(Some(IDLE))
            // Quotes and backslashes mean what `Dialect::Mysql` takes them for, and nothing is ever written.
            .setup(vec!["SET SESSION sql_mode = ''", "SET SESSION TRANSACTION READ ONLY"]);
        if settings.host.starts_with('/') {
            return Ok(options.socket(Some(&settings.host)));
        }
        let port = u16::try_from(settings.port).unwrap_or(3306);
        Ok(options.ip_or_hostname(&settings.host).tcp_port(port).ssl_opts(self.tls()?))
    }

    fn tls(&self) -> Result<Option<SslOpts>, Trouble> {
        if !self.settings.tls {
            return Ok(None);
        }
        let roots = trust::authorities(self.settings.ca_file.as_deref()).map_err(Trouble::Authorities)?;
        let roots = roots.into_iter().map(|root| root.as_ref().to_vec().into()).collect();
        Ok(Some(SslOpts::default().with_root_certs(roots).with_disable_built_in_roots(true)))
    }

    async fn run(&self, sql: &str, values: &[String], take: &mut Take<'_>) -> Result<(), Trouble> {
        let pool = self.pool()?;
        let connection = pool.get_conn().await.map_err(|error| failure::connecting(&error))?;
        let mut lease = Lease(Some(connection));
        let answer = lease.read(sql, values, take).await;
        match answer {
            Err(Trouble::Lost(_)) => {
                // The others in the pool are from before the same restart.
                *self.pool.lock() = None;
            }
            Ok(()) | Err(Trouble::Server { .. } | Trouble::Unwritable { .. }) => lease.give_back(),
            Err(_) => {}
        }
        answer
    }
}

impl Lease {
    async fn read(&mut self, sql: &str, values: &[String], take: &mut Take<'_>) -> Result<(), Trouble> {
        let Some(connection) = &mut self.0 else { return Ok(()) };
        let values: Vec<mysql_async::Value> = values.iter().map(|value| value.as_str().into()).collect();
        let parameters = if values.is_empty() { Params::Empty } else { Params::Positional(values) };
        let asked = connection.exec_iter(sql, parameters).await;
        let mut rows = asked.map_err(|error| failure::asking(&error))?;
        let columns = rows.columns().unwrap_or_else(|| Arc::from([]));
        let names: Arc<[String]> = columns.iter().map(|column| column.name_str().into_owned()).collect();
        while let Some(row) = rows.next().await.map_err(|error| failure::asking(&error))? {
            let values = row.unwrap().into_iter().zip(columns.iter()).map(value);
            let values: Result<_, RowError> = values.collect();
            take(Row { columns: names.clone(), values: values? })?;
        }
        rows.drop_result().await.map_err(|error| failure::asking(&error))
    }

    fn give_back(&mut self) {
        drop(self.0.take());
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // It cannot be kept from the pool but by being closed, and that takes a task.
        if let (Some(connection), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(connection.disconnect());
        }
    }
}

fn value((value, column): (mysql_async::Value, &Column)) -> Result<Value, RowError> {
    use mysql_async::Value as Sent;
    let of_type = || RowError::Type {
        column: column.name_str().into_owned(),
        of: format!("{:?}", column.column_type()).trim_start_matches("MYSQL_TYPE_").to_lowercase(),
    };
    match value {
        Sent::NULL => Ok(Value::Null),
        Sent::Bytes(octets) => Ok(Value::Bytes(octets)),
        Sent::Int(number) => Ok(Value::Int(number)),
        Sent::UInt(number) => i64::try_from(number).map(Value::Int).map_err(|_| of_type()),
        Sent::Float(_) | Sent::Double(_) | Sent::Date(..) | Sent::Time(..) => Err(of_type()),
    }
}

impl Database for Mysql {
    const NAME: &'static str = "mysql";
    const DIALECT: Dialect = Dialect::Mysql;
    const VERSION: &'static str = "SELECT VERSION()";

    fn place(&self) -> String {
        let config::Mysql { host, port, database, user, .. } = &self.settings;
        if host.starts_with('/') {
            return format!("database {database:?} at {host}, as {user:?}");
        }
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
