//! `gatepost alias`: addresses that others receive mail for.

use std::io::{self, Write};

use auth::accounts::{Alias, AliasName};
use clap::Subcommand;
use message::Address;
use serde_json::json;

use crate::accounts;
use crate::config_path::ConfigPath;
use crate::exit::{Code, Failure};

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
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
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
    match &args.action {
        Action::Add { alias, targets } => {
            accounts::warn_of_foreign(alias.domain(), &config, &mut io::stderr())?;
            let store = accounts::open_or_make(&config)?;
            for target in targets {
                store.add_alias(alias, target)?;
                done(out, args.json, &format!("{alias} goes to {target}"))?;
            }
            Ok(())
        }
        Action::Remove { alias, targets } if targets.is_empty() => {
            accounts::open(&config)?.remove_alias(alias, None)?;
            done(out, args.json, &format!("{alias} removed"))
        }
        Action::Remove { alias, targets } => {
            let store = accounts::open(&config)?;
            for target in targets {
                store.remove_alias(alias, Some(target))?;
                done(out, args.json, &format!("{alias} goes no more to {target}"))?;
            }
            Ok(())
        }
        Action::List => match accounts::open(&config) {
            Ok(store) => list(out, args.json, &store.aliases()?),
            Err(failure) if failure.code == Code::NotFound => list(out, args.json, &[]),
            Err(failure) => Err(failure),
        },
    }
}

fn done(out: &mut dyn Write, as_json: bool, what: &str) -> Result<(), Failure> {
    if as_json {
        return Ok(writeln!(out, "{}", json!({ "done": what }))?);
    }
    Ok(writeln!(out, "{what}")?)
}

fn list(out: &mut dyn Write, as_json: bool, aliases: &[Alias]) -> Result<(), Failure> {
    if as_json {
        let each = |alias: &Alias| json!({ "alias": alias.name, "target": alias.target });
        return Ok(writeln!(out, "{}", json!(aliases.iter().map(each).collect::<Vec<_>>()))?);
    }
    if aliases.is_empty() {
        return Ok(writeln!(out, "no aliases: gatepost alias add ALIAS TARGET")?);
    }
    let width = aliases.iter().map(|alias| alias.name.chars().count()).max().unwrap_or_default();
    for alias in aliases {
        writeln!(out, "{:width$}  {}", alias.name, alias.target)?;
    }
    Ok(())
}
