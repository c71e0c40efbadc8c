//! What a certificate of one of the two ends is good for beside the handshake: `tls-server-end-point`, and a client's login.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use sha2::{Digest, Sha256, Sha384, Sha512};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::signature_algorithm::SignatureAlgorithm;

/// A client's certificate that was verified against the authorities of [`crate::ServerTls::asking_clients`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The mail addresses that it is for: its rfc822 names (RFC 5280 §4.2.1.6), else its common name if that looks like
    /// one.
    pub names: Vec<String>,
    /// SHA-256 of it.
    pub fingerprint: [u8; 32],
}

impl ClientCertificate {
    /// Reads it. What cannot be read names nobody; it is known by its fingerprint then.
    pub(crate) fn of(certificate: &CertificateDer<'_>) -> Self {
        let names = X509Certificate::from_der(certificate).map(|(_, parsed)| names(&parsed)).unwrap_or_default();
        Self { names, fingerprint: Sha256::digest(certificate).into() }
    }
}

fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let extension = certificate.subject_alternative_name().ok().flatten();
    let general = extension.map_or(&[][..], |extension| &extension.value.general_names);
    let mails = general.iter().filter_map(|name| match name {
        GeneralName::RFC822Name(name) => Some(*name),
        _ => None,
    });
    let found: Vec<_> = mails.filter(|name| is_address(name)).map(str::to_owned).collect();
    if !found.is_empty() {
        return found;
    }
    let common = certificate.subject().iter_common_name().filter_map(|name| name.as_str().ok());
    common.filter(|name| is_address(name)).map(str::to_owned).collect()
}

/// Whether it looks like a mail address; whoever judges logins parses it.
fn is_address(name: &str) -> bool {
    let parts = name.rsplit_once('@');
    let clean = name.len() <= 255 && !name.chars().any(|c| c.is_control() || c.is_whitespace());
    clean && parts.is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
}

/// RFC 5929 §4.1: the certificate's hash by the hash of its signature; SHA-256 for MD5 and SHA-1. `None` for signatures
/// without one such hash (Ed25519): there the binding is not defined.
pub(crate) fn server_end_point(certificate: &CertificateDer<'_>) -> Option<Arc<[u8]>> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    let algorithm = parsed.signature_algorithm.algorithm.to_id_string();
    let hash = match algorithm.as_str() {
        // RSASSA-PSS: the hash is a parameter.
        "1.2.840.113549.1.1.10" => match SignatureAlgorithm::try_from(&parsed.signature_algorithm).ok()? {
            SignatureAlgorithm::RSASSA_PSS(parameters) => parameters.hash_algorithm_oid().to_id_string(),
            _ => return None,
        },
        _ => algorithm,
    };
    Some(match hash.as_str() {
        // MD5 and SHA-1 with RSA, SHA-1 with ECDSA, SHA-1 itself; then SHA-256 likewise.
        "1.2.840.113549.1.1.4"
        | "1.2.840.113549.1.1.5"
        | "1.2.840.10045.4.1"
        | "1.3.14.3.2.26"
        | "1.2.840.113549.1.1.11"
        | "1.2.840.10045.4.3.2"
        | "2.16.840.1.101.3.4.2.1" => Sha256::digest(certificate).as_slice().into(),
        "1.2.840.113549.1.1.12" | "1.2.840.10045.4.3.3" | "2.16.840.1.101.3.4.2.2" => {
            Sha384::digest(certificate).as_slice().into()
        }
        "1.2.840.113549.1.1.13" | "1.2.840.10045.4.3.4" | "2.16.840.1.101.3.4.2.3" => {
            Sha512::digest(certificate).as_slice().into()
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair, SanType, SignatureAlgorithm};

    use super::*;

    fn certificate(algorithm: &'static SignatureAlgorithm, common: &str, mails: &[&str]) -> CertificateDer<'static> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, common);
        params.subject_alt_names = mails.iter().map(|mail| SanType::Rfc822Name((*mail).try_into().unwrap())).collect();
        params.self_signed(&KeyPair::generate_for(algorithm).unwrap()).unwrap().der().clone()
    }

    #[test]
    fn names_are_mail_addresses() {
        let names = |common: &str, mails: &[&str]| {
            ClientCertificate::of(&certificate(&rcgen::PKCS_ECDSA_P256_SHA256, common, mails)).names
        };
        assert_eq!(names("b@x", &["a@example.test", "c@example.test"]), ["a@example.test", "c@example.test"]);
        assert_eq!(names("alice@example.test", &[]), ["alice@example.test"]);
        assert!(names("Alice Liddell", &[]).is_empty() && names("@x", &["x@", "a b@c"]).is_empty());
        let broken = ClientCertificate::of(&CertificateDer::from(vec![1, 2, 3]));
        assert!(broken.names.is_empty() && broken.fingerprint != [0; 32]);
    }

    /// RFC 5929 §4.1.
    #[test]
    fn the_end_point_goes_by_the_signatures_hash() {
        let lengths = [
            (&rcgen::PKCS_ECDSA_P256_SHA256, Some(32)),
            (&rcgen::PKCS_ECDSA_P384_SHA384, Some(48)),
            (&rcgen::PKCS_ED25519, None),
        ];
        for (algorithm, length) in lengths {
            let certificate = certificate(algorithm, "mail.example.test", &[]);
            assert_eq!(server_end_point(&certificate).map(|hash| hash.len()), length);
        }
        let certificate = certificate(&rcgen::PKCS_ECDSA_P256_SHA256, "x", &[]);
        assert_eq!(server_end_point(&certificate).as_deref(), Some(Sha256::digest(&certificate).as_slice()));
    }
}
