//! Aliases, followed to their ends.

use std::collections::HashSet;

use message::Address;

use crate::guard::Guarded;
use crate::module::Found;
use crate::trail::Trail;
use crate::{Resolution, chain, login_name};

/// Addresses that one recipient may become: a loop of aliases ends by itself, a bomb of them ends here.
const MAX_TARGETS: usize = 1000;

/// Who receives mail for an address.
pub(crate) async fn resolve(modules: &[Guarded], recipient: &Address) -> Resolution {
    match found(modules, recipient).await {
        Found::Account(account) => Resolution::Account(*account),
        Found::Unknown => Resolution::Unknown,
        Found::TempFail(tempfail) => Resolution::TempFail(tempfail),
        Found::Targets(targets) => expand(modules, recipient, targets).await,
    }
}

/// The account or alias of an address: with its `+detail` or, failing that, without (RFC 5233).
async fn found(modules: &[Guarded], recipient: &Address) -> Found {
    let found = chain::lookup(modules, recipient, &Trail::default()).await;
    let (Found::Unknown, (local, Some(_))) = (&found, recipient.split_detail()) else { return found };
    match Address::parse(&format!("{local}@{}", recipient.domain())) {
        Ok(plain) => chain::lookup(modules, &plain, &Trail::default()).await,
        // A quoted local part that is none without its detail.
        Err(_) => found,
    }
}

/// The ends of an alias: accounts, addresses elsewhere, and local ones that nobody has, which will bounce instead of
/// vanishing. An alias that only leads back to itself has no end, and is nobody.
async fn expand(modules: &[Guarded], start: &Address, targets: Vec<Address>) -> Resolution {
    let mut seen = HashSet::from([login_name::key(start)]);
    let mut open = targets;
    let mut ends = Vec::new();
    while let Some(address) = open.pop() {
        if !seen.insert(login_name::key(&address)) {
            continue;
        }
        if seen.len() > MAX_TARGETS {
            tracing::warn!(alias = %start, max = MAX_TARGETS, "an alias with too many targets: the rest is left out");
            break;
        }
        match chain::lookup(modules, &address, &Trail::default()).await {
            Found::Targets(more) => open.extend(more),
            Found::Account(_) | Found::Unknown => ends.push(address),
            Found::TempFail(tempfail) => return Resolution::TempFail(tempfail),
        }
    }
    if ends.is_empty() {
        tracing::warn!(alias = %start, "an alias that leads to nobody");
        return Resolution::Unknown;
    }
    ends.sort();
    Resolution::Alias(ends)
}
