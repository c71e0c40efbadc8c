//! No way to another server (MISSION 001-12).

use super::RETRY;
use crate::causes::seen::having;
use crate::causes::{Cause, Look};

/// The rows.
pub(in crate::causes) const CAUSES: &[Cause] = &[
    Cause {
        name: "null-mx",
        symptom: "mail comes back at once",
        look: Look::Reason(|reason| having(reason, &["null mx"])),
        happened: "The recipient's domain says that it takes no mail (RFC 7505).",
        why: "Its MX record is a single dot.",
        fix: &["Is the domain spelled rightly? Ask the recipient for another address."],
    },
    Cause {
        name: "no-such-domain",
        symptom: "mail comes back at once",
        look: Look::Reason(|reason| having(reason, &["the domain does not exist"])),
        happened: "The recipient's domain does not exist.",
        why: "DNS knows no such name: mostly it is misspelt.",
        fix: &["Compare the address letter by letter with the one that was meant."],
    },
    Cause {
        name: "no-mx",
        symptom: "mail comes back, or waits",
        look: Look::Reason(|reason| having(reason, &["no mail host with an address", "private addresses only"])),
        happened: "The recipient's domain has no host that takes its mail.",
        why: "{detail}",
        fix: &["The other side must mend its DNS. To send another way meanwhile, add a [[route]] for the domain."],
    },
    Cause {
        name: "route-is-this-server",
        symptom: "a route's mail waits with 4.4.6",
        // evidence: a route is named by host and port, a domain has no port.
        look: Look::Reason(|reason| {
            let (target, _) = reason.split_once(": ")?;
            let (_, port) = target.rsplit_once(':')?;
            having(reason, &["would come back here"]).filter(|_| port.parse::<u16>().is_ok())
        }),
        happened: "A route leads to this server itself.",
        why: "{detail}",
        fix: &["Correct `via` of the route in gatepost.toml; then: gatepost reload", RETRY],
    },
    Cause {
        name: "mx-is-this-server",
        symptom: "mail for a domain of ours comes back",
        look: Look::Reason(|reason| having(reason, &["would come back here"])),
        happened: "DNS sends this domain's mail to this server, which does not count it among its own.",
        why: "The domain is not in `domains`.",
        fix: &["If it is yours, add it in gatepost.toml: domains = [..., \"the.domain\"]", "Then: gatepost reload"],
    },
    Cause {
        name: "dns-trouble",
        symptom: "mail waits with 4.4.3",
        look: Look::Reason(|reason| having(reason, &["dns: "])),
        happened: "DNS could not tell where the mail goes.",
        why: "{detail}",
        fix: &["Is there a resolver? See /etc/resolv.conf, or relay.resolvers in gatepost.toml."],
    },
    Cause {
        name: "port-25-blocked",
        symptom: "mail to every domain waits with 4.4.1",
        // evidence: no answer at all on port 25. A host that is down mostly refuses.
        look: Look::Reason(|reason| {
            having(reason, &["could not connect", "timed out", "unreachable"]).filter(|_| {
                let lower = reason.to_ascii_lowercase();
                reason.contains(":25:") && ["timed out", "unreachable"].iter().any(|sign| lower.contains(sign))
            })
        }),
        happened: "No connection to the other server's port 25 came about.",
        why: "If this is so for every domain, the hosting company blocks port 25 outward. ({detail})",
        fix: &[
            "Ask the company to open it, or send through a provider: a [[route]] with via = \"HOST:465\", user and password_file.",
        ],
    },
    Cause {
        name: "server-away",
        symptom: "mail waits with 4.4.1",
        look: Look::Reason(|reason| {
            having(reason, &["could not connect", "connection refused", "connection timed out"])
        }),
        happened: "No connection to the other server came about.",
        why: "It is down, does not listen there, or something on the way is closed: {detail}",
        fix: &["Is the port of the route right? Mail is tried again by itself.", RETRY],
    },
    Cause {
        name: "other-server-broke-off",
        symptom: "mail waits with 4.4.2",
        look: Look::Reason(|reason| {
            having(reason, &["(waiting for the reply to "]).filter(|_| !reason.contains("reply to greeting)"))
        }),
        happened: "The connection with the other server broke in the middle.",
        why: "{detail}",
        fix: &["Nothing to do, if it stays with one server: mail is tried again by itself."],
    },
];
