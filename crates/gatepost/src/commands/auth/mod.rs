//! `gatepost auth`: who logs in, who does not, and why.

mod log;

use std::io::Write;

use clap::Subcommand;

use crate::config_path::ConfigPath;
use crate::exit::Failure;
use crate::printer::Format;

const EXAMPLES: &str = "\
Examples:
  gatepost auth log --failed --since 1h                    who could not log in, and why";

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
    Log(log::Args),
}

/// Does it.
pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let (_, config) = args.config.load()?;
    match &args.action {
        Action::Log(log) => log::run(log, &config, args.format, out),
    }
}
