//! The command line. Each command has its arguments and its work in a file of `commands/`, and a row here.

use clap::{Parser, Subcommand};

use crate::commands::{alias, check, completions, init, man, queue, quickstart, reload, serve, status, user};
use crate::exit::HELP;

const EXAMPLES: &str = "\
Examples:
  gatepost quickstart                          a whole server to try, in ./gatepost-data
  gatepost init /etc/gatepost --hostname mail.example.org --domain example.org
  gatepost check                               what is wrong with the config, all at once
  gatepost user add alice@example.org          a mailbox and its login
  gatepost serve                               the server, in the foreground
  gatepost queue list                          what waits, and why";

/// A whole mail server in one program, that can always say why.
#[derive(Debug, Parser)]
#[command(name = "gatepost", version, after_help = format!("{EXAMPLES}\n\n{HELP}"), arg_required_else_help = true)]
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
    /// Say what is wrong with the config, and what each listener would offer, and why
    Check(check::Args),
    /// Run the server in the foreground
    Serve(serve::Args),
    /// Have the running server read its config and certificates again
    Reload(reload::Args),
    /// Show how the running server is
    Status(status::Args),
    /// Make, change, remove or list accounts
    User(user::Args),
    /// Make, remove or list aliases
    Alias(alias::Args),
    /// List, show, retry, remove, hold or release queued mail
    Queue(queue::Args),
    /// Print the completions for a shell
    Completions(completions::Args),
    /// Write the manual pages
    Man(man::Args),
}
