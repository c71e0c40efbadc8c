//! The three fields on descriptor 3, written and read.

use std::fmt;

use config::{CheckpasswordProfile, CramOrder};
use sasl::{ApopEvidence, CramEvidence, Evidence, Mechanism, PasswordEvidence, Secret};
use zeroize::Zeroizing;

/// The interface: at most 512 octets.
const LIMIT: usize = 512;

/// vpopmail reads no more than this.
const LIMIT_VCHKPW: usize = 156;

/// What is shown to a checker in its second and third field.
#[derive(Debug)]
pub(super) enum Shown<'a> {
    /// A password, and nothing.
    Password(&'a Secret),
    /// A response and a challenge, in the order in which the checker wants them.
    Response { second: Vec<u8>, third: Vec<u8> },
}

/// Why a checker cannot be asked. Whatever it would be asked about cannot be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unaskable {
    /// All fields together are too long for it.
    TooLong { limit: usize },
    /// A NUL ends a field.
    Nul,
}

impl fmt::Display for Unaskable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { limit } => write!(f, "name and password are more than the {limit} octets that it can read"),
            Self::Nul => f.write_str("there is a NUL in the name or the password, which ends a field"),
        }
    }
}

impl Shown<'_> {
    /// A CRAM-MD5 response; `None` if the checker cannot verify one.
    pub(super) fn cram(order: CramOrder, evidence: &CramEvidence) -> Option<Self> {
        let response = hex(&evidence.digest).into_bytes();
        Self::ordered(order, response, evidence.challenge.clone())
    }

    /// APOP's digest, where the interface has always had it: before its timestamp.
    pub(super) fn apop(evidence: &ApopEvidence) -> Option<Self> {
        let (digest, timestamp) = (hex(&evidence.digest).into_bytes(), evidence.timestamp.clone().into_bytes());
        Self::ordered(CramOrder::ResponseChallenge, digest, timestamp)
    }

    /// A response and its challenge in an order.
    pub(super) fn ordered(order: CramOrder, response: Vec<u8>, challenge: Vec<u8>) -> Option<Self> {
        match order {
            CramOrder::None => None,
            CramOrder::ResponseChallenge => Some(Self::Response { second: response, third: challenge }),
            CramOrder::ChallengeResponse => Some(Self::Response { second: challenge, third: response }),
        }
    }
}

/// How much a checker reads.
pub(super) fn limit(profile: CheckpasswordProfile) -> usize {
    match profile {
        CheckpasswordProfile::Standard | CheckpasswordProfile::Cvm => LIMIT,
        CheckpasswordProfile::Vchkpw => LIMIT_VCHKPW,
    }
}

/// The fields as they are written.
pub(super) fn write(name: &str, shown: &Shown<'_>, limit: usize) -> Result<Zeroizing<Vec<u8>>, Unaskable> {
    let (second, third) = match shown {
        Shown::Password(password) => (password.expose(), &b""[..]),
        Shown::Response { second, third } => (second.as_slice(), third.as_slice()),
    };
    let fields = [name.as_bytes(), second, third];
    if fields.iter().any(|field| field.contains(&0)) {
        return Err(Unaskable::Nul);
    }
    let length = fields.iter().map(|field| field.len() + 1).sum();
    if length > limit {
        return Err(Unaskable::TooLong { limit });
    }
    let mut written = Zeroizing::new(Vec::with_capacity(length));
    for field in fields {
        written.extend_from_slice(field);
        written.push(0);
    }
    Ok(written)
}

/// What a caller wrote for us on descriptor 3.
#[derive(Debug)]
pub struct Fields {
    name: String,
    second: Secret,
    third: Vec<u8>,
}

/// The caller does not keep to the interface: exit code 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Misused {
    /// More than it allows.
    #[error("more than {LIMIT} octets on descriptor 3")]
    TooLong,
    /// Less than two fields, each with a NUL behind it.
    #[error("there are not two fields with a NUL behind each on descriptor 3")]
    Incomplete,
    /// The name could be nobody's.
    #[error("the name on descriptor 3 is empty, too long, not UTF-8, or has control characters")]
    Name,
}

impl Fields {
    /// The most that is read, octets.
    pub const MAX: usize = LIMIT;

    /// Reads what is on descriptor 3. The third field may be missing: some callers write it only with CRAM-MD5.
    ///
    /// # Errors
    /// [`Misused`]: it is not what the interface says.
    pub fn read(octets: &[u8]) -> Result<Self, Misused> {
        if octets.len() > LIMIT {
            return Err(Misused::TooLong);
        }
        let mut fields = octets.split(|octet| *octet == 0);
        let (Some(name), Some(second), Some(third)) = (fields.next(), fields.next(), fields.next()) else {
            return Err(Misused::Incomplete);
        };
        let name = sasl::identity(name).map_err(|_| Misused::Name)?;
        Ok(Self { name, second: Secret::new(second), third: third.to_vec() })
    }

    /// Who logs in.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the fields can mean, in the order in which it is tried. A response to a challenge comes in either order: 32
    /// hexadecimal digits are the response, `<…@…>` is the challenge. In the second field they may as well be somebody's
    /// password, since callers send a timestamp with that, too.
    pub fn evidence(&self) -> Vec<Evidence> {
        let second = self.second.expose();
        let mut evidence = Vec::new();
        if let (Some(digest), true) = (digest(second), is_challenge(&self.third)) {
            evidence.push(self.cram(digest, self.third.clone()));
            // RFC 1939 §7: `qmail-popup` writes APOP's digest in the same place.
            evidence.extend(self.apop(digest));
        }
        if let (Some(digest), true) = (digest(&self.third), is_challenge(second)) {
            evidence.push(self.cram(digest, second.to_vec()));
        }
        evidence.push(Evidence::Password(PasswordEvidence {
            mechanism: Mechanism::Plain,
            authzid: None,
            identity: self.name.clone(),
            password: self.second.clone(),
        }));
        evidence
    }

    fn apop(&self, digest: [u8; 16]) -> Option<Evidence> {
        let timestamp = String::from_utf8(self.third.clone()).ok()?;
        Some(Evidence::Apop(ApopEvidence { identity: self.name.clone(), timestamp, digest }))
    }

    fn cram(&self, digest: [u8; 16], challenge: Vec<u8>) -> Evidence {
        Evidence::Cram(CramEvidence { identity: self.name.clone(), challenge, digest })
    }
}

fn is_challenge(field: &[u8]) -> bool {
    field.starts_with(b"<") && field.ends_with(b">") && field.contains(&b'@')
}

/// 32 hexadecimal digits.
fn digest(field: &[u8]) -> Option<[u8; 16]> {
    let text = std::str::from_utf8(field).ok().filter(|text| text.len() == 32 && text.is_ascii())?;
    if !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    u128::from_str_radix(text, 16).ok().map(u128::to_be_bytes)
}

pub(super) fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHALLENGE: &[u8] = b"<1896.697170952@postoffice.reston.mci.net>";
    const RESPONSE: &[u8] = b"b913a602c7eda7a495b4e6e7334d3890";

    fn response(order: CramOrder) -> Vec<u8> {
        let shown = Shown::ordered(order, RESPONSE.to_vec(), CHALLENGE.to_vec()).expect("an order");
        write("tim", &shown, LIMIT).expect("short").to_vec()
    }

    #[test]
    fn what_is_written() {
        let secret = Secret::new("right");
        let written = |name: &str, limit| write(name, &Shown::Password(&secret), limit).map(|octets| octets.to_vec());
        assert_eq!(written("brian", LIMIT).as_deref(), Ok(&b"brian\0right\0\0"[..]));
        assert_eq!(written("a\0b", LIMIT), Err(Unaskable::Nul));
        assert_eq!(written(&"a".repeat(148), LIMIT_VCHKPW).map(|octets| octets.len()), Ok(156));
        assert_eq!(written(&"a".repeat(149), LIMIT_VCHKPW), Err(Unaskable::TooLong { limit: 156 }));
        assert!(response(CramOrder::ResponseChallenge).starts_with(b"tim\0b913"));
        assert!(response(CramOrder::ChallengeResponse).starts_with(b"tim\0<1896"));
    }

    /// MISSION 001-04. RFC 2195 §3's example, in the order of either family of patches.
    #[test]
    fn both_orders_are_understood() {
        for order in [CramOrder::ResponseChallenge, CramOrder::ChallengeResponse] {
            let fields = Fields::read(&response(order)).expect("fields");
            let evidence = fields.evidence();
            let Some(Evidence::Cram(cram)) = evidence.first() else { panic!("{order:?}") };
            assert!(cram.verify(&Secret::new("tanstaaftanstaaf")), "{order:?}");
            assert!(matches!(evidence.last(), Some(Evidence::Password(_))), "it may be a password all the same");
        }
    }

    /// RFC 1939 §7's example, as `qmail-popup` writes it.
    #[test]
    fn apop_is_understood() {
        let written = b"mrose\0c4c9334bac560ecc979e58001b3e22fb\0<1896.697170952@dbc.mtview.ca.us>\0";
        let evidence = Fields::read(written).expect("fields").evidence();
        let Some(Evidence::Apop(apop)) = evidence.get(1) else { panic!("{evidence:?}") };
        assert!(apop.verify(&Secret::new("tanstaaf")));
        let again = write("mrose", &Shown::apop(apop).expect("always"), LIMIT).map(|octets| octets.to_vec());
        assert_eq!(again.as_deref(), Ok(&written[..]));
    }

    #[test]
    fn what_is_read() {
        let password = |octets: &[u8]| match Fields::read(octets).expect("fields").evidence().as_slice() {
            [Evidence::Password(evidence)] => (evidence.identity.clone(), evidence.password.expose().to_vec()),
            other => panic!("{other:?}"),
        };
        let brian = ("brian".to_owned(), b"right".to_vec());
        assert_eq!(password(b"brian\0right\0\0"), brian);
        assert_eq!(password(b"brian\0right\0<1.2@host>\0"), brian);
        assert_eq!(password(b"brian\0right\0Y123456\0ignored\0"), brian);
        assert_eq!(password(b"brian\0right\0"), brian, "without a third field");
        let wrong = |octets: &[u8]| Fields::read(octets).expect_err("misused");
        assert_eq!(wrong(b"brian\0right"), Misused::Incomplete);
        assert_eq!(wrong(b""), Misused::Incomplete);
        assert_eq!(wrong(b"\0\0\0"), Misused::Name);
        assert_eq!(wrong(b"a\nb\0x\0\0"), Misused::Name);
        assert_eq!(wrong(&[b'a'; 513]), Misused::TooLong);
    }
}
