//! DMARC (RFC 7489): what receivers do with forged mail of a domain.

use relay::Dmarc;

use super::super::report::{Finding, Severity};
use super::{Asker, finding, unknown};

/// Looks for the record of the domain, and of those above it, whose policy counts for it otherwise (RFC 7489 §6.6.3). Which of
/// them is the organization's is not known here: one label alone is nobody's.
pub(super) async fn check(asker: &Asker, domain: &str) -> Finding {
    let what = format!("DMARC of {domain}");
    let mut name = domain;
    loop {
        let at = format!("_dmarc.{name}");
        let texts = match asker.texts(&at).await {
            Ok(texts) => texts,
            Err(error) => return unknown(what, &error),
        };
        let records: Vec<_> = texts.into_iter().filter(|text| Dmarc::is_meant(text)).collect();
        if !records.is_empty() {
            return told(&what, &at, &records);
        }
        match name.split_once('.') {
            Some((_, above)) if above.contains('.') => name = above,
            _ => break,
        }
    }
    let found = "there is none: receivers do with forged mail of the domain what they like, and large ones want one";
    finding(Severity::Warning, "dmarc-missing", what, found).fix(proposed(domain))
}

fn proposed(domain: &str) -> String {
    format!("_dmarc.{domain}. IN TXT \"v=DMARC1; p=quarantine; rua=mailto:postmaster@{domain}\"")
}

fn told(what: &str, at: &str, records: &[String]) -> Finding {
    let seen = records.iter().cloned();
    let [record] = records else {
        let found = format!("there are {} at {at}: receivers follow none of them", records.len());
        return finding(Severity::Error, "dmarc-several", what, found).seen(seen).fix("leave one of them");
    };
    match Dmarc::parse(record) {
        Ok(Dmarc { policy, .. }) if policy == "none" => {
            let found = format!("p=none at {at}: forged mail is reported, and delivered");
            finding(Severity::Note, "dmarc-none", what, found).seen(seen)
        }
        Ok(Dmarc { policy, .. }) => finding(Severity::Ok, "dmarc", what, format!("p={policy} at {at}")),
        Err(error) => {
            let fix = "v=DMARC1; p=none, quarantine or reject";
            finding(Severity::Error, "dmarc-broken", what, format!("at {at}: {error}")).seen(seen).fix(fix)
        }
    }
}
