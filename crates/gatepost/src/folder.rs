//! A new server's folder: config, private CA and certificate. For `init` and `quickstart`.

use std::fs::{self, DirBuilder};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use config::Service;
use message::{Address, Domain};

use crate::exit::{Code, Failure, code};

/// What a new server is to be.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Where.
    pub(crate) dir: PathBuf,
    /// Its name.
    pub(crate) hostname: Domain,
    /// Whose mail it delivers.
    pub(crate) domains: Vec<Domain>,
    /// Who gets mail to postmaster, if that is known already.
    pub(crate) postmaster: Option<Address>,
    /// Where it listens; empty is everywhere.
    pub(crate) listen: Vec<IpAddr>,
    /// Every port is the standard one plus this.
    pub(crate) port_offset: u16,
}

/// A host name or domain from the command line.
pub(crate) fn domain(text: &str) -> Result<Domain, Failure> {
    Domain::parse(text).map_err(|_| Failure::new(Code::Data, format!("{text:?} is not a host name")))
}

impl Plan {
    /// Where the config is, or will be.
    pub(crate) fn config(&self) -> PathBuf {
        self.dir.join("gatepost.toml")
    }

    /// Makes the folder. Nothing is overwritten: whatever is there already is left, and named.
    pub(crate) fn carry_out(&self) -> Result<(), Failure> {
        let (config, tls) = (self.config(), self.dir.join("tls"));
        if let Some(there) = [&config, &tls].into_iter().find(|path| path.exists()) {
            let text = format!("{} is there already; nothing was changed", there.display());
            return Err(Failure::new(Code::Exists, text));
        }
        let text = self.config_text()?;
        let folder = DirBuilder::new().recursive(true).mode(0o700).create(&tls);
        folder.map_err(|error| cannot_write(&tls, &error))?;
        net::ca::create(&tls, self.hostname.as_str(), &self.certified_addresses())
            .map_err(|error| Failure::new(Code::Failed, error.to_string()))?;
        // Last, as its presence says that the folder is complete.
        fs::write(&config, text).map_err(|error| cannot_write(&config, &error))
    }

    /// The addresses that clients can connect to by number.
    fn certified_addresses(&self) -> Vec<IpAddr> {
        self.listen.iter().filter(|address| !address.is_unspecified()).copied().collect()
    }

    fn config_text(&self) -> Result<String, Failure> {
        let domains: Vec<String> = self.domains.iter().map(|domain| quoted(domain.as_str())).collect();
        let postmaster = match &self.postmaster {
            Some(address) => format!("postmaster = {}", quoted(&address.to_string())),
            None => "# postmaster = \"you@example.org\"".to_owned(),
        };
        let text = include_str!("gatepost.toml.in")
            .replace("@HOSTNAME@", &quoted(self.hostname.as_str()))
            .replace("@POSTMASTER@", &postmaster)
            .replace("@DOMAINS@", &domains.join(", "))
            .replace("@LISTEN@", &self.listen_lines()?);
        Ok(text)
    }

    fn listen_lines(&self) -> Result<String, Failure> {
        let everywhere = [IpAddr::from([0; 4]), IpAddr::from([0; 16])];
        let hosts = if self.listen.is_empty() { &everywhere[..] } else { &self.listen };
        let lines: Result<Vec<String>, Failure> = Service::ALL
            .iter()
            .map(|service| {
                let port = service.port().checked_add(self.port_offset);
                let port =
                    port.ok_or_else(|| Failure::new(Code::Data, "--port-offset is too large: ports end at 65535"))?;
                let addresses: Vec<String> =
                    hosts.iter().map(|ip| quoted(&SocketAddr::new(*ip, port).to_string())).collect();
                Ok(format!("{:<11} = [{}]", service.name(), addresses.join(", ")))
            })
            .collect();
        Ok(lines?.join("\n"))
    }
}

/// As a TOML string. Host names and addresses hold no quotes, but what comes from a command line is escaped all the same.
fn quoted(text: &str) -> String {
    format!("{text:?}")
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    let uid = rustix::process::geteuid().as_raw();
    Failure::new(code(error), format!("cannot write {} as uid {uid}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(dir: &Path) -> Plan {
        let listen = vec!["192.0.2.7".parse().unwrap(), "::1".parse().unwrap()];
        let hostname = domain("mail.example.test").unwrap();
        let domains = ["example.test", "example.org"].map(|name| domain(name).unwrap()).to_vec();
        let postmaster = Some(Address::parse("alice@example.test").unwrap());
        Plan { dir: dir.join("new"), hostname, domains, postmaster, listen, port_offset: 2000 }
    }

    #[test]
    fn the_new_config_is_read_as_it_was_meant() {
        let temporary = tempfile::TempDir::new().unwrap();
        let plan = plan(temporary.path());
        plan.carry_out().unwrap();
        let config::Loaded { config, warnings } = config::load(&plan.config()).unwrap();
        assert!(warnings.is_empty(), "{warnings}");
        assert_eq!((&config.hostname, &config.domains, &config.data), (&plan.hostname, &plan.domains, &plan.dir));
        assert_eq!(config.postmaster, plan.postmaster);
        assert_eq!(config.listen.len(), 14);
        let smtp: Vec<_> = config.listen.iter().take(2).map(|listener| listener.address.to_string()).collect();
        assert_eq!(smtp, ["192.0.2.7:2025", "[::1]:2025"]);
        let facts = net::CertificateFacts::load(config.tls.certificate.as_deref().unwrap()).unwrap();
        assert!(facts.covers("192.0.2.7") && facts.covers("mail.example.test"));
    }

    #[test]
    fn nothing_is_overwritten() {
        let temporary = tempfile::TempDir::new().unwrap();
        let plan = plan(temporary.path());
        fs::create_dir_all(&plan.dir).unwrap();
        fs::write(plan.config(), "mine").unwrap();
        assert_eq!(plan.carry_out().unwrap_err().code, Code::Exists);
        assert_eq!(fs::read_to_string(plan.config()).unwrap(), "mine");
        assert!(!plan.dir.join("tls").exists());
    }

    #[test]
    fn a_port_that_does_not_exist_is_refused() {
        let temporary = tempfile::TempDir::new().unwrap();
        let plan = Plan { port_offset: 64_600, ..plan(temporary.path()) };
        assert!(plan.carry_out().unwrap_err().text.contains("65535"));
        assert!(!plan.dir.exists());
    }
}
