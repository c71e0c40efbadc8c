//! `gatepost pam-helper`: the process that asks PAM, started by the module `pam` of the chain.

use std::io::{self, Write};

use crate::exit::Failure;

/// Ask PAM one question from standard input. The server starts it; there is no use for it by hand.
#[derive(Debug, clap::Args)]
#[command(hide = true)]
pub(crate) struct Args {}

/// Asks.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Failure> {
    Ok(auth::pam_helper(io::stdin().lock(), out)?)
}
