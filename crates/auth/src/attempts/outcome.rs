//! How a login attempt ended: one of a closed set, with one word for each.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Rejection, Verdict};

/// How an attempt ended. Whoever reads the log or the metrics can rely on these and no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Outcome {
    /// Somebody is logged in.
    #[serde(rename = "ok")]
    Ok,
    /// No module knows the user.
    #[serde(rename = "unknown user")]
    UnknownUser,
    /// Known, but the evidence is wrong.
    #[serde(rename = "wrong password")]
    WrongPassword,
    /// Right, but the account may not log in, not use this service, or not act for whom it asked to act for.
    #[serde(rename = "disabled")]
    Disabled,
    /// Right, but past its time.
    #[serde(rename = "expired")]
    Expired,
    /// Nothing that is kept could verify this mechanism.
    #[serde(rename = "mechanism not possible")]
    MechanismNotPossible,
    /// It came in clear where that is forbidden, and was not looked at.
    #[serde(rename = "cleartext refused")]
    CleartextRefused,
    /// Too many failures; it was not looked at.
    #[serde(rename = "throttled")]
    Throttled,
    /// Could not be told now.
    #[serde(rename = "temporary")]
    Temporary,
    /// The client cancelled, or left in the middle.
    #[serde(rename = "aborted")]
    Aborted,
    /// What the client sent is no message of the mechanism.
    #[serde(rename = "bad exchange")]
    BadExchange,
}

impl Outcome {
    /// Every one.
    pub const ALL: [Self; 11] = [
        Self::Ok,
        Self::UnknownUser,
        Self::WrongPassword,
        Self::Disabled,
        Self::Expired,
        Self::MechanismNotPossible,
        Self::CleartextRefused,
        Self::Throttled,
        Self::Temporary,
        Self::Aborted,
        Self::BadExchange,
    ];

    /// As it stands in the log and the metrics.
    pub fn words(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::UnknownUser => "unknown user",
            Self::WrongPassword => "wrong password",
            Self::Disabled => "disabled",
            Self::Expired => "expired",
            Self::MechanismNotPossible => "mechanism not possible",
            Self::CleartextRefused => "cleartext refused",
            Self::Throttled => "throttled",
            Self::Temporary => "temporary",
            Self::Aborted => "aborted",
            Self::BadExchange => "bad exchange",
        }
    }

    /// Whether nobody is logged in.
    pub fn is_failure(self) -> bool {
        self != Self::Ok
    }
}

impl From<&Verdict> for Outcome {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Accept(_) => Self::Ok,
            Verdict::TempFail(_) => Self::Temporary,
            Verdict::Reject(reason) => Self::from(*reason),
        }
    }
}

impl From<Rejection> for Outcome {
    fn from(reason: Rejection) -> Self {
        match reason {
            Rejection::UnknownUser => Self::UnknownUser,
            Rejection::WrongPassword => Self::WrongPassword,
            Rejection::Disabled | Rejection::Authzid => Self::Disabled,
            Rejection::Expired => Self::Expired,
            Rejection::MechanismNotPossible => Self::MechanismNotPossible,
            Rejection::Throttled => Self::Throttled,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_has_the_same_words() {
        for outcome in Outcome::ALL {
            let text = serde_json::to_string(&outcome).expect("JSON");
            assert_eq!(text, format!("\"{}\"", outcome.words()));
            assert_eq!(serde_json::from_str::<Outcome>(&text).expect("read"), outcome);
        }
    }
}
