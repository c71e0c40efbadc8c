//! `[[auth.hide]]`

use crate::finding::Cause;
use crate::glob::Glob;
use crate::kinds::{choice, glob, list, network, optional};
use crate::model::{Hide, Service};
use crate::network::Network;
use crate::reading::Reading;
use crate::section::section;

const LISTENERS: &[(&str, Service)] = &[
    ("smtp", Service::Smtp),
    ("submission", Service::Submission),
    ("submissions", Service::Submissions),
    ("pop3", Service::Pop3),
    ("pop3s", Service::Pop3s),
    ("imap", Service::Imap),
    ("imaps", Service::Imaps),
];

const MECHANISMS: &[(&str, &str)] = &[
    ("PLAIN", "PLAIN"),
    ("LOGIN", "LOGIN"),
    ("CRAM-MD5", "CRAM-MD5"),
    ("SCRAM-SHA-1", "SCRAM-SHA-1"),
    ("SCRAM-SHA-1-PLUS", "SCRAM-SHA-1-PLUS"),
    ("SCRAM-SHA-256", "SCRAM-SHA-256"),
    ("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256-PLUS"),
    ("EXTERNAL", "EXTERNAL"),
    ("OAUTHBEARER", "OAUTHBEARER"),
    ("XOAUTH2", "XOAUTH2"),
    ("APOP", "APOP"),
];

section! {
    /// Mechanisms that some clients are not offered, for programs that choose one that they cannot do. All that a rule
    /// says of the client must fit; of several rules, all that fit count. What is hidden is not accepted either.
    pub(crate) struct HideEntry = "auth.hide" "[[auth.hide]]" {
        /// Clients from these addresses and networks.
        from: Vec<Network> = Vec::new() => list(network());
        /// Clients that call themselves so in EHLO; `*` stands for any text.
        ehlo: Option<Glob> = None => optional(glob());
        /// Clients that say so of themselves in IMAP's ID (RFC 2971), in any of its fields; `*` stands for any text.
        id: Option<Glob> = None => optional(glob());
        /// Clients of these services.
        listener: Vec<Service> = Vec::new() => list(choice(LISTENERS));
        /// What they are not offered.
        mechanisms: Vec<&'static str> = Vec::new() => list(choice(MECHANISMS));
    }
}

impl HideEntry {
    /// The rule, if it says what is to be hidden. `prefix` is where its keys stand.
    pub(crate) fn into_rule(self, prefix: &str, reading: &mut Reading<'_>) -> Option<Hide> {
        let Self { from, ehlo, id, listener, mechanisms } = self;
        if mechanisms.is_empty() {
            let cause = Cause::Missing("auth.hide.mechanisms".to_owned());
            reading.at(&format!("{prefix}mechanisms"), cause, "mechanisms = [\"CRAM-MD5\"]");
            return None;
        }
        if from.is_empty() && ehlo.is_none() && id.is_none() && listener.is_empty() {
            let cause = Cause::Doubtful("this rule is for everybody");
            reading.at(&format!("{prefix}mechanisms"), cause, "from, ehlo, id or listener, to say for whom it is");
        }
        Some(Hide { from, ehlo, id, listener, mechanisms })
    }
}
