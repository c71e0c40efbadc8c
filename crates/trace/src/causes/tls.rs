//! TLS that did not come about (MISSION 004-31).

use super::seen::{Seen, having};
use super::{Cause, Look};
use crate::Outcome;

const PORTS: &str = "In the program: \"STARTTLS\" goes with ports 587, 143, 110; \"SSL/TLS\" with 465, 993, 995.";

/// The rows.
pub(super) const CAUSES: &[Cause] = &[
    Cause {
        name: "tls-to-plain-port",
        symptom: "\"wrong version number\", or a program that hangs",
        look: Look::Session(|seen| outcome(seen, Outcome::SpokeTlsToPlain)),
        happened: "The client began TLS on a port that begins in clear ({listener}).",
        why: "The program is set to \"SSL/TLS\" with the port that belongs to \"STARTTLS\".",
        fix: &[PORTS],
    },
    Cause {
        name: "plain-to-tls-port",
        symptom: "a program that hangs, or \"connection closed\"",
        look: Look::Session(|seen| outcome(seen, Outcome::SpokePlainToTls)),
        happened: "The client spoke in clear to a port that begins with TLS ({listener}).",
        why: "The program is set to no encryption, or \"STARTTLS\", with the port that belongs to \"SSL/TLS\".",
        fix: &[PORTS],
    },
    Cause {
        name: "no-certificate",
        symptom: "\"No TLS here\", STARTTLS is not offered",
        // evidence: how it ended, or what we told a client that asked for TLS.
        look: Look::Session(|seen| {
            outcome(seen, Outcome::NoCertificate).or_else(|| seen.we_said(&["this server has no certificate"]))
        }),
        happened: "The client wants TLS, and this server has no certificate.",
        why: "Without a certificate there is no TLS, and without TLS no login.",
        fix: &["See which files are wanted: gatepost check", "Then: gatepost reload"],
    },
    Cause {
        name: "certificate-not-trusted",
        symptom: "\"unable to get local issuer certificate\", \"self-signed certificate\"",
        look: Look::Session(|seen| handshake(seen, &["unknownca", "unknown ca", "unknown_ca"])),
        happened: "The client broke TLS off: it does not know who signed this server's certificate.",
        why: "The certificate is of a private authority, or the file has not the whole chain. ({detail})",
        fix: &[
            "Use the whole chain (fullchain.pem) of a public authority, or let the client trust {data}/tls/ca.pem.",
            "What the certificate is: gatepost check",
        ],
    },
    Cause {
        name: "certificate-expired",
        symptom: "\"certificate has expired\", \"not yet valid\"",
        look: Look::Session(|seen| {
            handshake(seen, &["certificateexpired", "certificate expired", "certificate_expired"])
        }),
        happened: "The client broke TLS off: for its clock, the certificate is not valid now.",
        why: "It has expired, or is not valid yet, or the client's clock is off. ({detail})",
        fix: &[
            "How many days are left: gatepost check",
            "After a renewal: gatepost reload",
            "If there are days left, set the client's clock.",
        ],
    },
    Cause {
        name: "certificate-refused",
        symptom: "\"certificate unknown\", \"name does not match\"",
        // evidence: most programs send one of these alerts for a name that is not the one they asked for.
        look: Look::Session(|seen| {
            handshake(seen, &["badcertificate", "certificateunknown", "unsupportedcertificate", "certificaterevoked"])
        }),
        happened: "The client broke TLS off: it does not accept this server's certificate.",
        why: "Mostly the program is told another name than the certificate has; or for its clock, it is not good yet. ({detail})",
        fix: &["Enter {host} as the server's name in the program.", "The names in the certificate: gatepost check"],
    },
    Cause {
        name: "tls-too-old",
        symptom: "\"no shared cipher\", \"protocol version\"",
        look: Look::Session(|seen| {
            handshake(seen, &["incompatible", "protocolversion", "protocol version", "nociphersuites", "no cipher"])
        }),
        happened: "The client and this server have no version or cipher of TLS in common.",
        why: "This server speaks TLS 1.2 and 1.3; the client is older than that. ({detail})",
        fix: &["Update the program or the system that it runs on."],
    },
    Cause {
        name: "waits-at-tls-port",
        symptom: "a program that hangs, and gives up after a time",
        // evidence: not one octet came. IMAP, POP3 and SMTP clients without TLS wait for the server's greeting.
        look: Look::Session(|seen| handshake(seen, &["timed out"])),
        happened: "The client said nothing on a port that begins with TLS ({listener}).",
        why: "It most likely waits for a greeting in clear: the program is set to no encryption, or \"STARTTLS\", with the \
              port that belongs to \"SSL/TLS\".",
        fix: &[PORTS],
    },
    Cause {
        name: "tls-broken-off",
        symptom: "TLS fails without a reason",
        look: Look::Session(|seen| outcome(seen, Outcome::TlsFailed).filter(|_| !explained(seen))),
        happened: "The TLS handshake failed.",
        why: "The client gave no reason that is known here: {detail}",
        fix: &["Try it from the same network: openssl s_client -connect {host}:993"],
    },
    Cause {
        name: "http-to-mail-port",
        symptom: "a browser or a scanner on a mail port",
        look: Look::Session(|seen| seen.we_said(&["This is SMTP, not HTTP"])),
        happened: "What came is HTTP: a browser, or somebody who looks for open doors.",
        why: "This port ({listener}) speaks mail.",
        fix: &["Nothing to do here."],
    },
];

/// Of a client's session: TLS with other servers has rows of its own.
fn outcome(seen: &Seen<'_>, outcome: Outcome) -> Option<String> {
    (seen.is_inbound() && seen.record.outcome == outcome).then(|| seen.record.why.to_string())
}

fn handshake(seen: &Seen<'_>, any: &[&str]) -> Option<String> {
    outcome(seen, Outcome::TlsFailed).and_then(|why| having(&why, any))
}

/// Whether a row with more to say fits.
fn explained(seen: &Seen<'_>) -> bool {
    let rows = CAUSES.iter().filter(|cause| cause.name != "tls-broken-off");
    rows.into_iter().any(|cause| matches!(cause.look, Look::Session(look) if look(seen).is_some()))
}
