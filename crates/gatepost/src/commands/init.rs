//! `gatepost init`: a folder with a commented config, a private CA and a certificate.

use std::io::Write;
use std::net::IpAddr;
use std::path::PathBuf;

use crate::exit::Failure;

/// Make a folder with a config, a private CA and a certificate for HOSTNAME, localhost, 127.0.0.1 and ::1.
///
/// No account is made (see `gatepost user add`), and nothing is overwritten.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gatepost init /etc/gatepost --hostname mail.example.org --domain example.org")]
pub(crate) struct Args {
    /// The folder; made if it is missing
    dir: PathBuf,
    /// The name in greetings and the certificate [default: this machine's]
    #[arg(long, value_name = "HOSTNAME")]
    hostname: Option<String>,
    /// A domain whose mail is delivered here; may be given again [default: HOSTNAME without its first label]
    #[arg(long = "domain", value_name = "DOMAIN")]
    domains: Vec<String>,
    /// The address to listen on; may be given again [default: 0.0.0.0 and ::]
    #[arg(long, value_name = "IP")]
    listen: Vec<IpAddr>,
    /// Every listener's port is the standard one plus this
    #[arg(long, value_name = "N", default_value_t = 0)]
    port_offset: u16,
}

/// Makes the folder.
pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let _ = (args, out);
    todo!("owner: server")
}
