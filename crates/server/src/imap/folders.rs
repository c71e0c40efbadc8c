//! CREATE, DELETE, RENAME, SUBSCRIBE, STATUS (RFC 3501 §6.3).

use ::imap::response::{self, Code, DELIMITER, Reply};
use ::imap::{Rename, StatusItem, Subscription};

use super::driver::Driver;
use super::refusal::Failure;

impl Driver {
    pub(super) async fn create(&mut self, name: &str) -> Result<Reply, Failure> {
        // RFC 3501 §6.3.3: a delimiter at the end only says that children will follow.
        let name = name.strip_suffix(DELIMITER).unwrap_or(name);
        let home = self.home()?;
        self.client.context.store.create(&home, name).await?;
        Ok(Reply::ok("CREATE completed"))
    }

    pub(super) async fn delete(&mut self, name: &str) -> Result<Reply, Failure> {
        if name == "INBOX" {
            return Err(Reply::no("INBOX cannot be deleted").code(Code::Cannot).into());
        }
        let home = self.home()?;
        self.client.context.store.delete(&home, name).await?;
        Ok(Reply::ok("DELETE completed"))
    }

    pub(super) async fn rename(&mut self, rename: &Rename) -> Result<Reply, Failure> {
        let home = self.home()?;
        let to = rename.to.strip_suffix(DELIMITER).unwrap_or(&rename.to);
        self.client.context.store.rename(&home, &rename.from, to).await?;
        Ok(Reply::ok("RENAME completed"))
    }

    pub(super) async fn subscribe(&mut self, name: &str, wanted: Subscription) -> Result<Reply, Failure> {
        let home = self.home()?;
        self.client.context.store.subscribe(&home, name, wanted == Subscription::Wanted).await?;
        Ok(match wanted {
            Subscription::Wanted => Reply::ok("SUBSCRIBE completed"),
            Subscription::Unwanted => Reply::ok("UNSUBSCRIBE completed"),
        })
    }

    pub(super) async fn status(&mut self, name: &str, items: &[StatusItem]) -> Result<Reply, Failure> {
        let home = self.home()?;
        let status = self.client.context.store.status(&home, name).await?;
        let value = |item: &StatusItem| match item {
            StatusItem::Messages => status.messages,
            StatusItem::Recent => status.recent,
            StatusItem::UidNext => status.uid_next,
            StatusItem::UidValidity => status.uid_validity,
            StatusItem::Unseen => status.unseen,
        };
        let values: Vec<_> = items.iter().map(|item| (*item, value(item))).collect();
        let mut out = Vec::new();
        response::status(&mut out, name, &values);
        self.client.send(&out).await?;
        Ok(Reply::ok("STATUS completed"))
    }
}
