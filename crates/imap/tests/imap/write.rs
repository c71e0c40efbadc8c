//! Commands as text: the other direction of the parser, as a client would write them.

use std::fmt::Write;

use imap::fetch::{Content, ContentName, FetchItem, Section, SectionText, Seen};
use imap::{
    Access, Command, Compare, Echo, Fetch, Flag, List, Numbering, Search, SearchKey, StatusItem, Store, StoreMode,
    Subscription, Transfer, encode_mailbox,
};

/// Quoted where that is possible, else a literal.
pub(crate) fn string(octets: &[u8]) -> Vec<u8> {
    if octets.iter().all(|o| matches!(o, b' '..=b'~')) {
        let text = String::from_utf8(octets.to_vec()).expect("ASCII");
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")).into_bytes()
    } else {
        [format!("{{{}+}}\r\n", octets.len()).as_bytes(), octets].concat()
    }
}

fn mailbox(name: &str) -> Vec<u8> {
    string(encode_mailbox(name).as_bytes())
}

fn join(parts: &[&[u8]]) -> Vec<u8> {
    parts.join(&b' ')
}

fn numbered(numbering: Numbering, rest: Vec<u8>) -> Vec<u8> {
    if numbering == Numbering::Uid { [b"UID ".to_vec(), rest].concat() } else { rest }
}

/// The command without its tag.
pub(crate) fn command(command: &Command) -> Vec<u8> {
    match command {
        Command::Capability => b"CAPABILITY".to_vec(),
        Command::Noop => b"NOOP".to_vec(),
        Command::Logout => b"LOGOUT".to_vec(),
        Command::StartTls => b"STARTTLS".to_vec(),
        Command::Namespace => b"NAMESPACE".to_vec(),
        Command::Idle => b"IDLE".to_vec(),
        Command::Check => b"CHECK".to_vec(),
        Command::Close => b"CLOSE".to_vec(),
        Command::Unselect => b"UNSELECT".to_vec(),
        Command::Id(fields) => id(fields),
        Command::Login(l) => join(&[b"LOGIN", &string(l.user.as_bytes()), &string(l.password.expose())]),
        Command::Authenticate(a) => {
            let initial = a.initial.as_ref().map(|i| [b" ", i.expose()].concat()).unwrap_or_default();
            [b"AUTHENTICATE ", a.mechanism.as_bytes(), &initial].concat()
        }
        Command::Enable(names) => format!("ENABLE {}", names.join(" ")).into_bytes(),
        Command::Select(name, Access::ReadWrite) => join(&[b"SELECT", &mailbox(name)]),
        Command::Select(name, Access::ReadOnly) => join(&[b"EXAMINE", &mailbox(name)]),
        Command::Create(name) => join(&[b"CREATE", &mailbox(name)]),
        Command::Delete(name) => join(&[b"DELETE", &mailbox(name)]),
        Command::Rename(r) => join(&[b"RENAME", &mailbox(&r.from), &mailbox(&r.to)]),
        Command::Subscribe(name, Subscription::Wanted) => join(&[b"SUBSCRIBE", &mailbox(name)]),
        Command::Subscribe(name, Subscription::Unwanted) => join(&[b"UNSUBSCRIBE", &mailbox(name)]),
        Command::List(l) => list(b"LIST", l),
        Command::Lsub(l) => list(b"LSUB", l),
        Command::Status(name, items) => status(name, items),
        Command::Expunge(None) => b"EXPUNGE".to_vec(),
        Command::Expunge(Some(set)) => format!("UID EXPUNGE {set}").into_bytes(),
        Command::Search(s) => search(s),
        Command::Fetch(f) => fetch(f),
        Command::Store(s) => store(s),
        Command::Copy(t) => transfer("COPY", t),
        Command::Move(t) => transfer("MOVE", t),
    }
}

fn id(fields: &[(String, Option<String>)]) -> Vec<u8> {
    let mut words = Vec::new();
    for (name, value) in fields {
        words.push(string(name.as_bytes()));
        words.push(value.as_ref().map_or(b"NIL".to_vec(), |v| string(v.as_bytes())));
    }
    if words.is_empty() { b"ID NIL".to_vec() } else { [b"ID (", words.join(&b' ').as_slice(), b")"].concat() }
}

fn list(name: &[u8], l: &List) -> Vec<u8> {
    join(&[name, &mailbox(&l.reference), &mailbox(&l.pattern)])
}

fn status(name: &str, items: &[StatusItem]) -> Vec<u8> {
    let names: Vec<String> = items.iter().map(|i| format!("{i:?}").to_uppercase()).collect();
    join(&[b"STATUS", &mailbox(name), format!("({})", names.join(" ")).as_bytes()])
}

fn transfer(name: &str, t: &Transfer) -> Vec<u8> {
    numbered(t.numbering, join(&[name.as_bytes(), t.set.to_string().as_bytes(), &mailbox(&t.mailbox)]))
}

fn store(s: &Store) -> Vec<u8> {
    let mode = match s.mode {
        StoreMode::Replace => "",
        StoreMode::Add => "+",
        StoreMode::Remove => "-",
    };
    let silent = if s.echo == Echo::Silent { ".SILENT" } else { "" };
    let flags: Vec<&str> = s.flags.iter().map(Flag::as_str).collect();
    numbered(s.numbering, format!("STORE {} {mode}FLAGS{silent} ({})", s.set, flags.join(" ")).into_bytes())
}

fn fetch(f: &Fetch) -> Vec<u8> {
    let items: Vec<String> = f.items.iter().map(item).collect();
    numbered(f.numbering, format!("FETCH {} ({})", f.set, items.join(" ")).into_bytes())
}

fn item(item: &FetchItem) -> String {
    match item {
        FetchItem::Envelope => "ENVELOPE".into(),
        FetchItem::Flags => "FLAGS".into(),
        FetchItem::InternalDate => "INTERNALDATE".into(),
        FetchItem::Uid => "UID".into(),
        FetchItem::Size => "RFC822.SIZE".into(),
        FetchItem::Body => "BODY".into(),
        FetchItem::BodyStructure => "BODYSTRUCTURE".into(),
        FetchItem::Content(content) => content_item(content),
    }
}

fn content_item(content: &Content) -> String {
    match content.name {
        ContentName::Rfc822 => "RFC822".into(),
        ContentName::Rfc822Header => "RFC822.HEADER".into(),
        ContentName::Rfc822Text => "RFC822.TEXT".into(),
        ContentName::Body => {
            let peek = if content.seen == Seen::Peek { ".PEEK" } else { "" };
            let partial = content.partial.map(|p| format!("<{}.{}>", p.offset, p.length)).unwrap_or_default();
            format!("BODY{peek}[{}]{partial}", section(&content.section))
        }
    }
}

fn section(section: &Section) -> String {
    let mut parts: Vec<String> = section.path.iter().map(u32::to_string).collect();
    match &section.text {
        SectionText::All => {}
        SectionText::Header => parts.push("HEADER".into()),
        SectionText::Fields(names) => parts.push(format!("HEADER.FIELDS ({})", names.join(" "))),
        SectionText::FieldsNot(names) => parts.push(format!("HEADER.FIELDS.NOT ({})", names.join(" "))),
        SectionText::Text => parts.push("TEXT".into()),
        SectionText::Mime => parts.push("MIME".into()),
    }
    parts.join(".")
}

fn search(s: &Search) -> Vec<u8> {
    numbered(s.numbering, [b"SEARCH CHARSET UTF-8 ".to_vec(), key(&s.key)].concat())
}

fn key(k: &SearchKey) -> Vec<u8> {
    let mut text = String::new();
    let written = match k {
        SearchKey::All => write!(text, "ALL"),
        SearchKey::Recent => write!(text, "RECENT"),
        SearchKey::Sequence(set) => write!(text, "{set}"),
        SearchKey::Uid(set) => write!(text, "UID {set}"),
        SearchKey::Flag(Flag::Keyword(name)) => write!(text, "KEYWORD {name}"),
        SearchKey::Flag(flag) => write!(text, "{}", flag.as_str().trim_start_matches('\\')),
        SearchKey::Internal(c, day) => write!(text, "{} {day}", compare(*c)),
        SearchKey::Sent(c, day) => write!(text, "SENT{} {day}", compare(*c)),
        SearchKey::Larger(n) => write!(text, "LARGER {n}"),
        SearchKey::Smaller(n) => write!(text, "SMALLER {n}"),
        SearchKey::Header { field, text } => return join(&[b"HEADER", field.as_bytes(), &string(text.as_bytes())]),
        SearchKey::Body(text) => return join(&[b"BODY", &string(text.as_bytes())]),
        SearchKey::Text(text) => return join(&[b"TEXT", &string(text.as_bytes())]),
        SearchKey::Not(inner) => return join(&[b"NOT", &key(inner)]),
        SearchKey::Or(a, b) => return join(&[b"OR", &key(a), &key(b)]),
        SearchKey::And(keys) => {
            let keys: Vec<Vec<u8>> = keys.iter().map(key).collect();
            return [b"(", keys.join(&b' ').as_slice(), b")"].concat();
        }
    };
    written.expect("a String takes all");
    text.into_bytes()
}

fn compare(c: Compare) -> &'static str {
    match c {
        Compare::Before => "BEFORE",
        Compare::On => "ON",
        Compare::Since => "SINCE",
    }
}
