//! TLS with other servers.

use super::RETRY;
use crate::causes::seen::having;
use crate::causes::{Cause, Look};

/// The rows.
pub(in crate::causes) const CAUSES: &[Cause] = &[
    Cause {
        name: "relay-no-tls",
        symptom: "mail waits with 4.7.4",
        look: Look::Reason(|reason| having(reason, &["does not offer starttls"])),
        happened: "TLS is demanded here, and the other server does not offer it.",
        why: "The route's `tls`, or a policy of the domain, wants it.",
        fix: &["Give the route the provider's port with TLS: via = \"HOST:465\"", RETRY],
    },
    Cause {
        name: "relay-tls-first",
        symptom: "530 Must issue a STARTTLS command first",
        look: Look::Reason(|reason| {
            having(reason, &["starttls command first", "must issue a starttls", "demands tls"])
        }),
        happened: "The other server wants TLS before anything else.",
        why: "{detail}",
        fix: &["Set tls = \"starttls\" in the route.", RETRY],
    },
    Cause {
        name: "relay-tls-to-plain-port",
        symptom: "mail waits with 4.7.5",
        // evidence: what came back is no TLS, but a greeting in clear.
        look: Look::Reason(|reason| {
            having(reason, &["tls handshake: "]).and_then(|reason| having(&reason, &["invalidcontenttype"]))
        }),
        happened: "TLS was begun on a port of the other server that begins in clear.",
        why: "The route says tls = \"implicit\", and its port belongs to \"starttls\". ({detail})",
        fix: &["Set tls = \"starttls\" in the route, or give it the port for TLS: via = \"HOST:465\"", RETRY],
    },
    Cause {
        name: "relay-plain-to-tls-port",
        symptom: "mail waits with 4.4.2",
        // evidence: no greeting. Who waits for TLS says nothing.
        look: Look::Reason(|reason| having(reason, &["waiting for the reply to greeting"])),
        happened: "The other server did not greet.",
        why: "Mostly its port begins with TLS, and it waits for ours; or it is no mail server. ({detail})",
        fix: &["Set tls = \"implicit\" in the route, or give it the port for STARTTLS: via = \"HOST:587\"", RETRY],
    },
    Cause {
        name: "relay-certificate-time",
        symptom: "mail waits with 4.7.5",
        look: Look::Reason(|reason| having(reason, &["notvalidyet", "not valid yet"])),
        happened: "For this host's clock, the other server's certificate is not valid yet.",
        why: "Mostly this host's clock is off. ({detail})",
        fix: &["timedatectl", RETRY],
    },
    Cause {
        name: "relay-certificate-expired",
        symptom: "mail waits with 4.7.5",
        look: Look::Reason(|reason| having(reason, &["certificate expired"])),
        happened: "The other server's certificate has expired.",
        why: "Nobody has renewed it there, or this host's clock is off. ({detail})",
        fix: &["Tell the provider; is this host's clock right? timedatectl", RETRY],
    },
    Cause {
        name: "relay-certificate-name",
        symptom: "mail waits with 4.7.5",
        look: Look::Reason(|reason| having(reason, &["certificate not valid for name"])),
        happened: "The other server's certificate is for another name.",
        why: "{detail}",
        fix: &["Give the route a name that is in the certificate: via = \"NAME:PORT\"; then: gatepost reload", RETRY],
    },
    Cause {
        name: "relay-certificate",
        symptom: "mail waits with 4.7.5",
        look: Look::Reason(|reason| having(reason, &["invalid peer certificate", "tls handshake: "])),
        happened: "TLS with the other server did not come about.",
        why: "{detail}",
        fix: &[
            "If its certificate is of a private authority, name that in the route: ca_file = \"/path/ca.pem\"",
            RETRY,
        ],
    },
];
