//! `gatepost serve`: the server in the foreground.

use crate::config_path::ConfigPath;
use crate::exit::Failure;

/// Run the server in the foreground, with its log on stderr.
///
/// One line `ready` says that every listener is open. SIGHUP reads certificates and config again; SIGTERM finishes
/// the commands under way (at most 10 seconds) and ends.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  gatepost serve -c /etc/gatepost/gatepost.toml\n  kill -HUP $(pidof gatepost)")]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigPath,
}

/// Runs until a signal ends it.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let _path = args.config.resolve()?;
    todo!("owner: server")
}
