//! What the quickstart prints: where everything is, and what to try.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use config::{Config, Service};

use super::first::Journey;
use super::people::{People, Person};
use crate::exit::Failure;

/// Prints all of it.
pub(super) fn print(
    config: &Config,
    people: &People,
    dir: &Path,
    journey: &Journey,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    writeln!(out, "\nGatepost runs, in {}\n", dir.display())?;
    for listener in &config.listen {
        let (service, address) = (listener.service, listener.address.to_string());
        writeln!(out, "  {:<12} {address:<22} {}", service.name(), purpose(service))?;
    }
    writeln!(out)?;
    for person in people.all() {
        writeln!(out, "  account {:<22} password {}", person.address.to_string(), person.password)?;
    }
    writeln!(out, "  CA, for clients to trust: {}\n", dir.join("tls/ca.pem").display())?;
    travelled(journey, people, out)?;
    writeln!(out, "\nTry it (each works as it stands):\n")?;
    for (what, command) in commands(config, people, dir) {
        writeln!(out, "  # {what}\n  {command}\n")?;
    }
    writeln!(out, "Ctrl-C ends it. The same command goes on with the same folder.")?;
    Ok(())
}

fn purpose(service: Service) -> &'static str {
    match service {
        Service::Smtp => "mail from other servers; STARTTLS",
        Service::Submission => "mail from users, after a login; STARTTLS",
        Service::Submissions => "mail from users, after a login; TLS",
        Service::Pop3 => "fetching mail; STLS",
        Service::Pop3s => "fetching mail; TLS",
        Service::Imap => "reading mail; STARTTLS",
        Service::Imaps => "reading mail; TLS",
    }
}

fn travelled(journey: &Journey, people: &People, out: &mut dyn Write) -> Result<(), Failure> {
    let (alice, bob) = (&people.alice.address, &people.bob.address);
    match journey {
        Journey::Earlier(count) => {
            let noun = if *count == 1 { "message" } else { "messages" };
            writeln!(out, "{bob} has {count} {noun}; {alice} sent the first one in an earlier run.")?
        }
        Journey::Now { answer, file, fields } => {
            writeln!(out, "The first message, from {alice} to {bob}, went like this:")?;
            writeln!(out, "  submitted  over STARTTLS after a login; answer: {answer}")?;
            writeln!(out, "  delivered  {}", file.display())?;
            for field in fields {
                writeln!(out, "  > {field}")?;
            }
        }
    }
    Ok(())
}

/// The three commands, each with what it is for.
fn commands(config: &Config, people: &People, dir: &Path) -> Vec<(&'static str, String)> {
    let (alice, bob) = (&people.alice.address, &people.bob.address);
    let ca = quoted(&dir.join("tls/ca.pem").to_string_lossy());
    let login = |person: &Person| quoted(&format!("{}:{}", person.address, person.password));
    let mut commands = Vec::new();
    if let Some(at) = reachable(config, Service::Submission) {
        let text = format!("'From: {alice}\\r\\nTo: {bob}\\r\\nSubject: From curl\\r\\n\\r\\nHello Bob.\\r\\n'");
        let send = format!(
            "printf {text} | curl -sS --ssl-reqd --cacert {ca} --user {} --mail-from {alice} --mail-rcpt {bob} -T - smtp://{at}",
            login(&people.alice)
        );
        commands.push(("send a message", send));
    }
    if let Some(at) = reachable(config, Service::Imaps) {
        let read = format!("curl -sS --cacert {ca} --user {} 'imaps://{at}/INBOX;MAILINDEX=1'", login(&people.bob));
        commands.push(("read bob's first message", read));
    }
    if let Some(at) = reachable(config, Service::Submission) {
        let transcript = format!(
            "swaks --server {at} --tls --tls-verify --tls-ca-path {ca} --auth --auth-user {alice} --auth-password {} --from {alice} --to {bob}",
            quoted(&people.alice.password)
        );
        commands.push(("see the whole conversation", transcript));
    }
    commands
}

/// Host and port of a service, as a client on this machine reaches it.
fn reachable(config: &Config, service: Service) -> Option<String> {
    let address = config.listen.iter().find(|listener| listener.service == service)?.address;
    let ip = if address.ip().is_unspecified() { loopback(address.ip()) } else { address.ip() };
    // By name where the certificate has one that leads there.
    Some(if ip.is_loopback() {
        format!("localhost:{}", address.port())
    } else {
        SocketAddr::new(ip, address.port()).to_string()
    })
}

/// The loopback address of the same kind.
pub(super) fn loopback(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    }
}

/// As one word of a shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/.-_@:+=,".contains(c);
    if text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_spaces_and_quotes_is_one_word() {
        assert_eq!(quoted("/tmp/a-b/ca.pem"), "/tmp/a-b/ca.pem");
        assert_eq!(quoted("/tmp/it's here"), r"'/tmp/it'\''s here'");
    }
}
