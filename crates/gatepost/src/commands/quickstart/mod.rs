//! `gatepost quickstart`: a whole server to try, in one folder.

mod first;
mod people;
mod summary;

use std::io::Write;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use config::Config;

use crate::config_path;
use crate::exit::Failure;
use crate::folder::{Plan, domain};
use crate::process;
use people::People;

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
    // Absolute, so that what is printed works from everywhere.
    let dir = std::path::absolute(&args.dir)?;
    let path = dir.join("gatepost.toml");
    if !path.exists() {
        plan(args, &dir)?.carry_out()?;
    }
    let config = config_path::read(&path)?;
    process::prepare(&config)?;
    let people = People::ensure(&config, &dir)?;
    let runtime = process::runtime()?;
    let served = runtime.block_on(serve(config, path, &people, out));
    runtime.shutdown_background();
    served
}

async fn serve(config: Config, path: PathBuf, people: &People, out: &mut dyn Write) -> Result<(), Failure> {
    let dir = path.parent().unwrap_or(Path::new(".")).to_owned();
    let running = server::start(config.clone(), path).await.map_err(|error| process::not_started(&error))?;
    let journey = first::message(running.context(), people, &dir).await?;
    summary::print(&config, people, &dir, &journey, out)?;
    out.flush()?;
    running.until_ended().await;
    Ok(())
}

fn plan(args: &Args, dir: &Path) -> Result<Plan, Failure> {
    let owner = domain(&args.domain)?;
    let default = format!("mail.{owner}");
    let hostname = domain(args.hostname.as_deref().unwrap_or(&default))?;
    let postmaster = people::address("alice", &owner)?;
    Ok(Plan {
        dir: dir.to_owned(),
        hostname,
        domains: vec![owner],
        postmaster: Some(postmaster),
        listen: vec![args.listen],
        port_offset: args.port_offset,
    })
}
