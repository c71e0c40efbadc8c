//! Disks, mailboxes and queues that could not be used (MISSION 004-29).

use super::{Cause, Look};

/// The rows. The replies that are looked for are this server's own.
pub(super) const CAUSES: &[Cause] = &[
    Cause {
        name: "disk-full",
        symptom: "452 4.3.1, [OVERQUOTA]",
        look: Look::Session(|seen| seen.we_said(&["Not enough disk space", "[OVERQUOTA]"])),
        happened: "There is no room for the mail: the disk, or a quota, is full.",
        why: "{detail}",
        fix: &["df -h {data}", "Make room, and it goes on by itself. Never delete files in {data}/queue."],
    },
    Cause {
        name: "memory-full",
        symptom: "452 4.3.1 Too many large messages at once",
        look: Look::Session(|seen| seen.we_said(&["Too many large messages at once"])),
        happened: "Too many large messages came at once.",
        why: "So much is held in memory at most.",
        fix: &["Nothing to do: senders try again by themselves."],
    },
    Cause {
        name: "mailbox-unusable",
        symptom: "the login works, and then \"mailbox not available\"",
        // evidence: MISSION 004-29: no home, no Maildir, or a wrong owner; the client is told that it is not the password.
        look: Look::Session(|seen| {
            let texts = ["Mailbox not available", "the mailbox cannot be used now", "The message cannot be read"];
            seen.we_said(&texts)
        }),
        happened: "{user} is logged in, but the mailbox cannot be opened.",
        why: "Its folder is missing, is no folder, or belongs to somebody else; the server's log has path, uid and error \
              under this session's id.",
        fix: &[
            "Path, uid and error: gatepost why login {user}",
            "Its folder is below {data}/mail: owner and mode must be the server's.",
        ],
    },
    Cause {
        name: "queue-unusable",
        symptom: "451 4.3.0 Cannot store the message",
        look: Look::Session(|seen| seen.we_said(&["Cannot store the message"])),
        happened: "The message could not be written into the queue.",
        why: "{detail}",
        fix: &["ls -ld {data}/queue; df -h {data}", "The server's log has the error under this session's id."],
    },
    Cause {
        name: "recipients-not-readable",
        symptom: "451 4.3.0 Temporary lookup failure",
        look: Look::Session(|seen| seen.we_said(&["Temporary lookup failure"])),
        happened: "Whether a recipient is here could not be told.",
        why: "A store of accounts cannot be read: {detail}",
        fix: &["Ask the modules now: gatepost auth modules", "gatepost check"],
    },
];
