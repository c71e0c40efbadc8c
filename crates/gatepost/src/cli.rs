//! The command line. Each command has its arguments and its work in a file of `commands/`, and a row here.

use clap::{Parser, Subcommand};

use crate::commands::{
    alias, auth, authd, check, checkpassword, completions, init, man, metrics, pam_helper, probe, queue, quickstart,
    reload, send, serve, status, support_bundle, talk, trace, user, why,
};
use crate::exit::HELP;

const EXAMPLES: &str = "\
Examples:
  gatepost quickstart                          a whole server to try, in ./gatepost-data
  gatepost init /etc/gatepost --hostname mail.example.org --domain example.org
  gatepost check                               what is wrong with the config, all at once
  gatepost user add alice@example.org          a mailbox and its login
  gatepost serve                               the server, in the foreground
  gatepost queue list                          what waits, and why
  gatepost auth test alice@example.org         would this login work, and why not
  gatepost why login alice@example.org         why somebody cannot log in, and what to do
  gatepost trace 7HX2K9QF                      what happened in a session, why, and what to do
  gatepost probe mail.example.org              what is wrong with a server, yours or another
  gatepost talk mail.example.org:993           speak with a server by hand, inside TLS
  gatepost send -s mail.example.org -tls -au alice@example.org -t bob@example.org
  gatepost check --deep                        what is wrong around this one: files, homes, routes, DNS
  gatepost support-bundle 7HX2K9QF             all that somebody needs who is to help";

/// A whole mail server in one program, that can always say why.
#[derive(Debug, Parser)]
#[command(name = "gatepost", version, after_help = format!("{EXAMPLES}\n\n{HELP}"), arg_required_else_help = true)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands, in the order of `--help`. What each does is said at its `Args`: clap takes the help from there.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Quickstart(quickstart::Args),
    Init(init::Args),
    Check(check::Args),
    Serve(serve::Args),
    Authd(authd::Args),
    Reload(reload::Args),
    Status(status::Args),
    Trace(trace::Args),
    Why(why::Args),
    User(user::Args),
    Alias(alias::Args),
    Queue(queue::Args),
    Auth(auth::Args),
    Probe(probe::Args),
    Talk(talk::Args),
    Send(send::Args),
    SupportBundle(support_bundle::Args),
    Metrics(metrics::Args),
    Checkpassword(checkpassword::Args),
    PamHelper(pam_helper::Args),
    Completions(completions::Args),
    Man(man::Args),
}
