//! HELP (RFC 5321 §4.1.1.8).

use crate::Reply;
use crate::server::{Session, Step};

/// Lists the commands; an argument is ignored.
pub(super) fn run(session: &mut Session, _: &str) -> Step {
    let verbs: Vec<_> = super::COMMANDS.iter().map(|command| command.verb).collect();
    // The last one is not for everybody.
    let verbs = verbs.get(..verbs.len() - usize::from(!session.policy.xclient)).unwrap_or_default().join(" ");
    let text = format!("Commands: {verbs}\nThe session's id, for the postmaster of {}: ", session.policy.hostname);
    Step::Reply(Reply::new(214, 0, 0, "").and(text).and(&session.policy.session))
}
