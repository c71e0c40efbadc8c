//! Response codes (RFC 3501 §7.1, RFC 4315 §3, RFC 5530 §3).

use std::fmt;

/// What stands in brackets, for programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code {
    /// RFC 5530: the mailbox is there already.
    AlreadyExists,
    /// RFC 4315: UIDVALIDITY, and the UIDs that the messages got.
    AppendUid(u32, String),
    /// RFC 5530: wrong user or password.
    AuthenticationFailed,
    /// RFC 5530: the login is right, but this user may not.
    AuthorizationFailed,
    /// RFC 3501: the charsets that are known.
    BadCharset,
    /// RFC 5530: never possible here.
    Cannot,
    /// RFC 3501.
    Capability(String),
    /// RFC 4315: UIDVALIDITY, and UIDs before and after.
    CopyUid(u32, String, String),
    /// RFC 5530: some messages are gone.
    ExpungeIssued,
    /// RFC 5530: over a limit of this server.
    Limit,
    /// RFC 5530: no such mailbox.
    NonExistent,
    /// RFC 5530: no space.
    OverQuota,
    /// RFC 3501: which flags are kept.
    PermanentFlags(String),
    /// RFC 5530: only inside TLS.
    PrivacyRequired,
    /// RFC 3501.
    ReadOnly,
    /// RFC 3501.
    ReadWrite,
    /// RFC 5530: something is wrong with the server's files.
    ServerBug,
    /// RFC 7889 §5.1, RFC 4469: the message or command is too large.
    TooBig,
    /// RFC 3501: create the mailbox first.
    TryCreate,
    /// RFC 3501.
    UidNext(u32),
    /// RFC 3501.
    UidValidity(u32),
    /// RFC 5530: a temporary failure.
    Unavailable,
    /// RFC 3501: sequence number of the first message not seen.
    Unseen(u32),
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyExists => f.write_str("ALREADYEXISTS"),
            Self::AppendUid(validity, uids) => write!(f, "APPENDUID {validity} {uids}"),
            Self::AuthenticationFailed => f.write_str("AUTHENTICATIONFAILED"),
            Self::AuthorizationFailed => f.write_str("AUTHORIZATIONFAILED"),
            Self::BadCharset => f.write_str("BADCHARSET (US-ASCII UTF-8)"),
            Self::Cannot => f.write_str("CANNOT"),
            Self::Capability(names) => write!(f, "CAPABILITY {names}"),
            Self::CopyUid(validity, from, to) => write!(f, "COPYUID {validity} {from} {to}"),
            Self::ExpungeIssued => f.write_str("EXPUNGEISSUED"),
            Self::Limit => f.write_str("LIMIT"),
            Self::NonExistent => f.write_str("NONEXISTENT"),
            Self::OverQuota => f.write_str("OVERQUOTA"),
            Self::PermanentFlags(flags) => write!(f, "PERMANENTFLAGS ({flags})"),
            Self::PrivacyRequired => f.write_str("PRIVACYREQUIRED"),
            Self::ReadOnly => f.write_str("READ-ONLY"),
            Self::ReadWrite => f.write_str("READ-WRITE"),
            Self::ServerBug => f.write_str("SERVERBUG"),
            Self::TooBig => f.write_str("TOOBIG"),
            Self::TryCreate => f.write_str("TRYCREATE"),
            Self::UidNext(uid) => write!(f, "UIDNEXT {uid}"),
            Self::UidValidity(validity) => write!(f, "UIDVALIDITY {validity}"),
            Self::Unavailable => f.write_str("UNAVAILABLE"),
            Self::Unseen(number) => write!(f, "UNSEEN {number}"),
        }
    }
}
