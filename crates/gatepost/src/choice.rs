//! What of a log is wanted, and reading on as it grows: the same for every log that a command lists.

use std::io::{self, Write};
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use config::Network;
use jiff::Timestamp;

use crate::exit::{Failure, code};
use crate::time::Moment;

/// How often new records are looked for with `--follow`.
const LOOK: Duration = Duration::from_millis(200);

/// Which records are wanted; all that is given must fit.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Choice {
    /// Part of the name that was sent, or of the account
    #[arg(long, value_name = "TEXT")]
    pub(crate) user: Option<String>,
    /// Only from this address or network
    #[arg(long, value_name = "NET")]
    pub(crate) ip: Option<Network>,
    /// Only those that failed
    #[arg(long)]
    pub(crate) failed: bool,
    /// Only since then: "90s", "10m", "1h", "2d", or a time such as 2026-01-31T12:00:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<Moment>,
    /// Go on with new ones as they come
    #[arg(long)]
    pub(crate) follow: bool,
}

impl Choice {
    /// Since when.
    pub(crate) fn since(&self) -> Option<Timestamp> {
        self.since.map(Moment::before_now)
    }

    /// Whether one of these addresses is wanted.
    pub(crate) fn has_address(&self, addresses: impl IntoIterator<Item = IpAddr>) -> bool {
        self.ip.is_none_or(|network| addresses.into_iter().any(|address| network.contains(address)))
    }

    /// Whether one of these names is wanted.
    pub(crate) fn has_user<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> bool {
        let Some(user) = &self.user else { return true };
        let user = user.to_lowercase();
        names.into_iter().any(|name| name.to_lowercase().contains(&user))
    }
}

/// Reads what is there, and with `forever` what comes, until nobody reads the output any more.
pub(crate) fn follow(
    forever: bool,
    out: &mut dyn Write,
    read: &mut dyn FnMut(&mut dyn Write) -> Result<(), Failure>,
) -> Result<(), Failure> {
    loop {
        read(out)?;
        out.flush()?;
        if !forever {
            return Ok(());
        }
        std::thread::sleep(LOOK);
    }
}

/// Why a folder of a log cannot be read.
pub(crate) fn unread(error: io::Error, folder: &Path) -> Failure {
    match error.kind() {
        io::ErrorKind::BrokenPipe => error.into(),
        _ => {
            let uid = rustix::process::geteuid().as_raw();
            Failure::new(code(&error), format!("cannot read {} as uid {uid}: {error}", folder.display()))
        }
    }
}
