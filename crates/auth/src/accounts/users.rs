//! Accounts: made, changed, removed, listed.

use std::time::{SystemTime, UNIX_EPOCH};

use message::Address;
use rusqlite::{OptionalExtension, Row, params};
use sasl::{Secret, scram};

use super::{SALT, SCRAM_ITERATIONS, Services, Store, StoreError};
use crate::{login_name, password, random};

/// An account, as `gatepost user list` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its address, which is also its name.
    pub address: String,
    /// What it may use.
    pub services: Services,
    /// Whether it can log in at all. Mail for it is delivered either way.
    pub active: bool,
    /// Whether SCRAM keys are kept for it.
    pub scram: bool,
    /// When it was made, seconds since 1970.
    pub created: i64,
}

/// What a login is held against.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    /// PHC string.
    pub(crate) hash: String,
    /// SCRAM keys, if there are any.
    pub(crate) scram: Option<scram::Keys>,
}

impl Store {
    /// Makes an account that may use everything. Takes a moment: the password is hashed.
    pub fn add(&self, address: &Address, password: &Secret) -> Result<(), StoreError> {
        let kept = Kept::of(password)?;
        let name = login_name::key(address);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs().cast_signed());
        self.write(|db| {
            if db.exists("SELECT 1 FROM account WHERE name = ?", [&name])? {
                return Err(StoreError::AccountExists(address.to_string()));
            }
            if db.exists("SELECT 1 FROM alias WHERE name = ?", [&name])? {
                return Err(StoreError::IsAlias(address.to_string()));
            }
            db.execute(
                "INSERT INTO account (name, address, hash, scram_salt, scram_iterations, scram_stored_key, \
                 scram_server_key, created, changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, random())",
                params![
                    name,
                    address.to_string(),
                    kept.hash,
                    kept.scram.salt,
                    kept.scram.iterations,
                    kept.scram.stored_key.expose(),
                    kept.scram.server_key.expose(),
                    now
                ],
            )
        })?;
        Ok(())
    }

    /// Gives an account a new password. Takes a moment, as `add`.
    pub fn set_password(&self, address: &Address, password: &Secret) -> Result<(), StoreError> {
        let kept = Kept::of(password)?;
        self.change(
            address,
            "UPDATE account SET hash = ?2, scram_salt = ?3, scram_iterations = ?4, scram_stored_key = ?5, \
             scram_server_key = ?6, changed = random() WHERE name = ?1",
            params![
                login_name::key(address),
                kept.hash,
                kept.scram.salt,
                kept.scram.iterations,
                kept.scram.stored_key.expose(),
                kept.scram.server_key.expose()
            ],
        )
    }

    /// Takes an account away. Its mail stays where it is.
    pub fn remove(&self, address: &Address) -> Result<(), StoreError> {
        self.change(address, "DELETE FROM account WHERE name = ?", params![login_name::key(address)])
    }

    /// Says what an account may use.
    pub fn set_services(&self, address: &Address, services: Services) -> Result<(), StoreError> {
        self.change(
            address,
            "UPDATE account SET may_smtp = ?2, may_imap = ?3, may_pop3 = ?4, changed = random() WHERE name = ?1",
            params![login_name::key(address), services.smtp, services.imap, services.pop3],
        )
    }

    /// Says whether an account can log in at all.
    pub fn set_active(&self, address: &Address, active: bool) -> Result<(), StoreError> {
        self.change(
            address,
            "UPDATE account SET active = ?2, changed = random() WHERE name = ?1",
            params![login_name::key(address), active],
        )
    }

    /// One account.
    pub fn user(&self, address: &Address) -> Result<User, StoreError> {
        let sql = format!("{LIST} WHERE name = ?");
        let found = self.read(|db| db.query_row(&sql, [login_name::key(address)], user).optional())?;
        found.ok_or_else(|| StoreError::NoAccount(address.to_string()))
    }

    /// Every account, by name.
    pub fn users(&self) -> Result<Vec<User>, StoreError> {
        self.read(|db| db.prepare(&format!("{LIST} ORDER BY name"))?.query_map([], user)?.collect())
    }

    /// What a login of the account with this key is held against.
    pub(crate) fn credentials(&self, name: &str) -> Result<Option<Credentials>, StoreError> {
        let sql = "SELECT hash, scram_salt, scram_iterations, scram_stored_key, scram_server_key \
                   FROM account WHERE name = ?";
        self.read(|db| db.prepare_cached(sql)?.query_row([name], credentials).optional())
    }

    fn change(&self, address: &Address, sql: &str, values: impl rusqlite::Params) -> Result<(), StoreError> {
        match self.write(|db| db.execute(sql, values))? {
            0 => Err(StoreError::NoAccount(address.to_string())),
            _ => Ok(()),
        }
    }
}

const LIST: &str =
    "SELECT address, may_smtp, may_imap, may_pop3, active, scram_stored_key IS NOT NULL, created FROM account";

fn user(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        address: row.get(0)?,
        services: Services { smtp: row.get(1)?, imap: row.get(2)?, pop3: row.get(3)? },
        active: row.get(4)?,
        scram: row.get(5)?,
        created: row.get(6)?,
    })
}

fn credentials(row: &Row<'_>) -> rusqlite::Result<Credentials> {
    let (salt, iterations): (Option<Vec<u8>>, Option<u32>) = (row.get(1)?, row.get(2)?);
    let (stored_key, server_key): (Option<[u8; 32]>, Option<[u8; 32]>) = (row.get(3)?, row.get(4)?);
    let scram = match (salt, iterations, stored_key, server_key) {
        (Some(salt), Some(iterations), Some(stored_key), Some(server_key)) => {
            let (stored_key, server_key) = (stored_key.into(), server_key.into());
            Some(scram::Keys { hash: scram::Hash::Sha256, salt, iterations, stored_key, server_key })
        }
        _ => None,
    };
    Ok(Credentials { hash: row.get(0)?, scram })
}

/// What is kept instead of a password.
struct Kept {
    hash: String,
    scram: scram::Keys,
}

impl Kept {
    fn of(password: &Secret) -> Result<Self, StoreError> {
        password::acceptable(password)?;
        let salt = random::octets::<SALT>();
        let scram = scram::Keys::derive(scram::Hash::Sha256, password.expose(), salt.to_vec(), SCRAM_ITERATIONS);
        Ok(Self { hash: password::hash(password), scram })
    }
}
