//! What crypt(3) makes, told apart by its `$id$`: kept libraries where there are any, the system's libcrypt for the rest.

use std::str::FromStr;

use argon2::password_hash::PasswordVerifier;
use argon2::password_hash::phc::PasswordHash;
use sasl::Secret;
use subtle::ConstantTimeEq;

use super::{SchemeError, Strength, libcrypt};

/// A hash, with its kind.
#[derive(Clone)]
pub(crate) struct Crypt {
    kind: Kind,
    hash: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Argon2,
    Bcrypt,
    Sha,
    Md5,
    Yescrypt,
    /// `$7$`
    Scrypt,
    /// `$gy$`, with GOST's hash inside.
    GostYescrypt,
    Des,
    /// `_`, DES with more rounds.
    Bsdi,
    /// `$sha1$`, `$md5` and whatever else weak that libcrypt knows.
    Old,
}

/// One row a kind: how it begins.
const PREFIXES: &[(&str, Kind)] = &[
    ("$argon2", Kind::Argon2),
    ("$2", Kind::Bcrypt),
    ("$5$", Kind::Sha),
    ("$6$", Kind::Sha),
    ("$1$", Kind::Md5),
    ("$y$", Kind::Yescrypt),
    ("$7$", Kind::Scrypt),
    ("$gy$", Kind::GostYescrypt),
    ("$sha1$", Kind::Old),
    ("$md5", Kind::Old),
    ("$3$", Kind::Old),
    ("_", Kind::Bsdi),
];

impl std::fmt::Debug for Crypt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}(…)", self.name())
    }
}

impl Crypt {
    /// An Argon2 PHC string of our own.
    pub(super) fn argon2(hash: String) -> Self {
        Self { kind: Kind::Argon2, hash }
    }

    pub(super) fn parse(hash: &str) -> Result<Self, SchemeError> {
        let printable = hash.bytes().all(|octet| octet.is_ascii_graphic() && octet != b':');
        let kind = PREFIXES.iter().find(|(prefix, _)| hash.starts_with(prefix)).map(|(_, kind)| *kind);
        let des = || (hash.len() == 13 && hash.bytes().all(is_crypt64)).then_some(Kind::Des);
        let Some(kind) = kind.or_else(des).filter(|_| printable) else {
            // `!`, `*` and the like stand where a password is switched off; nothing of them is shown.
            let id = hash.strip_prefix('$').and_then(|rest| rest.split('$').next()).filter(|id| id.len() < 12);
            return Err(SchemeError::Unknown(
                id.map_or_else(|| "of that crypt hash".to_owned(), |id| format!("${id}$")),
            ));
        };
        let crypt = Self { kind, hash: hash.to_owned() };
        crypt.within_bounds()?;
        Ok(crypt)
    }

    pub(super) fn name(&self) -> &'static str {
        match self.kind {
            Kind::Argon2 if self.hash.starts_with("$argon2id") => "ARGON2ID",
            Kind::Argon2 => "ARGON2I",
            Kind::Bcrypt => "BLF-CRYPT",
            Kind::Sha if self.hash.starts_with("$5") => "SHA256-CRYPT",
            Kind::Sha => "SHA512-CRYPT",
            Kind::Md5 => "MD5-CRYPT",
            Kind::Yescrypt => "YESCRYPT",
            Kind::Scrypt => "SCRYPT",
            Kind::GostYescrypt => "GOST-YESCRYPT",
            Kind::Des => "DES-CRYPT",
            Kind::Bsdi => "BSDI-CRYPT",
            Kind::Old => "CRYPT",
        }
    }

    pub(super) fn strength(&self) -> Strength {
        match self.kind {
            Kind::Md5 | Kind::Des | Kind::Bsdi | Kind::Old => Strength::Weak,
            _ => Strength::Good,
        }
    }

    /// A store of others may say that one hash takes a gigabyte and a minute: that is no login, that is a hole.
    fn within_bounds(&self) -> Result<(), SchemeError> {
        let fits = match self.kind {
            Kind::Argon2 => self.argon2_fits(),
            Kind::Bcrypt => self.field(2).and_then(|cost| cost.parse().ok()).is_some_and(|cost: u32| cost <= 16),
            Kind::Sha => self.rounds("rounds=").is_none_or(|rounds| rounds <= 5_000_000),
            Kind::Yescrypt => self
                .field(2)
                .and_then(|params| yescrypt::Params::from_str(params).ok())
                .is_some_and(|params| params.n().saturating_mul(u64::from(params.r())).saturating_mul(128) <= 1 << 30),
            // The logarithm of N is the first letter of the parameters; 16 MiB at r = 8 is 14.
            Kind::Scrypt => self.hash.as_bytes().get(3).and_then(|c| crypt64(*c)).is_some_and(|log| log <= 20),
            Kind::GostYescrypt => self.hash.as_bytes().get(5).and_then(|c| crypt64(*c)).is_some_and(|log| log <= 20),
            // Four letters of six bits, the lowest first: below 2^20 rounds.
            Kind::Bsdi => self.hash.as_bytes().get(4).and_then(|c| crypt64(*c)).is_some_and(|high| high < 4),
            Kind::Old => {
                self.field(2).and_then(|rounds| rounds.parse().ok()).is_none_or(|rounds: u32| rounds <= 5_000_000)
            }
            Kind::Md5 | Kind::Des => true,
        };
        let most = "1 GiB of memory or some seconds";
        if fits { Ok(()) } else { Err(SchemeError::TooCostly { scheme: self.name(), most }) }
    }

    fn argon2_fits(&self) -> bool {
        let Ok(hash) = PasswordHash::new(&self.hash) else { return false };
        let number = |name| hash.params.get_decimal(name).unwrap_or(0);
        let (memory, passes, lanes) = (number("m"), number("t"), number("p"));
        memory <= 1 << 20 && passes <= 100 && lanes <= 16 && u64::from(memory) * u64::from(passes) <= 1 << 23
    }

    /// The part behind the nth `$`.
    fn field(&self, n: usize) -> Option<&str> {
        self.hash.split('$').nth(n)
    }

    fn rounds(&self, prefix: &str) -> Option<u32> {
        self.field(2)?.strip_prefix(prefix)?.parse().ok()
    }

    pub(super) fn verify(&self, password: &Secret) -> Result<bool, SchemeError> {
        let octets = password.expose();
        let by_library = match self.kind {
            Kind::Argon2 => {
                let hash = PasswordHash::new(&self.hash).map_err(|_| self.malformed())?;
                return Ok(argon2::Argon2::default().verify_password(octets, &hash).is_ok());
            }
            Kind::Bcrypt => bcrypt::verify(octets, &self.hash).ok(),
            Kind::Sha => judged(sha_crypt::ShaCrypt::default().verify_password(octets, self.hash.as_str())),
            Kind::Yescrypt => judged(yescrypt::Yescrypt::default().verify_password(octets, self.hash.as_str())),
            Kind::Md5 => self.md5(octets),
            _ => None,
        };
        // What a library does not read (an odd salt), crypt(3) itself may.
        match by_library {
            Some(right) => Ok(right),
            None => libcrypt::verify(&self.hash, password, self.name()),
        }
    }

    /// `$1$salt$digest`, the salt of eight octets at the most.
    fn md5(&self, password: &[u8]) -> Option<bool> {
        let salt = self.field(2).filter(|salt| salt.len() <= 8)?;
        Some(md5crypt::md5crypt(password, salt.as_bytes()).ct_eq(self.hash.as_bytes()).into())
    }

    fn malformed(&self) -> SchemeError {
        SchemeError::Malformed { scheme: self.name(), why: "its parts are not as they should be" }
    }
}

/// `None`: the library cannot read the hash.
fn judged(result: Result<(), argon2::password_hash::Error>) -> Option<bool> {
    match result {
        Ok(()) => Some(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Some(false),
        Err(_) => None,
    }
}

fn is_crypt64(octet: u8) -> bool {
    crypt64(octet).is_some()
}

/// The value of a letter in crypt(3)'s base 64.
fn crypt64(octet: u8) -> Option<u8> {
    match octet {
        b'.' => Some(0),
        b'/' => Some(1),
        b'0'..=b'9' => Some(octet - b'0' + 2),
        b'A'..=b'Z' => Some(octet - b'A' + 12),
        b'a'..=b'z' => Some(octet - b'a' + 38),
        _ => None,
    }
}
