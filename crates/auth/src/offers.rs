//! Which mechanisms are offered, and why: computed, never typed.

use config::OfferWhen;
use sasl::Mechanism;

use crate::module::{Abilities, Ability};

/// Whether a mechanism is offered, and why (or why not), in words for `gatepost check`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Which.
    pub mechanism: Mechanism,
    /// Whether.
    pub offered: bool,
    /// "every account stores SCRAM keys", "no TLS yet and auth.require_tls is true"…
    pub why: String,
}

/// How a connection is protected, and whether that is enough for a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    /// Inside TLS.
    Tls,
    /// In clear, and `auth.require_tls` is false.
    ClearAllowed,
    /// In clear, and `auth.require_tls` is true.
    ClearForbidden,
}

/// What the config says about offers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms {
    /// The connection.
    pub(crate) channel: Channel,
    /// `auth.offer_when`
    pub(crate) when: OfferWhen,
    /// Whether clients are asked for certificates (`tls.client_ca`).
    pub(crate) certificates: bool,
}

/// What a connection may use, the strongest first. A password is passed on from module to module, so it is enough that
/// one verifies it; the other mechanisms ask for keys before they know who will accept, so every module must have them
/// for every account (MISSION 000-09), or with `offer_when = "any"` for one.
pub(crate) fn offers(abilities: &[Abilities], terms: Terms) -> Vec<Offer> {
    let offer = |mechanism: Mechanism| {
        let (offered, why) = match terms.forbid(mechanism) {
            Some(why) => (false, why.to_owned()),
            None => terms.judge(abilities, mechanism),
        };
        Offer { mechanism, offered, why }
    };
    Mechanism::ALL.map(offer).into()
}

impl Terms {
    /// Why a mechanism is not offered whatever the modules can.
    fn forbid(self, mechanism: Mechanism) -> Option<&'static str> {
        match (self.channel, mechanism) {
            (Channel::ClearForbidden, _) => Some("no TLS yet, and auth.require_tls is true"),
            (Channel::ClearAllowed, mechanism) if mechanism.is_plus() => Some("there is no TLS to be bound to"),
            (Channel::ClearAllowed, Mechanism::External) => Some("there is no TLS, and so no certificate"),
            (Channel::Tls, Mechanism::External) if !self.certificates => {
                Some("no client is asked for a certificate (tls.client_ca)")
            }
            _ => None,
        }
    }

    fn judge(self, abilities: &[Abilities], mechanism: Mechanism) -> (bool, String) {
        let each: Vec<_> = abilities.iter().map(|abilities| ability(abilities, mechanism)).collect();
        let one_is_enough = mechanism.sends_secret() || mechanism == Mechanism::External || self.when == OfferWhen::Any;
        let (offered, mut why) = if one_is_enough { any(&each) } else { all(&each) };
        if offered && mechanism.sends_secret() && self.channel == Channel::ClearAllowed {
            why.push_str("; auth.require_tls is false, so the password travels in clear");
        }
        (offered, why)
    }
}

/// What a module can do for a mechanism.
pub(crate) fn ability(abilities: &Abilities, mechanism: Mechanism) -> &Ability {
    match mechanism {
        Mechanism::Plain | Mechanism::Login => &abilities.password,
        Mechanism::CramMd5 => &abilities.cram,
        Mechanism::Apop => &abilities.apop,
        Mechanism::ScramSha1 | Mechanism::ScramSha1Plus => &abilities.scram_sha1,
        Mechanism::ScramSha256 | Mechanism::ScramSha256Plus => &abilities.scram_sha256,
        Mechanism::XOAuth2 | Mechanism::OAuthBearer => &abilities.token,
        Mechanism::External => &abilities.certificate,
    }
}

/// One account is enough.
fn any(each: &[&Ability]) -> (bool, String) {
    let yes = each.iter().find(|ability| matches!(ability, Ability::Yes(_) | Ability::Some(_)));
    yes.map_or_else(|| (false, first(each)), |ability| (true, text(ability).to_owned()))
}

/// All accounts of all modules that have any.
fn all(each: &[&Ability]) -> (bool, String) {
    let no = each.iter().find(|ability| matches!(ability, Ability::No(_) | Ability::Some(_)));
    match no {
        Some(no) => (false, text(no).to_owned()),
        None => (each.iter().any(|ability| matches!(ability, Ability::Yes(_))), first(each)),
    }
}

/// What the first module that has something to say says.
fn first(each: &[&Ability]) -> String {
    let said = each.iter().find(|ability| !matches!(ability, Ability::Abstains));
    match (said, each.is_empty()) {
        (Some(said), _) => text(said).to_owned(),
        (None, true) => "auth.chain has no module".to_owned(),
        (None, false) => "no module of the chain has an account that could use it".to_owned(),
    }
}

fn text(ability: &Ability) -> &str {
    match ability {
        Ability::Yes(why) | Ability::Some(why) | Ability::No(why) => why,
        Ability::Abstains => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// MISSION 000-09.
    #[test]
    fn one_is_enough_for_a_password_and_all_are_needed_for_the_others() {
        let (yes, no) = (Ability::Yes("y".to_owned()), Ability::No("n".to_owned()));
        let (some, nothing) = (Ability::Some("s".to_owned()), Ability::Abstains);
        assert_eq!(any(&[&no, &yes]), (true, "y".to_owned()));
        assert_eq!(any(&[&no, &some]), (true, "s".to_owned()));
        assert_eq!(any(&[&nothing, &no]), (false, "n".to_owned()));
        assert_eq!(all(&[&yes, &no]), (false, "n".to_owned()));
        assert_eq!(all(&[&yes, &some]), (false, "s".to_owned()));
        assert_eq!(all(&[&nothing, &yes, &yes]), (true, "y".to_owned()));
        assert!(!any(&[]).0 && !all(&[]).0 && !all(&[&nothing]).0);
    }
}
