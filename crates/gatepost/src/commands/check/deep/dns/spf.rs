//! SPF (RFC 7208): whether receivers will believe that our mail is the domain's.

use std::net::IpAddr;

use relay::{Spf, Verdict};

use super::super::report::{Finding, Severity};
use super::{Asker, finding, unknown};

/// Looks for the record, and holds our addresses against it.
pub(super) async fn check(asker: &Asker, domain: &str) -> Vec<Finding> {
    let what = format!("SPF of {domain}");
    let texts = match asker.texts(domain).await {
        Ok(texts) => texts,
        Err(error) => return vec![unknown(what, &error)],
    };
    let records: Vec<_> = texts.iter().filter(|text| Spf::is_meant(text)).collect();
    let record = match records.as_slice() {
        [record] => *record,
        [] => {
            let found = "there is none: whoever forges mail of this domain is believed as much as you are";
            return vec![finding(Severity::Warning, "spf-missing", what, found).fix(proposed(asker, domain))];
        }
        // RFC 7208 §4.5.
        several => {
            let found = format!("there are {}: receivers follow none of them", several.len());
            let fix = "make one TXT record of them";
            let all = several.iter().map(|record| (*record).clone());
            return vec![finding(Severity::Error, "spf-several", what, found).seen(all).fix(fix)];
        }
    };
    match Spf::parse(record) {
        Ok(spf) => held_against(asker, domain, (record, &spf)).await,
        Err(error) => {
            let found = format!("broken, and receivers may refuse mail for it: {error}");
            let broken = finding(Severity::Error, "spf-broken", what, found).seen([record.clone()]);
            vec![broken.fix(proposed(asker, domain))]
        }
    }
}

fn proposed(asker: &Asker, domain: &str) -> String {
    let own = if asker.smarthost.is_some() { " include:(what your provider says)" } else { "" };
    format!("{domain}. IN TXT \"v=spf1 mx a:{}{own} -all\"", asker.hostname)
}

async fn held_against(asker: &Asker, domain: &str, (record, spf): (&str, &Spf)) -> Vec<Finding> {
    let what = format!("SPF of {domain}");
    let mut findings = Vec::new();
    if spf.allows_everybody() {
        let found = "+all lets everybody send in the domain's name: it is worse than no record";
        let fix = proposed(asker, domain);
        findings.push(finding(Severity::Error, "spf-everybody", &what, found).seen([record.to_owned()]).fix(fix));
    }
    if let Some(smarthost) = &asker.smarthost {
        let found = format!(
            "mail leaves by {smarthost}: whether its addresses are allowed is not looked at; ask the provider for its include"
        );
        findings.push(finding(Severity::Note, "spf-smarthost", &what, found).seen([record.to_owned()]));
        return findings;
    }
    if asker.own.is_empty() {
        let found = "no public address of this host is known that it could be held against";
        findings.push(finding(Severity::Note, "spf-no-address", &what, found).seen([record.to_owned()]));
    }
    for ip in asker.own.iter() {
        findings.push(verdict(asker, domain, (record, spf), *ip).await);
    }
    findings
}

async fn verdict(asker: &Asker, domain: &str, (record, spf): (&str, &Spf), ip: IpAddr) -> Finding {
    let what = format!("SPF of {domain} for {ip}");
    let checked = spf.check(&asker.dns, domain, ip).await;
    let fix = match ip {
        IpAddr::V4(_) => format!("add ip4:{ip} to the record"),
        IpAddr::V6(_) => format!("add ip6:{ip} to the record"),
    };
    let made = match checked.verdict {
        Verdict::Pass => finding(Severity::Ok, "spf", what, format!("allowed, with {} of 10 lookups", checked.lookups)),
        Verdict::Fail => finding(Severity::Error, "spf-fail", what, "not allowed: receivers refuse our mail").fix(fix),
        Verdict::SoftFail => {
            finding(Severity::Warning, "spf-softfail", what, "hardly allowed (~all): our mail looks like spam").fix(fix)
        }
        Verdict::Neutral => {
            finding(Severity::Warning, "spf-neutral", what, "nothing is said of it: our mail gains nothing").fix(fix)
        }
        Verdict::Broken(why) => {
            let found = format!("broken for receivers (permerror): {why}");
            finding(Severity::Error, "spf-broken", what, found)
                .fix("fewer include and a: write the networks as ip4: and ip6:")
        }
        Verdict::Temporary(why) => finding(Severity::Warning, "dns-unknown", what, format!("could not be told: {why}")),
        Verdict::Unknown(why) => {
            finding(Severity::Note, "spf-unknown", what, format!("cannot be told from here: {why}"))
        }
    };
    made.seen([record.to_owned()])
}
