//! The `gatepost` program: a whole mail server, and the commands to run it.

mod accounts;
mod caution;
mod choice;
mod cli;
mod commands;
mod config_path;
mod exit;
mod folder;
mod password;
mod printer;
mod process;
mod running_server;
mod time;

use std::io;
use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse_from(commands::send::as_long_options(std::env::args_os()));
    match commands::run(cli.command, &mut io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(&mut io::stderr()),
    }
}
