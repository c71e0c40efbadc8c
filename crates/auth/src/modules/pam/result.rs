//! PAM's results, by number and by name. These are the numbers of Linux-PAM; other systems count otherwise, which is why
//! the name is shown (MISSION 004-30).

use crate::Rejection;

/// What a result means for a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Right.
    Accepted,
    /// Wrong, and why.
    Rejected(Rejection),
    /// PAM could not tell.
    Temporary,
}

/// `PAM_SUCCESS` has number 0, and so on.
const NAMES: [&str; 32] = [
    "PAM_SUCCESS",
    "PAM_OPEN_ERR",
    "PAM_SYMBOL_ERR",
    "PAM_SERVICE_ERR",
    "PAM_SYSTEM_ERR",
    "PAM_BUF_ERR",
    "PAM_PERM_DENIED",
    "PAM_AUTH_ERR",
    "PAM_CRED_INSUFFICIENT",
    "PAM_AUTHINFO_UNAVAIL",
    "PAM_USER_UNKNOWN",
    "PAM_MAXTRIES",
    "PAM_NEW_AUTHTOK_REQD",
    "PAM_ACCT_EXPIRED",
    "PAM_SESSION_ERR",
    "PAM_CRED_UNAVAIL",
    "PAM_CRED_EXPIRED",
    "PAM_CRED_ERR",
    "PAM_NO_MODULE_DATA",
    "PAM_CONV_ERR",
    "PAM_AUTHTOK_ERR",
    "PAM_AUTHTOK_RECOVERY_ERR",
    "PAM_AUTHTOK_LOCK_BUSY",
    "PAM_AUTHTOK_DISABLE_AGING",
    "PAM_TRY_AGAIN",
    "PAM_IGNORE",
    "PAM_ABORT",
    "PAM_AUTHTOK_EXPIRED",
    "PAM_MODULE_UNKNOWN",
    "PAM_BAD_ITEM",
    "PAM_CONV_AGAIN",
    "PAM_INCOMPLETE",
];

/// The name of a result.
pub(super) fn name(code: i32) -> &'static str {
    usize::try_from(code)
        .ok()
        .and_then(|code| NAMES.get(code))
        .copied()
        .unwrap_or("a result that Linux-PAM does not have")
}

/// What it means.
pub(super) fn meaning(code: i32) -> Meaning {
    match name(code) {
        "PAM_SUCCESS" => Meaning::Accepted,
        "PAM_USER_UNKNOWN" => Meaning::Rejected(Rejection::UnknownUser),
        // Whoever has tried too often is not let in either, and is told the same.
        "PAM_AUTH_ERR" | "PAM_MAXTRIES" => Meaning::Rejected(Rejection::WrongPassword),
        "PAM_PERM_DENIED" => Meaning::Rejected(Rejection::Disabled),
        "PAM_ACCT_EXPIRED" | "PAM_NEW_AUTHTOK_REQD" | "PAM_CRED_EXPIRED" | "PAM_AUTHTOK_EXPIRED" => {
            Meaning::Rejected(Rejection::Expired)
        }
        _ => Meaning::Temporary,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_linux_pam() {
        assert_eq!((name(4), name(7), name(10)), ("PAM_SYSTEM_ERR", "PAM_AUTH_ERR", "PAM_USER_UNKNOWN"));
        assert_eq!((name(12), name(28)), ("PAM_NEW_AUTHTOK_REQD", "PAM_MODULE_UNKNOWN"));
        let rejects: Vec<i32> = (-1..40).filter(|code| matches!(meaning(*code), Meaning::Rejected(_))).collect();
        assert_eq!(rejects, [6, 7, 10, 11, 12, 13, 16, 27]);
    }
}
