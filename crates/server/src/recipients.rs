//! Whose mailbox an address is, for local delivery.

use auth::{Auth, Resolution};
use mailbox::{Recipients, Whereabouts};
use message::Address;
use queue::Future;

/// The accounts, as local delivery sees them.
pub(crate) struct Accounts(pub(crate) Auth);

impl Recipients for Accounts {
    fn maildir<'a>(&'a self, address: &'a Address) -> Future<'a, Whereabouts> {
        Box::pin(async move {
            match self.0.resolve(address).await {
                Resolution::Alias(targets) => self.first_account(&targets).await,
                other => whereabouts(other),
            }
        })
    }
}

impl Accounts {
    /// Aliases are expanded when a message is taken in, so only what the queue itself writes (a bounce to somebody who
    /// sends as an alias) comes here: it goes to the first of the targets that has a mailbox here.
    async fn first_account(&self, targets: &[Address]) -> Whereabouts {
        for target in targets {
            match whereabouts(self.0.resolve(target).await) {
                Whereabouts::NoSuchUser => {}
                found => return found,
            }
        }
        Whereabouts::NoSuchUser
    }
}

fn whereabouts(resolution: Resolution) -> Whereabouts {
    match resolution {
        Resolution::Account(account) => Whereabouts::Maildir(account.maildir),
        Resolution::Alias(_) | Resolution::Unknown => Whereabouts::NoSuchUser,
        Resolution::TempFail(failure) => Whereabouts::Unavailable(failure.to_string()),
    }
}
