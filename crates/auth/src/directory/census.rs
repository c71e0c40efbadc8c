//! What the accounts of a store keep, counted: the ground on which mechanisms are offered.

use sasl::scram;

use crate::module::{Abilities, Ability};
use crate::scheme::Stored;

/// Counts over the active accounts of a store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Census {
    /// All of them.
    accounts: usize,
    /// Those that keep the password itself.
    clear: usize,
    /// Those that could use CRAM-MD5.
    cram: usize,
    /// Those that could use SCRAM-SHA-1.
    scram_sha1: usize,
    /// Those that could use SCRAM-SHA-256.
    scram_sha256: usize,
    /// Rounds of a stored SCRAM key, for keys that are invented to look like it.
    iterations: Option<u32>,
    /// Why the accounts cannot be counted, if so.
    uncounted: Option<String>,
}

impl Census {
    /// Of a store that does not list its accounts; `why` in words for the operator.
    pub(crate) fn uncounted(why: impl Into<String>) -> Self {
        Self { uncounted: Some(why.into()), ..Self::default() }
    }

    /// Counts an active account by the forms in which its password is kept.
    pub(crate) fn count(&mut self, stored: &[Stored]) {
        self.accounts += 1;
        let any = |test: fn(&Stored) -> bool| usize::from(stored.iter().any(test));
        self.clear += any(|form| form.clear().is_some());
        self.cram += any(Stored::serves_cram);
        self.scram_sha1 += any(|form| form.serves_scram(scram::Hash::Sha1));
        self.scram_sha256 += any(|form| form.serves_scram(scram::Hash::Sha256));
        self.iterations = self.iterations.or_else(|| stored.iter().find_map(Stored::iterations));
    }

    /// Rounds of the SCRAM keys that are kept, or derived.
    pub(crate) fn iterations(&self) -> Option<u32> {
        // Keys that are derived from a password in clear have the fewest rounds that clients take.
        self.iterations.or((self.clear > 0).then_some(scram::MIN_ITERATIONS))
    }

    /// What the store can verify.
    pub(crate) fn abilities(&self, store: &str) -> Abilities {
        let of = |can: usize, what: &str| self.ability(store, can, what);
        Abilities {
            password: Ability::Yes(format!("{store} verifies passwords against what it keeps")),
            cram: of(self.cram, "the password in clear or its CRAM-MD5 key"),
            apop: of(self.clear, "the password in clear"),
            scram_sha1: of(self.scram_sha1, "SCRAM-SHA-1 keys"),
            scram_sha256: of(self.scram_sha256, "SCRAM-SHA-256 keys"),
            token: Ability::Abstains,
            certificate: Ability::Yes(format!("{store} tells whose the certificate's address is")),
        }
    }

    fn ability(&self, store: &str, can: usize, what: &str) -> Ability {
        let all = self.accounts;
        match (&self.uncounted, can) {
            (Some(why), _) => Ability::No(format!("{store}: {why}, so nobody knows who keeps {what}")),
            (None, _) if all == 0 => Ability::Abstains,
            (None, can) if can == all => Ability::Yes(format!("{store}: all active accounts ({all}) keep {what}")),
            (None, 0) => Ability::No(format!("{store}: none of {all} active accounts keeps {what}")),
            (None, can) => Ability::Some(format!("{store}: {} of {all} active accounts do not keep {what}", all - can)),
        }
    }
}

#[cfg(test)]
mod tests {
    use sasl::Secret;

    use super::*;

    fn hash() -> Stored {
        Stored::parse("{SHA256}47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", crate::scheme::Bare::Crypt)
            .expect("a hash")
    }

    /// MISSION 000-09: what no account keeps is not offered, and the reason has numbers.
    #[test]
    fn abilities_are_counted() {
        let mut census = Census::default();
        assert_eq!(census.abilities("userdb").cram, Ability::Abstains);
        census.count(&[hash()]);
        let words = "userdb: none of 1 active accounts keeps the password in clear or its CRAM-MD5 key";
        assert_eq!(census.abilities("userdb").cram, Ability::No(words.to_owned()));
        census.count(&[hash(), Stored::Clear(Secret::new("x"))]);
        let words = "userdb: 1 of 2 active accounts do not keep the password in clear or its CRAM-MD5 key";
        assert_eq!(census.abilities("userdb").cram, Ability::Some(words.to_owned()));
        assert!(matches!(Census::uncounted("no all_query").abilities("ldap").apop, Ability::No(_)));
    }
}
