//! A server that is right, running or not: nothing is wrong, nothing is changed, no mail is written.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use harness::{Dns, Maildir};

use crate::{ALICE, Deep, ZONE, scenario};

/// Every file below a folder, with what a change would change.
fn state(folder: &Path) -> BTreeMap<PathBuf, (u32, u32, u64, SystemTime)> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let meta = entry.symlink_metadata().expect("there");
        if meta.is_dir() {
            all.extend(state(&entry));
        }
        all.insert(entry, (meta.uid(), meta.mode(), meta.len(), meta.modified().expect("a time")));
    }
    all
}

/// MISSION 002-04: each file with owner and mode; and each port of the running server by its own probe.
#[test]
fn nothing_is_wrong_with_a_server_that_is_right() {
    let dns = Dns::start(ZONE);
    let server = scenario(&dns).start();
    let deep = Deep::of(&server);
    assert_eq!((deep.wrong(), deep.code), (Vec::new(), 0), "{}", deep.text);
    assert_eq!(deep.all("answers").len(), 7, "all listeners");
    deep.has(("ok", "answers"), "smtp 127.0.0.1", &["TLSv1.3", "checks of the probe"]);
    deep.has(("ok", "file"), "/data/gatepost.toml", &["the config: ", " 0644"]);
    deep.has(("ok", "file"), "/tls/key.pem", &["tls.key: ", " 0600"]);
    deep.has(("ok", "file"), "/accounts.sqlite: the accounts", &[]);
    deep.has(("ok", "mx"), "MX of example.test", &["10 mail.example.test"]);
    deep.has(("ok", "spf"), "SPF of example.test for 192.0.2.7", &["1 of 10 lookups", "v=spf1 mx -all"]);
    deep.has(("ok", "dmarc"), "example.test", &["p=reject at _dmarc.example.test"]);
    deep.has(("ok", "ptr"), "PTR of 192.0.2.7", &["is mail.example.test"]);
    deep.has(("note", "dkim-none"), "example.test", &["does not sign yet", "NXDOMAIN"]);
    deep.has(("note", "private-ca"), "cert.pem", &["only clients that were given it"]);
    deep.has(("ok", "accounts"), "all accounts", &["1 looked at", "1 will be made"]);
    assert!(Maildir::at(server.data().join("mail/example.test/alice")).files().is_empty(), "no mail is written");
    assert_eq!(server.run(&["queue", "list"], "").lines().count(), 1, "nothing is queued");
    assert!(!server.log().contains(ALICE), "nobody logged in: {}", server.log());
}

#[test]
fn people_read_it_by_area() {
    let dns = Dns::start(ZONE);
    let server = scenario(&dns).start();
    let text = server.run(&["check", "--deep"], "");
    let headings = ["Listeners", "Certificate", "Modules of the chain", "Accounts", "Files", "DNS", "Clock", "Disk"];
    let deep = text.split("Deep check. ").nth(1).expect("the deep part");
    let places: Vec<_> = headings.iter().map(|heading| deep.find(&format!("\n{heading}"))).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} {text}");
    assert!(deep.starts_with("The server's user is ") && deep.contains("(the running server)"), "{deep}");
    assert!(deep.contains("\n  ok       imaps 127.0.0.1:"), "{deep}");
}

/// The rest is looked at all the same, and everything is as it was.
#[test]
fn a_server_that_does_not_run_is_told_with_the_address() {
    let dns = Dns::start(ZONE);
    let server = scenario(&dns).prepare();
    let before = state(&server.data());
    let deep = Deep::of(&server);
    let smtp = format!("127.0.0.1:{}", server.port(25));
    deep.has(("warning", "not-running"), "/data", &["no server runs on", "gatepost serve"]);
    deep.has(("warning", "not-probed"), &format!("smtp {smtp}"), &[&smtp, "Connection refused"]);
    assert_eq!((deep.all("not-probed").len(), deep.code), (7, 0), "{}", deep.text);
    deep.has(("ok", "certificate-days"), "cert.pem", &["days left"]);
    deep.has(("ok", "module-answers"), "accounts", &["answers in"]);
    deep.has(("ok", "mx"), "example.test", &[]);
    assert_eq!(state(&server.data()), before, "nothing was changed");
}

/// A port that the config has and the running server was not started with.
#[test]
fn a_port_that_should_answer_and_does_not_is_an_error() {
    let dns = Dns::start(ZONE);
    let server = scenario(&dns).start();
    let (from, to) = (format!(":{}\"", server.port(110)), ":1\"");
    server.edit_config(|config| config.replace(&from, to));
    let deep = Deep::of(&server);
    deep.has(("error", "does-not-answer"), "pop3 127.0.0.1:1", &["cannot be reached", "restart the server"]);
    assert_eq!(deep.code, 1);
}

#[test]
fn a_config_that_is_broken_is_told_first() {
    let dns = Dns::start("");
    let server = scenario(&dns).prepare();
    server.edit_config(|config| config.replace("[tls]", "[tsl]"));
    let output = server.command(&["check", "--deep"]).output().expect("the binary");
    assert_eq!(output.status.code(), Some(78));
    assert!(!String::from_utf8_lossy(&output.stdout).contains("Deep check"));
}
