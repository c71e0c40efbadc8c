//! DMARC (RFC 7489): what receivers do with mail that neither SPF nor DKIM vouches for.

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dmarc {
    /// `p`: `none`, `quarantine`, `reject`.
    pub policy: String,
    /// `sp`, for subdomains.
    pub subdomains: Option<String>,
    /// `rua`: where reports go.
    pub reports: Option<String>,
}

/// Why a record is none that receivers follow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DmarcError {
    /// Without `p` there is nothing to do.
    #[error("it has no p=")]
    NoPolicy,
    /// A word that is none of the three.
    #[error("p={0} is none of none, quarantine and reject")]
    Policy(String),
}

impl Dmarc {
    /// Whether a text is meant as one: the version comes first, in these very letters (RFC 7489 §6.3).
    pub fn is_meant(text: &str) -> bool {
        let first = text.split(';').next().unwrap_or_default();
        first.split_once('=').is_some_and(|(tag, value)| tag.trim() == "v" && value.trim() == "DMARC1")
    }

    /// Reads it.
    ///
    /// # Errors
    /// See [`DmarcError`].
    pub fn parse(text: &str) -> Result<Self, DmarcError> {
        let tags = || text.split(';').skip(1).filter_map(|tag| tag.split_once('='));
        let value = |wanted: &str| {
            tags().find(|(tag, _)| tag.trim().eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim().to_owned())
        };
        let policy = value("p").ok_or(DmarcError::NoPolicy)?.to_ascii_lowercase();
        match policy.as_str() {
            "none" | "quarantine" | "reject" => Ok(Self { policy, subdomains: value("sp"), reports: value("rua") }),
            _ => Err(DmarcError::Policy(policy)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_and_what_is_none() {
        let good = Dmarc::parse("v=DMARC1; p=Reject;sp = none; rua=mailto:d@example.org").expect("a policy");
        assert_eq!((good.policy.as_str(), good.subdomains.as_deref()), ("reject", Some("none")));
        assert_eq!(good.reports.as_deref(), Some("mailto:d@example.org"));
        assert_eq!(Dmarc::parse("v=DMARC1; rua=mailto:x"), Err(DmarcError::NoPolicy));
        assert_eq!(Dmarc::parse("v=DMARC1; p=refuse"), Err(DmarcError::Policy("refuse".into())));
        assert!(Dmarc::is_meant("v = DMARC1;p=none") && !Dmarc::is_meant("v=dmarc1; p=none"));
        assert!(!Dmarc::is_meant("p=none; v=DMARC1") && !Dmarc::is_meant("v=DMARC10"));
    }
}
