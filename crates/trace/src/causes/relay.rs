//! Mail that does not leave (MISSION 001-03, 001-12, 001-14, 001-16, 002-17).

use super::seen::having;
use super::{Cause, Look};

const RETRY: &str = "Then: gatepost queue retry";

/// The rows. The words that are looked for are those of `relay`, or of other servers.
pub(super) const CAUSES: &[Cause] = &[
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
            having(reason, &["could not connect", "connection refused", "timed out", "unreachable"])
        }),
        happened: "No connection to the other server came about.",
        why: "It is down, does not listen there, or something on the way is closed: {detail}",
        fix: &["Is the port of the route right? Mail is tried again by itself.", RETRY],
    },
    Cause {
        name: "relay-other-mechanism",
        symptom: "mail waits with 4.7.4",
        // evidence: MISSION 001-16: the list is in the words.
        look: Look::Reason(|reason| having(reason, &["no mechanism that can be used"])),
        happened: "The other server wants a login by a mechanism that is not possible here.",
        why: "{detail}",
        fix: &[
            "If it offers XOAUTH2 or OAUTHBEARER alone, the route wants `token_file` instead of `password_file`.",
            RETRY,
        ],
    },
    Cause {
        name: "relay-login-in-clear",
        symptom: "mail waits with 4.7.4",
        look: Look::Reason(|reason| having(reason, &["without tls the login would be in clear"])),
        happened: "The other server wants a login, and offers no TLS in front of it.",
        why: "The password would cross the net in clear.",
        fix: &["Give the route the provider's port with TLS: via = \"HOST:465\"", RETRY],
    },
    Cause {
        name: "relay-no-tls",
        symptom: "mail waits with 4.7.4",
        look: Look::Reason(|reason| having(reason, &["does not offer starttls"])),
        happened: "TLS is demanded here, and the other server does not offer it.",
        why: "The route's `tls`, or a policy of the domain, wants it.",
        fix: &["Give the route the provider's port with TLS: via = \"HOST:465\"", RETRY],
    },
    Cause {
        name: "relay-wrong-credentials",
        symptom: "\"this needs your hand\": a route's login fails",
        look: Look::Reason(|reason| having(reason, &["the login was refused", "535 5.7.8", "535 authentication"])),
        happened: "The other server refused this server's login.",
        why: "User or password of the route are wrong there. ({detail})",
        fix: &["Correct `user` (then: gatepost reload) or the route's `password_file`.", RETRY],
    },
    Cause {
        name: "relay-login-later",
        symptom: "mail waits with 4.7.0",
        look: Look::Reason(|reason| having(reason, &["could not check the login now"])),
        happened: "The other server could not check this server's login now.",
        why: "That is its own trouble.",
        fix: &["Nothing to do: mail is tried again by itself."],
    },
    Cause {
        name: "relay-tls-first",
        symptom: "530 Must issue a STARTTLS command first",
        look: Look::Reason(|reason| having(reason, &["starttls command first", "530 5.7.0 must issue"])),
        happened: "The other server wants TLS before anything else.",
        why: "{detail}",
        fix: &["Set tls = \"starttls\" in the route.", RETRY],
    },
    Cause {
        name: "relay-wants-login",
        symptom: "530 5.7.0 Authentication required",
        // evidence: MISSION 001-12.
        look: Look::Reason(|reason| having(reason, &["530 5.7.0", "530 authentication", "authentication required"])),
        happened: "The other server takes mail only after a login.",
        why: "{detail}",
        fix: &["Give the route `user` and `password_file`.", RETRY],
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
    Cause {
        name: "no-such-recipient",
        symptom: "mail comes back with 5.1.1",
        look: Look::Reason(|reason| having(reason, &["5.1.1"])),
        happened: "The other server does not know the recipient.",
        why: "{detail}",
        fix: &["Ask the recipient for the right address, by another way."],
    },
    Cause {
        name: "recipient-full",
        symptom: "mail waits or comes back with 4.2.2, 5.2.2",
        look: Look::Reason(|reason| having(reason, &["4.2.2", "5.2.2", "over quota", "mailbox full"])),
        happened: "The recipient's mailbox is full.",
        why: "{detail}",
        fix: &["Only the recipient can make room."],
    },
    Cause {
        name: "remote-policy",
        symptom: "mail comes back with 5.7.1",
        look: Look::Reason(|reason| having(reason, &["5.7."])),
        happened: "The other server does not want this mail.",
        why: "It gives its own reason: {detail}",
        fix: &["Follow the link in its words, if there is one; look at SPF, DKIM and the reverse name of this host."],
    },
];
