//! LIST and LSUB (RFC 3501 §6.3.8, §6.3.9, RFC 3348, RFC 6154).

use std::collections::BTreeSet;

use ::imap::response::{DELIMITER, Mailbox, MailboxAttribute, Reply, list};
use ::imap::{List, list_matches, parents};
use mailbox::{FolderInfo, SpecialUse};

use super::driver::Driver;
use super::refusal::Failure;

impl Driver {
    pub(super) async fn list(&mut self, wanted: &List) -> Result<Reply, Failure> {
        let mut out = Vec::new();
        if wanted.pattern.is_empty() {
            // RFC 3501 §6.3.8: what the delimiter is, and the root of the reference: none here.
            list(&mut out, "LIST", &Mailbox { name: "", attributes: vec![MailboxAttribute::NoSelect] });
        } else {
            let home = self.home()?;
            let folders = self.client.context.store.folders(&home).await?;
            let pattern = pattern(wanted);
            for folder in folders.iter().filter(|f| list_matches(&pattern, &f.name)) {
                let attributes = attributes(folder, &folders);
                list(&mut out, "LIST", &Mailbox { name: &folder.name, attributes });
            }
        }
        self.client.send(&out).await?;
        Ok(Reply::ok("LIST completed"))
    }

    pub(super) async fn lsub(&mut self, wanted: &List) -> Result<Reply, Failure> {
        let home = self.home()?;
        let subscribed: BTreeSet<String> = self.client.context.store.subscriptions(&home).await?.into_iter().collect();
        let pattern = pattern(wanted);
        let mut out = Vec::new();
        let (found, others): (Vec<&String>, Vec<&String>) = subscribed.iter().partition(|n| list_matches(&pattern, n));
        for name in found {
            list(&mut out, "LSUB", &Mailbox { name, attributes: Vec::new() });
        }
        // RFC 3501 §6.3.9: where `%` stops above a subscribed name, that level is told, as not selectable.
        let above: BTreeSet<&str> = others.into_iter().flat_map(|name| parents(name)).collect();
        for name in above.into_iter().filter(|n| !subscribed.contains(*n) && list_matches(&pattern, n)) {
            list(&mut out, "LSUB", &Mailbox { name, attributes: vec![MailboxAttribute::NoSelect] });
        }
        self.client.send(&out).await?;
        Ok(Reply::ok("LSUB completed"))
    }
}

/// RFC 3501 §6.3.8: the reference is put in front.
fn pattern(wanted: &List) -> String {
    format!("{}{}", wanted.reference, wanted.pattern)
}

fn attributes(folder: &FolderInfo, all: &[FolderInfo]) -> Vec<MailboxAttribute> {
    let below = |f: &FolderInfo| f.name.strip_prefix(&folder.name).is_some_and(|rest| rest.starts_with(DELIMITER));
    let children = match all.iter().any(below) {
        true => MailboxAttribute::HasChildren,
        false => MailboxAttribute::HasNoChildren,
    };
    let no_select = (!folder.selectable).then_some(MailboxAttribute::NoSelect);
    let special = folder.special_use.map(|special| match special {
        SpecialUse::Archive => MailboxAttribute::Archive,
        SpecialUse::Drafts => MailboxAttribute::Drafts,
        SpecialUse::Junk => MailboxAttribute::Junk,
        SpecialUse::Sent => MailboxAttribute::Sent,
        SpecialUse::Trash => MailboxAttribute::Trash,
    });
    no_select.into_iter().chain([children]).chain(special).collect()
}
