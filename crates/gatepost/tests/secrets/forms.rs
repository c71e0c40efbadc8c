//! Logins in every form: right, wrong, malformed, in the wrong protocol, by hand.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;

use crate::chance::Chance;

/// What a client says, as it goes over the wire.
pub(crate) fn said(standard: u16, mark: &str, chance: &mut Chance) -> Vec<u8> {
    let who = (chance.one(USERS), password(mark, chance));
    let mut text = match standard {
        25 | 587 | 465 => smtp((who.0, &who.1), chance),
        110 | 995 => pop3((who.0, &who.1), chance),
        _ => imap((who.0, &who.1), chance),
    };
    if chance.once_in(8) {
        text = text.replace("\r\n", "\n");
    }
    let end = chance.one(&["QUIT\r\n", "z LOGOUT\r\n", "NOOP\r\n", ""]);
    (text + end).into_bytes()
}

/// None is empty: what comes in the place of a name is shown as one.
const USERS: &[&str] = &["alice@example.test", "alice", "nobody@example.test", "al ice", "a\"b\\c", "jos\u{e9}@x.test"];

/// The mark, and what people have in passwords around it.
fn password(mark: &str, chance: &mut Chance) -> String {
    let before = chance.one(&["", "", "x", "a b", "\"", "\\", "{3}", "ü", "=", "PASS ", "\0", "*"]);
    let behind = chance.one(&["", "", "y", " z", "\"", "\\", "é", "==", "%s", "{7+}"]);
    format!("{before}{mark}{behind}")
}

fn plain((user, password): (&str, &str)) -> String {
    BASE64.encode(format!("\0{user}\0{password}"))
}

/// In any case, as old clients write.
fn spelt(verb: &str, chance: &mut Chance) -> String {
    match chance.below(4) {
        0 => verb.to_lowercase(),
        1 => verb.chars().map(|c| if chance.once_in(2) { c.to_ascii_lowercase() } else { c }).collect(),
        _ => verb.to_owned(),
    }
}

/// The exchanges of AUTH and AUTHENTICATE, which all protocols have. `verb` comes first on the line.
fn sasl(verb: &str, who: (&str, &str), chance: &mut Chance) -> String {
    let (user, password) = who;
    let (name, secret) = (BASE64.encode(user), BASE64.encode(password));
    let bearer = format!("user={user}\u{1}auth=Bearer {password}\u{1}\u{1}");
    let scram = format!("c=biws,r=abcdefgh,p={secret}");
    let initial = BASE64.encode(format!("n,,n={user},r=abcdefgh"));
    let gap = chance.one(&[" ", " ", "  ", "\t"]);
    match chance.below(20) {
        0 => format!("{verb}{gap}PLAIN{gap}{}\r\n", plain(who)),
        1 => format!("{verb}{gap}PLAIN\r\n{}\r\n", plain(who)),
        2 => format!("{verb} LOGIN\r\n{name}\r\n{secret}\r\n"),
        3 => format!("{verb} LOGIN {name}\r\n{secret}\r\n"),
        4 => format!("{verb} CRAM-MD5\r\n{}\r\n", BASE64.encode(format!("{user} {password}"))),
        5 => format!("{verb} SCRAM-SHA-256 {initial}\r\n{}\r\n", BASE64.encode(scram)),
        6 => format!("{verb} SCRAM-SHA-1\r\n{initial}\r\n{}\r\n", BASE64.encode(scram)),
        7 => format!("{verb} XOAUTH2 {}\r\n", BASE64.encode(bearer)),
        8 => format!(
            "{verb} OAUTHBEARER {}\r\n",
            BASE64.encode(format!("n,a={user},\u{1}auth=Bearer {password}\u{1}\u{1}"))
        ),
        9 => format!("{verb} PLAIN {password}\r\n"),
        10 => format!("{verb} LOGIN\r\n{user}\r\n{password}\r\n"),
        11 => format!("{verb} {}\r\n", plain(who)),
        12 => format!("{verb}=PLAIN {}\r\n", plain(who)),
        13 => format!("{verb} X-UNKNOWN {}\r\n", plain(who)),
        14 => format!("{verb} PLAIN {}\r\n", plain(who).trim_end_matches('=')),
        15 => format!("{verb} EXTERNAL {secret}\r\n"),
        16 => format!("{verb} LOGIN\r\n*\r\n{verb} LOGIN\r\n{name}\r\n{secret}\r\n"),
        17 => format!("{verb} PLAIN {}{}\r\n", plain(who), "A".repeat(20_000)),
        18 => format!("{verb} PLAIN {} {}\r\n", plain(who), plain(who)),
        _ => format!("{verb} PLAIN\r\n{}\r\n{}\r\n", plain(who), plain(who)),
    }
}

fn smtp(who: (&str, &str), chance: &mut Chance) -> String {
    let hello = chance.one(&["EHLO c.test\r\n", "HELO c.test\r\n", "ehlo [127.0.0.1]\r\n", ""]);
    let verb = spelt("AUTH", chance);
    let middle = match chance.below(8) {
        0 => format!("MAIL FROM:<a@b.test>\r\n{}", sasl(&verb, who, chance)),
        1 => format!("LOGIN {} {}\r\n", who.0, who.1),
        2 => format!("USER {}\r\nPASS {}\r\n", who.0, who.1),
        3 => sasl(&verb, who, chance) + &sasl(&verb, who, chance),
        _ => sasl(&verb, who, chance),
    };
    format!("{hello}{middle}")
}

fn pop3(who: (&str, &str), chance: &mut Chance) -> String {
    let (user, password) = who;
    let (verb, gap) = (spelt("PASS", chance), chance.one(&[" ", " ", "  ", "\t", ":"]));
    match chance.below(9) {
        0 | 1 => format!("USER {user}\r\n{verb}{gap}{password}\r\n"),
        2 => format!("{verb} {password}\r\n"),
        3 => format!("APOP {user} {password}\r\n"),
        4 => format!("USER {user}\r\n{verb} {password}\r\n{verb} {password}\r\n"),
        5 => format!("LOGIN {user} {password}\r\n"),
        _ => sasl(&spelt("AUTH", chance), who, chance),
    }
}

/// As an atom, quoted, a literal that is waited for, and one that is not; some with a wrong count.
fn string(text: &str, chance: &mut Chance) -> String {
    let octets = text.len();
    match chance.below(8) {
        0 | 1 => text.to_owned(),
        2 | 3 => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        4 => format!("{{{octets}}}\r\n{text}"),
        5 => format!("{{{octets}+}}\r\n{text}"),
        6 => format!("{{{}+}}\r\n{text}", octets / 2),
        _ => format!("\"{text}"),
    }
}

/// A quote that is forgotten behind the name makes the password part of it, and names are shown.
fn name(text: &str, chance: &mut Chance) -> String {
    let written = string(text, chance);
    if written.starts_with('"') && !written.ends_with('"') { text.to_owned() } else { written }
}

fn imap(who: (&str, &str), chance: &mut Chance) -> String {
    let (user, password) = who;
    let (verb, tag) = (spelt("LOGIN", chance), chance.one(&["a", "A1", ".", "+", "a b", "\"t\""]));
    match chance.below(10) {
        0..4 => format!("{tag} {verb} {} {}\r\n", name(user, chance), string(password, chance)),
        4 => format!("{verb} {user} {password}\r\n"),
        5 => {
            format!("{tag} {verb} {} {} {}\r\n", name(user, chance), string(password, chance), string(password, chance))
        }
        6 => format!("{tag} {verb} ({user} {password})\r\n"),
        7 => format!("{tag} AUTHENTICATE PLAIN {{{}+}}\r\n{}\r\n", plain(who).len(), plain(who)),
        _ => {
            let authenticate = format!("{tag} {}", spelt("AUTHENTICATE", chance));
            sasl(&authenticate, who, chance)
        }
    }
}
