//! `gatepost status`: how the running server is.

use std::io::{self, Write};

use server::control::{Request, Response, Status};

use crate::config_path::ConfigPath;
use crate::exit::Failure;
use crate::printer::Format;
use crate::running_server::{ask, unexpected};

/// Show how the running server is: its process, ports, sessions, queue and certificate.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gatepost status --json | jq .sessions")]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigPath,
    #[command(flatten)]
    format: Format,
}

/// Asks the server.
pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let data = args.config.load()?.1.data;
    match ask(&data, &Request::Status)? {
        Response::Status(status) => args.format.to(out).print(&status, |out| print(&status, out)),
        other => Err(unexpected(&other)),
    }
}

fn print(status: &Status, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "gatepost {} runs as process {}", status.version, status.pid)?;
    writeln!(out, "sessions: {}   queued messages: {}", status.sessions, status.queued)?;
    match status.certificate_days {
        Some(days) => writeln!(out, "certificate: {days} days left")?,
        None => writeln!(out, "certificate: none")?,
    }
    for (mechanism, why) in &status.withdrawn {
        writeln!(out, "{mechanism} IS WITHDRAWN: the server's test of itself failed: {why}")?;
    }
    for listener in &status.listeners {
        writeln!(out, "{:<12} {}", listener.service, listener.address)?;
    }
    Ok(())
}
