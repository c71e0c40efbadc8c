//! HELP (RFC 5321 §4.1.1.8).

use crate::Reply;
use crate::server::{Session, Step};

/// Lists the commands; an argument is ignored.
pub(super) fn run(session: &mut Session, _: &str) -> Step {
    let verbs = super::COMMANDS.map(|command| command.verb).join(" ");
    let text = format!("Commands: {verbs}\nThe session's id, for the postmaster of {}: ", session.policy.hostname);
    Step::Reply(Reply::new(214, 0, 0, "").and(text).and(&session.policy.session))
}
