//! Messages on their way in are in memory as a whole. One may be 50 MiB, and there may be thousands of sessions, most of
//! them without a login: all together get so much and no more.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Octets for all messages on their way in; twice the largest message, if that is more.
const ALL: u64 = 512 << 20;

/// What each session has without asking: small mail comes in whatever the others send.
const FREE: u64 = 64 << 10;

/// What is used.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    used: AtomicU64,
}

/// Who sends a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sender {
    /// Somebody without a login. All of them get half: strangers who hold on to it do not keep our own users from sending.
    Stranger,
    /// Somebody with a login.
    Account,
}

/// One session's share; given back when dropped.
#[derive(Debug)]
pub(crate) struct Share {
    memory: Arc<Memory>,
    sender: Sender,
    taken: u64,
}

impl Memory {
    /// A share of nothing yet.
    pub(crate) fn share(self: &Arc<Self>, sender: Sender) -> Share {
        Share { memory: Arc::clone(self), sender, taken: 0 }
    }
}

impl Share {
    /// Makes the share `octets` large. `false` if there is no room: then it stays as it was. `largest` is the size of the
    /// largest message that is let in.
    pub(crate) fn resize(&mut self, octets: usize, largest: u64) -> bool {
        let wanted = (octets as u64).saturating_sub(FREE);
        let used = &self.memory.used;
        if wanted > self.taken {
            let more = wanted - self.taken;
            let before = used.fetch_add(more, Ordering::Relaxed);
            let all = ALL.max(largest.saturating_mul(2));
            let limit = if self.sender == Sender::Stranger { all / 2 } else { all };
            if before.saturating_add(more) > limit {
                used.fetch_sub(more, Ordering::Relaxed);
                return false;
            }
        } else {
            used.fetch_sub(self.taken - wanted, Ordering::Relaxed);
        }
        self.taken = wanted;
        true
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.memory.used.fetch_sub(self.taken, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_together_get_so_much_and_small_messages_always_get_in() {
        let (memory, mib) = (Arc::new(Memory::default()), 1 << 20);
        let mut shares: Vec<Share> = (0..20).map(|_| memory.share(Sender::Account)).collect();
        let taken = shares.iter_mut().filter_map(|share| share.resize(50 * mib, 50 << 20).then_some(())).count();
        assert_eq!(taken, 10);
        assert!(shares[19].resize(64 << 10, 50 << 20), "a small one");
        shares.remove(0);
        assert!(shares[18].resize(50 * mib, 50 << 20), "what is given back is there again");
        assert!(shares[18].resize(0, 50 << 20) && shares[17].resize(50 * mib, 50 << 20));
        drop(shares);
        assert_eq!(memory.used.load(Ordering::Relaxed), 0);
        let mut large = memory.share(Sender::Stranger);
        assert!(large.resize(2000 * mib, 2000 << 20), "one that is let in has room");
    }

    #[test]
    fn strangers_leave_half_of_it_to_accounts() {
        let (memory, mib) = (Arc::new(Memory::default()), 1 << 20);
        let mut strangers: Vec<Share> = (0..20).map(|_| memory.share(Sender::Stranger)).collect();
        let taken = strangers.iter_mut().filter_map(|share| share.resize(50 * mib, 50 << 20).then_some(())).count();
        assert_eq!(taken, 5);
        let mut accounts: Vec<Share> = (0..5).map(|_| memory.share(Sender::Account)).collect();
        assert!(accounts.iter_mut().all(|share| share.resize(50 * mib, 50 << 20)));
    }
}
