//! What a checker means by its exit code. All that is not surely a "no" is TEMPFAIL: other servers take every code but 0
//! for a wrong password, and an outage for everybody's typing error.

use config::CheckpasswordProfile;

use crate::Rejection;
use crate::process::Ended;

/// What it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Right, if the program behind the checker ended so.
    Accepted,
    /// Wrong, and in words.
    Rejected(Rejection, &'static str),
    /// It could not tell, or it is not set up as it should.
    Temporary(&'static str),
}

use Meaning::{Accepted, Rejected, Temporary};
use Rejection::{Disabled, MechanismNotPossible, WrongPassword};

pub(super) fn meaning(profile: CheckpasswordProfile, ended: Ended) -> Meaning {
    match (profile, ended) {
        (_, Ended::Code(0)) => Accepted,
        (_, Ended::Signal(_)) => {
            Temporary("it crashed or was killed; auth.checkpassword.memory may be too little for it")
        }
        (CheckpasswordProfile::Vchkpw, Ended::Code(code)) => vchkpw(code).unwrap_or_else(|| standard(code)),
        (CheckpasswordProfile::Cvm, Ended::Code(code)) => cvm(code),
        (CheckpasswordProfile::Standard, Ended::Code(code)) => standard(code),
    }
}

fn standard(code: i32) -> Meaning {
    match code {
        1 => Rejected(WrongPassword, "the password is not right"),
        2 | 100 => Temporary("it says that it is misused; look at auth.checkpassword.command"),
        111 => Temporary("it has a temporary problem"),
        126 => Temporary("a program behind it may not be run by the user that it became"),
        127 => Temporary("a program behind it does not exist"),
        _ => Temporary("the checkpassword interface does not know that code; is auth.checkpassword.profile right?"),
    }
}

/// vpopmail's own codes.
fn vchkpw(code: i32) -> Option<Meaning> {
    Some(match code {
        1 => Rejected(Disabled, "this service is switched off for the user"),
        3 => Rejected(WrongPassword, "no such user, or the password is not right"),
        4..=10 => Temporary("vchkpw has a problem of its own; can the user it runs as read vpopmail's files?"),
        11 => Temporary("vchkpw got nothing on descriptor 3"),
        12 | 13 => Rejected(WrongPassword, "the name or the password is empty"),
        14 => Temporary("vchkpw could not make the user's folder"),
        15 => Rejected(MechanismNotPossible, "vpopmail keeps no password for the user that this could be held against"),
        20 => Rejected(WrongPassword, "the name has characters that no user has"),
        21..=24 => Temporary("vchkpw could not become the system user"),
        _ => return None,
    })
}

/// Credential Validation Modules end with the codes of their own protocol.
fn cvm(code: i32) -> Meaning {
    match code {
        100 => Rejected(WrongPassword, "no such user, or the password is not right"),
        126 | 127 => standard(code),
        _ => Temporary("the credential validation module could not look"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_surely_wrong_is_wrong() {
        let rejects = |profile| -> Vec<i32> {
            let is = |code: &i32| matches!(meaning(profile, Ended::Code(*code)), Rejected(..));
            (0..256).filter(is).collect()
        };
        assert_eq!(rejects(CheckpasswordProfile::Standard), [1]);
        assert_eq!(rejects(CheckpasswordProfile::Vchkpw), [1, 3, 12, 13, 15, 20]);
        assert_eq!(rejects(CheckpasswordProfile::Cvm), [100]);
        for profile in [CheckpasswordProfile::Standard, CheckpasswordProfile::Vchkpw, CheckpasswordProfile::Cvm] {
            assert_eq!(meaning(profile, Ended::Code(0)), Accepted);
            assert!((1..65).all(|signal| matches!(meaning(profile, Ended::Signal(signal)), Temporary(_))));
        }
        assert!(matches!(meaning(CheckpasswordProfile::Vchkpw, Ended::Code(1)), Rejected(Disabled, _)));
    }
}
