//! SEARCH (RFC 3501 §6.4.4): by what the index knows as far as that goes, messages are read only where it does not.

use std::sync::Arc;

use ::imap::response::{self, Reply};
use ::imap::{Candidate, Numbering, Search, Texts};
use mailbox::{Meta, StoreError};

use super::driver::Driver;
use super::flags::{Recent, has};
use super::refusal::Failure;
use super::view::{Expunges, View};

impl Driver {
    pub(super) async fn search(&mut self, search: &Search) -> Result<Reply, Failure> {
        let selected = self.selected()?;
        let folder = Arc::clone(&selected.folder);
        let mut found = Vec::new();
        for sequence in 1..=selected.view.exists() {
            let Some(meta) = selected.view.message(sequence) else { break };
            let quick = matches(search, &selected.view, sequence, meta, None);
            let hit = match quick {
                Some(hit) => hit,
                None => match folder.read(meta.uid).await {
                    Ok(raw) => matches(search, &selected.view, sequence, meta, Some(&raw)) == Some(true),
                    Err(StoreError::Gone) => false,
                    Err(error) => return Err(error.into()),
                },
            };
            if quick.is_none() {
                // Decoding takes a while: the other sessions on this thread come in between.
                tokio::task::yield_now().await;
            }
            if hit {
                found.push(if search.numbering == Numbering::Uid { meta.uid } else { sequence });
            }
        }
        let mut out = Vec::new();
        response::search(&mut out, &found);
        self.client.send(&out).await?;
        self.tell(Expunges::during(search.numbering)).await?;
        Ok(Reply::ok("SEARCH completed"))
    }
}

fn matches(search: &Search, view: &View, sequence: u32, meta: &Meta, raw: Option<&[u8]>) -> Option<bool> {
    let candidate = Candidate {
        sequence,
        last_sequence: view.exists(),
        uid: meta.uid,
        last_uid: view.last_uid(),
        has: &|flag| has(meta, flag),
        recent: view.recent(meta.uid) == Recent::Yes,
        size: meta.size,
        internal_date: meta.internal_date,
    };
    search.key.matches(&candidate, raw.map(Texts::new).as_ref())
}
