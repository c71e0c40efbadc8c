//! Accounts: made, changed, removed, listed.

use std::time::{SystemTime, UNIX_EPOCH};

use message::Address;
use rusqlite::{OptionalExtension, Row, params};
use sasl::{Secret, scram};

use super::{SALT, SCRAM_ITERATIONS, Services, Store, StoreError, Transaction};
use crate::scheme::{Bare, SchemeError, Stored};
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

impl Credentials {
    /// The forms in which the password is kept. `!` and `*` stand where there is none, for a login by other means.
    pub(crate) fn forms(self) -> Result<Vec<Stored>, SchemeError> {
        let hash = Some(self.hash).filter(|hash| !hash.is_empty() && !hash.starts_with(['!', '*']));
        let hash = hash.map(|hash| Stored::parse(&hash, Bare::Crypt)).transpose()?;
        Ok(hash.into_iter().chain(self.scram.map(Stored::Scram)).collect())
    }
}

impl Store {
    /// Makes an account that may use everything. Takes a moment: the password is hashed.
    pub fn add(&self, address: &Address, password: &Secret) -> Result<(), StoreError> {
        self.insert(address, &Kept::of(password)?)
    }

    /// Makes an account with a hash from elsewhere (`{SSHA}…`, `$6$…`). What a weak one lacks, the first login mends: a
    /// better hash, and SCRAM keys.
    pub fn add_hashed(&self, address: &Address, hash: &str) -> Result<(), StoreError> {
        self.insert(address, &Kept::from_elsewhere(hash)?)
    }

    fn insert(&self, address: &Address, kept: &Kept) -> Result<(), StoreError> {
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
                "INSERT INTO account (name, address, hash, created, changed) VALUES (?, ?, ?, ?, random())",
                params![name, address.to_string(), kept.hash, now],
            )?;
            db.keep_keys(&name, kept.scram.as_ref())
        })
    }

    /// Gives an account a new password. Takes a moment, as `add`.
    pub fn set_password(&self, address: &Address, password: &Secret) -> Result<(), StoreError> {
        let (kept, name) = (Kept::of(password)?, login_name::key(address));
        let found = self.write(|db| {
            let found = db.execute(
                "UPDATE account SET hash = ?2, changed = random() WHERE name = ?1",
                params![name, kept.hash],
            )?;
            db.keep_keys(&name, kept.scram.as_ref())?;
            Ok(found)
        })?;
        if found == 0 { Err(StoreError::NoAccount(address.to_string())) } else { Ok(()) }
    }

    /// Keeps a password that was just verified in a better form. False if the account is no longer what it was at
    /// `version`.
    pub(crate) fn improve(
        &self,
        address: &Address,
        password: &Secret,
        what: Improvement,
        version: i64,
    ) -> Result<bool, StoreError> {
        let (kept, name) = (Kept::of(password)?, login_name::key(address));
        self.write(|db| {
            if !db.exists("SELECT 1 FROM account WHERE name = ? AND changed = ?", params![name, version])? {
                return Ok(false);
            }
            if what.rehash {
                db.execute("UPDATE account SET hash = ?2 WHERE name = ?1", params![name, kept.hash])?;
            }
            if what.add_keys {
                db.keep_keys(&name, kept.scram.as_ref())?;
            }
            db.execute("UPDATE account SET changed = random() WHERE name = ?", [&name])?;
            Ok(true)
        })
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
        self.read(|db| db.prepare_cached(sql)?.query_row([name], |row| credentials(row, 0)).optional())
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

/// The hash and the four parts of the keys, from this column on.
pub(super) fn credentials(row: &Row<'_>, from: usize) -> rusqlite::Result<Credentials> {
    let (salt, iterations): (Option<Vec<u8>>, Option<u32>) = (row.get(from + 1)?, row.get(from + 2)?);
    let (stored_key, server_key): (Option<[u8; 32]>, Option<[u8; 32]>) = (row.get(from + 3)?, row.get(from + 4)?);
    let scram = match (salt, iterations, stored_key, server_key) {
        (Some(salt), Some(iterations), Some(stored_key), Some(server_key)) => {
            let (stored_key, server_key) = (stored_key.into(), server_key.into());
            Some(scram::Keys { hash: scram::Hash::Sha256, salt, iterations, stored_key, server_key })
        }
        _ => None,
    };
    Ok(Credentials { hash: row.get(from)?, scram })
}

/// What of a password is to be kept in a better form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Improvement {
    /// Its hash.
    pub(crate) rehash: bool,
    /// The SCRAM keys that were missing.
    pub(crate) add_keys: bool,
}

/// What is kept instead of a password.
struct Kept {
    hash: String,
    scram: Option<scram::Keys>,
}

impl Kept {
    fn of(password: &Secret) -> Result<Self, StoreError> {
        password::acceptable(password)?;
        let salt = random::octets::<SALT>();
        let scram = scram::Keys::derive(scram::Hash::Sha256, password.expose(), salt.to_vec(), SCRAM_ITERATIONS);
        Ok(Self { hash: password::hash(password), scram: Some(scram) })
    }

    fn from_elsewhere(hash: &str) -> Result<Self, StoreError> {
        Stored::parse(hash, Bare::Crypt).map_err(|error| StoreError::Hash(error.to_string()))?;
        Ok(Self { hash: hash.to_owned(), scram: None })
    }
}

impl Transaction<'_> {
    /// Writes the keys of an account, or takes them away.
    fn keep_keys(&self, name: &str, keys: Option<&scram::Keys>) -> Result<(), StoreError> {
        let sql = "UPDATE account SET scram_salt = ?2, scram_iterations = ?3, scram_stored_key = ?4, \
                   scram_server_key = ?5 WHERE name = ?1";
        let values = params![
            name,
            keys.map(|keys| &keys.salt),
            keys.map(|keys| keys.iterations),
            keys.map(|keys| keys.stored_key.expose()),
            keys.map(|keys| keys.server_key.expose())
        ];
        self.execute(sql, values).map(drop)
    }
}
