//! `gatepost quickstart`: a whole server to try, in one folder.

mod first;
mod people;
mod summary;

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use config::Config;
use server::StartError;

use crate::config_path;
use crate::exit::{Code, Failure};
use crate::folder::{Plan, domain};
use crate::process;
use people::People;

/// The domain of the two accounts.
const DOMAIN: &str = "example.test";

/// High enough to need no rights.
const PORT_OFFSET: u16 = 2000;

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
    /// The domain of the two accounts [default: example.test]
    #[arg(long)]
    domain: Option<String>,
    /// The address to listen on [default: 127.0.0.1]
    #[arg(long, value_name = "IP")]
    listen: Option<IpAddr>,
    /// Every listener's port is the standard one plus this [default: 2000]
    #[arg(long, value_name = "N")]
    port_offset: Option<u16>,
}

/// Makes what is missing, then serves until a signal ends it.
pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    // Absolute, so that what is printed works from everywhere.
    let dir = std::path::absolute(&args.dir)?;
    let path = dir.join("gatepost.toml");
    let old = path.exists();
    if !old {
        plan(args, &dir)?.carry_out()?;
    }
    let config = config_path::read(&path)?;
    if let Some(option) = args.contradicts(&config).filter(|_| old) {
        let text =
            format!("{option} changes nothing: {} is there already; edit it, or give another --dir", path.display());
        return Err(Failure::new(Code::Exists, text));
    }
    process::prepare(&config)?;
    let people = People::ensure(&config, &dir)?;
    let runtime = process::runtime()?;
    let served = runtime.block_on(serve(config, path, &people, out));
    runtime.shutdown_background();
    served
}

async fn serve(config: Config, path: PathBuf, people: &People, out: &mut dyn Write) -> Result<(), Failure> {
    let dir = path.parent().unwrap_or(Path::new(".")).to_owned();
    let running = server::start(config.clone(), path).await.map_err(not_started)?;
    let journey = first::message(running.context(), people, &dir).await?;
    summary::print(&config, people, &dir, &journey, out)?;
    out.flush()?;
    running.until_ended().await;
    Ok(())
}

fn not_started(error: StartError) -> Failure {
    let taken = matches!(error, StartError::Listen(_));
    let mut failure = process::not_started(&error);
    if taken {
        failure.text += "\nfor other ports: gatepost quickstart --dir OTHER-FOLDER --port-offset N";
    }
    failure
}

impl Args {
    /// The first option that a folder from an earlier run does not have as it is given now.
    fn contradicts(&self, config: &Config) -> Option<&'static str> {
        let given = |name: &Option<String>| name.as_deref().map(|name| domain(name).ok());
        let offset = |n: u16| config.listen.iter().all(|l| l.service.port().checked_add(n) == Some(l.address.port()));
        let differs = [
            ("--hostname", given(&self.hostname).is_some_and(|name| name.as_ref() != Some(&config.hostname))),
            ("--domain", given(&self.domain).is_some_and(|name| name.as_ref() != config.domains.first())),
            ("--listen", self.listen.is_some_and(|ip| config.listen.iter().any(|l| l.address.ip() != ip))),
            ("--port-offset", self.port_offset.is_some_and(|n| !offset(n))),
        ];
        differs.into_iter().find(|(_, differs)| *differs).map(|(option, _)| option)
    }
}

fn plan(args: &Args, dir: &Path) -> Result<Plan, Failure> {
    let owner = domain(args.domain.as_deref().unwrap_or(DOMAIN))?;
    let default = format!("mail.{owner}");
    let hostname = domain(args.hostname.as_deref().unwrap_or(&default))?;
    let postmaster = people::address("alice", &owner)?;
    Ok(Plan {
        dir: dir.to_owned(),
        hostname,
        domains: vec![owner],
        postmaster: Some(postmaster),
        listen: vec![args.listen.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))],
        port_offset: args.port_offset.unwrap_or(PORT_OFFSET),
    })
}
