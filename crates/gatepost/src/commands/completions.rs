//! `gatepost completions`: for shells.

use std::io::Write;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::exit::Failure;

/// Print the completions for a shell.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gatepost completions bash > /etc/bash_completion.d/gatepost")]
pub(crate) struct Args {
    /// Which shell
    shell: Shell,
}

/// Prints them.
pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    // First into memory: clap_complete panics where output ends early (`| head`).
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "gatepost", &mut text);
    Ok(out.write_all(&text)?)
}
