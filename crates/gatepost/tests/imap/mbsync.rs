//! mbsync, two ways: 200 messages, and their flags survive.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use harness::{Gatepost, client, succeed};

use super::account::{PASSWORD, address, ask, open, scenario, server};

const MESSAGES: usize = 200;
/// Flag sets by turns, as Maildir letters and as IMAP names.
const FLAGS: [(&str, &str); 5] =
    [("", ""), ("S", "\\Seen"), ("FS", "\\Flagged \\Seen"), ("RS", "\\Answered \\Seen"), ("DS", "\\Seen \\Draft")];

struct Near {
    home: PathBuf,
}

impl Near {
    fn new(server: &Gatepost) -> Self {
        let home = server.folder().join("mbsync");
        fs::create_dir(&home).unwrap();
        let config = fs::read_to_string(scenario("mbsyncrc"))
            .unwrap()
            .replace("@PORT@", &server.port(993).to_string())
            .replace("@CA@", &server.ca().display().to_string())
            .replace("@HOME@", &home.display().to_string())
            .replace("@USER@", &address("alice"))
            .replace("@PASSWORD@", PASSWORD);
        fs::write(home.join("mbsyncrc"), config).unwrap();
        Self { home }
    }

    fn sync(&self) {
        succeed(client("mbsync").env("HOME", &self.home).arg("-c").arg(self.home.join("mbsyncrc")).arg("--all"));
    }

    fn inbox(&self) -> PathBuf {
        self.home.join("INBOX")
    }
}

/// Subject and Maildir flags of every message in a folder.
fn contents(folder: &Path) -> BTreeMap<String, String> {
    let files = ["new", "cur"].into_iter().flat_map(|sub| fs::read_dir(folder.join(sub)).unwrap());
    let entry = |file: PathBuf| {
        let text = fs::read_to_string(&file).unwrap();
        let subject = text.lines().find_map(|l| l.strip_prefix("Subject: ")).unwrap().to_owned();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        (subject, name.split_once(":2,").map(|(_, flags)| flags.to_owned()).unwrap_or_default())
    };
    files.map(|file| entry(file.unwrap().path())).collect()
}

fn fill(inbox: &Path) -> BTreeMap<String, String> {
    for sub in ["new", "cur", "tmp"] {
        fs::create_dir_all(inbox.join(sub)).unwrap();
    }
    for number in 0..MESSAGES {
        let (letters, _) = FLAGS[number % FLAGS.len()];
        let text = format!("From: a@example.org\nSubject: number {number}\n\n{}\n", "line of text\n".repeat(number));
        fs::write(inbox.join(format!("cur/{}.{number}.near:2,{letters}", 1_600_000_000 + number)), text).unwrap();
    }
    contents(inbox)
}

#[test]
fn two_hundred_messages_two_ways() {
    let server = server("", &["alice"]);
    let near = Near::new(&server);
    let mut sent = fill(&near.inbox());
    near.sync();

    // Everything is on the server, with its flags.
    let mut wire = open(&server, "alice");
    let total = MESSAGES + 3;
    assert_eq!(ask(&mut wire, "SEARCH ANSWERED")[0].split(' ').count(), 2 + MESSAGES / FLAGS.len());
    let listed = ask(&mut wire, "FETCH 1:* FLAGS");
    assert_eq!(listed.len(), total + 1);
    for (_, names) in FLAGS {
        let with = listed.iter().filter(|line| line.contains(&format!("FLAGS ({names}"))).count();
        assert!(with >= MESSAGES / FLAGS.len(), "{names}: {with}");
    }

    // What was there before has come down.
    sent.insert("first".into(), "S".into());
    sent.insert("=?utf-8?b?R3LDvMOfZQ==?= aus".into(), String::new());
    sent.insert("third".into(), String::new());
    assert_eq!(contents(&near.inbox()), sent);

    // Flags that change on the server, and messages that go, here and there.
    let subject = |line: &[String]| line.iter().find_map(|l| l.strip_prefix("Subject: ")).unwrap().to_owned();
    let flagged = subject(&ask(&mut wire, "FETCH 100 BODY.PEEK[HEADER.FIELDS (SUBJECT)]"));
    ask(&mut wire, "STORE 100 FLAGS (\\Flagged)");
    let removed = subject(&ask(&mut wire, "FETCH 150 BODY.PEEK[HEADER.FIELDS (SUBJECT)]"));
    ask(&mut wire, "STORE 150 +FLAGS (\\Deleted)");
    ask(&mut wire, "EXPUNGE");
    near.sync();
    sent.insert(flagged, "F".into());
    sent.remove(&removed);
    assert_eq!(contents(&near.inbox()), sent);

    // And a third time there is nothing left to do.
    near.sync();
    assert_eq!(contents(&near.inbox()), sent);
    assert_eq!(ask(&mut wire, "SEARCH ALL")[0].split(' ').count(), 2 + total - 1);
}
