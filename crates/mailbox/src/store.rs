//! The border between those who read mail and how it is kept.

use std::collections::BTreeSet;
use std::future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::watch;

/// A boxed future, so that stores can be trait objects.
pub type Future<'a, T> = Pin<Box<dyn future::Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// RFC 3501 §2.3.1.1: never zero.
pub type Uid = u32;

/// A folder's name as users see it: UTF-8, `/` between levels, `INBOX` in upper case. Bounds and forbidden
/// characters are the store's to check ([`StoreError::BadName`]).
pub type FolderName = String;

/// Why a store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No such folder.
    #[error("no folder named {0}")]
    NoSuchFolder(FolderName),
    /// It is there already.
    #[error("folder {0} exists already")]
    Exists(FolderName),
    /// The name cannot be kept; the text says why.
    #[error("{0}")]
    BadName(&'static str),
    /// The message is gone (another session removed it).
    #[error("the message is gone")]
    Gone,
    /// No space, or over quota.
    #[error("no space left for mail")]
    NoSpace,
    /// The files could not be read or written: path, uid, errno and what to do.
    #[error("{path}: {error} (as uid {uid})")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Who tried.
        uid: u32,
        /// What happened.
        error: std::io::Error,
    },
    /// The index could not be read or written.
    #[error("index: {0}")]
    Index(String),
}

/// System flags (RFC 3501 §2.3.2), as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Flags(pub u8);

impl Flags {
    /// `\Seen`
    pub const SEEN: Self = Self(1);
    /// `\Answered`
    pub const ANSWERED: Self = Self(2);
    /// `\Flagged`
    pub const FLAGGED: Self = Self(4);
    /// `\Deleted`
    pub const DELETED: Self = Self(8);
    /// `\Draft`
    pub const DRAFT: Self = Self(16);

    /// Whether all of `other` are set.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// What is known of a message without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// Its UID.
    pub uid: Uid,
    /// System flags.
    pub flags: Flags,
    /// Keywords, in the case they were first set in.
    pub keywords: BTreeSet<Arc<str>>,
    /// RFC822.SIZE: octets with CRLF line ends.
    pub size: u64,
    /// INTERNALDATE: seconds since 1970.
    pub internal_date: i64,
}

/// A folder at one moment: immutable, shared by every session that looks at it. A session keeps the one that its
/// sequence numbers refer to and compares it with a later one to tell its client what changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// UIDVALIDITY.
    pub uid_validity: u32,
    /// UIDNEXT.
    pub uid_next: Uid,
    /// Ascending by UID; the sequence number is the index plus one.
    pub messages: Vec<Arc<Meta>>,
}

/// RFC 6154.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SpecialUse {
    /// `\Archive`
    Archive,
    /// `\Drafts`
    Drafts,
    /// `\Junk`
    Junk,
    /// `\Sent`
    Sent,
    /// `\Trash`
    Trash,
}

/// A folder in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderInfo {
    /// Name.
    pub name: FolderName,
    /// Whether it can be selected (a mere parent cannot).
    pub selectable: bool,
    /// RFC 6154.
    pub special_use: Option<SpecialUse>,
}

/// STATUS (RFC 3501 §6.3.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// MESSAGES
    pub messages: u32,
    /// RECENT
    pub recent: u32,
    /// UIDNEXT
    pub uid_next: Uid,
    /// UIDVALIDITY
    pub uid_validity: u32,
    /// UNSEEN: how many are not seen.
    pub unseen: u32,
}

/// A message to be added.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Content, CRLF line ends.
    pub body: Bytes,
    /// System flags.
    pub flags: Flags,
    /// Keywords.
    pub keywords: BTreeSet<Arc<str>>,
    /// Seconds since 1970; `None` is now.
    pub internal_date: Option<i64>,
}

/// How STORE changes flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlagChange {
    /// `+FLAGS`
    Add,
    /// `-FLAGS`
    Remove,
    /// `FLAGS`
    Replace,
}

/// UIDPLUS (RFC 4315): where messages went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// The target's UIDVALIDITY.
    pub uid_validity: u32,
    /// Old UID, new UID, ascending by the old one.
    pub uids: Vec<(Uid, Uid)>,
}

/// All mail of all accounts. `home` is the account's Maildir, made at the first use.
pub trait MailStore: Send + Sync {
    /// All folders, INBOX first, then by name.
    fn folders(&self, home: &std::path::Path) -> Future<'_, Vec<FolderInfo>>;
    /// Makes a folder, and its parents where they are missing.
    fn create(&self, home: &std::path::Path, name: &str) -> Future<'_, ()>;
    /// Removes a folder (RFC 3501 §6.3.4: its children stay).
    fn delete(&self, home: &std::path::Path, name: &str) -> Future<'_, ()>;
    /// Renames a folder with its children; INBOX keeps itself and gives its messages away (RFC 3501 §6.3.5).
    fn rename(&self, home: &std::path::Path, from: &str, to: &str) -> Future<'_, ()>;
    /// Subscribed names, also of folders that are gone (RFC 3501 §6.3.6).
    fn subscriptions(&self, home: &std::path::Path) -> Future<'_, Vec<FolderName>>;
    /// Subscribes or unsubscribes.
    fn subscribe(&self, home: &std::path::Path, name: &str, wanted: bool) -> Future<'_, ()>;
    /// STATUS, without opening.
    fn status(&self, home: &std::path::Path, name: &str) -> Future<'_, Status>;
    /// Opens a folder; many sessions share one. Fresh from disk: what other programs did is seen.
    fn open(&self, home: &std::path::Path, name: &str) -> Future<'_, Arc<dyn Folder>>;
    /// Adds messages, all or none; durable when it returns. The UIDs, and the UIDVALIDITY.
    fn append(&self, home: &std::path::Path, name: &str, messages: Vec<NewMessage>) -> Future<'_, (u32, Vec<Uid>)>;
}

/// One open folder, shared by all sessions that look at it.
pub trait Folder: Send + Sync {
    /// As it is now (cheap).
    fn snapshot(&self) -> Arc<Snapshot>;
    /// Looks at the disk again, then as [`Self::snapshot`].
    fn refresh(&self) -> Future<'_, Arc<Snapshot>>;
    /// Changes whenever the snapshot does (by any session, by delivery, by other programs).
    fn changes(&self) -> watch::Receiver<u64>;
    /// RFC 3501 §2.3.2 `\Recent`: messages with this UID and above are new to the caller; with `claim` nobody else is told so again.
    fn recent(&self, claim: bool) -> Uid;
    /// The whole message, CRLF line ends.
    fn read(&self, uid: Uid) -> Future<'_, Bytes>;
    /// Changes flags; UIDs that are gone are passed over. The new snapshot.
    fn store(
        &self,
        uids: Vec<Uid>,
        change: FlagChange,
        flags: Flags,
        keywords: BTreeSet<Arc<str>>,
    ) -> Future<'_, Arc<Snapshot>>;
    /// Removes these messages. The ones removed.
    fn expunge(&self, uids: Vec<Uid>) -> Future<'_, Vec<Uid>>;
    /// Copies into another folder of the same account, all or none, with flags and dates.
    fn copy(&self, uids: Vec<Uid>, target: &str) -> Future<'_, Copied>;
    /// Moves (RFC 6851).
    fn relocate(&self, uids: Vec<Uid>, target: &str) -> Future<'_, Copied>;
}
