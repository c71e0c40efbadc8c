//! Mechanisms that some clients are not offered (`[[auth.hide]]`, MISSION 000-15). What is hidden is not accepted either:
//! one list serves both.

use std::net::IpAddr;

use config::{Hide, Service};
use sasl::Mechanism;

/// What is known of a client so far.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Its name in EHLO.
    pub(crate) ehlo: Option<String>,
    /// The values of IMAP's ID.
    pub(crate) id: Vec<String>,
}

/// Takes out what is hidden from a client.
pub(crate) fn hide(
    mechanisms: &mut Vec<Mechanism>,
    rules: &[Hide],
    (listener, peer): (Service, IpAddr),
    told: Option<&Told>,
) {
    for rule in rules.iter().filter(|rule| fits(rule, listener, peer, told)) {
        mechanisms.retain(|mechanism| !rule.mechanisms.contains(&mechanism.name()));
    }
}

fn fits(rule: &Hide, listener: Service, peer: IpAddr, told: Option<&Told>) -> bool {
    let ehlo = told.and_then(|told| told.ehlo.as_deref());
    let id = told.map(|told| told.id.as_slice()).unwrap_or_default();
    (rule.listener.is_empty() || rule.listener.contains(&listener))
        && (rule.from.is_empty() || rule.from.iter().any(|network| network.contains(peer)))
        && rule.ehlo.as_ref().is_none_or(|glob| ehlo.is_some_and(|name| glob.fits(name)))
        && rule.id.as_ref().is_none_or(|glob| id.iter().any(|value| glob.fits(value)))
}

#[cfg(test)]
mod tests {
    use config::Glob;

    use super::*;

    fn left(rule: Hide, told: Option<&Told>) -> usize {
        let mut mechanisms = Mechanism::ALL.to_vec();
        hide(&mut mechanisms, &[rule], (Service::Submission, IpAddr::from([192, 0, 2, 1])), told);
        Mechanism::ALL.len() - mechanisms.len()
    }

    fn rule() -> Hide {
        let (from, ehlo, id, listener) = (Vec::new(), None, None, Vec::new());
        Hide { from, ehlo, id, listener, mechanisms: vec!["CRAM-MD5"] }
    }

    /// MISSION 000-15: by address, EHLO name, ID and listener, and all that a rule says must fit.
    #[test]
    fn a_rule_hides_from_those_that_it_names() {
        let from = |text: &str| vec![text.parse().expect("a network")];
        assert_eq!(left(rule(), None), 1);
        assert_eq!(left(Hide { from: from("192.0.2.0/24"), ..rule() }, None), 1);
        assert_eq!(left(Hide { from: from("198.51.100.0/24"), ..rule() }, None), 0);
        assert_eq!(left(Hide { listener: vec![Service::Imap], ..rule() }, None), 0);
        let phone = Told { ehlo: Some("Nokia-E51.local".to_owned()), id: vec!["K-9 Mail".to_owned()] };
        let ehlo = Hide { ehlo: Some(Glob::new("nokia*")), ..rule() };
        assert_eq!((left(ehlo.clone(), None), left(ehlo.clone(), Some(&phone))), (0, 1));
        let both = Hide { from: from("198.51.100.0/24"), ..ehlo };
        assert_eq!(left(both, Some(&phone)), 0);
        let id = Hide { id: Some(Glob::new("k-9*")), ..rule() };
        assert_eq!((left(id.clone(), Some(&Told::default())), left(id, Some(&phone))), (0, 1));
    }

    /// The config knows every mechanism by its name.
    #[test]
    fn every_mechanism_can_be_hidden() {
        for mechanism in Mechanism::ALL {
            let text = format!(
                "hostname = \"h.example\"\ndata = \"/d\"\ndomains = []\n[[auth.hide]]\nmechanisms = [\"{mechanism}\"]"
            );
            let loaded = config::parse(std::path::Path::new("/c.toml"), &text);
            assert!(loaded.is_ok_and(|loaded| loaded.config.hide.len() == 1), "{mechanism}");
        }
    }
}
