//! `gatepost reload`: the running server reads its config and certificates again.

use std::io::Write;

use server::control::{Refusal, Request, Response};

use crate::config_path::ConfigPath;
use crate::exit::{Code, Failure};
use crate::running_server::{ask, unexpected};

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
    match ask(&data, &Request::Reload)? {
        Response::Reloaded { restart_for } if restart_for.is_empty() => Ok(writeln!(out, "reloaded")?),
        Response::Reloaded { restart_for } => {
            Ok(writeln!(out, "reloaded; a restart is needed for: {}", restart_for.join(", "))?)
        }
        Response::Refused { refusal: Refusal::BrokenConfig, text } => Err(Failure::new(Code::Config, text)),
        other => Err(unexpected(&other)),
    }
}
