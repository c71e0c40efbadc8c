//! What keeps us from knowing, in words for the operator.

use ldap3::{LdapError, LdapResult};

/// Why there is no answer. Each is a TEMPFAIL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Trouble {
    /// A key, or a file that one names, cannot be used.
    #[error("{0}")]
    Setting(String),
    /// No connection, or it broke.
    #[error("{url}: {what}")]
    Unreachable {
        /// The server.
        url: String,
        /// Why, and what to do.
        what: String,
    },
    /// The server says no to a question.
    #[error("{url}: {to}: {what}")]
    Refused {
        /// The server.
        url: String,
        /// To what.
        to: String,
        /// Its code by name and number, its text, and what to do.
        what: String,
        /// Its code.
        code: u32,
    },
    /// More than one entry.
    #[error(
        "{url}: {filter} finds more than one entry below {base:?}, so nobody knows whose login it is; make it unique \
         (auth.ldap.filter, auth.ldap.base), or take one of the entries away"
    )]
    Several {
        /// The server.
        url: String,
        /// The filter.
        filter: String,
        /// Below which entry.
        base: String,
    },
    /// An entry that no account can be made of.
    #[error("entry {dn}: {what}")]
    Entry {
        /// Which.
        dn: String,
        /// What is wrong with it.
        what: String,
    },
}

impl Trouble {
    /// From an error of the connection.
    pub(super) fn unreachable(url: &str, error: &LdapError) -> Self {
        let what = match error {
            LdapError::Io { source } => format!("{source}{}", advice(source)),
            LdapError::LdapResult { result } => format!("StartTLS was refused: {}", words(result)),
            LdapError::ResultRecv { .. } | LdapError::OpSend { .. } | LdapError::EndOfStream => {
                "the connection was closed before the answer came; is the server restarting?".to_owned()
            }
            LdapError::FilterParsing => {
                return Self::Setting("auth.ldap.filter or auth.ldap.all_filter is not a filter (RFC 4515)".to_owned());
            }
            LdapError::UrlParsing { .. } | LdapError::UnknownScheme(_) | LdapError::EmptyUnixPath => {
                return Self::Setting(format!("auth.ldap.url: {url} is no LDAP URL: {error}"));
            }
            other => other.to_string(),
        };
        Self::Unreachable { url: url.to_owned(), what }
    }

    /// From a result code that is no judgement.
    pub(super) fn refused(url: &str, to: &str, result: &LdapResult) -> Self {
        Self::Refused { url: url.to_owned(), to: to.to_owned(), what: words(result), code: result.rc }
    }

    /// Whether another connection, or another server, may do better.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            // RFC 4511 §A.2: busy, unavailable.
            Self::Refused { code, .. } => matches!(code, 51 | 52),
            _ => false,
        }
    }
}

fn advice(error: &std::io::Error) -> &'static str {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    if let Some(rustls::Error::InvalidCertificate(_)) = tls {
        return "; is the host in auth.ldap.url one that the certificate names, and its authority in auth.ldap.ca_file?";
    }
    match error.kind() {
        std::io::ErrorKind::ConnectionRefused => "; is slapd running, and is that its port?",
        std::io::ErrorKind::NotFound => "; is that the server's socket?",
        std::io::ErrorKind::PermissionDenied => "; may this user open the server's socket?",
        _ => "",
    }
}

/// A result: its name and number (RFC 4511 §A.1), the server's own words, and what to do.
fn words(result: &LdapResult) -> String {
    let (name, advice) = code(result.rc);
    let mut words = format!("{name} ({})", result.rc);
    if !result.text.is_empty() {
        let text: String = result.text.chars().take(200).map(|c| if c.is_control() { '·' } else { c }).collect();
        words.push_str(&format!(": {text}"));
    }
    if advice.is_empty() { words } else { format!("{words}; {advice}") }
}

/// The name of a result code (RFC 4511 §A.1), and what to do about it.
fn code(code: u32) -> (&'static str, &'static str) {
    match code {
        1 => ("operationsError", "some servers say so to who has not bound: set auth.ldap.bind_dn"),
        2 => ("protocolError", "does the server know StartTLS?"),
        3 => ("timeLimitExceeded", "is the attribute of auth.ldap.filter indexed?"),
        4 => ("sizeLimitExceeded", "raise the server's size limit for auth.ldap.bind_dn"),
        7 => ("authMethodNotSupported", ""),
        8 => ("strongerAuthRequired", "use ldaps:// or auth.ldap.tls = \"starttls\""),
        10 => ("referral", "name the server that holds auth.ldap.base in auth.ldap.url; referrals are not followed"),
        11 => ("adminLimitExceeded", "raise the server's limits for auth.ldap.bind_dn"),
        12 => ("unavailableCriticalExtension", ""),
        13 => ("confidentialityRequired", "use ldaps:// or auth.ldap.tls = \"starttls\""),
        17 => ("undefinedAttributeType", "does the server's schema have the attributes of [auth.ldap]?"),
        18 => ("inappropriateMatching", "does the attribute of auth.ldap.filter take this comparison?"),
        32 => ("noSuchObject", "there is no entry auth.ldap.base, or auth.ldap.bind_dn may not see it"),
        34 => ("invalidDNSyntax", "look at auth.ldap.base and auth.ldap.bind_dn"),
        48 => ("inappropriateAuthentication", "the server wants a login: set auth.ldap.bind_dn"),
        49 => ("invalidCredentials", "look at auth.ldap.bind_dn and auth.ldap.bind_password_file"),
        50 => ("insufficientAccessRights", "let auth.ldap.bind_dn read these entries"),
        51 => ("busy", "the server is overloaded"),
        52 => ("unavailable", "the server is going down, or a part of it is"),
        53 => ("unwillingToPerform", "does the server forbid what was asked, such as to bind without TLS?"),
        80 => ("other", "look at the server's log"),
        _ => ("unknown code", "look at the server's log"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(rc: u32, text: &str) -> LdapResult {
        LdapResult { rc, matched: String::new(), text: text.to_owned(), refs: Vec::new(), ctrls: Vec::new() }
    }

    #[test]
    fn a_code_has_a_name_a_number_and_advice() {
        let trouble = Trouble::refused("ldap://h", "search", &result(51, "too\nmuch"));
        assert_eq!(trouble.to_string(), "ldap://h: search: busy (51): too·much; the server is overloaded");
        assert!(trouble.may_pass() && !Trouble::refused("ldap://h", "search", &result(32, "")).may_pass());
        let refused = LdapError::Io { source: std::io::ErrorKind::ConnectionRefused.into() };
        let trouble = Trouble::unreachable("ldap://h", &refused);
        assert!(trouble.to_string().ends_with("; is slapd running, and is that its port?"), "{trouble}");
    }
}
