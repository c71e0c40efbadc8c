//! The command line. Each command has its arguments and its work in a file of `commands/`, and a row here.

use clap::{Parser, Subcommand};

use crate::commands::{init, queue, quickstart, reload, serve, status};

const EXAMPLES: &str = "\
Examples:
  gatepost quickstart                          a whole server to try, in ./gatepost-data
  gatepost init /etc/gatepost --hostname mail.example.org --domain example.org
  gatepost check                               what is wrong with the config, all at once
  gatepost user add alice@example.org          a mailbox and its login
  gatepost serve                               the server, in the foreground
  gatepost queue list                          what waits, and why

Exit codes: 0 done, 1 failed, 2 wrong command line, 3 config missing or wrong, 4 no such thing,
5 it is there already.";

/// A whole mail server in one program, that can always say why.
#[derive(Debug, Parser)]
#[command(name = "gatepost", version, after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands, in the order of `--help`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make and run a whole server to try, with two accounts and a first message
    Quickstart(quickstart::Args),
    /// Make a folder with a config, a private CA and a certificate
    Init(init::Args),
    /// Run the server in the foreground
    Serve(serve::Args),
    /// Have the running server read its config and certificates again
    Reload(reload::Args),
    /// Show how the running server is
    Status(status::Args),
    /// List, show, retry, remove, hold or release queued mail
    Queue(queue::Args),
}
