//! `gatepost reload`: the running server reads its config and certificates again.

use std::io::Write;

use server::control::{Refusal, Request, Response, ask};

use crate::config_path::ConfigPath;
use crate::exit::{Code, Failure};

/// Have the running server read its config and certificates again, and say what came of it.
///
/// As SIGHUP, but with an answer: a broken config is refused, and the old one stays.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigPath,
}

/// Asks the server.
pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let data = args.config.load()?.1.data;
    match ask(&data, &Request::Reload).map_err(|error| Failure::new(Code::Failed, error.to_string()))? {
        Response::Reloaded { restart_for } if restart_for.is_empty() => Ok(writeln!(out, "reloaded")?),
        Response::Reloaded { restart_for } => {
            Ok(writeln!(out, "reloaded; a restart is needed for: {}", restart_for.join(", "))?)
        }
        Response::Refused { refusal: Refusal::BrokenConfig, text } => Err(Failure::new(Code::Config, text)),
        other => Err(Failure::new(Code::Failed, format!("the running server answers something else: {other:?}"))),
    }
}
