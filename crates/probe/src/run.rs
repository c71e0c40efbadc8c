//! The whole probe: the first look, then every check, within a time.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::checks::{
    Found, begin, certificate, features, injection, mechanisms, names, offers, sequence, smuggling, status, timing,
    transport,
};
use crate::dialogue::visible;
use crate::plan::Plan;
use crate::reach::Unreachable;
use crate::report::{Certificate, Report, Skipped};
use crate::survey::{Seen, Survey};

/// The whole probe takes at most so many times the time of one answer: a server that drips must not hold its prober.
const PATIENCE: u32 = 20;

/// Probes.
///
/// # Errors
/// Nothing answers: see [`Unreachable`]. Whatever goes wrong behind the first connection is a finding.
pub async fn run(plan: &Plan) -> Result<Report, Unreachable> {
    let survey = Survey::of(plan).await?;
    let mut report = opened(&survey);
    let until = Instant::now() + PATIENCE * plan.wait.max(Duration::from_secs(1));
    report.take(transport::ABOUT, within(until, transport::run(&survey)).await);
    if survey.best().is_some() {
        report.take(certificate::ABOUT, certificate::run(&survey));
        report.take(names::ABOUT, names::run(&survey));
        report.take(features::ABOUT, features::run(&survey));
        report.take(offers::ABOUT, within(until, offers::run(&survey)).await);
        report.take(status::ABOUT, within(until, status::run(&survey)).await);
        report.take(sequence::ABOUT, within(until, sequence::run(&survey)).await);
        report.take(injection::ABOUT, within(until, injection::run(&survey)).await);
        report.take(begin::ABOUT, within(until, begin::run(&survey)).await);
        report.take(mechanisms::ABOUT, within(until, mechanisms::run(&survey, plan)).await);
        report.take(smuggling::ABOUT, within(until, smuggling::run(&survey, plan)).await);
        // The last one: its wrong passwords may bring the server up against us.
        report.take(timing::ABOUT, within(until, timing::run(&survey, plan)).await);
    }
    report.finish();
    Ok(report)
}

async fn within(until: Instant, check: impl Future<Output = Found>) -> Found {
    timeout_at(until, check).await.unwrap_or_else(|_| Err(Skipped::because("the probe's whole time is up (--timeout)")))
}

fn opened(survey: &Survey) -> Report {
    let shown = |all: &[String]| all.iter().map(|text| visible(text)).collect();
    let offered = |seen: &Option<Seen>| seen.as_ref().map(|seen| shown(&seen.capabilities.all));
    let certificate = |facts: &net::CertificateFacts| Certificate {
        subject: visible(&facts.subject),
        names: shown(&facts.names),
        issuer: visible(&facts.issuer),
        days_left: facts.days_left(survey.now),
    };
    Report {
        target: survey.door.target.to_string(),
        protocol: survey.door.protocol().name(),
        address: survey.door.address.to_string(),
        greeting: survey.best().map(|seen| seen.greeting_shown.trim_start_matches("S: ").to_owned()),
        in_clear: offered(&survey.clear),
        inside_tls: offered(&survey.inside),
        tls: survey.inside.as_ref().and_then(|seen| seen.tls.clone()),
        certificates: survey.certificate.chain.iter().map(certificate).collect(),
        findings: Vec::new(),
        checks: Vec::new(),
        worst: None,
    }
}
