//! `[auth.checkpassword]`

use crate::kinds::{MIB, choice, flag, size, words};
use crate::section::section;

/// How a checker's exit codes are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckpasswordProfile {
    /// 0 right, 1 wrong, 2 and 100 misused, 111 and all else temporary.
    Standard,
    /// vpopmail's `vchkpw`: also 3 is wrong, and 4 to 24 are told apart.
    Vchkpw,
    /// Debian's `cvm-checkpassword`: 100 is wrong, and all else but 0 temporary.
    Cvm,
}

/// In which order a checker takes a CRAM-MD5 response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CramOrder {
    /// It cannot verify one.
    None,
    /// User, response, challenge: fehcom's patches, netqmail, `vchkpw`, `cmd5checkpw` from 0.30.
    ResponseChallenge,
    /// User, challenge, response: Brush's patch up to 0.31.
    ChallengeResponse,
}

section! {
    /// Any program that speaks the checkpassword interface: `login`, NUL, `password`, NUL, `timestamp`, NUL on
    /// descriptor 3.
    pub struct Checkpassword = "auth.checkpassword" "[auth.checkpassword]" {
        /// The program with its arguments, word by word; it is run with a program behind it that tells us what it found.
        command: Vec<String> = Vec::new() => words();
        /// How its exit codes are read: `"standard"` 1 is a wrong password; `"vchkpw"` vpopmail's own codes; `"cvm"` 100 is a
        /// wrong password, as with `cvm-checkpassword`. What is not surely a wrong password is temporary.
        profile: CheckpasswordProfile = CheckpasswordProfile::Standard => choice(&[
            ("standard", CheckpasswordProfile::Standard),
            ("vchkpw", CheckpasswordProfile::Vchkpw),
            ("cvm", CheckpasswordProfile::Cvm),
        ]);
        /// Whether it can verify CRAM-MD5, and how it wants the two texts. `gatepost auth modules --probe USER` finds out.
        cram: CramOrder = CramOrder::None => choice(&[
            ("none", CramOrder::None),
            ("response-challenge", CramOrder::ResponseChallenge),
            ("challenge-response", CramOrder::ChallengeResponse),
        ]);
        /// Whether it can verify APOP.
        apop: bool = false => flag();
        /// Most memory that it may use.
        memory: u64 = 256 * MIB => size(MIB..=4096 * MIB);
    }
    with guard
}
