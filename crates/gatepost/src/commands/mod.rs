//! The commands, one file each.

pub(crate) mod alias;
pub(crate) mod auth;
pub(crate) mod authd;
pub(crate) mod check;
pub(crate) mod checkpassword;
pub(crate) mod completions;
pub(crate) mod init;
pub(crate) mod man;
pub(crate) mod metrics;
pub(crate) mod pam_helper;
pub(crate) mod probe;
pub(crate) mod queue;
pub(crate) mod quickstart;
pub(crate) mod reload;
pub(crate) mod send;
pub(crate) mod serve;
pub(crate) mod status;
pub(crate) mod support_bundle;
pub(crate) mod talk;
pub(crate) mod trace;
pub(crate) mod user;
pub(crate) mod why;

use std::io::Write;

use crate::cli::Command;
use crate::exit::Failure;

/// Does what the command line asks for; what a command has to say goes to `out`.
pub(crate) fn run(command: Command, out: &mut dyn Write) -> Result<(), Failure> {
    match command {
        Command::Quickstart(args) => quickstart::run(&args, out),
        Command::Init(args) => init::run(&args, out),
        Command::Check(args) => check::run(&args, out),
        Command::Serve(args) => serve::run(&args),
        Command::Authd(args) => authd::run(&args),
        Command::Reload(args) => reload::run(&args, out),
        Command::Status(args) => status::run(&args, out),
        Command::Trace(args) => trace::run(&args, out),
        Command::Why(args) => why::run(&args, out),
        Command::SupportBundle(args) => support_bundle::run(&args, out),
        Command::User(args) => user::run(&args, out),
        Command::Alias(args) => alias::run(&args, out),
        Command::Queue(args) => queue::run(&args, out),
        Command::Auth(args) => auth::run(&args, out),
        Command::Probe(args) => probe::run(&args, out),
        Command::Talk(args) => talk::run(&args, out),
        Command::Send(args) => send::run(&args, out),
        Command::Metrics(args) => metrics::run(&args, out),
        Command::Checkpassword(args) => checkpassword::run(&args),
        Command::PamHelper(_) => pam_helper::run(out),
        Command::Completions(args) => completions::run(&args, out),
        Command::Man(args) => man::run(&args, out),
    }
}
