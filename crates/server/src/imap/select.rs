//! SELECT, EXAMINE, CLOSE and UNSELECT (RFC 3501 §6.3.1, §6.3.2, §6.4.2, RFC 3691).

use std::path::PathBuf;
use std::sync::Arc;

use ::imap::response::{Code, Reply, flags, number};
use ::imap::{Access, MailboxName};
use mailbox::{Flags, Folder};

use super::driver::Driver;
use super::flags::all_names;
use super::refusal::Failure;
use super::view::View;

/// An open mailbox.
pub(super) struct Selected {
    pub(super) folder: Arc<dyn Folder>,
    pub(super) view: View,
    pub(super) access: Access,
}

impl Driver {
    /// The Maildir of the account that has logged in.
    pub(super) fn home(&self) -> Result<PathBuf, Failure> {
        let account = self.account.as_ref().ok_or_else(|| Reply::bad("log in first"))?;
        Ok(account.maildir.clone())
    }

    /// The open mailbox.
    pub(super) fn selected(&self) -> Result<&Selected, Failure> {
        self.selected.as_ref().ok_or_else(|| Reply::bad("select a mailbox first").into())
    }

    pub(super) async fn select(&mut self, name: MailboxName, access: Access) -> Result<Reply, Failure> {
        // RFC 3501 §6.3.1: the old one is closed first, even if the new one cannot be opened.
        self.selected = None;
        self.session.unselected();
        let home = self.home()?;
        let folder = self.client.context.store.open(&home, &name).await?;
        // Claimed first: a message that arrives in between is told as recent twice rather than never.
        let recent = folder.recent(access == Access::ReadWrite);
        let view = View::new(folder.snapshot(), recent);
        self.client.send(&description(&view, access)).await?;
        tracing::debug!(mailbox = name, messages = view.exists(), "selected");
        self.selected = Some(Selected { folder, view, access });
        self.session.selected(access);
        Ok(match access {
            Access::ReadWrite => Reply::ok("SELECT completed").code(Code::ReadWrite),
            Access::ReadOnly => Reply::ok("EXAMINE completed").code(Code::ReadOnly),
        })
    }

    pub(super) async fn close(&mut self) -> Result<Reply, Failure> {
        if self.selected()?.access == Access::ReadWrite {
            self.remove_deleted(None).await?;
        }
        Ok(self.unselect("CLOSE completed"))
    }

    pub(super) fn unselect(&mut self, text: &'static str) -> Reply {
        self.selected = None;
        self.session.unselected();
        Reply::ok(text)
    }
}

/// What RFC 3501 §6.3.1 demands, in the order that UW had it.
fn description(view: &View, access: Access) -> Vec<u8> {
    let mut out = Vec::new();
    number(&mut out, view.exists(), "EXISTS");
    number(&mut out, view.recent_count(), "RECENT");
    let snapshot = view.snapshot();
    let mut say = |code, text: &'static str| out.extend(Reply::ok(text).code(code).untagged());
    say(Code::UidValidity(snapshot.uid_validity), "UIDs are valid");
    say(Code::UidNext(snapshot.uid_next), "predicted next UID");
    if let Some(unseen) = first_unseen(view) {
        say(Code::Unseen(unseen), "first unseen message");
    }
    let names = all_names(view.messages());
    let permanent = match access {
        Access::ReadWrite => format!("{names} \\*"),
        Access::ReadOnly => String::new(),
    };
    say(Code::PermanentFlags(permanent), "flags that are kept");
    flags(&mut out, &names);
    out
}

fn first_unseen(view: &View) -> Option<u32> {
    let index = view.messages().iter().position(|m| !m.flags.contains(Flags::SEEN))?;
    u32::try_from(index + 1).ok()
}
