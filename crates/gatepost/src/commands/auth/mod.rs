//! `gatepost auth`: who logs in, who does not, and why.

mod advice;
mod courier;
mod debug;
mod exposed;
mod log;
mod modules;
mod probe;
mod test;
mod trace;

pub(super) use advice::{of as advice, search};
pub(super) use modules::overview;
pub(super) use test::{ask, mechanism, service};

use std::io::Write;

use clap::Subcommand;

use crate::config_path::ConfigPath;
use crate::exit::Failure;
use crate::printer::Format;
pub(super) use trace::print as print_report;

const EXAMPLES: &str = "\
Examples:
  gatepost auth test alice@example.org --service imap      would this login work, and why not
  gatepost auth log --failed --since 1h                    who could not log in, and why
  gatepost auth modules                                    who can be asked, and who can verify what
  gatepost auth debug --user alice@example.org --for 10m   every step of her logins in the server's log";

/// See why logins work or do not: try one, list the attempts, ask the modules.
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

/// What to do. What each does is said at its `Args`.
#[derive(Debug, Subcommand)]
enum Action {
    Test(test::Args),
    Log(log::Args),
    Modules(modules::Args),
    Debug(debug::Args),
    Exposed(exposed::Args),
}

/// Does it.
pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let (_, config) = args.config.load()?;
    match &args.action {
        Action::Test(test) => test::run(test, &config, args.format, out),
        Action::Log(log) => log::run(log, &config, args.format, out),
        Action::Modules(modules) => modules::run(modules, &config, args.format, out),
        Action::Debug(debug) => debug::run(debug, &config, args.format, out),
        Action::Exposed(exposed) => exposed::run(exposed, &config, args.format, out),
    }
}
