//! What a client can ask for, as values. [`crate::parse`] makes them.

use sasl::Secret;

use crate::fetch::FetchItem;
use crate::flag::Flag;
use crate::search::SearchKey;
use crate::sequence::{Numbering, SequenceSet};

/// What a client puts in front of a command, and the server in front of its last answer (RFC 3501 §2.2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag(pub(crate) String);

impl Tag {
    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A mailbox's name: UTF-8, decoded; `INBOX` in upper case (RFC 3501 §5.1).
pub type MailboxName = String;

/// A command with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// RFC 3501 §6.1.1.
    Capability,
    /// RFC 3501 §6.1.2.
    Noop,
    /// RFC 3501 §6.1.3.
    Logout,
    /// RFC 2971: what the client says of itself, field and value.
    Id(Vec<(String, Option<String>)>),
    /// RFC 3501 §6.2.1.
    StartTls,
    /// RFC 3501 §6.2.2, with the initial response of RFC 4959, still in base 64.
    Authenticate(Authenticate),
    /// RFC 3501 §6.2.3.
    Login(Login),
    /// RFC 5161: capabilities by name.
    Enable(Vec<String>),
    /// RFC 3501 §6.3.1 and §6.3.2.
    Select(MailboxName, Access),
    /// RFC 3501 §6.3.3.
    Create(MailboxName),
    /// RFC 3501 §6.3.4.
    Delete(MailboxName),
    /// RFC 3501 §6.3.5.
    Rename(Rename),
    /// RFC 3501 §6.3.6 and §6.3.7.
    Subscribe(MailboxName, Subscription),
    /// RFC 3501 §6.3.8.
    List(List),
    /// RFC 3501 §6.3.9.
    Lsub(List),
    /// RFC 3501 §6.3.10.
    Status(MailboxName, Vec<StatusItem>),
    /// RFC 2342.
    Namespace,
    /// RFC 2177.
    Idle,
    /// RFC 3501 §6.4.1.
    Check,
    /// RFC 3501 §6.4.2.
    Close,
    /// RFC 3691.
    Unselect,
    /// RFC 3501 §6.4.3; with a set, RFC 4315 §2.1.
    Expunge(Option<SequenceSet>),
    /// RFC 3501 §6.4.4.
    Search(Search),
    /// RFC 3501 §6.4.5.
    Fetch(Fetch),
    /// RFC 3501 §6.4.6.
    Store(Store),
    /// RFC 3501 §6.4.7.
    Copy(Transfer),
    /// RFC 6851.
    Move(Transfer),
}

/// `AUTHENTICATE`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticate {
    /// The mechanism as the client wrote it.
    pub mechanism: String,
    /// Base 64, or `=` for an empty one. It may hold a password.
    pub initial: Option<Secret>,
}

/// `LOGIN`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The user name.
    pub user: String,
    /// The password.
    pub password: Secret,
}

/// How a mailbox is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// SELECT
    ReadWrite,
    /// EXAMINE
    ReadOnly,
}

/// Whether a mailbox is wanted in LSUB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subscription {
    /// SUBSCRIBE
    Wanted,
    /// UNSUBSCRIBE
    Unwanted,
}

/// `RENAME`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rename {
    /// Old name.
    pub from: MailboxName,
    /// New name.
    pub to: MailboxName,
}

/// `LIST` and `LSUB`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// In front of the pattern.
    pub reference: String,
    /// With `*` and `%`, decoded.
    pub pattern: String,
}

/// RFC 3501 §6.3.10.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusItem {
    /// `MESSAGES`
    Messages,
    /// `RECENT`
    Recent,
    /// `UIDNEXT`
    UidNext,
    /// `UIDVALIDITY`
    UidValidity,
    /// `UNSEEN`
    Unseen,
}

/// `APPEND`, up to its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// Where to.
    pub mailbox: MailboxName,
    /// With these flags.
    pub flags: Vec<Flag>,
    /// Seconds since 1970.
    pub internal_date: Option<i64>,
}

/// `SEARCH`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// What is answered.
    pub numbering: Numbering,
    /// All of these must match; texts are already UTF-8.
    pub key: SearchKey,
}

/// `FETCH`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// What `set` means.
    pub numbering: Numbering,
    /// Which messages.
    pub set: SequenceSet,
    /// What of them. A UID FETCH holds [`FetchItem::Uid`] (RFC 3501 §6.4.8).
    pub items: Vec<FetchItem>,
}

/// How STORE changes flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreMode {
    /// `FLAGS`
    Replace,
    /// `+FLAGS`
    Add,
    /// `-FLAGS`
    Remove,
}

/// Whether STORE answers with the new flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Echo {
    /// It does.
    Loud,
    /// `.SILENT`
    Silent,
}

/// `STORE`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// What `set` means.
    pub numbering: Numbering,
    /// Which messages.
    pub set: SequenceSet,
    /// How.
    pub mode: StoreMode,
    /// Whether the new flags are answered.
    pub echo: Echo,
    /// Which flags.
    pub flags: Vec<Flag>,
}

/// `COPY` and `MOVE`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// What `set` means.
    pub numbering: Numbering,
    /// Which messages.
    pub set: SequenceSet,
    /// Where to.
    pub mailbox: MailboxName,
}
