//! `gatepost why`: one question, one answer, and what to do. `gatepost trace` and others show what it is built on.

mod answer;
mod login;
mod mechanism;
mod message;
mod past;
mod route;

use std::io::Write;

use clap::Subcommand;

use crate::config_path::ConfigPath;
use crate::exit::Failure;
use crate::printer::Format;

const EXAMPLES: &str = "\
Examples:
  gatepost why login alice@example.org             why her logins fail, and what to do
  gatepost why login alice@example.org --service imap --ip 192.0.2.7
  gatepost why message 1K4Q7ZC0M2A                 where a message is, and what keeps it
  gatepost why not CRAM-MD5 --listener submission  why a mechanism is not offered
  gatepost why route bob@example.com               where mail for somebody goes";

/// Say why: why somebody cannot log in, where a message is, why a mechanism is not offered, where mail for an address goes.
///
/// The config, the accounts, the queue and what is kept of sessions are looked at, and the running server is asked if there
/// is one. Nothing is changed, and nobody is connected to. It exits 0 whenever there is an answer.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigPath,
    #[command(flatten)]
    format: Format,
    #[command(subcommand)]
    question: Question,
}

/// What is asked. What each does is said at its `Args`.
#[derive(Debug, Subcommand)]
enum Question {
    Login(login::Args),
    Message(message::Args),
    Not(mechanism::Args),
    Route(route::Args),
}

/// Answers.
pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let (_, config) = args.config.load()?;
    let answer = match &args.question {
        Question::Login(login) => login::answer(login, &config),
        Question::Message(message) => message::answer(message, &config),
        Question::Not(mechanism) => mechanism::answer(mechanism, &config),
        Question::Route(route) => route::answer(route, &config),
    }?;
    args.format.to(out).print(&answer, |out| answer.print(out))
}
