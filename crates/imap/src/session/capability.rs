//! What is offered: computed from the state and from what was handed in, never typed into an answer.

use sasl::Mechanism;

/// Where TLS stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// No certificate.
    Unavailable,
    /// STARTTLS can be said.
    Offered,
    /// Inside it.
    Active,
}

/// What this connection may offer now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offers {
    /// Where TLS stands.
    pub tls: Tls,
    /// Mechanisms that somebody here could be verified by, the strongest first. LOGIN (the command) goes with PLAIN.
    pub mechanisms: Vec<Mechanism>,
}

impl Offers {
    /// Whether the command LOGIN may be said (RFC 3501 §6.2.3).
    pub(super) fn login(&self) -> bool {
        self.mechanisms.contains(&Mechanism::Plain)
    }
}

/// In both states. LITERAL+ (RFC 7888), ENABLE (RFC 5161), ID (RFC 2971).
const ALWAYS: &[&str] = &["IMAP4rev1", "LITERAL+", "ENABLE", "ID"];
/// RFC 2177, RFC 2342, RFC 4315, RFC 3691, RFC 6851, RFC 6154, RFC 3348.
const AFTER_LOGIN: &[&str] = &["IDLE", "NAMESPACE", "UIDPLUS", "UNSELECT", "MOVE", "SPECIAL-USE", "CHILDREN"];

/// The names, joined by spaces (RFC 3501 §7.2.1).
pub(super) fn capabilities(offers: &Offers, authenticated: bool) -> String {
    let mut names: Vec<String> = ALWAYS.iter().map(|&n| n.to_owned()).collect();
    if authenticated {
        names.extend(AFTER_LOGIN.iter().map(|&n| n.to_owned()));
        return names.join(" ");
    }
    if offers.tls == Tls::Offered {
        names.push("STARTTLS".to_owned());
    }
    if Mechanism::sasl(&offers.mechanisms).next().is_some() {
        names.push("SASL-IR".to_owned());
    }
    if !offers.login() {
        names.push("LOGINDISABLED".to_owned());
    }
    names.extend(Mechanism::sasl(&offers.mechanisms).map(|m| format!("AUTH={m}")));
    names.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_clear_nothing_is_offered_that_would_give_a_password_away() {
        let offers = Offers { tls: Tls::Offered, mechanisms: vec![Mechanism::ScramSha256] };
        let expected = "IMAP4rev1 LITERAL+ ENABLE ID STARTTLS SASL-IR LOGINDISABLED AUTH=SCRAM-SHA-256";
        assert_eq!(capabilities(&offers, false), expected);
    }

    #[test]
    fn inside_tls_and_after_the_login() {
        let offers = Offers { tls: Tls::Active, mechanisms: vec![Mechanism::Plain, Mechanism::Login] };
        assert_eq!(capabilities(&offers, false), "IMAP4rev1 LITERAL+ ENABLE ID SASL-IR AUTH=PLAIN AUTH=LOGIN");
        assert!(!capabilities(&offers, true).contains("AUTH="));
        assert!(capabilities(&offers, true).contains(" IDLE "));
    }
}
