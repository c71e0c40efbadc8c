//! The certificate: for whom, until when, and signed by whom.

use net::{CertificateFacts, CertificateTrouble};

use super::Found;
use crate::finding::{Finding, Severity};
use crate::report::Skipped;
use crate::survey::Survey;
use crate::target::Protocol;

pub(crate) const ABOUT: (&str, &str) = ("certificate", "names, dates and chain of the certificate");

/// Whole days left that are few.
const SOON: i64 = 14;

const WHY: &str = "Programs refuse the connection, or ask their users a question that nobody can answer.";

pub(crate) fn run(survey: &Survey) -> Found {
    let Some(first) = survey.certificate.chain.first() else {
        return Err(Skipped::because("there is no TLS session"));
    };
    let mut findings = Vec::new();
    findings.extend(dates(first, survey.now));
    findings.extend(name(first, survey));
    findings.extend(chain(first, survey));
    if survey.door.protocol() == Protocol::Smtp {
        // Other servers do not look (RFC 7435), unless DANE or MTA-STS tells them to.
        for finding in &mut findings {
            finding.severity = finding.severity.min(Severity::Warning);
        }
    }
    Ok(findings)
}

fn shown(first: &CertificateFacts, now: i64) -> [String; 1] {
    let (names, days) = (first.names.join(", "), first.days_left(now));
    [crate::dialogue::visible(&format!("(certificate: {names}; {days} days left; issuer {})", first.issuer))]
}

fn dates(first: &CertificateFacts, now: i64) -> Option<Finding> {
    let days = first.days_left(now);
    let finding = match days {
        _ if first.not_before > now => Finding::new(
            Severity::Error,
            "certificate-not-yet-valid",
            "the certificate is not good yet: is a clock off?",
        ),
        ..0 => Finding::new(
            Severity::Error,
            "certificate-expired",
            format!("the certificate has expired {} days ago", -days),
        ),
        0..=SOON => Finding::new(
            Severity::Warning,
            "certificate-expires-soon",
            format!("the certificate expires in {days} days"),
        ),
        _ => return None,
    };
    Some(finding.seen(shown(first, now)).explained(
        WHY,
        "Renew it, and reload the server: many go on with the old one until then. Whatever renews it (certbot, acme.sh) \
         needs a hook that does.",
    ))
}

fn name(first: &CertificateFacts, survey: &Survey) -> Option<Finding> {
    let host = survey.door.target.host.trim_end_matches('.');
    if first.covers(host) {
        return None;
    }
    let title = format!("the certificate is not for {host}");
    Some(Finding::new(Severity::Error, "certificate-wrong-name", title).seen(shown(first, survey.now)).explained(
        WHY,
        "Use the name that the certificate is for, in the MX record and in the users' settings; or get a certificate that \
         has this name as a subjectAltName.",
    ))
}

fn chain(first: &CertificateFacts, survey: &Survey) -> Option<Finding> {
    let finding = match survey.certificate.trouble.as_ref()? {
        // Told above, by what the certificate itself says. Whoever looks at the chain stops there.
        CertificateTrouble::Expired | CertificateTrouble::NotYetValid | CertificateTrouble::WrongName => return None,
        _ if first.subject == first.issuer => Finding::new(
            Severity::Error,
            "certificate-self-signed",
            "the certificate has signed itself",
        )
        .explained(
            WHY,
            "Get one from an authority (Let's Encrypt has them for nothing), or hand the certificate to every client. \
             `--ca FILE` tells this probe to believe it.",
        ),
        CertificateTrouble::UnknownIssuer => Finding::new(
            Severity::Error,
            "certificate-unknown-issuer",
            "nobody who is trusted has signed the certificate",
        )
        .explained(
            WHY,
            "If the authority is well known, the server does not send the certificates between: give it the \
                     \"full chain\". If it is your own, clients need its certificate, and this probe `--ca FILE`.",
        ),
        CertificateTrouble::Other(words) => {
            Finding::new(Severity::Error, "certificate-bad", format!("the certificate is not good: {words}"))
                .explained(WHY, "Make a new one; the words above are those of a strict client.")
        }
    };
    let count = survey.certificate.chain.len();
    Some(finding.seen(shown(first, survey.now)).seen([format!("(certificates that were sent: {count})")]))
}
