//! `vpopmail`: the accounts of a vpopmail tree, read where vpopmail keeps them.

mod domains;
pub(crate) mod mailbox;
mod source;

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use config::Config;
use message::{Address, Domain};

use crate::account_file::{self, Kept, Unreadable, apart};
use crate::directory::{Census, Directory, Entry};
use crate::inventory::{self, Take};
use crate::module::{Answer, Who};
use crate::roster::{Roster, version};
use crate::trail::Trail;
use crate::{Account, Service, TempFail};
use domains::{Domains, Place};
use mailbox::Mailbox;
use source::Source;

const NAME: &str = "vpopmail";

/// The tree, as the chain asks it.
#[derive(Debug)]
pub(crate) struct Vpopmail(Arc<Tree>);

#[derive(Debug)]
struct Tree {
    domains: Domains,
    kept: Kept<Roster<Mailbox>>,
}

impl Vpopmail {
    pub(crate) fn new(config: &Config) -> Self {
        let settings = &config.modules.vpopmail;
        let domains = Domains::new(settings.home.clone(), settings.users.clone());
        Self(Arc::new(Tree { domains, kept: Kept::default() }))
    }
}

impl Tree {
    fn entry(&self, who: &Who) -> Result<Option<Entry>, String> {
        let trail = &who.trail;
        let Some(address) = &who.address else {
            trail.say(format_args!("'{}' has no domain, and there is no auth.default_domain", who.identity));
            return Ok(None);
        };
        let Some(place) = self.domains.find(address.domain(), trail)? else { return Ok(None) };
        let name = address.local().to_lowercase();
        let domain = real(&place, address.domain());
        if domain != *address.domain() {
            trail.say(format_args!("{} is an alias of {domain}", address.domain()));
        }
        let source = vpasswd(&place.folder, trail)?;
        trail.say(format_args!("looking up '{name}' in {}", source.path().display()));
        let Ok(account) = Address::parse(&format!("{name}@{domain}")) else {
            trail.say(format_args!("'{name}' needs quotes, and vpopmail has no such names"));
            return Ok(None);
        };
        let at = format!("{} of {name}", source.path().display());
        let entry = |mailbox: &Mailbox, version| {
            let entry = mailbox.entry(account, &place, who.service, trail);
            entry.map(|entry| Some(Entry { version, ..entry }))
        };
        match &source {
            Source::Text(path) => match self.roster(path).map_err(|error| error.to_string())?.find(&[name])? {
                Some((_, known)) => {
                    entry(&known.record, known.version).map_err(|what| format!("{}: {what}", known.place))
                }
                None => Ok(None),
            },
            Source::Cdb(_) => {
                let Some(rest) = source.get(name.as_bytes())? else { return Ok(None) };
                let mailbox =
                    Mailbox::parse(&String::from_utf8_lossy(&rest)).map_err(|what| format!("{at}: {what}"))?;
                entry(&mailbox, version(rest.as_slice())).map_err(|what| format!("{at}: {what}"))
            }
        }
    }

    fn roster(&self, path: &Path) -> Result<Arc<Roster<Mailbox>>, Unreadable> {
        self.kept.get(path, || {
            let (text, read) = account_file::read(path)?;
            let mut roster = Roster::default();
            roster.add(path, &text, mailbox::parse);
            Ok((roster, vec![read]))
        })
    }

    fn census(&self, trail: &Trail) -> Result<Census, String> {
        let (mut census, mut seen, mut any, mut unread) = (Census::default(), HashSet::new(), false, None);
        for place in self.domains.all(trail)? {
            // An alias domain has the same accounts.
            if !seen.insert(place.folder.canonicalize().unwrap_or_else(|_| place.folder.clone())) {
                continue;
            }
            match self.count(&place, &mut census, trail) {
                Ok(()) => any = true,
                Err(what) => {
                    tracing::warn!(module = NAME, "left out of the count: {what}");
                    trail.say(&what);
                    unread.get_or_insert(what);
                }
            }
        }
        // One domain that cannot be read does not take the mechanisms from all; none that can does.
        if any { Ok(census) } else { unread.map_or(Ok(census), Err) }
    }

    fn count(&self, place: &Place, census: &mut Census, trail: &Trail) -> Result<(), String> {
        let source = vpasswd(&place.folder, trail)?;
        let mut count = |mailbox: &Mailbox| {
            if let Some(forms) = mailbox.counted() {
                census.count(&forms);
            }
        };
        match &source {
            Source::Text(path) => {
                let roster = self.roster(path).map_err(|error| error.to_string())?;
                roster.broken().iter().for_each(|what| trail.say(what));
                roster.iter().for_each(|(_, known)| count(&known.record));
                Ok(())
            }
            Source::Cdb(_) => source.each(|_, rest| {
                if let Ok(mailbox) = Mailbox::parse(&String::from_utf8_lossy(rest)) {
                    count(&mailbox);
                }
            }),
        }
    }
}

impl Tree {
    fn list(&self, take: &mut Take<'_>) -> Result<(), String> {
        let (trail, mut seen) = (Trail::default(), HashSet::new());
        for place in self.domains.all(&trail)? {
            // An alias domain has the same accounts.
            if !seen.insert(place.folder.canonicalize().unwrap_or_else(|_| place.folder.clone())) {
                continue;
            }
            if let Err(what) = self.list_domain(&place, take) {
                take(Err(what));
            }
        }
        Ok(())
    }

    fn list_domain(&self, place: &Place, take: &mut Take<'_>) -> Result<(), String> {
        let source = vpasswd(&place.folder, &Trail::default())?;
        match &source {
            Source::Text(path) => {
                let roster = self.roster(path).map_err(|error| error.to_string())?;
                for (name, known) in roster.iter() {
                    let account = account(name, &known.record, place);
                    take(account.map_err(|what| format!("{}: {what}", known.place)));
                }
                roster.broken().iter().for_each(|what| take(Err(what.clone())));
                Ok(())
            }
            Source::Cdb(path) => source.each(|name, rest| {
                let name = String::from_utf8_lossy(name);
                let mailbox = Mailbox::parse(&String::from_utf8_lossy(rest)).map_err(str::to_owned);
                let account = mailbox.and_then(|mailbox| account(&name, &mailbox, place));
                take(account.map_err(|what| format!("{} of {name}: {what}", path.display())));
            }),
        }
    }
}

/// The account of a name in a domain's folder.
fn account(name: &str, mailbox: &Mailbox, place: &Place) -> Result<Account, String> {
    let of_folder = place.folder.file_name().and_then(|name| Domain::parse(name.to_str()?).ok());
    let asked = place.domain.clone().or(of_folder).ok_or("whose domain that is cannot be told")?;
    let address = format!("{name}@{}", real(place, &asked));
    let address = Address::parse(&address).map_err(|_| format!("{address} cannot be an address"))?;
    Ok(mailbox.entry(address, place, Service::Imap, &Trail::default())?.account)
}

/// Where the accounts of a domain are.
fn vpasswd(folder: &Path, trail: &Trail) -> Result<Source, String> {
    let source = Source::newer(&folder.join("vpasswd"), &folder.join("vpasswd.cdb"), trail)?;
    source.ok_or_else(|| {
        let missing = std::io::ErrorKind::NotFound.into();
        Unreadable::io(&folder.join("vpasswd"), missing).to_string()
    })
}

/// The domain whose accounts lie in a folder: its last name, behind any link; else what `users` calls it.
fn real(place: &Place, asked: &Domain) -> Domain {
    let folder = place.folder.canonicalize().unwrap_or_else(|_| place.folder.clone());
    let of_folder = folder.file_name().and_then(|name| Domain::parse(name.to_str()?).ok());
    of_folder.or_else(|| place.domain.clone()).unwrap_or_else(|| asked.clone())
}

impl Directory for Vpopmail {
    fn name(&self) -> &'static str {
        NAME
    }

    fn is_local(&self) -> bool {
        true
    }

    fn entry<'a>(&'a self, who: &'a Who) -> Answer<'a, Result<Option<Entry>, TempFail>> {
        let (tree, who) = (self.0.clone(), who.clone());
        apart(NAME, move || tree.entry(&who))
    }

    fn census<'a>(&'a self, trail: &'a Trail) -> Answer<'a, Result<Census, TempFail>> {
        let (tree, trail) = (self.0.clone(), trail.clone());
        apart(NAME, move || tree.census(&trail))
    }

    fn list<'a>(&'a self, take: &'a mut Take<'_>) -> Option<Answer<'a, Result<(), TempFail>>> {
        let tree = self.0.clone();
        Some(inventory::apart(NAME, take, move |take| tree.list(take)))
    }
}
