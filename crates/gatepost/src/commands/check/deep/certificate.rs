//! The certificate: its days, names and key, and whether the server uses the one that is in the file.

use std::time::{SystemTime, UNIX_EPOCH};

use net::{CertificateFacts, ServerTls, TlsError};

use super::Scene;
use super::listeners::private_authority;
use super::report::{Area, Finding, Severity};

/// Public authorities' tools renew with 30 days left and try every day: with fewer than this, that has failed for two weeks.
const SOON: i64 = 14;

/// Looks at it.
pub(super) fn check(scene: &Scene<'_>) -> Vec<Finding> {
    let tls = &scene.config.tls;
    let (Some(certificate), Some(key)) = (&tls.certificate, &tls.key) else {
        let found = "none: no STARTTLS, no logins inside TLS, no port that begins with TLS";
        let fix = "[tls] certificate = \"…/fullchain.pem\", key = \"…/privkey.pem\"";
        return vec![finding(Severity::Warning, "no-certificate", "[tls]", found).fix(fix)];
    };
    let what = certificate.display().to_string();
    match ServerTls::load(certificate, key) {
        Ok(loaded) => facts(scene, loaded.facts(), &what),
        Err(error @ TlsError::Mismatch { .. }) => {
            let fix = format!("[tls] key = the file that was made together with {what}");
            vec![finding(Severity::Error, "key-mismatch", what, error).fix(fix)]
        }
        Err(error) => {
            vec![finding(Severity::Error, "certificate-unusable", what, error).fix("mend the two files of [tls]")]
        }
    }
}

fn finding(severity: Severity, id: &'static str, what: impl ToString, found: impl ToString) -> Finding {
    Finding::new((Area::Certificate, severity, id), what.to_string(), found.to_string())
}

fn facts(scene: &Scene<'_>, facts: &CertificateFacts, what: &str) -> Vec<Finding> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs().cast_signed());
    let left = facts.days_left(now);
    let renew = "renew it (certbot renew, or copy the new files), then: gatepost reload";
    let mut findings = vec![match left {
        _ if facts.not_before > now => {
            let days = (facts.not_before - now).div_euclid(86_400) + 1;
            let found = format!("it is not good yet, for {days} days: it is too new, or the clock is slow");
            finding(Severity::Error, "certificate-not-yet", what, found).fix("timedatectl status")
        }
        ..0 => {
            let found = format!("it expired {} days ago: clients refuse it", -left);
            finding(Severity::Error, "certificate-expired", what, found).fix(renew)
        }
        0..SOON => finding(Severity::Warning, "certificate-soon", what, format!("{left} days left")).fix(renew),
        _ => finding(Severity::Ok, "certificate-days", what, format!("{left} days left")),
    }];
    findings.push(names(scene, facts, what));
    findings.push(finding(Severity::Ok, "key-match", what, "its key belongs to it"));
    if let Some(authority) = private_authority(scene.config) {
        let found = format!(
            "signed by {}, a private CA ({}): only clients that were given it trust it",
            facts.issuer,
            authority.display()
        );
        findings.push(finding(Severity::Note, "private-ca", what, found));
    }
    findings.extend(in_use(scene, left, what));
    findings
}

fn names(scene: &Scene<'_>, facts: &CertificateFacts, what: &str) -> Finding {
    let hostname = &scene.config.hostname;
    let names = facts.names.join(", ");
    if facts.covers(hostname.as_ascii()) {
        return finding(Severity::Ok, "certificate-names", what, format!("good for {names}"));
    }
    let found = format!("it is good for {names}, and not for {hostname}: clients refuse it");
    let fix = format!("a certificate for {hostname}, or hostname = one of its names");
    finding(Severity::Error, "certificate-names", what, found).fix(fix)
}

/// A new file changes nothing before the server reads it.
fn in_use(scene: &Scene<'_>, left: i64, what: &str) -> Option<Finding> {
    let used = scene.status.as_ref().ok()?.certificate_days?;
    // A day may have ended between the two looks.
    if (used - left).abs() <= 1 {
        return None;
    }
    let found = format!("the running server uses another one, with {used} days left");
    Some(finding(Severity::Warning, "certificate-not-loaded", what, found).fix("gatepost reload"))
}
