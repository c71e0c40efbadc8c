//! This host: its name has addresses, and they have its name.

use std::collections::BTreeSet;
use std::net::IpAddr;

use config::Service;
use relay::{Dns, DnsError, Resolver};

use super::super::Scene;
use super::super::report::{Finding, Severity};
use super::{finding, unknown, within};

/// Addresses whose names are asked for.
const MOST: usize = 20;

/// Asks for the host's addresses and their names; the public ones, too.
pub(super) async fn check(scene: &Scene<'_>, dns: &Resolver) -> (Vec<Finding>, Vec<IpAddr>) {
    let hostname = scene.config.hostname.as_ascii();
    let (mut findings, mut own) = (Vec::new(), BTreeSet::new());
    match within(scene.wait, dns.addresses(hostname)).await {
        Ok(addresses) if !addresses.is_empty() => {
            findings.push(found(hostname, &addresses));
            own.extend(addresses);
        }
        Ok(_) | Err(DnsError::NoSuchName) => {
            let found = "the host's own name has no address: other servers refuse who calls itself so";
            let fix = format!("{hostname}. IN A the address of this machine; or hostname = its name in the DNS");
            findings.push(finding(Severity::Error, "host-without-address", hostname, found).fix(fix));
        }
        Err(error) => findings.push(unknown(format!("addresses of {hostname}"), &error)),
    }
    let listens = scene.config.listen.iter().filter(|listener| listener.service == Service::Smtp);
    own.extend(listens.map(|listener| listener.address.ip()));
    own.retain(|ip| !relay::is_private(*ip));
    for ip in own.iter().take(MOST) {
        findings.push(pointer(scene, dns, *ip).await);
    }
    (findings, own.into_iter().collect())
}

fn found(hostname: &str, addresses: &[IpAddr]) -> Finding {
    let all: Vec<_> = addresses.iter().map(ToString::to_string).collect();
    let found = format!("has {}", all.join(", "));
    if addresses.iter().all(|ip| relay::is_private(*ip)) {
        let found = format!("{found}: nobody outside of this network can reach these");
        return finding(Severity::Note, "host-private", hostname, found);
    }
    finding(Severity::Ok, "host-address", hostname, found)
}

/// RFC 1912 §2.1: every address has a name, which leads back to it. Large providers refuse mail from those that have not.
async fn pointer(scene: &Scene<'_>, dns: &Resolver, ip: IpAddr) -> Finding {
    let hostname = scene.config.hostname.as_ascii();
    let what = format!("PTR of {ip}");
    let fix = format!("ask whoever gave you {ip} to set its PTR to {hostname}");
    match within(scene.wait, dns.names_of(ip)).await {
        Ok(names) if names.iter().any(|name| name.eq_ignore_ascii_case(hostname)) => {
            finding(Severity::Ok, "ptr", what, format!("is {hostname}"))
        }
        Ok(names) if !names.is_empty() => {
            let found =
                format!("is {}, and not {hostname}: some servers take that for a sign of spam", names.join(", "));
            finding(Severity::Warning, "ptr-other", what, found).fix(fix)
        }
        Ok(_) | Err(DnsError::NoSuchName) => {
            finding(Severity::Warning, "ptr-missing", what, "there is none: many servers refuse its mail").fix(fix)
        }
        Err(error) => unknown(what, &error),
    }
}
