//! Folders as a whole: list, create, delete, rename.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::account::{Account, Look};
use crate::folder_name::normal;
use crate::layout::{self, at, make_folder, special_use};
use crate::reconcile::new_folder;
use crate::site::Site;
use crate::store::{FolderInfo, FolderName, StoreError};
use crate::transfer::{Mode, transfer};

/// All folders, INBOX first, then by name; parents that are only names are not selectable.
pub(crate) fn list(home: &Path) -> Result<Vec<FolderInfo>, StoreError> {
    let there: BTreeSet<FolderName> = layout::folders(home)?.into_iter().collect();
    let parents = there.iter().flat_map(|name| ancestors(name)).filter(|name| *name != "INBOX").map(String::from);
    let all: BTreeSet<FolderName> = parents.chain(there.iter().cloned()).collect();
    let inbox = FolderInfo { name: "INBOX".into(), selectable: true, special_use: None };
    let info = |name: FolderName| {
        let selectable = there.contains(&name);
        let special_use = special_use(&name).filter(|_| selectable);
        FolderInfo { name, selectable, special_use }
    };
    Ok(std::iter::once(inbox).chain(all.into_iter().map(info)).collect())
}

/// `A` and `A/B` for `A/B/C`.
fn ancestors(name: &str) -> impl Iterator<Item = &str> {
    name.match_indices('/').map(|(at, _)| &name[..at])
}

/// Makes a folder and the parents that are missing.
pub(crate) fn create(account: &Arc<Account>, name: &str) -> Result<(), StoreError> {
    let site = account.site(name)?;
    if site.path.join("cur").is_dir() {
        return Err(StoreError::Exists(site.name));
    }
    make_with_parents(account, &site)
}

fn make_with_parents(account: &Arc<Account>, site: &Site) -> Result<(), StoreError> {
    let missing = ancestors(&site.name).map(|name| account.site(name)).collect::<Result<Vec<_>, _>>()?;
    for site in missing.iter().chain([site]) {
        if !site.path.join("cur").is_dir() {
            account.exclusively(|change| {
                make_folder(&site.path)?;
                // What a folder of this name left in the index is not this one's.
                change.remove_folder(&site.key)?;
                new_folder(change, site).map(drop)
            })?;
        }
    }
    layout::sync(&account.home)
}

/// Removes a folder; its children stay, as directories of their own.
pub(crate) fn delete(account: &Arc<Account>, name: &str) -> Result<(), StoreError> {
    let site = account.site(name)?;
    if site.name == "INBOX" {
        return Err(StoreError::BadName("INBOX cannot be removed"));
    }
    site.mtimes()?;
    account.exclusively(|change| {
        // Under another name first: a folder that is half removed must not be seen.
        let gone = account.home.join("tmp").join(crate::file_name::unique(&account.shared.host));
        fs::rename(&site.path, &gone).map_err(at(&site.path))?;
        change.remove_folder(&site.key)?;
        account.leave(&site.key);
        fs::remove_dir_all(&gone).map_err(at(&gone))
    })?;
    layout::sync(&account.home)
}

/// Renames a folder and all below it. INBOX stays and gives its messages away (RFC 3501 §6.3.5).
pub(crate) fn rename(account: &Arc<Account>, from: &str, to: &str) -> Result<(), StoreError> {
    let (from, to) = (account.site(from)?, account.site(to)?);
    if to.path.join("cur").is_dir() {
        return Err(StoreError::Exists(to.name));
    }
    if from.name == "INBOX" {
        return empty_inbox(account, from, &to);
    }
    let moves = moves(&account.home, &from.name, &to.name)?;
    if moves.is_empty() {
        return Err(StoreError::NoSuchFolder(from.name));
    }
    for parent in ancestors(&to.name) {
        let parent = account.site(parent)?;
        if !parent.path.join("cur").is_dir() && parent.name != from.name {
            make_with_parents(account, &parent)?;
        }
    }
    for (old, new) in moves {
        rename_one(account, &account.site(&old)?, &account.site(&new)?)?;
    }
    layout::sync(&account.home)
}

/// Old and new names of all folders that move. None may be there already: nothing is renamed half.
fn moves(home: &Path, from: &str, to: &str) -> Result<Vec<(FolderName, FolderName)>, StoreError> {
    let there: BTreeSet<FolderName> = layout::folders(home)?.into_iter().collect();
    let mut moves = Vec::new();
    for name in &there {
        let Some(rest) = name.strip_prefix(from).filter(|rest| rest.is_empty() || rest.starts_with('/')) else {
            continue;
        };
        moves.push((name.clone(), normal(&format!("{to}{rest}"))?));
    }
    // Into its own child: the deepest go first, out of each other's way.
    if to.starts_with(&format!("{from}/")) {
        moves.reverse();
    }
    let leaving: BTreeSet<&FolderName> = moves.iter().map(|(old, _)| old).collect();
    match moves.iter().find(|(_, new)| there.contains(new) && !leaving.contains(new)) {
        Some((_, taken)) => Err(StoreError::Exists(taken.clone())),
        None => Ok(moves),
    }
}

fn rename_one(account: &Arc<Account>, from: &Site, to: &Site) -> Result<(), StoreError> {
    account.exclusively(|change| {
        fs::rename(&from.path, &to.path).map_err(at(&from.path))?;
        change.rename_folder(&from.key, &to.key)?;
        account.leave(&from.key);
        Ok(())
    })
}

fn empty_inbox(account: &Arc<Account>, inbox: Site, to: &Site) -> Result<(), StoreError> {
    make_with_parents(account, to)?;
    let folder = account.enter(inbox);
    let uids: Vec<_> = folder.look(Look::Afresh)?.messages.iter().map(|message| message.uid).collect();
    transfer(&folder, &to.name, &uids, Mode::Move).map(drop)
}
