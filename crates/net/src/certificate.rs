//! What a certificate says of itself, for `gatepost check` and the log.

use std::path::Path;

use rustls::pki_types::CertificateDer;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate, X509Error};

use crate::TlsError;

/// What a certificate says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFacts {
    /// The DNS names and addresses it is good for (RFC 9525 §6: those of its `subjectAltName` alone).
    pub names: Vec<String>,
    /// Whose it is.
    pub subject: String,
    /// Who signed it; the same as `subject` where it signed itself.
    pub issuer: String,
    /// First second at which it is good, seconds since 1970.
    pub not_before: i64,
    /// Last second at which it is good, seconds since 1970.
    pub not_after: i64,
}

impl CertificateFacts {
    /// Reads the first certificate of a PEM file.
    ///
    /// # Errors
    /// See [`TlsError`].
    pub fn load(path: &Path) -> Result<Self, TlsError> {
        Self::of(&crate::tls::read_chain(path)?, path)
    }

    /// The facts of the first certificate; `path` is for the error alone.
    pub(crate) fn of(chain: &[CertificateDer<'_>], path: &Path) -> Result<Self, TlsError> {
        let damaged = |reason: String| TlsError::Damaged { path: path.to_owned(), reason };
        let first = chain.first().ok_or_else(|| TlsError::NoCertificate(path.to_owned()))?;
        Self::read(first).map_err(|error| damaged(error.to_string()))
    }

    /// The facts of one certificate.
    pub(crate) fn read(certificate: &CertificateDer<'_>) -> Result<Self, X509Error> {
        let (_, certificate) = X509Certificate::from_der(certificate).map_err(X509Error::from)?;
        let names = certificate.subject_alternative_name()?;
        let names = names.map_or(&[][..], |extension| &extension.value.general_names);
        Ok(Self {
            names: names.iter().filter_map(name).collect(),
            subject: certificate.subject().to_string(),
            issuer: certificate.issuer().to_string(),
            not_before: certificate.validity().not_before.timestamp(),
            not_after: certificate.validity().not_after.timestamp(),
        })
    }

    /// Whole days until it expires, seen from `now` (seconds since 1970); negative afterwards.
    pub fn days_left(&self, now: i64) -> i64 {
        (self.not_after - now).div_euclid(86_400)
    }

    /// Whether it is good for a name, without case; `*.` stands for one label (RFC 9525 §6.3).
    pub fn covers(&self, host: &str) -> bool {
        self.names.iter().any(|name| match name.strip_prefix("*.") {
            Some(parent) => host.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent)),
            None => name.eq_ignore_ascii_case(host),
        })
    }
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(octets) => match octets.len() {
            4 => Some(std::net::IpAddr::from(<[u8; 4]>::try_from(*octets).ok()?).to_string()),
            _ => Some(std::net::IpAddr::from(<[u8; 16]>::try_from(*octets).ok()?).to_string()),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_one_label() {
        let names = vec!["*.example.org".to_owned(), "mail.example.com".to_owned()];
        let (subject, issuer) = (String::new(), String::new());
        let facts = CertificateFacts { names, subject, issuer, not_before: 0, not_after: 86_400 * 10 };
        assert!(facts.covers("MX.example.org") && facts.covers("mail.EXAMPLE.com"));
        assert!(!facts.covers("a.b.example.org") && !facts.covers("example.org"));
        assert_eq!((facts.days_left(0), facts.days_left(86_400 * 10 + 1)), (10, -1));
    }
}
