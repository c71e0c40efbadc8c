//! `ldap`: a directory that speaks LDAP (RFC 4511).
//!
//! A user is found by a search. Then either the directory judges the password, when we bind as the user ([`bind`]); or
//! it tells what it keeps, and we judge ([`compare`]). Both ask through [`server`].

mod bind;
mod compare;
mod entry;
mod filter;
mod server;
mod trouble;

use config::Config;

use crate::directory::{Reader, Shared};
use crate::inventory::Take;
use crate::module::{Module, Who};
use crate::told::Naming;
use crate::trail::Trail;
use crate::{Account, Service, TempFail};
use entry::Found;
use server::{Listed, Server};
use trouble::Trouble;

const NAME: &str = "ldap";

/// The module, as the config wants it.
pub(crate) fn module(config: &Config, shared: &Shared) -> Box<dyn Module> {
    let users = Users {
        settings: config.modules.ldap.clone(),
        server: Server::new(&config.modules.ldap),
        naming: Naming::new(config),
    };
    if config.modules.ldap.bind_as_user {
        Box::new(bind::Bind::new(users))
    } else {
        Box::new(Reader::new(compare::Compare::new(users), shared))
    }
}

/// Finds users in the directory.
#[derive(Debug)]
struct Users {
    settings: config::Ldap,
    server: Server,
    naming: Naming,
}

impl Users {
    /// The entry of a user: by the name as it was typed, then by the address that it stands for. Both are always asked, so
    /// that an unknown user costs as much as a known one.
    async fn find(&self, who: &Who, attributes: &[&str]) -> Result<Option<Found>, Trouble> {
        let mut names = vec![who.identity.clone()];
        names.extend(who.address.iter().map(ToString::to_string).filter(|address| *address != who.identity));
        let mut found = None;
        for name in names {
            let filter = filter::filled(&self.settings.filter, &name);
            who.trail.say(format_args!("searching {filter} below {:?} at {}", self.base(), self.server.urls()));
            let entry = self.server.find(self.base(), &filter, attributes).await?;
            found = found.or(entry);
        }
        match &found {
            Some(found) => {
                who.trail.answered();
                who.trail.say(format_args!("found {}", found.dn));
            }
            None => who.trail.say("no such entry"),
        }
        Ok(found)
    }

    fn account(&self, who: &Who, found: &Found) -> Result<Account, Trouble> {
        let told = found.told(&self.settings)?;
        self.naming.account(who, told).map_err(|what| Trouble::Entry { dn: found.dn.clone(), what })
    }

    /// Every account that `all_filter` finds.
    async fn list(&self, take: &mut Take<'_>) -> Result<(), TempFail> {
        let attributes = self.attributes();
        let listing = self.server.list(self.base(), &self.settings.all_filter, &attributes);
        // As the survey, which asks for as many.
        let patience = self.settings.guard.timeout * 12;
        let late = || TempFail { module: NAME, cause: format!("the list of all is not there within {patience:?}") };
        let listed = tokio::time::timeout(patience, listing).await.map_err(|_| late())?;
        let entries = match listed.map_err(tempfail)? {
            Listed::All(entries) => entries,
            Listed::TooMany(cause) => return Err(TempFail { module: NAME, cause }),
        };
        let (identity, address, trail) = (String::new(), None, Trail::default());
        let nobody = Who { identity, address, service: Service::Imap, trail };
        entries.iter().for_each(|found| take(self.account(&nobody, found).map_err(|trouble| trouble.to_string())));
        Ok(())
    }

    fn base(&self) -> &str {
        self.settings.base.as_deref().unwrap_or_default()
    }

    /// The attributes that make an account.
    fn attributes(&self) -> Vec<&str> {
        let settings = &self.settings;
        let always = [&settings.mail, &settings.home, &settings.uid, &settings.gid, &settings.name];
        let maybe = [&settings.maildir, &settings.quota, &settings.options];
        always.into_iter().chain(maybe.into_iter().flatten()).map(String::as_str).collect()
    }
}

fn tempfail(trouble: Trouble) -> TempFail {
    TempFail { module: NAME, cause: trouble.to_string() }
}
