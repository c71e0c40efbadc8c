//! `gatepost talk`: a conversation with a mail server by hand, or by a script.

mod command;
mod conversation;
mod dot;
mod history;
mod input;
mod replay;
mod saved;
mod screen;

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::time::Duration;

use probe::talk::{Unopened, Wish, advice};
use probe::{Place, Protocol};

use saved::Saved;

use crate::caution::{Caution, target, unreachable};
use crate::exit::{Code, Failure};
use crate::{password, process};

/// Speak with a mail server by hand: telnet, openssl s_client and a base64 encoder in one.
///
/// Each line goes to the server as it is typed, and the server's lines are shown as they come, with what their base64 says. A
/// line that begins with a dot is a command: .help lists them. `.starttls` begins TLS, `.auth plain USER` logs in. In a message,
/// behind DATA, nothing but a dot alone is special, as ever. Without a terminal, standard input is a script of such lines, each
/// said when the one before is answered. Passwords stay out of the history and of what is saved. A saved conversation is repeated
/// with --replay, and the first line at which the server says something else is told.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit codes: 0 done   6 --replay: the server said something else   68 not reachable
  65 the file, or a line of the script, is not well formed   73 --save: the file is there already
  76 TLS failed, or the server broke off

Examples:
  gatepost talk mail.example.org                          submission, port 587
  gatepost talk mail.example.org:993                      IMAP, TLS from the first octet
  gatepost talk mail.example.org:25 --save mx.dialogue
  printf 'EHLO me\\n.starttls\\nEHLO me\\nQUIT\\n' | gatepost talk mail.example.org:25
  printf '%s\\n' \"$PASS\" | gatepost talk mail.example.org --replay login.dialogue --password-stdin")]
pub(crate) struct Args {
    /// A name or an address, with or without a port: mail.example.org, mail.example.org:993, [2001:db8::1]:25
    #[arg(value_name = "HOST[:PORT]")]
    place: Place,
    /// What is spoken there [default: by the port; without one, submission]
    #[arg(long, value_name = "smtp|submission|submissions|imap|imaps|pop3|pop3s|lmtp")]
    protocol: Option<Protocol>,
    /// Begin TLS with the first octet, also where the protocol does not
    #[arg(long)]
    tls: bool,
    /// The user for .auth where none is named, and ${user} in a file that is repeated
    #[arg(long)]
    user: Option<String>,
    /// Read the password for .auth from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    caution: Caution,
    /// How long an answer may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = crate::time::wait::<3600>)]
    timeout: u64,
    /// Write the conversation to a file when it ends, without secrets
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Repeat a conversation that was saved, and compare what the server says
    #[arg(long, value_name = "FILE", conflicts_with_all = ["save", "telnet"])]
    replay: Option<PathBuf>,
    /// Print at the end what to type into telnet, or openssl s_client, for the same conversation
    #[arg(long)]
    telnet: bool,
    /// Neither read nor write the history of typed lines
    #[arg(long)]
    no_history: bool,
}

/// Speaks, or repeats.
pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let wish = wish(args)?;
    match &args.replay {
        Some(path) => replay::run(args, wish, path, out),
        None => {
            let saved = args.save.as_deref().map(Saved::create).transpose()?;
            let password = if args.password_stdin { password::existing(true)? } else { None };
            let interactive = io::stdin().is_terminal() && io::stdout().is_terminal();
            let done = process::runtime()?;
            let ended = done.block_on(conversation::hold(args, wish, (password, saved), interactive));
            // A thread may still wait for a line that nobody will type.
            done.shutdown_background();
            ended
        }
    }
}

fn wish(args: &Args) -> Result<Wish, Failure> {
    let mut target = target(&args.place, args.protocol)?;
    if args.tls && !target.protocol.is_implicit() {
        let inside = target.protocol.counterpart();
        target.protocol = inside.ok_or_else(|| Failure::new(Code::Data, "lmtp has no form that begins with TLS"))?;
        if args.place.port.is_none() {
            target.port = target.protocol.port();
        }
    }
    let wait = Duration::from_secs(args.timeout);
    Ok(Wish { target, trust: args.caution.trust(), authorities: args.caution.ca.clone(), wait })
}

fn unopened(error: &Unopened) -> Failure {
    match error {
        Unopened::Unreachable(error) => unreachable(error, Code::Unreachable),
        Unopened::Broken(error) => broken(error),
    }
}

/// A conversation that broke.
fn broken(error: &probe::dialogue::Broken) -> Failure {
    let more = advice(error).map(|advice| format!("\n{advice}")).unwrap_or_default();
    Failure::new(Code::Protocol, format!("{error}{more}"))
}
