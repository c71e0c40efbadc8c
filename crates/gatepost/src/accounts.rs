//! The account store of a config, as the commands open it.

use std::fs::DirBuilder;
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;

use auth::Auth;
use auth::accounts::{Store, StoreError, User};
use config::Config;
use message::{Address, Domain};

use crate::exit::{Failure, code};

/// The store; made if it is missing, with its folder.
pub(crate) fn open_or_make(config: &Config) -> Result<Store, Failure> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(&config.data);
    made.map_err(|error| {
        let uid = rustix::process::geteuid().as_raw();
        Failure::new(code(&error), format!("cannot make {} as uid {uid}: {error}", config.data.display()))
    })?;
    Ok(Store::open(&Store::path(&config.data))?)
}

/// The store, if there is one.
pub(crate) fn open(config: &Config) -> Result<Store, Failure> {
    Ok(Store::open_existing(&Store::path(&config.data))?)
}

/// The chain in this process, also where the server leaves it to `gatepost authd`: who looks into the stores for an operator needs
/// no daemon, which would not show them.
pub(crate) fn chain_here(config: &Config) -> Auth {
    let mut config = config.clone();
    config.auth.socket = None;
    Auth::new(&config)
}

/// What is read from the store; nothing, if there is no store yet.
pub(crate) fn read<T: Default>(
    config: &Config,
    read: impl FnOnce(&Store) -> Result<T, StoreError>,
) -> Result<T, Failure> {
    match Store::open_existing(&Store::path(&config.data)) {
        Ok(store) => Ok(read(&store)?),
        Err(StoreError::Missing { .. }) => Ok(T::default()),
        Err(error) => Err(error.into()),
    }
}

/// An account, if the store has it.
pub(crate) fn user(config: &Config, address: &Address) -> Result<Option<User>, Failure> {
    read(config, |store| match store.user(address) {
        Err(StoreError::NoAccount(_)) => Ok(None),
        found => found.map(Some),
    })
}

/// Says on `err` that mail for a domain will not come here.
pub(crate) fn warn_of_foreign(domain: &Domain, config: &Config, err: &mut dyn Write) -> Result<(), Failure> {
    if !config.domains.contains(domain) {
        writeln!(
            err,
            "gatepost: warning: {domain} is none of `domains` in the config: its mail is not delivered here"
        )?;
    }
    Ok(())
}
