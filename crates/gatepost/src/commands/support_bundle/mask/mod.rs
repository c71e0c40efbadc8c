//! Taking secrets out of what is to leave the machine, in three passes: the config by its keys ([`settings`]); every text by
//! what secrets look like ([`forms`]); and everything by the secrets that are known here ([`Sieve`]).

mod forms;
mod settings;
mod sieve;

pub(super) use forms::scrub;
pub(super) use settings::{Masked, config};
pub(super) use sieve::Sieve;

/// What stands in the place of a secret.
pub(super) const MASK: &str = "[masked]";
