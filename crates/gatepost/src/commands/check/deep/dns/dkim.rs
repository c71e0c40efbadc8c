//! DKIM (RFC 6376): Gatepost does not sign, and so knows of no selector; what can be told is whether anybody else does.

use relay::DnsError;

use super::super::report::{Finding, Severity};
use super::{Asker, finding, unknown, within};

/// RFC 6376 §3.6.2.1: keys stand at `selector._domainkey.domain`. RFC 8020 §2: if `_domainkey` does not exist, nothing is below
/// it; if it does, there is a key of some selector, whose name nobody can guess.
pub(super) async fn check(asker: &Asker, domain: &str) -> Finding {
    let name = format!("_domainkey.{domain}");
    let what = format!("DKIM of {domain}");
    let signs = "Gatepost does not sign yet, so no selector is looked at";
    match within(asker.wait, relay::Texts::texts(&asker.dns, &name)).await {
        Err(DnsError::NoSuchName) => {
            let found = format!("{signs}; {name} is NXDOMAIN: nobody else signs for the domain either");
            finding(Severity::Note, "dkim-none", what, found)
        }
        Ok(_) => {
            let found = format!("{signs}; {name} is NOERROR: there are keys, of whoever else signs for the domain");
            finding(Severity::Note, "dkim-elsewhere", what, found)
        }
        Err(error) => unknown(what, &error),
    }
}
