//! What may be answered.

use message::Address;
use sasl::{Evidence, Secret, scram};
use serde::Deserialize;

use crate::module::{Found, Request, Who};
use crate::scheme::{Bare, Stored};
use crate::told::{Naming, Told};
use crate::{Account, Rejection, Verdict};

/// Longest answer, octets.
pub(crate) const MAX_ANSWER: usize = 64 * 1024;

/// More forms of one password, or more targets of one alias, than this are not looked at.
const MAX_LIST: usize = 100;

/// An answer as it was read. What is wrong with it is a text, which goes into a TEMPFAIL.
#[derive(Debug, Clone)]
pub(crate) enum Answered {
    /// Yes.
    Accept(Told, Vec<String>),
    /// An alias of these.
    Targets(Vec<String>),
    /// No.
    Reject(Option<Rejection>),
    /// This is kept: judge yourself.
    Judge(Told, Vec<String>),
    /// The judge could not tell.
    TempFail(String),
}

/// An account, and the forms in which its password is kept.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    /// The account.
    pub(crate) account: Account,
    /// Its password.
    pub(crate) stored: Vec<Stored>,
}

/// The object on the wire. Keys that are not here are ignored.
#[derive(Deserialize)]
struct Wire {
    verdict: String,
    reason: Option<String>,
    cause: Option<String>,
    #[serde(default)]
    account: Told,
    #[serde(default)]
    stored: Vec<String>,
    #[serde(default)]
    targets: Vec<String>,
}

impl Answered {
    /// Reads an answer.
    ///
    /// # Errors
    /// With what is wrong with it.
    pub(crate) fn read(octets: &[u8]) -> Result<Self, String> {
        if octets.len() > MAX_ANSWER {
            return Err(format!("the answer is longer than {MAX_ANSWER} octets"));
        }
        if octets.trim_ascii().is_empty() {
            return Err("the answer is empty".to_owned());
        }
        // serde's text names the place and the key, and none of the values but those of the wrong type.
        let wire: Wire = serde_json::from_slice(octets)
            .map_err(|error| format!("the answer is not as agreed: {}", shown(&error.to_string())))?;
        if wire.stored.len().max(wire.targets.len()) > MAX_LIST {
            return Err(format!("the answer has a list of more than {MAX_LIST}"));
        }
        match wire.verdict.as_str() {
            "accept" if !wire.targets.is_empty() => Ok(Self::Targets(wire.targets)),
            "accept" => Ok(Self::Accept(wire.account, wire.stored)),
            "judge" => Ok(Self::Judge(wire.account, wire.stored)),
            "reject" => wire.reason.as_deref().map(reason).transpose().map(Self::Reject),
            "tempfail" => Ok(Self::TempFail(shown(wire.cause.as_deref().unwrap_or("it gave no cause")))),
            other => Err(format!("the answer's verdict {:?} is none of accept, reject, judge, tempfail", shown(other))),
        }
    }

    /// What it says to a check.
    ///
    /// # Errors
    /// With the cause of a TEMPFAIL.
    pub(crate) fn verdict(self, request: &Request, naming: &Naming) -> Result<Judged, String> {
        match self {
            Self::Accept(told, _) => Ok(Judged::Verdict(Verdict::accept(naming.account(&request.who, told)?))),
            Self::Judge(told, stored) => Ok(Judged::Kept(kept(&request.who, naming, told, &stored)?)),
            Self::Reject(why) => Ok(Judged::Verdict(Verdict::Reject(why.unwrap_or(Rejection::WrongPassword)))),
            Self::Targets(_) => Err("a check was answered with targets".to_owned()),
            Self::TempFail(cause) => Err(format!("it could not tell: {cause}")),
        }
    }

    /// What it says to a lookup: the account with what is kept of it, if there is one.
    ///
    /// # Errors
    /// With the cause of a TEMPFAIL.
    pub(crate) fn known(self, who: &Who, naming: &Naming) -> Result<Option<Kept>, String> {
        match self {
            Self::Accept(told, stored) | Self::Judge(told, stored) => kept(who, naming, told, &stored).map(Some),
            Self::Reject(_) | Self::Targets(_) => Ok(None),
            Self::TempFail(cause) => Err(format!("it could not tell: {cause}")),
        }
    }

    /// Who receives mail for an address.
    ///
    /// # Errors
    /// With the cause of a TEMPFAIL.
    pub(crate) fn found(self, who: &Who, naming: &Naming) -> Result<Found, String> {
        if let Self::Targets(targets) = self {
            let address =
                |text: &String| Address::parse(text).map_err(|_| format!("the target {text:?} is no address"));
            return targets.iter().map(address).collect::<Result<_, _>>().map(Found::Targets);
        }
        Ok(self.known(who, naming)?.map_or(Found::Unknown, |kept| Found::Account(Box::new(kept.account))))
    }
}

/// What an answer to a check means.
#[derive(Debug, Clone)]
pub(crate) enum Judged {
    /// It is judged.
    Verdict(Verdict),
    /// It is for us to judge.
    Kept(Kept),
}

impl Kept {
    /// Whether the evidence is right; `None` if it cannot be held against what is kept. It may take as long as a hash.
    ///
    /// # Errors
    /// With the cause of a TEMPFAIL.
    pub(crate) fn judge(&self, evidence: &Evidence) -> Result<Option<bool>, String> {
        match evidence {
            Evidence::Password(evidence) => {
                let mut right = None;
                for form in &self.stored {
                    let verified = form.verify(&evidence.password).map_err(|error| error.to_string())?;
                    right = Some(right.unwrap_or(false) || verified);
                }
                Ok(right)
            }
            Evidence::Scram(evidence) => {
                let keys = self.keys(evidence.proof.hash()).map(|keys| evidence.verify(keys));
                // The password in clear serves, too: its keys are derived with what the client was told.
                let clear = || self.clear().map(|clear| evidence.verify_password(clear));
                Ok(keys.or_else(clear))
            }
            evidence => Ok(self.stored.iter().find_map(|form| form.proves(evidence))),
        }
    }

    /// The password in clear, if it is kept.
    pub(crate) fn clear(&self) -> Option<&Secret> {
        self.stored.iter().find_map(Stored::clear)
    }

    /// SCRAM keys, if they are kept.
    pub(crate) fn keys(&self, hash: scram::Hash) -> Option<&scram::Keys> {
        self.stored.iter().find_map(|form| form.keys(hash))
    }
}

fn kept(who: &Who, naming: &Naming, told: Told, stored: &[String]) -> Result<Kept, String> {
    let account = naming.account(who, told)?;
    let parse = |text: &String| Stored::parse(text, Bare::Crypt).map_err(|error| format!("stored: {error}"));
    Ok(Kept { account, stored: stored.iter().map(parse).collect::<Result<_, _>>()? })
}

fn reason(text: &str) -> Result<Rejection, String> {
    match text {
        "unknown user" => Ok(Rejection::UnknownUser),
        "wrong password" => Ok(Rejection::WrongPassword),
        "disabled" => Ok(Rejection::Disabled),
        "expired" => Ok(Rejection::Expired),
        "mechanism not possible" => Ok(Rejection::MechanismNotPossible),
        other => Err(format!("the answer's reason {:?} is not known", shown(other))),
    }
}

/// What a stranger wrote, for a log line: short, and without control characters.
fn shown(text: &str) -> String {
    text.chars().take(300).map(|c| if c.is_control() { '·' } else { c }).collect()
}
