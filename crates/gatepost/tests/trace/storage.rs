//! Disks and folders that cannot be used. A full disk is a real one: a small file system that only the server sees.

use std::fs;
use std::path::Path;

use harness::dialogue::{Tcp, Wire};
use harness::{Gatepost, Scenario, client, input, succeed};
use tempfile::TempDir;

use crate::naming::{assert_named, send};
use crate::{ALICE, BINARY, PASSWORD, id};

/// The real binary, but `serve` has a disk of so many KiB at a folder of the data. Mounts take root.
fn with_disk(folder: &Path, at: &str, kib: u32) -> Option<std::path::PathBuf> {
    rustix::process::geteuid().is_root().then_some(())?;
    let binary = folder.join("gatepost");
    let script = format!(
        "#!/bin/sh\n[ \"$1\" = serve ] || exec {BINARY} \"$@\"\nat=$(dirname \"$GATEPOST_CONFIG\")/{at}\nmkdir -p \"$at\"\n\
         exec unshare --mount sh -c 'mount -t tmpfs -o size={kib}k none \"$1\" && exec {BINARY} serve' sh \"$at\"\n"
    );
    // See the telephone test: what this process has open for writing cannot be run.
    succeed(client("install").args(["-m", "755", "/dev/stdin"]).arg(&binary).stdin(input(script)));
    Some(binary)
}

fn logged_in(server: &Gatepost) -> (Tcp, String) {
    let mut wire = Tcp::connect_tls(server.port(993), server.ca());
    let session = id(&wire.line());
    wire.send(format!("a LOGIN {ALICE} \"{PASSWORD}\"\r\n").as_bytes());
    assert!(wire.line().starts_with("a OK "));
    (wire, session)
}

/// What a command of IMAP is answered in the end.
fn answer(wire: &mut Tcp, command: &str) -> String {
    wire.send(format!("b {command}\r\n").as_bytes());
    loop {
        let line = wire.line();
        if line.starts_with("b ") {
            return line;
        }
    }
}

/// MISSION 004-29 of another kind: there is no room for a draft.
#[test]
fn a_disk_of_mail_that_is_full() {
    let folder = TempDir::new().expect("a folder");
    let Some(binary) = with_disk(folder.path(), "mail", 256) else { return };
    let server = Scenario::new(binary).user(ALICE, PASSWORD).start();
    let (mut wire, session) = logged_in(&server);
    let draft = "Subject: draft\r\n\r\n".to_owned() + &"a line of it\r\n".repeat(40_000);
    let said = answer(&mut wire, &format!("APPEND INBOX {{{}+}}\r\n{draft}", draft.len()));
    assert!(said.starts_with("b NO [OVERQUOTA] ") && said.ends_with(&format!("[{session}]")), "{said}");
    assert_named(&server, &session, "disk-full", "There is no room for the mail");
}

/// The answer to a message of some megabytes: more than a file of the journal has room for.
fn answer_to_large(server: &Gatepost) -> String {
    let mut wire = Tcp::connect(server.port(25), server.ca());
    let body = "a line of a message that is larger than it looks\r\n".repeat(60_000);
    let commands = format!("EHLO mx.example.org\r\nMAIL FROM:<eve@example.org>\r\nRCPT TO:<{ALICE}>\r\nDATA\r\n");
    wire.send(format!("{commands}{body}.\r\n").as_bytes());
    let mut said = wire.line();
    while !said.starts_with("4") {
        assert!(!said.contains("queued as"), "{said}");
        said = wire.line();
    }
    said
}

const SEGMENTS: &str = "[queue]\nmin_free = \"0\"\nsegment_size = \"1 MiB\"";

/// The journal gets as far as its disk does.
#[test]
fn a_queue_whose_disk_is_full() {
    let folder = TempDir::new().expect("a folder");
    let Some(binary) = with_disk(folder.path(), "queue", 2048) else { return };
    let server = Scenario::new(binary).user(ALICE, PASSWORD).config(SEGMENTS).start();
    let said = answer_to_large(&server);
    assert!(said.starts_with("452 4.3.1 "), "{said}");
    assert_named(&server, &id(&said), "disk-full", "Make room, and it goes on by itself.");
}

#[test]
fn a_queue_whose_folder_is_gone() {
    let server = Scenario::new(BINARY).user(ALICE, PASSWORD).config(SEGMENTS).start();
    fs::remove_dir_all(server.data().join("queue")).expect("removed");
    let said = answer_to_large(&server);
    assert_named(&server, &id(&said), "queue-unusable", "The message could not be written into the queue.");
}

/// Folders that are not what they should be, while the server runs.
#[test]
fn folders_that_cannot_be_used() {
    let server = Scenario::new(BINARY).user(ALICE, PASSWORD).start();
    send(&server, ALICE);
    let maildir = server.maildir(ALICE);
    maildir.wait_for(1);
    let home = maildir.path().to_owned();
    fs::rename(&home, home.with_file_name("kept")).expect("renamed");
    fs::write(&home, "no folder").expect("written");
    let (mut wire, session) = logged_in(&server);
    let said = answer(&mut wire, "SELECT INBOX");
    assert!(said.starts_with("b NO [UNAVAILABLE] "), "{said}");
    assert_named(&server, &session, "mailbox-unusable", "is logged in, but the mailbox cannot be opened");
}
