//! Alice and bob, and their passwords, which a second run can print again.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use auth::accounts::{Store, StoreError, generate_password};
use config::Config;
use message::{Address, Domain};

use crate::exit::{Code, Failure};

/// The two accounts.
pub(super) struct People {
    pub(super) alice: Person,
    pub(super) bob: Person,
}

/// One account.
pub(super) struct Person {
    pub(super) address: Address,
    /// To be printed: that is what a quickstart is for.
    pub(super) password: String,
    /// Where it is kept, 0600.
    pub(super) password_file: PathBuf,
}

/// An address of the quickstart's domain.
pub(super) fn address(name: &str, domain: &Domain) -> Result<Address, Failure> {
    let text = format!("{name}@{domain}");
    Address::parse(&text).map_err(|error| Failure::new(Code::Data, format!("{text}: {error}")))
}

impl People {
    /// Reads their passwords, or makes them and the accounts.
    pub(super) fn ensure(config: &Config, dir: &Path) -> Result<Self, Failure> {
        let domain = config.domains.first().ok_or_else(|| Failure::new(Code::Config, "the config has no domain"))?;
        let folder = dir.join("quickstart");
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        let person = |name| Person::ensure(config, address(name, domain)?, folder.join(format!("{name}.pass")));
        Ok(Self { alice: person("alice")?, bob: person("bob")? })
    }

    /// Both.
    pub(super) fn all(&self) -> [&Person; 2] {
        [&self.alice, &self.bob]
    }
}

impl Person {
    fn ensure(config: &Config, address: Address, password_file: PathBuf) -> Result<Self, Failure> {
        match fs::read_to_string(&password_file) {
            Ok(text) => Ok(Self { address, password: text.trim_end().to_owned(), password_file }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::make(config, address, password_file),
            Err(error) => Err(Failure::new(Code::Failed, format!("{}: {error}", password_file.display()))),
        }
    }

    /// The account first: a password file says that the account is there. An account whose file was lost gets a new
    /// password.
    fn make(config: &Config, address: Address, password_file: PathBuf) -> Result<Self, Failure> {
        let failed = |error: StoreError| Failure::new(Code::Failed, error.to_string());
        let store = Store::open(&Store::path(&config.data)).map_err(failed)?;
        let secret = generate_password();
        match store.add(&address, &secret) {
            Err(StoreError::AccountExists(_)) => store.set_password(&address, &secret),
            added => added,
        }
        .map_err(failed)?;
        let password = String::from_utf8_lossy(secret.expose()).into_owned();
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&password_file)?;
        writeln!(file, "{password}")?;
        file.sync_all()?;
        Ok(Self { address, password, password_file })
    }
}
