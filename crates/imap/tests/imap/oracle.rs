//! Held against imap-codec, another reading of RFC 3501: it must understand what we write, and we what it understands.

use imap::fetch::{Content, ContentName, Section, SectionText, Seen};
use imap::response::{Detail, FetchWriter};
use imap::{Command, Scanned};
use imap_codec::decode::Decoder;
use imap_codec::imap_types::fetch::MessageDataItem;
use imap_codec::imap_types::response::{Data, Response};
use imap_codec::{CommandCodec, ResponseCodec};
use proptest::prelude::*;

use crate::commands::{mailbox_command, message_command, session_command};
use crate::write;

/// Header fields as senders write them, and as nobody should.
fn header() -> impl Strategy<Value = String> {
    let field = prop_oneof![
        "(From|To|Cc|Bcc|Sender|Reply-To): [ -~ü]{0,40}",
        "(From|To|Cc): \"[ -~]{0,10}\" <[a-z]{1,5}@[a-z.]{1,8}>(, [a-z]{1,5}@[a-z]{1,5}){0,2}",
        "(To|Cc): [a-z ]{1,9}:( [a-z]{1,5}@[a-z]{1,5}(, [a-z]{1,5}@[a-z]{1,5}){0,2})?;",
        "(Subject|Date|Message-ID|In-Reply-To): [ -~ü]{0,40}(\r\n [ -~]{1,20})?",
        "Content-(ID|Description|MD5|Location|Language|Disposition): [ -~ü]{0,30}",
        "Content-Disposition: attachment; filename=[\"a-zü;= ]{0,12}",
        "Content-Transfer-Encoding: [a-z0-9-]{0,10}",
        "Content-Type: (text/plain|text/html|image/png|message/rfc822|message/global|[ -~]{0,20})(; [a-z*]{1,8}=[ -~]{0,9})?",
    ];
    prop::collection::vec(field, 0..6).prop_map(|fields| fields.iter().map(|f| format!("{f}\r\n")).collect())
}

/// Messages, some of them in parts.
fn message() -> impl Strategy<Value = String> {
    let leaf = (header(), "[ -~ü\r\n]{0,60}").prop_map(|(header, body)| format!("{header}\r\n{body}"));
    leaf.prop_recursive(3, 12, 3, |inner| {
        let multipart =
            (header(), "[a-c]", prop::collection::vec(inner.clone(), 0..4)).prop_map(|(header, b, parts)| {
                let parts: String = parts.iter().map(|part| format!("--{b}\r\n{part}\r\n")).collect();
                format!("Content-Type: multipart/mixed; boundary={b}\r\n{header}\r\n{parts}--{b}--\r\n")
            });
        let wrapped = inner.prop_map(|message| format!("Content-Type: message/rfc822\r\n\r\n{message}"));
        prop_oneof![multipart, wrapped]
    })
}

/// Everything that FETCH can say of a message.
fn answer(raw: &[u8]) -> Vec<u8> {
    let message = Scanned::new(raw);
    let mut writer = FetchWriter::new(7);
    writer.uid(42);
    writer.flags("\\Seen \\Recent $Work");
    writer.internal_date(837_596_665);
    writer.size(u64::try_from(raw.len()).expect("a size"));
    writer.envelope(message.header());
    writer.structure(raw, message.part(), Detail::Basic);
    writer.structure(raw, message.part(), Detail::Extended);
    let section = Section { path: Vec::new(), text: SectionText::Fields(vec!["To".into(), "X".into()]) };
    let wanted = Content { name: ContentName::Body, section, partial: None, seen: Seen::Peek };
    let octets = message.content(&wanted).expect("a message has a header");
    writer.content(&wanted, Some(octets.len()));
    let mut out = writer.take();
    out.extend_from_slice(&octets);
    out.extend(writer.finish());
    out
}

proptest! {
    #[test]
    fn what_fetch_says_is_understood(raw in message()) {
        let answer = answer(raw.as_bytes());
        let read = ResponseCodec::default().decode(&answer);
        let (rest, response) = read.map_err(|e| TestCaseError::fail(format!("{e:?}: {}", answer.escape_ascii())))?;
        prop_assert!(rest.is_empty());
        let Response::Data(Data::Fetch { seq, items }) = response else { panic!("no FETCH") };
        prop_assert_eq!(seq.get(), 7);
        let items: Vec<_> = items.into_iter().collect();
        prop_assert_eq!(items.len(), 8);
        prop_assert!(matches!(items[0], MessageDataItem::Uid(uid) if uid.get() == 42));
    }

    /// Both read what a client would write.
    #[test]
    fn commands_are_read_alike(command in prop_oneof![session_command(), mailbox_command(), message_command()]) {
        // Not among its extensions, or more than its grammar lets pass.
        prop_assume!(!matches!(command, Command::Enable(_) | Command::Login(_) | Command::Authenticate(_)));
        let line = [b"A1 ".to_vec(), write::command(&command), b"\r\n".to_vec()].concat();
        let read = CommandCodec::default().decode(&line);
        let (rest, read) = read.map_err(|e| TestCaseError::fail(format!("{e:?}: {}", line.escape_ascii())))?;
        prop_assert!(rest.is_empty());
        prop_assert_eq!(read.tag.as_ref(), "A1");
    }
}
