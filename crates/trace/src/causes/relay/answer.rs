//! What other servers have against mail.

use crate::causes::seen::having;
use crate::causes::{Cause, Look};

/// The rows.
pub(in crate::causes) const CAUSES: &[Cause] = &[
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
        name: "other-disk-full",
        symptom: "mail waits with 4.3.1",
        look: Look::Reason(|reason| having(reason, &["4.3.1", "insufficient system storage"])),
        happened: "The other server has no room: its disk is full.",
        why: "{detail}",
        fix: &["Nothing to do here: mail is tried again by itself."],
    },
    Cause {
        name: "greylisted",
        symptom: "mail waits with 4.7.1 or 450, and goes after some minutes",
        look: Look::Reason(|reason| having(reason, &["greylist", "graylist"])),
        happened: "The other server takes mail of strangers at the second attempt only.",
        why: "{detail}",
        fix: &["Nothing to do: mail is tried again by itself."],
    },
    Cause {
        name: "too-large-there",
        symptom: "mail comes back with 5.3.4",
        look: Look::Reason(|reason| having(reason, &["takes messages of at most", "5.3.4"])),
        happened: "The message is larger than the other server takes.",
        why: "{detail}",
        fix: &["Send a link instead, or the parts one by one."],
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
