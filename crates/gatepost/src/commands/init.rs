//! `gatepost init`: a folder with a commented config, a private CA and a certificate.

use std::io::Write;
use std::net::IpAddr;
use std::path::PathBuf;

use message::Domain;

use crate::exit::{Code, Failure};
use crate::folder::{Plan, domain};

/// Make a folder with a config, a private CA and a certificate for HOSTNAME, localhost, 127.0.0.1 and ::1.
///
/// No account is made (see `gatepost user add`), and nothing is overwritten.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  gatepost init /srv/gatepost --hostname mail.example.org --domain example.org")]
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
    let hostname = hostname(args.hostname.as_deref())?;
    let domains: Result<Vec<Domain>, Failure> = args.domains.iter().map(|name| domain(name)).collect();
    let mut domains = domains?;
    if domains.is_empty() {
        domains.push(domain(parent(hostname.as_str()))?);
    }
    let plan = Plan {
        dir: args.dir.clone(),
        hostname,
        domains,
        postmaster: None,
        listen: args.listen.clone(),
        port_offset: args.port_offset,
    };
    plan.carry_out()?;
    let (config, dir, domain) = (plan.config(), plan.dir.display(), &plan.domains[0]);
    let config = config.display();
    writeln!(out, "{config}  the config: read it, it is short")?;
    writeln!(out, "{dir}/tls/ca.pem  the private CA, for clients to trust")?;
    writeln!(out, "\nNext:\n  gatepost user add you@{domain} -c {config}\n  gatepost serve -c {config}")?;
    Ok(())
}

/// The one that was given, or this machine's.
fn hostname(given: Option<&str>) -> Result<Domain, Failure> {
    if let Some(name) = given {
        return domain(name);
    }
    let machine = rustix::system::uname();
    let name = machine.nodename().to_string_lossy();
    Domain::parse(&name).map_err(|_| {
        Failure::new(Code::Data, format!("this machine's name, {name:?}, is no host name for mail: give --hostname"))
    })
}

/// `mail.example.org` serves `example.org`; a name of two labels or fewer serves itself.
fn parent(hostname: &str) -> &str {
    hostname.split_once('.').map(|(_, rest)| rest).filter(|rest| rest.contains('.')).unwrap_or(hostname)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_serves_its_domain() {
        for (host, domain) in [("mail.example.org", "example.org"), ("example.org", "example.org"), ("box", "box")] {
            assert_eq!(parent(host), domain);
        }
    }
}
