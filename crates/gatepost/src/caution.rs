//! How far a server elsewhere is trusted: the same options for every command that speaks with one.

use std::path::PathBuf;

use probe::{Place, Protocol, Target, Trust, Unreachable};

use crate::exit::{Code, Failure};

/// Whom to believe, and what may go to whom.
#[derive(Debug, clap::Args)]
pub(crate) struct Caution {
    /// Authorities to believe beside the system's, a PEM file
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Trust a server whose certificate is not good, with the password too
    #[arg(long)]
    insecure: bool,
    /// Give the password away in clear where there is no TLS
    #[arg(long)]
    allow_clear: bool,
}

impl Caution {
    /// What the server is trusted with.
    pub(crate) fn trust(&self) -> Trust {
        match (self.allow_clear, self.insecure) {
            (true, _) => Trust::Clear,
            (false, true) => Trust::Anybody,
            (false, false) => Trust::Verified,
        }
    }
}

/// What is spoken with, from what was typed.
pub(crate) fn target(place: &Place, protocol: Option<Protocol>) -> Result<Target, Failure> {
    Target::of(place.clone(), protocol).ok_or_else(|| {
        Failure::new(Code::Data, "this port is not one of the standard ones: say what is spoken there with --protocol")
    })
}

/// Why nobody was reached, and what may help. `away` is the code for a server that does not answer.
pub(crate) fn unreachable(error: &Unreachable, away: Code) -> Failure {
    let code = match error {
        Unreachable::Authorities(_) => Code::Failed,
        Unreachable::Name { .. } | Unreachable::Connect { .. } => away,
    };
    Failure::new(code, format!("{error}\n{}", error.advice()))
}
