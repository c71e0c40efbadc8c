//! `gatepost serve`: the server in the foreground.

use crate::config_path::ConfigPath;
use crate::exit::Failure;
use crate::process;

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
    let (path, config) = args.config.load()?;
    process::prepare(&config)?;
    let runtime = process::runtime()?;
    let served = runtime.block_on(async {
        let running = server::start(config, path).await?;
        running.until_ended().await;
        Ok(())
    });
    // Sessions that were cut off end here; nothing that was promised depends on them.
    runtime.shutdown_background();
    served.map_err(|error| process::not_started(&error))
}
