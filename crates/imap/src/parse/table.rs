//! Every command: its name, the states in which it may be said, and what reads its arguments.

use super::SyntaxError;
use super::arguments as a;
use super::cursor::Cursor;
use super::fetch::{fetch, store};
use super::search::search;
use crate::command::{Access, Command, Subscription};
use crate::sequence::Numbering;

/// In which states a command may be said (RFC 3501 §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// §6.1
    Always,
    /// §6.2
    BeforeLogin,
    /// §6.3: with or without a selected mailbox.
    AfterLogin,
    /// §6.4
    Selected,
}

type Read = fn(&mut Cursor<'_>) -> Result<Command, SyntaxError>;

/// A row.
#[derive(Debug)]
pub(crate) struct Entry {
    /// In upper case; `UID FETCH` and its like have two words.
    pub(crate) name: &'static str,
    pub(crate) allowed: Allowed,
    pub(crate) read: Read,
}

impl Entry {
    const fn new(name: &'static str, allowed: Allowed, read: Read) -> Self {
        Self { name, allowed, read }
    }

    /// Whether these one or two words name it.
    pub(crate) fn is(&self, first: &str, second: Option<&str>) -> bool {
        let mut words = self.name.split(' ');
        let same = |word: Option<&str>, said: &str| word.is_some_and(|w| w.eq_ignore_ascii_case(said));
        same(words.next(), first) && words.next().map_or(second.is_none(), |w| second.is_some_and(|s| same(Some(w), s)))
    }
}

use Allowed::{AfterLogin, Always, BeforeLogin, Selected};
use Numbering::{Sequence, Uid};

/// All of them. An `APPEND` whose message comes is not read by its row: see [`super::append_head`].
pub(crate) const COMMANDS: &[Entry] = &[
    Entry::new("CAPABILITY", Always, |_| Ok(Command::Capability)),
    Entry::new("NOOP", Always, |_| Ok(Command::Noop)),
    Entry::new("LOGOUT", Always, |_| Ok(Command::Logout)),
    Entry::new("ID", Always, a::id),
    Entry::new("STARTTLS", BeforeLogin, |_| Ok(Command::StartTls)),
    Entry::new("AUTHENTICATE", BeforeLogin, a::authenticate),
    Entry::new("LOGIN", BeforeLogin, a::login),
    Entry::new("ENABLE", AfterLogin, a::enable),
    Entry::new("SELECT", AfterLogin, |c| a::mailbox(c).map(|m| Command::Select(m, Access::ReadWrite))),
    Entry::new("EXAMINE", AfterLogin, |c| a::mailbox(c).map(|m| Command::Select(m, Access::ReadOnly))),
    Entry::new("CREATE", AfterLogin, |c| a::mailbox(c).map(Command::Create)),
    Entry::new("DELETE", AfterLogin, |c| a::mailbox(c).map(Command::Delete)),
    Entry::new("RENAME", AfterLogin, a::rename),
    Entry::new("SUBSCRIBE", AfterLogin, |c| a::mailbox(c).map(|m| Command::Subscribe(m, Subscription::Wanted))),
    Entry::new("UNSUBSCRIBE", AfterLogin, |c| a::mailbox(c).map(|m| Command::Subscribe(m, Subscription::Unwanted))),
    Entry::new("LIST", AfterLogin, |c| a::list(c).map(Command::List)),
    Entry::new("LSUB", AfterLogin, |c| a::list(c).map(Command::Lsub)),
    Entry::new("STATUS", AfterLogin, a::status),
    Entry::new("NAMESPACE", AfterLogin, |_| Ok(Command::Namespace)),
    Entry::new("IDLE", AfterLogin, |_| Ok(Command::Idle)),
    Entry::new("APPEND", AfterLogin, a::append_without_message),
    Entry::new("CHECK", Selected, |_| Ok(Command::Check)),
    Entry::new("CLOSE", Selected, |_| Ok(Command::Close)),
    Entry::new("UNSELECT", Selected, |_| Ok(Command::Unselect)),
    Entry::new("EXPUNGE", Selected, |_| Ok(Command::Expunge(None))),
    Entry::new("UID EXPUNGE", Selected, a::uid_expunge),
    Entry::new("SEARCH", Selected, |c| search(c, Sequence)),
    Entry::new("UID SEARCH", Selected, |c| search(c, Uid)),
    Entry::new("FETCH", Selected, |c| fetch(c, Sequence)),
    Entry::new("UID FETCH", Selected, |c| fetch(c, Uid)),
    Entry::new("STORE", Selected, |c| store(c, Sequence)),
    Entry::new("UID STORE", Selected, |c| store(c, Uid)),
    Entry::new("COPY", Selected, |c| a::transfer(c, Sequence).map(Command::Copy)),
    Entry::new("UID COPY", Selected, |c| a::transfer(c, Uid).map(Command::Copy)),
    Entry::new("MOVE", Selected, |c| a::transfer(c, Sequence).map(Command::Move)),
    Entry::new("UID MOVE", Selected, |c| a::transfer(c, Uid).map(Command::Move)),
];
