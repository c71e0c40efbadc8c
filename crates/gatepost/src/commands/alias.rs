//! `gatepost alias`: addresses that others receive mail for.

use std::io::{self, Write};

use auth::accounts::{Alias, AliasName, Store};
use clap::Subcommand;
use message::Address;
use serde_json::json;

use crate::accounts;
use crate::config_path::ConfigPath;
use crate::exit::Failure;
use crate::printer::{Format, Printer, columns};

const EXAMPLES: &str = "\
Examples:
  gatepost alias add info@example.org alice@example.org bob@elsewhere.example
  gatepost alias add @example.org alice@example.org       all that nobody else has
  gatepost alias remove info@example.org bob@elsewhere.example";

/// Make, remove or list aliases, beside a running server or without one.
///
/// Mail for an alias goes to its targets: accounts, other aliases, or addresses elsewhere. `@DOMAIN` is for every address
/// there that is neither an account nor an alias.
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
    /// Add targets to an alias; a new alias is made
    Add {
        /// An address, or @DOMAIN
        alias: AliasName,
        /// Where its mail goes
        #[arg(required = true)]
        targets: Vec<Address>,
    },
    /// Take targets away, or the whole alias
    Remove {
        /// An address, or @DOMAIN
        alias: AliasName,
        /// All, if none is given
        targets: Vec<Address>,
    },
    /// List the aliases with their targets
    List,
}

/// Does it.
pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let config = args.config.load()?.1;
    let mut printer = args.format.to(out);
    match &args.action {
        Action::Add { alias, targets } => {
            accounts::warn_of_foreign(alias.domain(), &config, &mut io::stderr())?;
            let store = accounts::open_or_make(&config)?;
            for target in targets {
                store.add_alias(alias, target)?;
                done(&mut printer, &format!("{alias} goes to {target}"))?;
            }
            Ok(())
        }
        Action::Remove { alias, targets } if targets.is_empty() => {
            accounts::open(&config)?.remove_alias(alias, None)?;
            done(&mut printer, &format!("{alias} removed"))
        }
        Action::Remove { alias, targets } => {
            let store = accounts::open(&config)?;
            for target in targets {
                store.remove_alias(alias, Some(target))?;
                done(&mut printer, &format!("{alias} goes no more to {target}"))?;
            }
            Ok(())
        }
        Action::List => list(&mut printer, &accounts::read(&config, Store::aliases)?),
    }
}

fn done(printer: &mut Printer<'_>, what: &str) -> Result<(), Failure> {
    printer.print(&json!({ "done": what }), |out| writeln!(out, "{what}"))
}

fn list(printer: &mut Printer<'_>, aliases: &[Alias]) -> Result<(), Failure> {
    let each = |alias: &Alias| json!({ "alias": alias.name, "target": alias.target });
    printer.print(&aliases.iter().map(each).collect::<Vec<_>>(), |out| {
        if aliases.is_empty() {
            return writeln!(out, "no aliases: gatepost alias add ALIAS TARGET");
        }
        let rows: Vec<_> = aliases.iter().map(|alias| (alias.name.as_str(), alias.target.clone())).collect();
        columns(&rows, out)
    })
}
