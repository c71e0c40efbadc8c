//! `PASSWD`: a new password for an account of our own.

use message::Address;
use sasl::Secret;

use super::super::{Context, store};
use crate::TempFail;
use crate::accounts::{Store, StoreError};
use crate::courier::Reply;

/// Sets it; the old one was right. Other modules' passwords are not ours to change.
pub(super) async fn change(context: &Context, address: Option<&str>, new: Secret) -> Result<Reply, TempFail> {
    let address = address.and_then(|address| Address::parse(address).ok());
    let Some(address) = address.filter(|_| context.has("accounts")) else { return Ok(Reply::Fail) };
    let (path, user) = (store(&context.config.load().data), address.clone());
    let change = move || Store::open_existing(&path).and_then(|store| store.set_password(&user, &new));
    let places = context.places.load_full();
    let _place = places.enter().await.map_err(super::super::busy)?;
    let changed = tokio::task::spawn_blocking(change).await;
    match changed.map_err(|error| TempFail { module: "accounts", cause: error.to_string() })? {
        Ok(()) => {
            tracing::info!(user = %address, "password changed");
            Ok(Reply::Ok)
        }
        Err(error @ (StoreError::NoAccount(_) | StoreError::Password(_))) => {
            tracing::info!(user = %address, %error, "password not changed");
            Ok(Reply::Fail)
        }
        Err(error) => Err(TempFail { module: "accounts", cause: error.to_string() }),
    }
}
