//! `[auth.…]`: a section for each module of the chain, a file each and a row here.

mod accounts;
mod checkpassword;
mod courier;
mod dovecot;
mod exec;
mod http;
mod ldap;
mod mysql;
mod oauth;
mod pam;
mod passwd_file;
mod postgres;
mod sql;
mod sqlite;
mod userdb;
mod vpopmail;

pub use accounts::Accounts;
pub use checkpassword::{Checkpassword, CheckpasswordProfile, CramOrder};
pub use courier::Courier;
pub use dovecot::Dovecot;
pub use exec::{Exec, ExecProtocol};
pub use http::Http;
pub use ldap::{Ldap, LdapTls};
pub use mysql::Mysql;
pub use oauth::Oauth;
pub use pam::Pam;
pub use passwd_file::PasswdFile;
pub use postgres::Postgres;
pub use sql::SqlLayout;
pub use sqlite::Sqlite;
pub use userdb::Userdb;
pub use vpopmail::Vpopmail;

use crate::reference::{Described, described};

/// Declares the modules: their names in `auth.chain`, their sections, and the struct that holds all.
macro_rules! modules {
    ($($field:ident: $section:ident = $name:literal;)+) => {
        /// The settings of every module, whether or not it is in the chain.
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct Modules {
            $(
                #[doc = concat!("`[auth.", $name, "]`")]
                pub $field: $section,
            )+
        }

        impl Modules {
            /// What `auth.chain` may name.
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            /// The rules for a module that may not answer.
            pub fn guard(&self, name: &str) -> Option<&super::Guard> {
                match name {
                    $($name => Some(&self.$field.guard),)+
                    _ => None,
                }
            }

            /// Every section, for the reference.
            pub(crate) fn described() -> Vec<Described> {
                vec![$(described($section::section())),+]
            }
        }

        /// Reads them: `table` reads the section of a type.
        macro_rules! read_modules {
            ($table:ident) => {
                $crate::sections::Modules { $($field: $table!($crate::sections::$section),)+ }
            };
        }
        pub(crate) use read_modules;
    };
}

modules! {
    accounts: Accounts = "accounts";
    userdb: Userdb = "userdb";
    passwd_file: PasswdFile = "passwd-file";
    vpopmail: Vpopmail = "vpopmail";
    checkpassword: Checkpassword = "checkpassword";
    pam: Pam = "pam";
    ldap: Ldap = "ldap";
    postgres: Postgres = "postgres";
    mysql: Mysql = "mysql";
    sqlite: Sqlite = "sqlite";
    courier: Courier = "courier";
    dovecot: Dovecot = "dovecot";
    exec: Exec = "exec";
    http: Http = "http";
    oauth: Oauth = "oauth";
}
