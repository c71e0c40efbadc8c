//! The server's own ports, probed as a careful client would: `gatepost probe` on each of them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use config::{Config, Listener, Service};
use probe::{Plan, Protocol, Target, Trust, Unreachable};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::Scene;
use super::report::{Area, Finding, Severity};

/// Ports that are probed at the same time: each probe opens connection after connection, and the server counts them.
const AT_ONCE: usize = 3;

/// Probes them all.
pub(super) async fn check(scene: &Scene<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Err(error) = &scene.status {
        let what = scene.config.data.display();
        let found = format!("no server can be asked: {error}");
        findings.push(finding(Severity::Warning, "not-running", what, found).fix("gatepost serve"));
    }
    let certificate = scene.config.tls.certificate.is_some() && scene.config.tls.key.is_some();
    let (places, mut probes) = (Arc::new(Semaphore::new(AT_ONCE)), JoinSet::new());
    for (n, listener) in scene.config.listen.iter().enumerate() {
        if listener.service.implicit_tls() && !certificate {
            let found = "not opened: it begins with TLS, and [tls] names no certificate";
            findings.push(finding(Severity::Note, "no-certificate", name(listener), found));
            continue;
        }
        // Whoever connects to an address of this host comes from it.
        let here = reached_at(listener.address).ip();
        if scene.config.proxies.iter().any(|network| network.contains(here)) {
            let found = "not probed: for listen.proxies, who comes from this address is a proxy";
            findings.push(finding(Severity::Note, "for-proxies", name(listener), found));
            continue;
        }
        let (plan, places) = (plan(scene, listener), Arc::clone(&places));
        probes.spawn(async move {
            let _place = places.acquire().await;
            (n, probe::run(&plan).await)
        });
    }
    let mut probed: Vec<_> = probes.join_all().await;
    probed.sort_by_key(|(n, _)| *n);
    for (n, outcome) in probed {
        let Some(listener) = scene.config.listen.get(n) else { continue };
        match outcome {
            Ok(report) => findings.extend(seen(listener, &report)),
            Err(error) => findings.push(unreachable(scene, listener, &error)),
        }
    }
    findings
}

fn finding(severity: Severity, id: &'static str, what: impl ToString, found: impl ToString) -> Finding {
    Finding::new((Area::Listeners, severity, id), what.to_string(), found.to_string())
}

fn name(listener: &Listener) -> String {
    format!("{} {}", listener.service.name(), listener.address)
}

/// Without a login: no password of a user is known here, and a wrong one would be counted.
fn plan(scene: &Scene<'_>, listener: &Listener) -> Plan {
    let protocol = match listener.service {
        Service::Smtp => Protocol::Smtp,
        Service::Submission => Protocol::Submission,
        Service::Submissions => Protocol::Submissions,
        Service::Pop3 => Protocol::Pop3,
        Service::Pop3s => Protocol::Pop3s,
        Service::Imap => Protocol::Imap,
        Service::Imaps => Protocol::Imaps,
    };
    // The certificate is for the name; whether the name leads here is the DNS's matter.
    let host = scene.config.hostname.as_ascii().to_owned();
    Plan {
        target: Target { host, port: listener.address.port(), protocol },
        at: Some(reached_at(listener.address)),
        login: None,
        wrong_logins: false,
        trust: Trust::Verified,
        authorities: private_authority(scene.config),
        smuggling_to: None,
        wait: scene.wait,
    }
}

/// "Everywhere" is reached at the loopback address.
fn reached_at(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// The CA that `gatepost init` made, if the certificate is still one of its: it lies beside it.
pub(super) fn private_authority(config: &Config) -> Option<PathBuf> {
    let beside = config.tls.certificate.as_ref()?.with_file_name("ca.pem");
    beside.is_file().then_some(beside)
}

fn seen(listener: &Listener, report: &probe::Report) -> Vec<Finding> {
    let tls = report.tls.as_deref().unwrap_or("no TLS");
    let checks = report.checks.iter().filter(|check| check.skipped.is_none()).count();
    let found = format!("answers, {tls}; {checks} checks of the probe");
    let mut findings = vec![finding(Severity::Ok, "answers", name(listener), found)];
    for each in &report.findings {
        let severity = match each.severity {
            probe::Severity::Critical | probe::Severity::Error => Severity::Error,
            probe::Severity::Warning => Severity::Warning,
            probe::Severity::Notice => Severity::Note,
            probe::Severity::Info => continue,
        };
        let found = finding(severity, each.id, name(listener), &each.title).seen(each.evidence.clone());
        findings.push(if each.advice.is_empty() { found } else { found.fix(each.advice) });
    }
    findings
}

/// Which address refused; an error only where a server runs that should answer there.
fn unreachable(scene: &Scene<'_>, listener: &Listener, error: &Unreachable) -> Finding {
    match &scene.status {
        Ok(status) => {
            let open = status.listeners.iter().any(|open| open.address == listener.address.to_string());
            let fix = if open { error.advice() } else { "restart the server: it was started without it".to_owned() };
            finding(Severity::Error, "does-not-answer", name(listener), error).fix(fix)
        }
        Err(_) => finding(Severity::Warning, "not-probed", name(listener), format!("not probed: {error}")),
    }
}
