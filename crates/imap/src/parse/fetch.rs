//! FETCH and STORE (RFC 3501 §6.4.5, §6.4.6).

use super::SyntaxError;
use super::arguments::sequence_set;
use super::cursor::Cursor;
use super::string::{astring, flag, flag_list};
use crate::command::{Command, Echo, Fetch, Store, StoreMode};
use crate::fetch::{Content, ContentName, FetchItem, Partial, Section, SectionText, Seen};
use crate::sequence::Numbering;

/// Parts inside each other: no real message comes near.
const MAX_PATH: usize = 200;

/// `fetch = "FETCH" SP sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")")`
pub(super) fn fetch(c: &mut Cursor<'_>, numbering: Numbering) -> Result<Command, SyntaxError> {
    c.space()?;
    let set = sequence_set(c)?;
    c.space()?;
    let mut items = if c.eat(b'(') { item_list(c)? } else { one(c)? };
    // RFC 3501 §6.4.8: the UID is answered whether it was asked for or not.
    if numbering == Numbering::Uid && !items.contains(&FetchItem::Uid) {
        items.insert(0, FetchItem::Uid);
    }
    Ok(Command::Fetch(Fetch { numbering, set, items }))
}

fn item_list(c: &mut Cursor<'_>) -> Result<Vec<FetchItem>, SyntaxError> {
    let mut items = one(c)?;
    while !c.eat(b')') {
        c.space()?;
        if c.eat(b')') {
            break;
        }
        items.extend(one(c)?);
    }
    Ok(items)
}

/// One item, or a macro: macros inside the parentheses are let pass.
fn one(c: &mut Cursor<'_>) -> Result<Vec<FetchItem>, SyntaxError> {
    use FetchItem::{Body, BodyStructure, Envelope, Flags, InternalDate, Size, Uid};
    let name = c.take_while(|o| o.is_ascii_alphanumeric() || o == b'.').to_ascii_uppercase();
    Ok(match name.as_slice() {
        b"ALL" => vec![Flags, InternalDate, Size, Envelope],
        b"FAST" => vec![Flags, InternalDate, Size],
        b"FULL" => vec![Flags, InternalDate, Size, Envelope, Body],
        b"ENVELOPE" => vec![Envelope],
        b"FLAGS" => vec![Flags],
        b"INTERNALDATE" => vec![InternalDate],
        b"UID" => vec![Uid],
        b"RFC822.SIZE" => vec![Size],
        b"RFC822" => vec![whole(ContentName::Rfc822, SectionText::All, Seen::Set)],
        b"RFC822.HEADER" => vec![whole(ContentName::Rfc822Header, SectionText::Header, Seen::Peek)],
        b"RFC822.TEXT" => vec![whole(ContentName::Rfc822Text, SectionText::Text, Seen::Set)],
        b"BODYSTRUCTURE" => vec![BodyStructure],
        b"BODY" if c.peek() != Some(b'[') => vec![Body],
        b"BODY" => vec![content(c, Seen::Set)?],
        b"BODY.PEEK" => vec![content(c, Seen::Peek)?],
        _ => return Err(SyntaxError::Expected("a data item of FETCH")),
    })
}

fn whole(name: ContentName, text: SectionText, seen: Seen) -> FetchItem {
    FetchItem::Content(Content { name, section: Section { path: Vec::new(), text }, partial: None, seen })
}

/// `section ["<" number "." nz-number ">"]`
fn content(c: &mut Cursor<'_>, seen: Seen) -> Result<FetchItem, SyntaxError> {
    c.expect(b'[', "a section")?;
    let section = section(c)?;
    c.expect(b']', "the end of a section")?;
    let partial = if c.eat(b'<') { Some(partial(c)?) } else { None };
    Ok(FetchItem::Content(Content { name: ContentName::Body, section, partial, seen }))
}

fn partial(c: &mut Cursor<'_>) -> Result<Partial, SyntaxError> {
    let offset = c.number()?;
    c.expect(b'.', "a period")?;
    let length = c.nz_number()?;
    c.expect(b'>', "the end of a partial")?;
    Ok(Partial { offset, length })
}

/// `section-spec = section-msgtext / (section-part ["." section-text])`
fn section(c: &mut Cursor<'_>) -> Result<Section, SyntaxError> {
    let mut path = Vec::new();
    if c.peek() == Some(b']') {
        return Ok(Section { path, text: SectionText::All });
    }
    while c.peek().is_some_and(|o| o.is_ascii_digit()) {
        path.push(c.nz_number()?);
        if path.len() > MAX_PATH {
            return Err(SyntaxError::Depth);
        }
        if !c.eat(b'.') {
            return Ok(Section { path, text: SectionText::All });
        }
    }
    let text = section_text(c)?;
    if path.is_empty() && text == SectionText::Mime {
        return Err(SyntaxError::Expected("a part number before MIME"));
    }
    Ok(Section { path, text })
}

fn section_text(c: &mut Cursor<'_>) -> Result<SectionText, SyntaxError> {
    let name = c.take_while(|o| o.is_ascii_alphabetic() || o == b'.').to_ascii_uppercase();
    Ok(match name.as_slice() {
        b"HEADER" => SectionText::Header,
        b"HEADER.FIELDS" => SectionText::Fields(header_list(c)?),
        b"HEADER.FIELDS.NOT" => SectionText::FieldsNot(header_list(c)?),
        b"TEXT" => SectionText::Text,
        b"MIME" => SectionText::Mime,
        _ => return Err(SyntaxError::Expected("HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT, TEXT or MIME")),
    })
}

/// `header-list = "(" header-fld-name *(SP header-fld-name) ")"`
fn header_list(c: &mut Cursor<'_>) -> Result<Vec<String>, SyntaxError> {
    c.space()?;
    c.expect(b'(', "a list of field names")?;
    let mut names = vec![field_name(c)?];
    while !c.eat(b')') {
        c.space()?;
        if c.peek() != Some(b')') {
            names.push(field_name(c)?);
        }
    }
    Ok(names)
}

/// RFC 5322 §2.2: printable ASCII without colon. Nothing else can name a field, and it is echoed in the answer.
pub(super) fn field_name(c: &mut Cursor<'_>) -> Result<String, SyntaxError> {
    let octets = astring(c)?;
    let valid = !octets.is_empty() && octets.iter().all(|o| o.is_ascii_graphic() && *o != b':');
    let name = valid.then(|| String::from_utf8_lossy(&octets).into_owned());
    name.ok_or(SyntaxError::Expected("the name of a header field"))
}

/// `store = "STORE" SP sequence-set SP ["+" / "-"] "FLAGS" [".SILENT"] SP (flag-list / (flag *(SP flag)))`
pub(super) fn store(c: &mut Cursor<'_>, numbering: Numbering) -> Result<Command, SyntaxError> {
    c.space()?;
    let set = sequence_set(c)?;
    c.space()?;
    let mode = match c.peek() {
        Some(b'+') => StoreMode::Add,
        Some(b'-') => StoreMode::Remove,
        _ => StoreMode::Replace,
    };
    let _sign = c.eat(b'+') || c.eat(b'-');
    if !c.eat_word("FLAGS") {
        return Err(SyntaxError::Expected("FLAGS, +FLAGS or -FLAGS"));
    }
    let echo = if c.eat_word(".SILENT") { Echo::Silent } else { Echo::Loud };
    c.space()?;
    let flags = if c.peek() == Some(b'(') { flag_list(c)? } else { bare_flags(c)? };
    Ok(Command::Store(Store { numbering, set, mode, echo, flags }))
}

fn bare_flags(c: &mut Cursor<'_>) -> Result<Vec<crate::flag::Flag>, SyntaxError> {
    let mut flags = vec![flag(c)?];
    while !c.is_empty() {
        c.space()?;
        flags.push(flag(c)?);
    }
    Ok(flags)
}
