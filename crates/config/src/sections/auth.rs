//! `[auth]`

use std::path::PathBuf;
use std::time::Duration;

use message::Domain;

use super::Modules;
use crate::kinds::{
    DAY, GIB, HOUR, KIB, MIB, MINUTE, SECOND, choice, count, domain, duration, flag, modules, optional, path, size,
};
use crate::section::section;

/// For whom a mechanism must be possible before it is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfferWhen {
    /// Every active account.
    All,
    /// At least one.
    Any,
}

/// What becomes of a session whose client would log in in clear against `require_tls`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnCleartext {
    /// It is told, and goes on.
    Reply,
    /// It is told, and ends.
    Close,
}

section! {
    /// Who may log in. See `auth.md`.
    pub struct Auth = "auth" "[auth]" {
        /// The modules that know accounts, asked in this order. Each has a section of its own: `[auth.ldap]`.
        chain: Vec<String> = vec!["accounts".to_owned()] => modules(Modules::NAMES);
        /// Passwords are taken inside TLS only: AUTH, LOGIN and USER/PASS are neither offered nor accepted before.
        require_tls: bool = true => flag();
        /// What follows a login in clear against `require_tls`. It is refused without being looked at in any case.
        /// `"reply"` lets the session go on; `"close"` ends it after the refusal, so that a client that tries one mechanism
        /// after the other does not get to send the password by the next one.
        on_cleartext: OnCleartext = OnCleartext::Reply
            => choice(&[("reply", OnCleartext::Reply), ("close", OnCleartext::Close)]);
        /// When a mechanism that needs more than a password (CRAM-MD5, SCRAM, APOP) is offered: when all active accounts of
        /// all modules could use it, or when any could. With `"any"`, others are refused when they try it.
        offer_when: OfferWhen = OfferWhen::All => choice(&[("all", OfferWhen::All), ("any", OfferWhen::Any)]);
        /// The domain of a login name that has no `@`.
        default_domain: Option<Domain> = None => optional(domain());
        /// The longest time that a verified password is remembered (as a keyed hash, in memory), so that a phone that
        /// comes back every minute does not cost a password hash each time. `"0"` switches it off.
        remember: Duration = 10 * MINUTE => duration(Duration::ZERO..=DAY);
        /// Password hashes computed at the same time. Each takes 19 MiB of memory and one core for about 30 ms.
        hash_workers: usize = 2 => count(1..=64);
        /// How often the modules are asked what their accounts keep, which is what the list of offered mechanisms is
        /// computed from, and whether they answer.
        survey: Duration = 5 * MINUTE => duration(SECOND..=HOUR);
        /// The socket of a `gatepost authd` that holds the chain in a process of its own.
        socket: Option<PathBuf> = None => optional(path());
        /// How much room the login attempts take that `gatepost auth log` shows. The oldest go first.
        log_size: u64 = 16 * MIB => size(64 * KIB..=16 * GIB);
        /// How often the server tries each mechanism that it offers against itself, with an account that is not there
        /// for anybody else. One that fails is not offered any more. Once at the start in any case, unless it is `"0"`.
        self_test: Duration = HOUR => duration(Duration::ZERO..=DAY);
    }
}
