//! `gatepost auth modules`: what there is to log in by.

use std::io::{self, Write};

use auth::Auth;
use auth::overview::{Accounts, InChain, Offered, Overview};
use config::Config;
use serde_json::json;
use server::control::{self, AskError, Request, Response};

use super::probe;
use crate::exit::{Code, Failure};
use crate::printer::{Format, visible};
use crate::process;
use crate::running_server::unexpected;

/// List the modules: compiled in, in the chain, reachable; which mechanisms each can verify; and how logins went.
///
/// The modules are asked now, by the running server if there is one, else by this process.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  gatepost auth modules --json | jq '.overview.chain[] | select(.reachable | not)'
  gatepost auth modules --probe brian                  what the program of [auth.checkpassword] can verify")]
pub(super) struct Args {
    /// Find out what the program of [auth.checkpassword] can verify, with this user and the right password
    #[arg(long, value_name = "USER")]
    probe: Option<String>,
    /// Read that password from the first line of standard input [default: ask on a terminal]
    #[arg(long, requires = "probe")]
    password_stdin: bool,
}

/// Asks them.
pub(super) fn run(args: &Args, config: &Config, format: Format, out: &mut dyn Write) -> Result<(), Failure> {
    if let Some(user) = &args.probe {
        return probe::run((user, args.password_stdin), config, format, out);
    }
    let (overview, running) = overview(config)?;
    let value = json!({ "running": running, "overview": overview });
    format.to(out).print(&value, |out| print(&overview, running, out))
}

/// The chain as it is now, and whether it is the running server that says so.
pub(in crate::commands) fn overview(config: &Config) -> Result<(Overview, bool), Failure> {
    match control::ask(&config.data, &Request::AuthModules) {
        Ok(Response::AuthModules(overview)) => Ok((*overview, true)),
        Ok(other) => Err(unexpected(&other)),
        Err(AskError::NotRunning(_)) => Ok((here(config)?, false)),
        Err(error) => Err(Failure::new(Code::Failed, error.to_string())),
    }
}

fn here(config: &Config) -> Result<Overview, Failure> {
    let overview = process::runtime()?.block_on(async {
        let auth = Auth::new(config);
        auth.survey().await;
        auth.self_test().await;
        auth.overview()
    });
    Ok(overview)
}

fn print(overview: &Overview, running: bool, out: &mut dyn Write) -> io::Result<()> {
    let missing: Vec<_> = overview.known.iter().filter(|known| !known.compiled).map(|known| &*known.module).collect();
    let compiled: Vec<_> = overview.known.iter().filter(|known| known.compiled).map(|known| &*known.module).collect();
    writeln!(out, "compiled in: {}", compiled.join(", "))?;
    if !missing.is_empty() {
        writeln!(out, "not in this build: {}", missing.join(", "))?;
    }
    writeln!(out, "\nThe chain, in the order in which it is asked:")?;
    overview.chain.iter().try_for_each(|module| in_chain(module, running, out))?;
    for (module, why) in &overview.left_out {
        writeln!(out, "  {module}: left out: {why}")?;
    }
    writeln!(out, "\nMechanisms inside TLS:")?;
    for offered in &overview.mechanisms {
        mechanism(offered, running, out)?;
    }
    for (mechanism, failures) in &overview.never_worked {
        let times = if *failures == 1 { "time" } else { "times" };
        writeln!(out, "  {mechanism} WAS TRIED {failures} {times} AND NEVER WORKED: see gatepost auth log")?;
    }
    if overview.dropped > 0 {
        writeln!(out, "\n{} attempts could not be written down: see the server's log", overview.dropped)?;
    }
    if !running {
        writeln!(out, "\nNo server runs: there are no counts.")?;
    }
    Ok(())
}

fn in_chain(module: &InChain, running: bool, out: &mut dyn Write) -> io::Result<()> {
    let state = if module.reachable { "reachable" } else { "NOT REACHABLE" };
    write!(out, "  {}: {state}", module.module)?;
    if running {
        let InChain { accepted, rejected, tempfailed, .. } = module;
        write!(out, "; accepted {accepted}, rejected {rejected}, could not tell {tempfailed}")?;
    }
    writeln!(out)?;
    if let Some(trouble) = &module.trouble {
        writeln!(out, "    {}", visible(trouble))?;
    }
    for each in &module.verifies {
        let accounts = match each.accounts {
            Accounts::All => "yes",
            Accounts::Some => "for some",
            Accounts::None => "no",
            Accounts::Nobody => "-",
        };
        writeln!(out, "    {:<18} {accounts:<9} {}", each.mechanism, visible(&each.why))?;
    }
    Ok(())
}

fn mechanism(offered: &Offered, running: bool, out: &mut dyn Write) -> io::Result<()> {
    let is = if offered.inside_tls { "offered" } else { "not offered" };
    write!(out, "  {:<18} {is}", offered.mechanism)?;
    if running {
        write!(out, "; {} succeeded, {} failed", offered.successes, offered.failures)?;
    }
    writeln!(out)
}
