//! `gatepost trace`: what happened in a session, why, and what to do.

mod capture;
mod letter;
mod list;
mod queued;
mod search;
mod story;
mod subject;
mod told;
mod transcript;

pub(super) use search::{Found, Search, sessions};
pub(super) use transcript::raw;

use std::io::Write;
use std::path::PathBuf;

use ::trace::causes::Facts;
use clap::Subcommand;
use config::Config;

use crate::config_path::ConfigPath;
use crate::exit::{Code, Failure};
use crate::printer::Format;

/// clap would write an id in front of `list`.
const USAGE: &str = "gatepost trace [OPTIONS] <ID>\n       gatepost trace list [OPTIONS]";

const EXAMPLES: &str = "\
Examples:
  gatepost trace 7HX2K9QF                    the id in brackets that every refusal ends with
  gatepost trace 1K4Q7ZC0M2A                 a message: who brought it, where it went, what was answered
  gatepost trace bounce.eml                  all ids of ours in a saved message or bounce (- reads it from a pipe)
  gatepost trace list --failed --since 1h    the sessions that went wrong
  gatepost trace 7HX2K9QF --pcapng s.pcapng  for Wireshark; passwords are masked in it, too";

/// See what happened in a session, why, and what to do: by the id that the client was told, a message's id in the queue, a
/// Message-ID, the id that another server gave a message, or a file with a bounce or a message.
///
/// The server's files are read, also while it runs; sessions that run are shown, too. How much is kept is `[trace]` in the
/// config. Passwords and mail are never in them.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, subcommand_negates_reqs = true, override_usage = USAGE)]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigPath,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    telling: Telling,
    #[command(subcommand)]
    action: Option<Action>,
}

/// What to tell, and how.
#[derive(Debug, clap::Args)]
struct Telling {
    /// A session's id, a message's id, a Message-ID, another server's id, or a file (- for standard input)
    #[arg(value_name = "ID", required = true)]
    subject: Option<String>,
    /// Print only what was said, without losing an octet: `\xNN` for what is no text, `\\` for a backslash
    #[arg(long, conflicts_with_all = ["json", "pcapng"])]
    raw: bool,
    /// Write the session as a capture for Wireshark: what was said, in clear, without secrets; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pcapng: Option<PathBuf>,
    /// Write the capture over a file that is there
    #[arg(long, requires = "pcapng")]
    force: bool,
}

/// What else to do. What each does is said at its `Args`.
#[derive(Debug, Subcommand)]
enum Action {
    List(list::Args),
}

/// Does it.
pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let (_, config) = args.config.load()?;
    let facts = facts(&config);
    if let Some(Action::List(list)) = &args.action {
        if args.telling.is_something() {
            return Err(Failure::new(Code::Data, "`list` takes no id: its own options choose what is listed"));
        }
        return list::run(list, &config, &facts, args.format, out);
    }
    let Telling { subject, raw, pcapng, force } = &args.telling;
    let found = Search::new(&config).find(subject.as_deref().unwrap_or_default())?;
    if let Some(path) = pcapng {
        capture::write(&found, path, *force, out)
    } else if *raw {
        found.records.iter().try_for_each(|record| transcript::raw(record, out)).map_err(Failure::from)
    } else {
        told::print(&found, &facts, args.format, out)
    }
}

/// Tells what was found.
pub(super) fn tell(found: &Found, config: &Config, format: Format, out: &mut dyn Write) -> Result<(), Failure> {
    told::print(found, &facts(config), format, out)
}

impl Telling {
    /// Whether anything of it was said: options before a command's name are the command's at other places (`-c`, `--json`).
    fn is_something(&self) -> bool {
        self.subject.is_some() || self.raw || self.pcapng.is_some()
    }
}

/// What a record does not hold.
pub(super) fn facts(config: &Config) -> Facts {
    Facts {
        hostname: config.hostname.to_string(),
        domains: config.domains.iter().map(ToString::to_string).collect(),
        default_domain: config.auth.default_domain.as_ref().map(ToString::to_string),
        data: config.data.display().to_string(),
    }
}
