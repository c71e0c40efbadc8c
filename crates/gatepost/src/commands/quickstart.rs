//! `gatepost quickstart`: a whole server to try, in one folder.

use std::io::Write;
use std::net::IpAddr;
use std::path::PathBuf;

use crate::exit::Failure;

/// Make and run a whole server to try: one folder, high ports, two accounts, a first message.
///
/// Run it again, and it goes on with the same folder. Ctrl-C ends it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gatepost quickstart --dir /tmp/try --port-offset 3000")]
pub(crate) struct Args {
    /// The folder for config, certificates, accounts, queue and mail
    #[arg(long, default_value = "gatepost-data")]
    dir: PathBuf,
    /// The name in greetings and the certificate [default: mail.DOMAIN]
    #[arg(long, value_name = "HOSTNAME")]
    hostname: Option<String>,
    /// The domain of the two accounts
    #[arg(long, default_value = "example.test")]
    domain: String,
    /// The address to listen on
    #[arg(long, value_name = "IP", default_value = "127.0.0.1")]
    listen: IpAddr,
    /// Every listener's port is the standard one plus this
    #[arg(long, value_name = "N", default_value_t = 2000)]
    port_offset: u16,
}

/// Makes what is missing, then serves until a signal ends it.
pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let _ = (args, out);
    todo!("owner: server")
}
