//! MX: whether mail for a domain comes here.

use relay::{Dns, DnsError, MailExchange};

use super::super::report::{Finding, Severity};
use super::{Asker, finding, unknown, within};

/// Hosts of a domain whose addresses are asked for.
const MOST: usize = 10;

/// Looks at the answer.
pub(super) async fn check(asker: &Asker, domain: &str, answer: Result<Vec<MailExchange>, DnsError>) -> Vec<Finding> {
    let what = format!("MX of {domain}");
    let mut hosts = match answer {
        Ok(hosts) => hosts,
        Err(error) => return vec![unknown(what, &error)],
    };
    hosts.sort_by(|a, b| (a.preference, &a.exchange).cmp(&(b.preference, &b.exchange)));
    let null = hosts.iter().any(|host| host.exchange.is_empty());
    let ours = format!("{domain}. IN MX 10 {}.", asker.hostname);
    match (null, hosts.len()) {
        // RFC 7505 §3: alone it means that the domain takes no mail.
        (true, 1) => {
            let found = "a null MX (RFC 7505): the domain says that it takes no mail, and here it is one of `domains`";
            vec![finding(Severity::Error, "mx-null", what, found).fix(ours)]
        }
        (true, _) => {
            let found = "a null MX beside others: it means nothing there (RFC 7505 §3), and confuses some";
            let mut findings = vec![finding(Severity::Warning, "mx-null-beside", &what, found).fix("remove MX 0 .")];
            hosts.retain(|host| !host.exchange.is_empty());
            findings.extend(named(asker, &what, &hosts, &ours).await);
            findings
        }
        (false, 0) => vec![implicit(asker, domain, &what, &ours).await],
        (false, _) => named(asker, &what, &hosts, &ours).await,
    }
}

/// RFC 5321 §5.1: without an MX the domain's own address is the host.
async fn implicit(asker: &Asker, domain: &str, what: &str, ours: &str) -> Finding {
    match within(asker.wait, asker.dns.addresses(domain)).await {
        Ok(found) if found.iter().any(|ip| asker.own.contains(ip)) => {
            let found = "there is none; mail comes here all the same, as the domain's address is this host's";
            finding(Severity::Warning, "mx-missing", what, found).fix(ours)
        }
        Ok(_) | Err(DnsError::NoSuchName) => {
            finding(Severity::Error, "mx-missing", what, "there is none, and mail does not come here").fix(ours)
        }
        Err(error) => unknown(what, &error),
    }
}

/// Whether we are among them, and whether each has an address.
async fn named(asker: &Asker, what: &str, hosts: &[MailExchange], ours: &str) -> Vec<Finding> {
    let all: Vec<_> = hosts.iter().map(|host| format!("{} {}", host.preference, host.exchange)).collect();
    let (all, mut here, mut findings) = (all.join(", "), None, Vec::new());
    for host in hosts.iter().take(MOST) {
        let is_name = host.exchange.eq_ignore_ascii_case(&asker.hostname);
        match within(asker.wait, asker.dns.addresses(&host.exchange)).await {
            Ok(found) if !found.is_empty() => {
                if is_name || found.iter().any(|ip| asker.own.contains(ip)) {
                    here = here.or(Some(is_name));
                }
            }
            Ok(_) | Err(DnsError::NoSuchName) => {
                let found = format!("its host {} has no address", host.exchange);
                let fix = format!("{}. IN A …, or remove this MX", host.exchange);
                findings.push(finding(Severity::Error, "mx-without-address", what, found).fix(fix));
                here = here.or(is_name.then_some(true));
            }
            Err(error) => findings.push(unknown(format!("{what}, host {}", host.exchange), &error)),
        }
    }
    findings.push(match here {
        Some(true) => finding(Severity::Ok, "mx", what, all),
        Some(false) => {
            let found = format!("{all}: leads here by an address, under another name than {}", asker.hostname);
            finding(Severity::Note, "mx-other-name", what, found)
        }
        None => {
            let found = format!("{all}: mail goes there, and not to {}", asker.hostname);
            finding(Severity::Error, "mx-elsewhere", what, found).fix(ours)
        }
    });
    findings
}
