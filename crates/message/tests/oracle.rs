//! The structure scanner against another parser, `mail-parser`, on well-formed messages of any shape.

use mail_parser::{MessageParser, PartType};
use message::{Content, Part};
use proptest::prelude::*;

/// A part to be written.
#[derive(Debug, Clone)]
enum Tree {
    Text(String),
    Message(Box<Tree>),
    Multipart(Vec<Tree>),
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = "([ -,.-~]{0,30}\r\n){0,4}".prop_map(Tree::Text);
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![inner.clone().prop_map(attached), prop::collection::vec(inner, 1..5).prop_map(Tree::Multipart),]
    })
}

/// A message with that content. Not straight inside another message: inside a multipart mail-parser 0.11.9 loses its
/// place there, so that there is nothing to compare with.
fn attached(content: Tree) -> Tree {
    match content {
        Tree::Message(_) => content,
        content => Tree::Message(Box::new(content)),
    }
}

/// Writes a part; boundaries are numbered so that none begins another.
fn write(tree: &Tree, number: &mut u32, into: &mut String) {
    *number += 1;
    match tree {
        Tree::Text(text) => into.push_str(&format!("Content-Type: text/plain\r\nX-Part: {number}\r\n\r\n{text}")),
        Tree::Message(inner) => {
            into.push_str("Content-Type: message/rfc822\r\n\r\n");
            write(inner, number, into);
        }
        Tree::Multipart(parts) => {
            let boundary = format!("=_b{number}_");
            into.push_str(&format!("Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\r\npreamble"));
            for part in parts {
                into.push_str(&format!("\r\n--{boundary}\r\n"));
                write(part, number, into);
            }
            into.push_str(&format!("\r\n--{boundary}--\r\n"));
        }
    }
}

/// Header, body and end of each leaf, by us.
fn ours(part: &Part, into: &mut Vec<(usize, usize, usize)>) {
    match &part.content {
        Content::Leaf => into.push((part.header.start, part.body.start, part.body.end)),
        Content::Message(inner) => ours(inner, into),
        Content::Multipart(parts) => parts.iter().for_each(|part| ours(part, into)),
    }
}

/// The same by the other parser.
fn theirs(message: &mail_parser::Message<'_>, into: &mut Vec<(usize, usize, usize)>) {
    for part in &message.parts {
        match &part.body {
            PartType::Message(inner) => theirs(inner, into),
            PartType::Multipart(_) => {}
            _ => into.push((part.offset_header as usize, part.offset_body as usize, part.offset_end as usize)),
        }
    }
}

proptest! {
    #[test]
    fn leaves_are_where_mail_parser_finds_them(tree in tree()) {
        let mut text = String::new();
        write(&tree, &mut 0, &mut text);
        let (mut mine, mut other) = (Vec::new(), Vec::new());
        ours(&Part::scan(text.as_bytes()), &mut mine);
        theirs(&MessageParser::default().parse(text.as_bytes()).expect("a message"), &mut other);
        prop_assert_eq!(mine, other, "{}", text);
    }
}
