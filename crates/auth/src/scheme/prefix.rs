//! `{SCHEME}value`: which scheme a text is of.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sasl::{Secret, cram, scram};

use super::crypt::Crypt;
use super::digest::{Algorithm, Salted, hex};
use super::pbkdf2::Pbkdf2;
use super::{SchemeError, Stored};

/// Longest stored form, octets: all real ones are far shorter.
const LONGEST: usize = 4096;

/// Most rounds of a SCRAM key: one more verification of a password must not take minutes.
const MAX_ITERATIONS: u32 = 10_000_000;

/// What a text without a prefix is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bare {
    /// A hash of crypt(3).
    Crypt,
    /// The password itself.
    Clear,
}

/// How the octets of a digest are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Base64,
    Hex,
}

pub(super) fn parse(text: &str, bare: Bare) -> Result<Stored, SchemeError> {
    if text.len() > LONGEST {
        return Err(malformed("password", "it is longer than 4096 octets"));
    }
    let Some((name, value)) = text.strip_prefix('{').and_then(|rest| rest.split_once('}')) else {
        return match bare {
            Bare::Clear => Ok(Stored::Clear(Secret::new(text))),
            Bare::Crypt => crypt(text),
        };
    };
    let name = name.to_ascii_uppercase();
    let (scheme, encoding) = match name.rsplit_once('.') {
        Some((scheme, "HEX")) => (scheme, Some(Encoding::Hex)),
        Some((scheme, "B64" | "BASE64")) => (scheme, Some(Encoding::Base64)),
        _ => (name.as_str(), None),
    };
    named(scheme, value, encoding).unwrap_or_else(|| Err(unknown(&name)))
}

/// Names a scheme if it can be one: in a table of passwords in clear, what is in braces may be one of them.
fn unknown(name: &str) -> SchemeError {
    let letter = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_');
    let named = (1..=20).contains(&name.len()) && name.bytes().all(letter);
    SchemeError::Unknown(if named { format!("{{{name}}}") } else { "in braces".to_owned() })
}

/// A hash with an `$id$`. passlib's are not crypt(3)'s, and stand among them.
fn crypt(value: &str) -> Result<Stored, SchemeError> {
    if value.starts_with("$pbkdf2") {
        return Pbkdf2::parse(value).map(Stored::Pbkdf2);
    }
    Crypt::parse(value).map(Stored::Crypt)
}

/// One row a scheme; `None` for one that is not known.
fn named(scheme: &str, value: &str, encoding: Option<Encoding>) -> Option<Result<Stored, SchemeError>> {
    use Algorithm::{Md5, Sha1, Sha256, Sha512};
    let plain = |name, algorithm: Algorithm| {
        digest(name, algorithm, value, (encoding.unwrap_or_else(|| guess(algorithm, value)), false))
    };
    let salted = |name, algorithm| digest(name, algorithm, value, (encoding.unwrap_or(Encoding::Base64), true));
    Some(match scheme {
        "PLAIN" | "CLEAR" | "CLEARTEXT" => clear(value, encoding),
        "CRAM-MD5" | "HMAC-MD5" => contexts(value),
        "SCRAM-SHA-1" => keys(scram::Hash::Sha1, value),
        "SCRAM-SHA-256" => keys(scram::Hash::Sha256, value),
        // Courier's {MD5} is a digest, Dovecot's is crypt's `$1$`.
        "MD5" if value.starts_with('$') => crypt(value),
        "MD5" | "LDAP-MD5" | "MD5RAW" | "PLAIN-MD5" => plain("MD5", Md5),
        "SHA" | "SHA1" => plain("SHA", Sha1),
        "SHA256" => plain("SHA256", Sha256),
        "SHA512" => plain("SHA512", Sha512),
        "SMD5" => salted("SMD5", Md5),
        "SSHA" => salted("SSHA", Sha1),
        "SSHA256" => salted("SSHA256", Sha256),
        "SSHA512" => salted("SSHA512", Sha512),
        "PBKDF2" => Pbkdf2::parse(value).map(Stored::Pbkdf2),
        "CRYPT" | "DES-CRYPT" | "MD5-CRYPT" | "SHA256-CRYPT" | "SHA512-CRYPT" | "BLF-CRYPT" | "ARGON2I"
        | "ARGON2ID" | "ARGON2" | "SCRYPT" | "YESCRYPT" => crypt(value),
        _ => return None,
    })
}

/// Where there is no salt the length tells how a digest is written, whatever is usual for its scheme: as Dovecot reads it.
fn guess(algorithm: Algorithm, value: &str) -> Encoding {
    if value.len() == 2 * algorithm.length() { Encoding::Hex } else { Encoding::Base64 }
}

fn clear(value: &str, encoding: Option<Encoding>) -> Result<Stored, SchemeError> {
    let octets = match encoding {
        None => return Ok(Stored::Clear(Secret::new(value))),
        Some(encoding) => decode(value, encoding).ok_or(malformed("PLAIN", "it is not base64 or hexadecimal"))?,
    };
    Ok(Stored::Clear(Secret::new(octets)))
}

fn contexts(value: &str) -> Result<Stored, SchemeError> {
    let contexts = cram::Contexts::from_hex(value).ok_or(malformed("CRAM-MD5", "it is not 64 hexadecimal digits"))?;
    Ok(Stored::Cram(contexts))
}

/// Dovecot's form: `rounds,salt,StoredKey,ServerKey`, the last three in base64.
fn keys(hash: scram::Hash, value: &str) -> Result<Stored, SchemeError> {
    let scheme = match hash {
        scram::Hash::Sha1 => "SCRAM-SHA-1",
        scram::Hash::Sha256 => "SCRAM-SHA-256",
    };
    let parts: Vec<_> = value.split(',').collect();
    let [rounds, salt, stored, server] = parts.as_slice() else {
        return Err(malformed(scheme, "it has not four parts with commas between them"));
    };
    let iterations = rounds.parse().ok().filter(|rounds| *rounds > 0);
    let iterations = iterations.ok_or(malformed(scheme, "its rounds are no number that can be"))?;
    if iterations > MAX_ITERATIONS {
        return Err(SchemeError::TooCostly { scheme, most: "10,000,000 rounds" });
    }
    let octets = |text: &str| STANDARD.decode(text).ok();
    let key = |text: &str| octets(text).and_then(|octets| scram::Key::new(hash, &octets));
    let (Some(salt), Some(stored_key), Some(server_key)) = (octets(salt), key(stored), key(server)) else {
        return Err(malformed(scheme, "salt or keys are not base64 of the right length"));
    };
    Ok(Stored::Scram(scram::Keys { hash, salt, iterations, stored_key, server_key }))
}

/// A digest, with the salt behind it where there is one.
fn digest(
    name: &'static str,
    algorithm: Algorithm,
    value: &str,
    (encoding, salted): (Encoding, bool),
) -> Result<Stored, SchemeError> {
    let octets = decode(value, encoding).ok_or(malformed(name, "it is not base64 or hexadecimal"))?;
    let (digest, salt) =
        octets.split_at_checked(algorithm.length()).ok_or(malformed(name, "it is shorter than its digest"))?;
    if salted == salt.is_empty() {
        return Err(malformed(name, if salted { "it has no salt" } else { "it is longer than its digest" }));
    }
    Ok(Stored::Digest(Salted::new(name, algorithm, digest, salt)))
}

fn decode(text: &str, encoding: Encoding) -> Option<Vec<u8>> {
    match encoding {
        Encoding::Base64 => STANDARD.decode(text).ok(),
        Encoding::Hex => hex(text),
    }
}

fn malformed(scheme: &'static str, why: &'static str) -> SchemeError {
    SchemeError::Malformed { scheme, why }
}
