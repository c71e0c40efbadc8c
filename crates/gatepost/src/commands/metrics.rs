//! `gatepost metrics`: the running server's numbers.

use std::io::Write;

use server::control::{Request, Response};

use crate::config_path::ConfigPath;
use crate::exit::Failure;
use crate::running_server::{ask, unexpected};

/// Print the running server's numbers in OpenMetrics text: logins by outcome, modules, mechanisms, sessions, queue.
///
/// The same is served over HTTP where `[metrics] listen` says.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gatepost metrics | grep login_attempts")]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigPath,
}

/// Asks the server.
pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    match ask(&args.config.load()?.1.data, &Request::Metrics)? {
        Response::Metrics(text) => Ok(out.write_all(text.as_bytes())?),
        other => Err(unexpected(&other)),
    }
}
