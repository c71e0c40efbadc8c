//! `[auth]`

use std::time::Duration;

use message::Domain;

use crate::kinds::{DAY, MINUTE, count, domain, duration, flag, list, optional, word};
use crate::section::section;

section! {
    /// Who may log in. See `auth.md`.
    pub struct Auth = "auth" "[auth]" {
        /// The modules that know accounts, asked in this order.
        chain: Vec<String> = vec!["accounts".to_owned()] => list(word(&["accounts"]));
        /// Passwords are taken inside TLS only: AUTH, LOGIN and USER/PASS are neither offered nor accepted before.
        require_tls: bool = true => flag();
        /// The domain of a login name that has no `@`.
        default_domain: Option<Domain> = None => optional(domain());
        /// The longest time that a verified password is remembered (as a keyed hash, in memory), so that a phone that
        /// comes back every minute does not cost a password hash each time. `"0"` switches it off.
        remember: Duration = 10 * MINUTE => duration(Duration::ZERO..=DAY);
        /// Password hashes computed at the same time. Each takes 19 MiB of memory and one core for about 30 ms.
        hash_workers: usize = 2 => count(1..=64);
    }
}
