//! `ENUMERATE`: the accounts of the modules that can list them.

use std::path::Path;

use message::Address;
use zeroize::Zeroizing;

use super::super::{Context, own_ids, store};
use crate::accounts::Store;
use crate::courier::{Entry, Listed, Row};
use crate::{Account, TempFail, maildir};

/// The whole list, with its end. Without one, and so without an answer, if a module fails: a list that is not complete
/// must not look like one that is.
pub(super) async fn rows(context: &Context) -> Result<Zeroizing<Vec<u8>>, TempFail> {
    let data = context.config.load().data.clone();
    let accounts = context.has("accounts");
    let made = tokio::task::spawn_blocking(move || if accounts { of_accounts(&data) } else { Ok(Vec::new()) }).await;
    let listed = made.unwrap_or_else(|error| Err(tempfail(error.to_string())))?;
    let mut out = Zeroizing::new(Vec::new());
    for line in listed.into_iter().chain([Listed::End]) {
        out.extend_from_slice(&line.encode().map_err(|error| tempfail(error.to_string()))?);
    }
    Ok(out)
}

fn of_accounts(data: &Path) -> Result<Vec<Listed>, TempFail> {
    let users = Store::open_existing(&store(data)).and_then(|store| store.users());
    let users = users.map_err(|error| tempfail(error.to_string()))?;
    let row = |text: String| Address::parse(&text).ok().map(|address| Listed::Account(row(data, address)));
    let rows = users.into_iter().filter_map(|user| row(user.address));
    Ok(std::iter::once(Listed::Module("accounts".to_owned())).chain(rows).collect())
}

fn row(data: &Path, address: Address) -> Row {
    let account = Account::new(address.clone(), maildir::of(data, &address));
    let entry = Entry::of(&account, own_ids());
    Row {
        user: address.to_string(),
        uid: entry.uid,
        gid: entry.gid,
        home: entry.home.unwrap_or_default(),
        maildir: entry.maildir.unwrap_or_default(),
        options: entry.options.unwrap_or_default(),
    }
}

fn tempfail(cause: String) -> TempFail {
    TempFail { module: "accounts", cause }
}
