//! Address lists of header fields (RFC 5322 §3.4), taken apart as ENVELOPE wants them (RFC 3501 §7.4.2) and still encoded.
//! Nothing is refused: what cannot be read becomes a mailbox without a host.

use crate::cursor::Cursor;

/// Entries of one field that are kept.
const MAX_ENTRIES: usize = 10_000;
/// What ends an atom in an address.
const SPECIALS: &[u8] = b"<>@,;:";

/// One entry of an address list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListedAddress {
    /// The display name, still encoded (RFC 2047); or the comment behind the address, as old mail has it.
    pub name: Option<Vec<u8>>,
    /// The source route (obsolete, RFC 5322 §4.4), `@a,@b`.
    pub route: Option<Vec<u8>>,
    /// The local part unquoted; of a group's start its name; of its end `None`.
    pub mailbox: Option<Vec<u8>>,
    /// The domain; `None` for a group's start and end (RFC 3501 §7.4.2). Empty where the address has none.
    pub host: Option<Vec<u8>>,
}

/// Takes an unfolded value apart. A group gives an entry for its start, its members, and one for its end.
pub fn address_list(value: &[u8]) -> Vec<ListedAddress> {
    let mut reader = Reader { cursor: Cursor::new(value), found: Vec::new(), group: false };
    while reader.found.len() < MAX_ENTRIES && reader.entry() {}
    if reader.group {
        reader.found.push(ListedAddress::default());
    }
    reader.found
}

struct Reader<'a> {
    cursor: Cursor<'a>,
    found: Vec<ListedAddress>,
    /// Inside a group: its end is owed.
    group: bool,
}

impl Reader<'_> {
    /// Reads what stands up to the next separator. `false` at the end.
    fn entry(&mut self) -> bool {
        let (words, comment) = self.words();
        match self.cursor.peek() {
            Some(b'<') => self.angle(joined(words, b" ").or(comment)),
            Some(b'@') => self.bare(joined(words, b""), comment),
            Some(b':') if !self.group => {
                self.group = true;
                let mailbox = Some(joined(words, b" ").unwrap_or_default());
                self.found.push(ListedAddress { mailbox, ..ListedAddress::default() });
                self.cursor.bump();
            }
            next => {
                if let Some(mailbox) = joined(words, b" ") {
                    self.push(comment, None, (mailbox, Vec::new()));
                }
                if next == Some(b';') && std::mem::take(&mut self.group) {
                    self.found.push(ListedAddress::default());
                }
                return self.cursor.bump().is_some();
            }
        }
        true
    }

    /// Words up to one of the specials, and the last comment among them.
    fn words(&mut self) -> (Vec<Vec<u8>>, Option<Vec<u8>>) {
        let mut words = Vec::new();
        let mut comment = None;
        loop {
            comment = self.cursor.space().or(comment);
            match self.cursor.word(SPECIALS) {
                Some(word) => words.push(word),
                // A NUL ends an atom and begins none.
                None if self.cursor.eat(0) => {}
                None => return (words, comment),
            }
        }
    }

    /// `angle-addr`; its closing bracket may be missing.
    fn angle(&mut self, name: Option<Vec<u8>>) {
        self.cursor.bump();
        self.cursor.space();
        let route = (self.cursor.peek() == Some(b'@')).then(|| self.route());
        let (words, _) = self.words();
        let host = self.host();
        self.push(name, route, (joined(words, b"").unwrap_or_default(), host));
        self.cursor.space();
        self.cursor.eat(b'>');
    }

    /// `addr-spec` without brackets, its local part already read.
    fn bare(&mut self, local: Option<Vec<u8>>, comment: Option<Vec<u8>>) {
        let host = self.host();
        let comment = self.cursor.space().or(comment);
        self.push(comment, None, (local.unwrap_or_default(), host));
    }

    /// `obs-route` up to its colon.
    fn route(&mut self) -> Vec<u8> {
        let mut route = Vec::new();
        while let Some(octet) = self.cursor.peek() {
            if matches!(octet, b'>' | b';') {
                break;
            }
            self.cursor.bump();
            match octet {
                b':' => break,
                b' ' | b'\t' => {}
                octet => route.push(octet),
            }
        }
        route
    }

    /// `"@" domain`, or nothing.
    fn host(&mut self) -> Vec<u8> {
        if !self.cursor.eat(b'@') {
            return Vec::new();
        }
        self.cursor.space();
        let mut host = Vec::new();
        if self.cursor.peek() == Some(b'[') {
            // A literal may hold colons: `[IPv6:::1]`.
            while let Some(octet) = self.cursor.peek().filter(|b| !b.is_ascii_whitespace() && !b",;>".contains(b)) {
                host.push(octet);
                self.cursor.bump();
            }
            return host;
        }
        host.extend(self.cursor.atom(SPECIALS).unwrap_or_default());
        host
    }

    fn push(&mut self, name: Option<Vec<u8>>, route: Option<Vec<u8>>, (mailbox, host): (Vec<u8>, Vec<u8>)) {
        let name = name.filter(|name| !name.is_empty());
        self.found.push(ListedAddress { name, route, mailbox: Some(mailbox), host: Some(host) });
    }
}

fn joined(words: Vec<Vec<u8>>, by: &[u8]) -> Option<Vec<u8>> {
    (!words.is_empty()).then(|| words.join(by))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Each entry as `name|route|mailbox|host`, `-` for what is not there.
    fn shown(value: &str) -> Vec<String> {
        let text =
            |part: &Option<Vec<u8>>| part.as_ref().map_or("-".into(), |p| String::from_utf8_lossy(p).into_owned());
        let line = |a: &ListedAddress| [&a.name, &a.route, &a.mailbox, &a.host].map(text).join("|");
        address_list(value.as_bytes()).iter().map(line).collect()
    }

    #[test]
    fn names_comments_and_bare_addresses() {
        assert_eq!(shown("a@b, Joe Q. Doe <joe@x.org>"), ["-|-|a|b", "Joe Q. Doe|-|joe|x.org"]);
        assert_eq!(shown("\"Doe, Joe\" <\"joe doe\"@x.org>"), ["Doe, Joe|-|joe doe|x.org"]);
        assert_eq!(shown("joe@x.org (Joe (the) Doe)"), ["Joe (the) Doe|-|joe|x.org"]);
        assert_eq!(shown("=?utf-8?q?J=C3=B6?= <j@x>"), ["=?utf-8?q?J=C3=B6?=|-|j|x"]);
        assert_eq!(shown("<@a,@b:c@[IPv6:::1]>, <>"), ["-|@a,@b|c|[IPv6:::1]", "-|-||"]);
    }

    #[test]
    fn groups_have_a_start_and_an_end() {
        assert_eq!(shown("undisclosed-recipients:;"), ["-|-|undisclosed-recipients|-", "-|-|-|-"]);
        assert_eq!(shown("A B: a@b, c@d; e@f"), ["-|-|A B|-", "-|-|a|b", "-|-|c|d", "-|-|-|-", "-|-|e|f"]);
        assert_eq!(shown("open: a@b"), ["-|-|open|-", "-|-|a|b", "-|-|-|-"]);
    }

    #[test]
    fn broken_lists_lose_nothing_more_than_they_must() {
        assert_eq!(shown("joe, <a@b, c@d"), ["-|-|joe|", "-|-|a|b", "-|-|c|d"]);
        assert_eq!(shown(",, ;>\0"), Vec::<String>::new());
        assert_eq!(shown("a@"), ["-|-|a|"]);
    }

    proptest! {
        #[test]
        fn any_text_ends(value in "[a<>@,;:\"() \\[\\]\0\\\\]{0,60}") {
            let found = address_list(value.as_bytes());
            let starts = found.iter().filter(|a| a.host.is_none() && a.mailbox.is_some()).count();
            let ends = found.iter().filter(|a| a.host.is_none() && a.mailbox.is_none()).count();
            prop_assert_eq!(starts, ends);
        }
    }
}
