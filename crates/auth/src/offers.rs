//! Which mechanisms are offered, and why: computed, never typed.

use sasl::Mechanism;

use crate::module::{Abilities, Ability, Module};

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

/// What a connection may use, the strongest first. A password is passed on from module to module, so it is enough that
/// one verifies it; the other mechanisms ask for keys before they know who will accept, so every module must have them
/// for every account (MISSION 000-09).
pub(crate) fn offers(modules: &[Box<dyn Module>], channel: Channel) -> Vec<Offer> {
    if channel == Channel::ClearForbidden {
        let why = "no TLS yet, and auth.require_tls is true";
        return Mechanism::ALL.map(|mechanism| Offer { mechanism, offered: false, why: why.to_owned() }).into();
    }
    let never = Ability::No("no module verifies it".to_owned());
    let abilities: Vec<_> = modules.iter().map(|module| module.abilities()).collect();
    let offer = |mechanism: Mechanism| {
        let each = abilities.iter().map(|abilities| ability(abilities, mechanism).unwrap_or(&never));
        let (offered, mut why) = if mechanism.sends_secret() { any(each) } else { all(each) };
        if offered && mechanism.sends_secret() && channel == Channel::ClearAllowed {
            why.push_str("; auth.require_tls is false, so the password travels in clear");
        }
        Offer { mechanism, offered, why }
    };
    Mechanism::ALL.map(offer).into()
}

fn ability(abilities: &Abilities, mechanism: Mechanism) -> Option<&Ability> {
    match mechanism {
        Mechanism::Plain | Mechanism::Login => Some(&abilities.password),
        Mechanism::ScramSha256 => Some(&abilities.scram),
        Mechanism::CramMd5 => Some(&abilities.cram),
        _ => None,
    }
}

fn any<'a>(mut each: impl Iterator<Item = &'a Ability> + Clone) -> (bool, String) {
    let yes = each.clone().find_map(|ability| match ability {
        Ability::Yes(why) => Some(why.clone()),
        Ability::No(_) => None,
    });
    match yes {
        Some(why) => (true, why),
        None => (false, each.next().map_or_else(nothing, text)),
    }
}

fn all<'a>(mut each: impl Iterator<Item = &'a Ability> + Clone) -> (bool, String) {
    let no = each.clone().find(|ability| matches!(ability, Ability::No(_)));
    match (no, each.next()) {
        (Some(no), _) => (false, text(no)),
        (None, Some(yes)) => (true, text(yes)),
        (None, None) => (false, nothing()),
    }
}

fn text(ability: &Ability) -> String {
    match ability {
        Ability::Yes(why) | Ability::No(why) => why.clone(),
    }
}

fn nothing() -> String {
    "auth.chain has no module".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_enough_for_a_password_and_all_are_needed_for_the_others() {
        let (yes, no) = (Ability::Yes("y".to_owned()), Ability::No("n".to_owned()));
        assert_eq!(any([&no, &yes].into_iter()), (true, "y".to_owned()));
        assert_eq!(any([&no].into_iter()), (false, "n".to_owned()));
        assert_eq!(all([&yes, &no].into_iter()), (false, "n".to_owned()));
        assert_eq!(all([&yes, &yes].into_iter()), (true, "y".to_owned()));
        assert!(!any(std::iter::empty()).0 && !all(std::iter::empty()).0);
    }
}
