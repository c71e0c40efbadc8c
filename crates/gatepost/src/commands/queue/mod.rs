//! `gatepost queue`: what waits, and what to do with it.

mod access;
mod print;

pub(super) use access::Access;

use std::io::Write;

use clap::Subcommand;
use queue::{Filter, QueueId};

use crate::config_path::ConfigPath;
use crate::exit::Failure;
use crate::printer::Format;

/// List, show, retry, remove, hold or release queued mail, beside a running server or without one.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gatepost queue list --to example.org\n  gatepost queue show 1K4Q7ZC0M2A\n  gatepost queue retry"
)]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigPath,
    #[command(flatten)]
    format: Format,
    #[command(subcommand)]
    action: Action,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Action {
    /// What waits, the oldest first
    List(Selection),
    /// One message: recipients, attempts, the last answer of each, and its header
    Show {
        /// As in `queue list`, the log and the 250
        id: QueueId,
    },
    /// Try now: one message, or all
    Retry {
        /// All, if it is left out
        id: Option<QueueId>,
    },
    /// Drop a message without a bounce
    Remove {
        /// As in `queue list`
        id: QueueId,
    },
    /// Keep a message from being tried
    Hold {
        /// As in `queue list`
        id: QueueId,
    },
    /// End a hold
    Release {
        /// As in `queue list`
        id: QueueId,
    },
}

/// Which messages to list; all that is given must fit.
#[derive(Debug, clap::Args)]
struct Selection {
    /// Part of the sender's address
    #[arg(long, value_name = "TEXT")]
    from: Option<String>,
    /// Part of a recipient's address
    #[arg(long, value_name = "TEXT")]
    to: Option<String>,
    /// Only what is held
    #[arg(long)]
    held: bool,
}

/// Does it.
pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let access = Access::to(args.config.load()?.1.data)?;
    let mut report = print::Report(args.format.to(out));
    match &args.action {
        Action::List(selection) => report.messages(&access.list(selection.filter())?),
        Action::Show { id } => report.message(&access.show(*id)?),
        Action::Retry { id } => report.retried(access.retry(*id)?),
        Action::Remove { id } => access.remove(*id).and_then(|()| report.done(*id, "removed")),
        Action::Hold { id } => access.hold(*id).and_then(|()| report.done(*id, "held")),
        Action::Release { id } => access.release(*id).and_then(|()| report.done(*id, "released")),
    }
}

impl Selection {
    fn filter(&self) -> Filter {
        Filter { sender: self.from.clone(), recipient: self.to.clone(), held: self.held.then_some(true) }
    }
}
