//! SEARCH (RFC 3501 §6.4.4).

use super::SyntaxError;
use super::arguments::sequence_set;
use super::cursor::Cursor;
use super::fetch::field_name;
use super::string::astring;
use crate::command::{Command, Search};
use crate::date::Day;
use crate::flag::Flag;
use crate::search::{Compare, SearchKey};
use crate::sequence::Numbering;

/// Parentheses, NOTs and ORs inside each other.
const MAX_DEPTH: usize = 50;

/// What texts are coded in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Charset {
    Ascii,
    Utf8,
}

/// `search = "SEARCH" [SP "CHARSET" SP astring] 1*(SP search-key)`
pub(super) fn search(c: &mut Cursor<'_>, numbering: Numbering) -> Result<Command, SyntaxError> {
    c.space()?;
    // Without a charset UTF-8 is let pass: plain ASCII reads the same.
    let charset = if c.eat_word("CHARSET ") { charset(c)? } else { Charset::Utf8 };
    let key = keys(&mut Reader { c, charset, depth: 0 })?;
    Ok(Command::Search(Search { numbering, key }))
}

fn charset(c: &mut Cursor<'_>) -> Result<Charset, SyntaxError> {
    let name = astring(c)?;
    c.space()?;
    if name.eq_ignore_ascii_case(b"UTF-8") {
        Ok(Charset::Utf8)
    } else if name.eq_ignore_ascii_case(b"US-ASCII") {
        Ok(Charset::Ascii)
    } else {
        Err(SyntaxError::UnknownCharset)
    }
}

struct Reader<'c, 'a> {
    c: &'c mut Cursor<'a>,
    charset: Charset,
    depth: usize,
}

/// `search-key *(SP search-key)`: all must match.
fn keys(r: &mut Reader<'_, '_>) -> Result<SearchKey, SyntaxError> {
    let mut all = vec![key(r)?];
    while !r.c.is_empty() && r.c.peek() != Some(b')') {
        r.c.space()?;
        if !r.c.is_empty() && r.c.peek() != Some(b')') {
            all.push(key(r)?);
        }
    }
    Ok(match all.pop() {
        Some(only) if all.is_empty() => only,
        last => SearchKey::And(all.into_iter().chain(last).collect()),
    })
}

fn key(r: &mut Reader<'_, '_>) -> Result<SearchKey, SyntaxError> {
    r.depth += 1;
    if r.depth > MAX_DEPTH {
        return Err(SyntaxError::Depth);
    }
    let key = match r.c.peek() {
        Some(b'(') => group(r),
        Some(b'*' | b'0'..=b'9') => sequence_set(r.c).map(SearchKey::Sequence),
        _ => named(r),
    };
    r.depth -= 1;
    key
}

fn group(r: &mut Reader<'_, '_>) -> Result<SearchKey, SyntaxError> {
    r.c.expect(b'(', "a parenthesis")?;
    let key = keys(r)?;
    r.c.expect(b')', "a closing parenthesis")?;
    Ok(key)
}

fn named(r: &mut Reader<'_, '_>) -> Result<SearchKey, SyntaxError> {
    let name = r.c.atom("a search key")?.to_ascii_uppercase();
    match flag_key(&name) {
        Some(key) => Ok(key),
        None => with_argument(r, &name),
    }
}

/// The keys without an argument.
fn flag_key(name: &str) -> Option<SearchKey> {
    let is = |flag| Some(SearchKey::Flag(flag));
    let not = |flag| Some(SearchKey::Flag(flag).negated());
    match name {
        "ALL" => Some(SearchKey::All),
        "ANSWERED" => is(Flag::Answered),
        "DELETED" => is(Flag::Deleted),
        "DRAFT" => is(Flag::Draft),
        "FLAGGED" => is(Flag::Flagged),
        "SEEN" => is(Flag::Seen),
        "UNANSWERED" => not(Flag::Answered),
        "UNDELETED" => not(Flag::Deleted),
        "UNDRAFT" => not(Flag::Draft),
        "UNFLAGGED" => not(Flag::Flagged),
        "UNSEEN" => not(Flag::Seen),
        "RECENT" => Some(SearchKey::Recent),
        "NEW" => Some(SearchKey::And(vec![SearchKey::Recent, SearchKey::Flag(Flag::Seen).negated()])),
        "OLD" => Some(SearchKey::Recent.negated()),
        _ => None,
    }
}

fn with_argument(r: &mut Reader<'_, '_>, name: &str) -> Result<SearchKey, SyntaxError> {
    const KEY: SyntaxError = SyntaxError::Expected("a search key");
    let header = |r: &mut Reader<'_, '_>| Ok(SearchKey::Header { field: name.to_owned(), text: text(r)? });
    match name {
        "NOT" => spaced(r).and_then(key).map(SearchKey::negated),
        "OR" => {
            let one = key(spaced(r)?)?;
            let other = key(spaced(r)?)?;
            Ok(SearchKey::Or(Box::new(one), Box::new(other)))
        }
        "FROM" | "TO" | "CC" | "BCC" | "SUBJECT" => header(r),
        "BODY" => text(r).map(SearchKey::Body),
        "TEXT" => text(r).map(SearchKey::Text),
        "HEADER" => {
            let field = field_name(spaced(r)?.c)?;
            Ok(SearchKey::Header { field, text: text(r)? })
        }
        "KEYWORD" => keyword(r),
        "UNKEYWORD" => keyword(r).map(SearchKey::negated),
        "UID" => sequence_set(spaced(r)?.c).map(SearchKey::Uid),
        "LARGER" => spaced(r)?.c.number().map(SearchKey::Larger),
        "SMALLER" => spaced(r)?.c.number().map(SearchKey::Smaller),
        "BEFORE" => day(r).map(|d| SearchKey::Internal(Compare::Before, d)),
        "ON" => day(r).map(|d| SearchKey::Internal(Compare::On, d)),
        "SINCE" => day(r).map(|d| SearchKey::Internal(Compare::Since, d)),
        "SENTBEFORE" => day(r).map(|d| SearchKey::Sent(Compare::Before, d)),
        "SENTON" => day(r).map(|d| SearchKey::Sent(Compare::On, d)),
        "SENTSINCE" => day(r).map(|d| SearchKey::Sent(Compare::Since, d)),
        _ => Err(KEY),
    }
}

fn spaced<'r, 'c, 'a>(r: &'r mut Reader<'c, 'a>) -> Result<&'r mut Reader<'c, 'a>, SyntaxError> {
    r.c.space().map(|()| r)
}

fn text(r: &mut Reader<'_, '_>) -> Result<String, SyntaxError> {
    let octets = astring(spaced(r)?.c)?;
    if r.charset == Charset::Ascii && !octets.is_ascii() {
        return Err(SyntaxError::Charset);
    }
    String::from_utf8(octets.into_owned()).map_err(|_| SyntaxError::Charset)
}

fn keyword(r: &mut Reader<'_, '_>) -> Result<SearchKey, SyntaxError> {
    let name = spaced(r)?.c.atom("a keyword")?;
    Ok(SearchKey::Flag(Flag::Keyword(name.to_owned())))
}

/// `date = date-text / DQUOTE date-text DQUOTE`
fn day(r: &mut Reader<'_, '_>) -> Result<Day, SyntaxError> {
    let text = astring(spaced(r)?.c)?;
    let day = std::str::from_utf8(&text).ok().and_then(Day::parse);
    day.ok_or(SyntaxError::Expected("a date such as 1-Feb-1994"))
}
