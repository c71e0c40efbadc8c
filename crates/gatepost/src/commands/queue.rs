//! `gatepost queue`: what waits, and what to do with it.

use std::io::Write;

use clap::Subcommand;

use crate::config_path::ConfigPath;
use crate::exit::Failure;

/// List, show, retry, remove, hold or release queued mail, beside a running server or without one.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  gatepost queue list\n  gatepost queue show 3F2A\n  gatepost queue retry")]
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
    /// What waits, the oldest first
    List,
    /// One message: recipients, attempts, the last answer of each
    Show {
        /// As in `queue list`, the log and the 250
        id: String,
    },
    /// Try now: one message, or all
    Retry {
        /// All, if it is left out
        id: Option<String>,
    },
    /// Drop a message without a bounce
    Remove {
        /// As in `queue list`
        id: String,
    },
    /// Keep a message from being tried
    Hold {
        /// As in `queue list`
        id: String,
    },
    /// End a hold
    Release {
        /// As in `queue list`
        id: String,
    },
}

/// Does it.
pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let _ = (args.config.resolve()?, args.json, &args.action, out);
    todo!("owner: server")
}
