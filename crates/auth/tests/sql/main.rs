//! The SQL modules against PostgreSQL, MariaDB and SQLite files, each server started by the test.

mod asked;
mod mariadb;
mod mysql;
mod postgres;
mod postgresql;
mod rows;
mod scenario;
mod server;
mod sqlite;
