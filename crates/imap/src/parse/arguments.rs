//! The arguments of the commands that have simple ones.

use sasl::Secret;

use super::SyntaxError;
use super::cursor::Cursor;
use super::string::{flag_list, list_mailbox, mailbox as mailbox_name, secret, string, text};
use crate::command::{Append, Authenticate, Command, List, Login, MailboxName, Rename, StatusItem, Transfer};
use crate::date::parse_date_time;
use crate::sequence::{Bound, Numbering, SequenceSet};

/// More fields than this are not listened to (RFC 2971 §3.3: at most 30).
const MAX_ID_FIELDS: usize = 30;

/// `SP mailbox`
pub(super) fn mailbox(c: &mut Cursor<'_>) -> Result<MailboxName, SyntaxError> {
    c.space()?;
    mailbox_name(c)
}

/// RFC 2971 §3.1: `"ID" SP ("(" string SP nstring ... ")" / nil)`
pub(super) fn id(c: &mut Cursor<'_>) -> Result<Command, SyntaxError> {
    c.space()?;
    let mut fields = Vec::new();
    if c.eat_word("NIL") {
        return Ok(Command::Id(fields));
    }
    c.expect(b'(', "a list or NIL")?;
    while !c.eat(b')') {
        if fields.len() == MAX_ID_FIELDS {
            return Err(SyntaxError::Expected("at most 30 fields"));
        }
        let name = lossy(c)?;
        c.space()?;
        let value = if c.eat_word("NIL") { None } else { Some(lossy(c)?) };
        fields.push((name, value));
        while c.eat(b' ') {}
    }
    Ok(Command::Id(fields))
}

fn lossy(c: &mut Cursor<'_>) -> Result<String, SyntaxError> {
    string(c).map(|s| String::from_utf8_lossy(&s).into_owned())
}

/// RFC 3501 §9 `authenticate`, RFC 4959 §3 for the initial response.
pub(super) fn authenticate(c: &mut Cursor<'_>) -> Result<Command, SyntaxError> {
    c.space()?;
    let mechanism = c.atom("a mechanism")?.to_owned();
    let mut initial = None;
    if c.eat(b' ') {
        let coded = c.take_while(|o| o.is_ascii_alphanumeric() || matches!(o, b'+' | b'/' | b'='));
        initial = (!coded.is_empty()).then(|| Secret::new(coded));
    }
    Ok(Command::Authenticate(Authenticate { mechanism, initial }))
}

/// `login = "LOGIN" SP userid SP password`
pub(super) fn login(c: &mut Cursor<'_>) -> Result<Command, SyntaxError> {
    c.space()?;
    let user = text(c)?;
    c.space()?;
    let password = secret(c)?;
    Ok(Command::Login(Login { user, password }))
}

/// RFC 5161 §3.1: `1*(SP capability)`
pub(super) fn enable(c: &mut Cursor<'_>) -> Result<Command, SyntaxError> {
    let mut names = Vec::new();
    while names.is_empty() || !c.is_empty() {
        c.space()?;
        names.push(c.atom("a capability")?.to_owned());
    }
    Ok(Command::Enable(names))
}

pub(super) fn rename(c: &mut Cursor<'_>) -> Result<Command, SyntaxError> {
    let from = mailbox(c)?;
    let to = mailbox(c)?;
    Ok(Command::Rename(Rename { from, to }))
}

/// `list = "LIST" SP mailbox SP list-mailbox`
pub(super) fn list(c: &mut Cursor<'_>) -> Result<List, SyntaxError> {
    let reference = mailbox(c)?;
    c.space()?;
    let pattern = list_mailbox(c)?;
    Ok(List { reference, pattern })
}

/// `status = "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")"`
pub(super) fn status(c: &mut Cursor<'_>) -> Result<Command, SyntaxError> {
    let name = mailbox(c)?;
    c.space()?;
    c.expect(b'(', "a list of status items")?;
    let mut items = vec![status_item(c)?];
    while !c.eat(b')') {
        c.space()?;
        items.push(status_item(c)?);
    }
    items.dedup();
    Ok(Command::Status(name, items))
}

fn status_item(c: &mut Cursor<'_>) -> Result<StatusItem, SyntaxError> {
    const ITEM: &str = "MESSAGES, RECENT, UIDNEXT, UIDVALIDITY or UNSEEN";
    Ok(match c.atom(ITEM)?.to_ascii_uppercase().as_str() {
        "MESSAGES" => StatusItem::Messages,
        "RECENT" => StatusItem::Recent,
        "UIDNEXT" => StatusItem::UidNext,
        "UIDVALIDITY" => StatusItem::UidValidity,
        "UNSEEN" => StatusItem::Unseen,
        _ => return Err(SyntaxError::Expected(ITEM)),
    })
}

/// `append = "APPEND" SP mailbox [SP flag-list] [SP date-time] SP literal`, up to the literal.
pub(super) fn append(c: &mut Cursor<'_>) -> Result<Append, SyntaxError> {
    let mailbox = mailbox_name(c)?;
    c.space()?;
    let mut flags = Vec::new();
    if c.peek() == Some(b'(') {
        flags = flag_list(c)?;
        c.space()?;
    }
    let mut internal_date = None;
    if c.peek() == Some(b'"') {
        internal_date = Some(date_time(c)?);
        c.space()?;
    }
    if c.is_empty() { Ok(Append { mailbox, flags, internal_date }) } else { Err(SyntaxError::Trailing) }
}

fn date_time(c: &mut Cursor<'_>) -> Result<i64, SyntaxError> {
    let text = string(c)?;
    std::str::from_utf8(&text)
        .ok()
        .and_then(parse_date_time)
        .ok_or(SyntaxError::Expected("a date such as \"17-Jul-1996 02:44:25 -0700\""))
}

/// An APPEND that ends without its message.
pub(super) fn append_without_message(_: &mut Cursor<'_>) -> Result<Command, SyntaxError> {
    Err(SyntaxError::Expected("a mailbox, flags, a date and the message as a literal"))
}

/// RFC 4315 §2.1.
pub(super) fn uid_expunge(c: &mut Cursor<'_>) -> Result<Command, SyntaxError> {
    c.space()?;
    sequence_set(c).map(|set| Command::Expunge(Some(set)))
}

/// `copy = "COPY" SP sequence-set SP mailbox`; MOVE alike (RFC 6851 §4).
pub(super) fn transfer(c: &mut Cursor<'_>, numbering: Numbering) -> Result<Transfer, SyntaxError> {
    c.space()?;
    let set = sequence_set(c)?;
    let mailbox = mailbox(c)?;
    Ok(Transfer { numbering, set, mailbox })
}

/// `sequence-set = (seq-number / seq-range) *("," sequence-set)`
pub(super) fn sequence_set(c: &mut Cursor<'_>) -> Result<SequenceSet, SyntaxError> {
    let mut ranges = Vec::new();
    loop {
        let from = bound(c)?;
        let to = if c.eat(b':') { bound(c)? } else { from };
        ranges.push((from, to));
        if !c.eat(b',') {
            return SequenceSet::new(ranges).ok_or(SyntaxError::Number);
        }
    }
}

fn bound(c: &mut Cursor<'_>) -> Result<Bound, SyntaxError> {
    if c.eat(b'*') { Ok(Bound::Last) } else { c.nz_number().map(Bound::Number) }
}
