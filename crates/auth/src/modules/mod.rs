//! The modules of the chain: a file each, and a row here.

mod accounts;
pub(crate) mod checkpassword;
mod courier;
mod dovecot;
mod exec;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "ldap")]
mod ldap;
#[cfg(feature = "http")]
pub(crate) mod oauth;
pub(crate) mod pam;
pub(crate) mod passwd_file;
mod sql;
pub(crate) mod userdb;
pub(crate) mod vpopmail;

use config::Config;

use crate::directory::{Reader, Shared};
use crate::guard::Guarded;
use crate::module::Module;

/// A module, or why it is left out of the chain: this build does not have it, or a library that it needs is missing.
type Made = Result<Box<dyn Module>, &'static str>;

/// The modules of `auth.chain`, in its order. What is left out is told in the log, and by `left_out`.
pub(crate) fn chain(config: &Config, shared: &Shared) -> (Vec<Guarded>, Vec<LeftOut>) {
    let (mut modules, mut left_out) = (Vec::new(), Vec::new());
    for name in &config.auth.chain {
        let guard = config.modules.guard(name).cloned().unwrap_or_default();
        match module(name, config, shared) {
            Ok(module) => modules.push(Guarded::new(module, guard)),
            Err(why) => left_out.push(LeftOut { module: name.clone(), why }),
        }
    }
    (modules, left_out)
}

/// A module of `auth.chain` that is not in the chain (MISSION 004-21, 004-22).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// As in `auth.chain`.
    pub module: String,
    /// Why.
    pub why: &'static str,
}

/// One row a module.
fn module(name: &str, config: &Config, shared: &Shared) -> Made {
    match name {
        "accounts" => Ok(Box::new(Reader::new(accounts::Accounts::new(config, shared), shared))),
        "dovecot" => Ok(Box::new(dovecot::Dovecot::new(config))),
        #[cfg(feature = "mysql")]
        "mysql" => Ok(Box::new(Reader::new(sql::mysql(config), shared))),
        #[cfg(not(feature = "mysql"))]
        "mysql" => Err("this build does not have it (cargo feature mysql)"),
        #[cfg(feature = "postgres")]
        "postgres" => Ok(Box::new(Reader::new(sql::postgres(config), shared))),
        #[cfg(not(feature = "postgres"))]
        "postgres" => Err("this build does not have it (cargo feature postgres)"),
        "sqlite" => Ok(Box::new(Reader::new(sql::sqlite(config), shared))),
        "userdb" => Ok(Box::new(Reader::new(userdb::Userdb::new(config), shared))),
        "passwd-file" => Ok(Box::new(Reader::new(passwd_file::PasswdFile::new(config), shared))),
        "vpopmail" => Ok(Box::new(Reader::new(vpopmail::Vpopmail::new(config), shared))),
        #[cfg(feature = "ldap")]
        "ldap" => Ok(ldap::module(config, shared)),
        #[cfg(not(feature = "ldap"))]
        "ldap" => Err("this build does not have it (cargo feature ldap)"),
        "checkpassword" => Ok(Box::new(checkpassword::Checkpassword::new(config))),
        "courier" => Ok(Box::new(courier::Courier::new(config))),
        "exec" => Ok(exec::module(config, shared)),
        #[cfg(feature = "http")]
        "http" => Ok(http::module(config, shared)),
        #[cfg(feature = "http")]
        "oauth" => Ok(Box::new(oauth::Oauth::new(config))),
        #[cfg(not(feature = "http"))]
        "http" | "oauth" => Err("this build does not have it (cargo feature http)"),
        "pam" => Ok(Box::new(pam::Pam::new(config)?)),
        _ => Err("this build does not have it"),
    }
}
