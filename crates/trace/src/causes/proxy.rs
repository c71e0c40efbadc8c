//! Proxies that speak for clients, and do not say so as it is expected.

use super::{Cause, Look};
use crate::Outcome;

/// The rows.
pub(super) const CAUSES: &[Cause] = &[
    Cause {
        name: "proxy-header-missing",
        symptom: "421 4.7.0: a session begins with a PROXY header",
        look: Look::Session(|seen| {
            (seen.record.outcome == Outcome::NoProxyHeader).then(|| seen.record.why.to_string())
        }),
        happened: "{peer} did not say for whom it speaks, and must: it counts as a proxy.",
        why: "listen.proxies names its address, so its sessions begin with a PROXY header. {detail}",
        fix: &[
            "If it is a proxy, switch the header on there: send-proxy-v2 (HAProxy), proxy_protocol on (nginx).",
            "If not, take its address out of proxies under [listen] in gatepost.toml; then: gatepost reload",
        ],
    },
    Cause {
        name: "proxy-not-trusted",
        symptom: "every client has the proxy's address; 500 to a line PROXY TCP4",
        // evidence: the first line. A header of version 2 is none: of it, nothing readable is left.
        look: Look::Session(|seen| {
            let first = seen
                .commands()
                .next()
                .filter(|line| line.starts_with("PROXY TCP") || line.starts_with("PROXY UNKNOWN"));
            first.filter(|_| seen.is_inbound())
        }),
        happened: "{peer} sent a header of the PROXY protocol, and was not believed.",
        why: "Who can send it can be anybody; so it is read from those alone that listen.proxies names.",
        fix: &[
            "If it is a proxy of yours, under [listen] in gatepost.toml: proxies = [\"{peer}\"]",
            "Then: gatepost reload",
        ],
    },
];
