//! `gatepost user`: accounts.

use std::io::{self, Write};

use auth::Service;
use auth::accounts::{Services, Store, User};
use auth::attempts::exposed::{self, Exposed};
use clap::{Subcommand, ValueEnum};
use config::Config;
use message::Address;
use serde_json::json;

use crate::accounts;
use crate::config_path::ConfigPath;
use crate::exit::{Failure, code};
use crate::password::{self, New, Source};
use crate::printer::{Format, Printer, columns};

const EXAMPLES: &str = "\
Examples:
  gatepost user add alice@example.org                          asks for a password, or makes one
  printf '%s\\n' \"$PASS\" | gatepost user add bob@example.org --password-stdin
  gatepost user deny printer@example.org imap pop3             it may only send
  gatepost user list --json | jq -r '.[].address'";

/// Make, change, remove or list accounts, beside a running server or without one.
///
/// An account is a mailbox and its login; its name is its address. A running server sees a change at once.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigPath,
    #[command(flatten)]
    format: Format,
    #[command(subcommand)]
    action: Action,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Action {
    /// Make an account
    Add(NewAccount),
    /// Give an account a new password
    Passwd(Password),
    /// Take an account away; its mail stays where it is
    Remove(Account),
    /// List the accounts, and what each may use
    List,
    /// Show one account
    Show(Account),
    /// Let an account use services
    Allow(Permission),
    /// Keep an account from using services
    Deny(Permission),
    /// Let an account log in again
    Enable(Account),
    /// Keep an account from logging in; its mail is still delivered
    Disable(Account),
}

#[derive(Debug, clap::Args)]
struct Account {
    /// Its address
    address: Address,
}

#[derive(Debug, clap::Args)]
struct NewAccount {
    #[command(flatten)]
    password: Password,
    /// Read a password hash of another system from the first line of standard input: {SSHA}…, $6$…
    #[arg(long, conflicts_with = "password_stdin")]
    hash_stdin: bool,
}

#[derive(Debug, clap::Args)]
struct Password {
    /// The account's address
    address: Address,
    #[command(flatten)]
    source: Source,
}

#[derive(Debug, clap::Args)]
struct Permission {
    /// The account's address
    address: Address,
    /// Which services
    #[arg(required = true)]
    services: Vec<Name>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Name {
    Smtp,
    Imap,
    Pop3,
}

impl From<Name> for Service {
    fn from(name: Name) -> Self {
        match name {
            Name::Smtp => Self::Smtp,
            Name::Imap => Self::Imap,
            Name::Pop3 => Self::Pop3,
        }
    }
}

/// Does it.
pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let config = args.config.load()?.1;
    let mut report = Report(args.format.to(out));
    match &args.action {
        Action::Add(what) => {
            let NewAccount { password: what, hash_stdin } = what;
            accounts::warn_of_foreign(what.address.domain(), &config, &mut io::stderr())?;
            let store = accounts::open_or_make(&config)?;
            if *hash_stdin {
                store.add_hashed(&what.address, &password::hash_from_stdin()?)?;
                return report.done(&what.address, "added with that hash");
            }
            let password = what.source.read()?;
            store.add(&what.address, &password.secret)?;
            report.password(&what.address, &password, "added")
        }
        Action::Passwd(what) => {
            let store = accounts::open(&config)?;
            store.user(&what.address)?;
            let password = what.source.read()?;
            store.set_password(&what.address, &password.secret)?;
            forget_exposure(&config, &what.address)?;
            report.password(&what.address, &password, "has a new password")
        }
        Action::Remove(what) => {
            accounts::open(&config)?.remove(&what.address)?;
            forget_exposure(&config, &what.address)?;
            report.done(&what.address, "removed; its mail is still in the mail folder")
        }
        Action::List => report.list(&accounts::read(&config, Store::users)?, &exposed::all(&config.data)),
        Action::Show(what) => {
            let user = accounts::open(&config)?.user(&what.address)?;
            report.show(&user, exposed::of(&config.data, &what.address).as_ref())
        }
        Action::Allow(what) => what.set(&accounts::open(&config)?, true).and_then(|now| report.services(what, now)),
        Action::Deny(what) => what.set(&accounts::open(&config)?, false).and_then(|now| report.services(what, now)),
        Action::Enable(what) => {
            accounts::open(&config)?.set_active(&what.address, true)?;
            report.done(&what.address, "can log in")
        }
        Action::Disable(what) => {
            accounts::open(&config)?.set_active(&what.address, false)?;
            report.done(&what.address, "cannot log in; its mail is still delivered")
        }
    }
}

impl Permission {
    /// Sets the flags; what the account may use now.
    fn set(&self, store: &Store, allowed: bool) -> Result<Services, Failure> {
        let before = store.user(&self.address)?.services;
        let now = self.services.iter().fold(before, |now, name| now.with((*name).into(), allowed));
        store.set_services(&self.address, now)?;
        Ok(now)
    }
}

/// What is told of an account.
struct Report<'a>(Printer<'a>);

impl Report<'_> {
    fn done(&mut self, address: &Address, what: &str) -> Result<(), Failure> {
        let value = json!({ "address": address.to_string(), "done": what });
        self.0.print(&value, |out| writeln!(out, "{address} {what}"))
    }

    /// A password that was made here is shown this once, and kept nowhere.
    fn password(&mut self, address: &Address, password: &New, what: &str) -> Result<(), Failure> {
        if !password.generated {
            return self.done(address, what);
        }
        let shown = String::from_utf8_lossy(password.secret.expose());
        let value = json!({ "address": address.to_string(), "done": what, "password": shown });
        self.0.print(&value, |out| writeln!(out, "{address} {what}\npassword: {shown}   (shown this once)"))
    }

    fn services(&mut self, what: &Permission, now: Services) -> Result<(), Failure> {
        self.done(&what.address, &format!("may use {}", names(now)))
    }

    fn show(&mut self, user: &User, exposed: Option<&Exposed>) -> Result<(), Failure> {
        self.0.print(&as_json(user, exposed), |out| {
            let yes_no = |is: bool| if is { "yes" } else { "no" }.to_owned();
            let exposure = exposed.map_or_else(
                || "no".to_owned(),
                |e| {
                    format!(
                        "YES, {} by {} from {}: give it a new one (gatepost user passwd)",
                        e.time, e.service, e.client
                    )
                },
            );
            let rows = [
                ("address", user.address.clone()),
                ("may use", names(user.services)),
                ("can log in", yes_no(user.active)),
                ("SCRAM keys", yes_no(user.scram)),
                ("password exposed", exposure),
            ];
            columns(&rows, out)
        })
    }

    fn list(&mut self, users: &[User], exposed: &[Exposed]) -> Result<(), Failure> {
        let exposed = |user: &User| exposed.iter().find(|each| each.address.eq_ignore_ascii_case(&user.address));
        self.0.print(&users.iter().map(|user| as_json(user, exposed(user))).collect::<Vec<_>>(), |out| {
            if users.is_empty() {
                return writeln!(out, "no accounts yet: gatepost user add ADDRESS");
            }
            let marks = |user: &User| match (user.active, exposed(user)) {
                (true, None) => "",
                (false, None) => "  disabled",
                (true, Some(_)) => "  PASSWORD EXPOSED",
                (false, Some(_)) => "  disabled  PASSWORD EXPOSED",
            };
            let may = |user: &User| names(user.services) + marks(user);
            columns(&users.iter().map(|user| (user.address.as_str(), may(user))).collect::<Vec<_>>(), out)
        })
    }
}

/// There is a new password, or nobody to have one: that the old one is known to others does not matter any more.
fn forget_exposure(config: &Config, address: &Address) -> Result<(), Failure> {
    match exposed::clear(&config.data, address) {
        Ok(_) => Ok(()),
        Err(error) => {
            let text = format!("done, but the mark \"password exposed\" of {address} cannot be taken away: {error}");
            Err(Failure::new(code(&error), text))
        }
    }
}

fn as_json(user: &User, exposed: Option<&Exposed>) -> serde_json::Value {
    let Services { smtp, imap, pop3 } = user.services;
    json!({
        "address": user.address,
        "services": { "smtp": smtp, "imap": imap, "pop3": pop3 },
        "active": user.active,
        "scram": user.scram,
        "created": user.created,
        "exposed": exposed,
    })
}

fn names(services: Services) -> String {
    let all = [(Service::Smtp, "smtp"), (Service::Imap, "imap"), (Service::Pop3, "pop3")];
    let names: Vec<_> = all.iter().filter(|(service, _)| services.allows(*service)).map(|(_, name)| *name).collect();
    if names.is_empty() { "nothing".to_owned() } else { names.join(" ") }
}
