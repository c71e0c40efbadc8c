//! `gatepost status`: how the running server is.

use std::io::Write;

use server::control::{Request, Response, Status, ask};

use crate::config_path::ConfigPath;
use crate::exit::{Code, Failure};

/// Show how the running server is: its process, ports, sessions, queue and certificate.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gatepost status --json | jq .sessions")]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigPath,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Asks the server.
pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let data = args.config.load()?.1.data;
    let failed = |text: String| Failure::new(Code::Failed, text);
    match ask(&data, &Request::Status).map_err(|error| failed(error.to_string()))? {
        Response::Status(status) if args.json => Ok(writeln!(out, "{}", serde_json::json!(status))?),
        Response::Status(status) => print(&status, out),
        other => Err(failed(format!("the running server answers something else: {other:?}"))),
    }
}

fn print(status: &Status, out: &mut dyn Write) -> Result<(), Failure> {
    writeln!(out, "gatepost {} runs as process {}", status.version, status.pid)?;
    writeln!(out, "sessions: {}   queued messages: {}", status.sessions, status.queued)?;
    match status.certificate_days {
        Some(days) => writeln!(out, "certificate: {days} days left")?,
        None => writeln!(out, "certificate: none")?,
    }
    for listener in &status.listeners {
        writeln!(out, "{:<12} {}", listener.service, listener.address)?;
    }
    Ok(())
}
