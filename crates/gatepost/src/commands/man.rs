//! `gatepost man`: the manual pages.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use clap::CommandFactory;

use crate::cli::Cli;
use crate::exit::{Failure, code};

/// Write the manual pages, one for each command.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gatepost man /usr/local/share/man/man1")]
pub(crate) struct Args {
    /// The folder to write them to; made if it is missing
    dir: PathBuf,
}

/// Writes them.
pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let written = fs::create_dir_all(&args.dir).and_then(|()| clap_mangen::generate_to(Cli::command(), &args.dir));
    written.map_err(|error| {
        Failure::new(code(&error), format!("cannot write manual pages to {}: {error}", args.dir.display()))
    })?;
    Ok(writeln!(out, "{}/gatepost.1 and one page for each command", args.dir.display())?)
}
