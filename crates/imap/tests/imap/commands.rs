//! The parser both ways, and what it must refuse.

use imap::fetch::{Content, ContentName, FetchItem, Partial, Section, SectionText, Seen};
use imap::parse::{SyntaxError, parse};
use imap::{
    Access, Authenticate, Bound, Command, Compare, Day, Echo, Fetch, Flag, List, Login, Numbering, Rename, Search,
    SearchKey, SequenceSet, StatusItem, Store, StoreMode, Subscription, Transfer,
};
use proptest::prelude::*;
use proptest::strategy::Union;
use sasl::Secret;

use crate::write;

fn name() -> impl Strategy<Value = String> {
    "[^\\p{Cc}]{1,20}".prop_filter("INBOX has one spelling", |n| !n.eq_ignore_ascii_case("INBOX"))
}

fn set() -> impl Strategy<Value = SequenceSet> {
    let bound = || prop_oneof![(1_u32..).prop_map(Bound::Number), Just(Bound::Last)];
    prop::collection::vec((bound(), bound()), 1..5).prop_map(|r| SequenceSet::new(r).expect("no zero in it"))
}

fn numbering() -> impl Strategy<Value = Numbering> {
    prop_oneof![Just(Numbering::Sequence), Just(Numbering::Uid)]
}

fn flag() -> impl Strategy<Value = Flag> {
    prop_oneof![prop::sample::select(Flag::SYSTEM.to_vec()), "[$a-zA-Z0-9_.-]{1,12}".prop_map(Flag::Keyword)]
}

fn content() -> impl Strategy<Value = FetchItem> {
    let names = || prop::collection::vec("[A-Za-z][A-Za-z-]{0,10}", 1..4);
    let text = prop_oneof![
        Just(SectionText::All),
        Just(SectionText::Header),
        Just(SectionText::Text),
        names().prop_map(SectionText::Fields),
        names().prop_map(SectionText::FieldsNot),
    ];
    let partial = prop::option::of((any::<u32>(), 1_u32..).prop_map(|(offset, length)| Partial { offset, length }));
    let seen = prop_oneof![Just(Seen::Set), Just(Seen::Peek)];
    (prop::collection::vec(1_u32.., 0..4), text, partial, seen).prop_map(|(path, text, partial, seen)| {
        let section = Section { path, text };
        FetchItem::Content(Content { name: ContentName::Body, section, partial, seen })
    })
}

fn items() -> impl Strategy<Value = Vec<FetchItem>> {
    use FetchItem::{Body, BodyStructure, Envelope, Flags, InternalDate, Size};
    let plain = prop::sample::select(vec![Body, BodyStructure, Envelope, Flags, InternalDate, Size]);
    prop::collection::vec(prop_oneof![plain, content()], 1..5).prop_map(|mut items| {
        items.insert(0, FetchItem::Uid);
        items
    })
}

fn key() -> impl Strategy<Value = SearchKey> {
    let day = || (0_i64..4_000_000_000).prop_map(Day::of);
    let compare = || prop::sample::select(vec![Compare::Before, Compare::On, Compare::Since]);
    let leaf = prop_oneof![
        Just(SearchKey::All),
        Just(SearchKey::Recent),
        set().prop_map(SearchKey::Sequence),
        set().prop_map(SearchKey::Uid),
        flag().prop_map(SearchKey::Flag),
        (compare(), day()).prop_map(|(c, d)| SearchKey::Internal(c, d)),
        (compare(), day()).prop_map(|(c, d)| SearchKey::Sent(c, d)),
        any::<u32>().prop_map(SearchKey::Larger),
        any::<u32>().prop_map(SearchKey::Smaller),
        ("[A-Za-z-]{1,10}", any::<String>()).prop_map(|(field, text)| SearchKey::Header { field, text }),
        any::<String>().prop_map(SearchKey::Body),
        any::<String>().prop_map(SearchKey::Text),
    ];
    leaf.prop_recursive(4, 20, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(SearchKey::negated),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| SearchKey::Or(Box::new(a), Box::new(b))),
            prop::collection::vec(inner, 2..4).prop_map(SearchKey::And),
        ]
    })
}

pub(crate) fn session_command() -> Union<BoxedStrategy<Command>> {
    let fields = prop::collection::vec(("[a-z-]{1,10}", prop::option::of("[^\\p{Cc}]{0,20}")), 0..4);
    let login = (any::<String>(), any::<Vec<u8>>())
        .prop_map(|(user, password)| Command::Login(Login { user, password: Secret::new(password) }));
    let authenticate =
        ("[A-Z0-9-]{1,20}", prop::option::of("[A-Za-z0-9+/]{1,30}=?")).prop_map(|(mechanism, initial)| {
            let initial = initial.map(|i| Secret::new(i.into_bytes()));
            Command::Authenticate(Authenticate { mechanism, initial })
        });
    Union::new([
        prop::sample::select(vec![Command::Capability, Command::Noop, Command::Logout, Command::StartTls]).boxed(),
        prop::sample::select(vec![Command::Namespace, Command::Idle, Command::Check, Command::Close]).boxed(),
        prop::sample::select(vec![Command::Unselect, Command::Expunge(None)]).boxed(),
        fields.prop_map(Command::Id).boxed(),
        login.boxed(),
        authenticate.boxed(),
        prop::collection::vec("[A-Z0-9=-]{1,12}", 1..3).prop_map(Command::Enable).boxed(),
    ])
}

pub(crate) fn mailbox_command() -> Union<BoxedStrategy<Command>> {
    use StatusItem::{Messages, Recent, UidNext, UidValidity, Unseen};
    let list = || (name(), "[^\\p{Cc}]{0,20}").prop_map(|(reference, pattern)| List { reference, pattern });
    let status = prop::sample::subsequence(vec![Messages, Recent, UidNext, UidValidity, Unseen], 1..5);
    Union::new([
        name().prop_map(|n| Command::Select(n, Access::ReadWrite)).boxed(),
        name().prop_map(|n| Command::Select(n, Access::ReadOnly)).boxed(),
        name().prop_map(Command::Create).boxed(),
        name().prop_map(Command::Delete).boxed(),
        (name(), name()).prop_map(|(from, to)| Command::Rename(Rename { from, to })).boxed(),
        name().prop_map(|n| Command::Subscribe(n, Subscription::Wanted)).boxed(),
        name().prop_map(|n| Command::Subscribe(n, Subscription::Unwanted)).boxed(),
        list().prop_map(Command::List).boxed(),
        list().prop_map(Command::Lsub).boxed(),
        (name(), status).prop_map(|(n, items)| Command::Status(n, items)).boxed(),
    ])
}

pub(crate) fn message_command() -> Union<BoxedStrategy<Command>> {
    let transfer =
        || (numbering(), set(), name()).prop_map(|(numbering, set, mailbox)| Transfer { numbering, set, mailbox });
    let mode = prop::sample::select(vec![StoreMode::Replace, StoreMode::Add, StoreMode::Remove]);
    let echo = prop::sample::select(vec![Echo::Loud, Echo::Silent]);
    let store = (numbering(), set(), mode, echo, prop::collection::vec(flag(), 0..4));
    Union::new([
        set().prop_map(|s| Command::Expunge(Some(s))).boxed(),
        (numbering(), key()).prop_map(|(numbering, key)| Command::Search(Search { numbering, key })).boxed(),
        (numbering(), set(), items())
            .prop_map(|(numbering, set, items)| Command::Fetch(Fetch { numbering, set, items }))
            .boxed(),
        store
            .prop_map(|(numbering, set, mode, echo, flags)| Command::Store(Store { numbering, set, mode, echo, flags }))
            .boxed(),
        transfer().prop_map(Command::Copy).boxed(),
        transfer().prop_map(Command::Move).boxed(),
    ])
}

proptest! {
    #[test]
    fn every_command_comes_back(command in prop_oneof![session_command(), mailbox_command(), message_command()]) {
        let line = [b"A1 ".to_vec(), write::command(&command)].concat();
        let (tag, read) = parse(&line).map_err(|e| TestCaseError::fail(format!("{e:?}: {}", line.escape_ascii())))?;
        prop_assert_eq!(tag.as_str(), "A1");
        prop_assert_eq!(read, command);
    }

    #[test]
    fn nothing_panics(line in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&line);
    }

    #[test]
    fn a_command_that_is_cut_or_changed_does_not_panic(
        command in prop_oneof![session_command(), mailbox_command(), message_command()],
        at in any::<prop::sample::Index>(),
        octet in any::<u8>(),
    ) {
        let mut line = [b"A1 ".to_vec(), write::command(&command)].concat();
        let at = at.index(line.len());
        let _ = parse(&line[..at]);
        line[at] = octet;
        let _ = parse(&line);
    }
}

fn error(line: &str) -> SyntaxError {
    parse(line.as_bytes()).expect_err(line).error
}

#[test]
fn what_is_not_a_command() {
    use SyntaxError::{Depth, Number, SystemFlag, Trailing, UnknownCommand};
    assert_eq!(error(""), SyntaxError::NoTag);
    assert_eq!(error("a+b NOOP"), SyntaxError::NoTag);
    assert_eq!(error("a FROB"), UnknownCommand);
    assert_eq!(error("a UID NOOP"), UnknownCommand);
    assert_eq!(error("a NOOP x"), Trailing);
    assert_eq!(error("a FETCH 0 FLAGS"), Number);
    assert_eq!(error("a FETCH 4294967296 FLAGS"), Number);
    assert_eq!(error("a STORE 1 FLAGS (\\Recent)"), SystemFlag);
    assert_eq!(error("a SEARCH CHARSET KOI8-R ALL"), SyntaxError::UnknownCharset);
    assert_eq!(error("a SEARCH CHARSET US-ASCII BODY \"ü\""), SyntaxError::Charset);
    assert_eq!(error(&format!("a SEARCH {}ALL", "NOT ".repeat(100))), Depth);
    assert_eq!(error(&format!("a SEARCH {}", "(".repeat(100_000))), Depth);
    assert_eq!(error(&format!("a FETCH 1 BODY[{}1]", "1.".repeat(300))), Depth);
    for line in ["a FETCH 1 BODY[MIME]", "a FETCH 1 BODY[]<0.0>", "a FETCH 1 BODY[HEADER.FIELDS ()]", "a STATUS x ()"] {
        assert!(parse(line.as_bytes()).is_err(), "{line}");
    }
}

#[test]
fn what_people_type() {
    for line in [
        "a  noop",
        "a NOOP ",
        "a fetch 1 (flags )",
        "a FETCH 1 (FAST)",
        "a STORE 1 +flags.silent \\Deleted",
        "a SEARCH undeleted  seen",
        "a UID search UID 1:* ",
        "a LIST \"\" *",
        "a LIST \"\" INBOX.%",
    ] {
        assert!(parse(line.as_bytes()).is_ok(), "{line}");
    }
}
