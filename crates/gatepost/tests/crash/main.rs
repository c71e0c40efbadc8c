//! SIGKILL at random moments under load, fifty times in all: every message that was answered with 250 is in each
//! recipient's Maildir exactly once, or still queued (issue 2; docs/queue.md, "What a crash leaves").

mod load;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use harness::{Gatepost, Scenario};
use queue::{MessageDetails, MessageInfo};

use load::{Load, Serial};

/// Both are recipients of every message.
const PEOPLE: [&str; 2] = ["alice@example.test", "bob@example.test"];

/// Kills of one test; there are five.
const KILLS: u32 = 10;

/// Longest life under load, in milliseconds.
const LONGEST: u64 = 400;

fn server() -> Gatepost {
    let users = PEOPLE.iter().fold(Scenario::new(env!("CARGO_BIN_EXE_gatepost")), |s, who| s.user(who, "geheim 17"));
    // Small segments, so that the journal changes and recycles them all the time.
    users.config("[queue]\nsegment_size = \"1 MiB\"\nmin_free = \"0 B\"").prepare()
}

/// How often each message is in a Maildir.
fn delivered(server: &Gatepost, who: &str) -> BTreeMap<Serial, usize> {
    let mut counts = BTreeMap::new();
    for message in server.maildir(who).messages() {
        *counts.entry(load::serial(&message).expect("a message of ours, whole")).or_default() += 1;
    }
    counts
}

/// What is still queued.
fn queued(server: &Gatepost) -> BTreeSet<Serial> {
    let list: Vec<MessageInfo> = serde_json::from_str(&server.run(&["queue", "list", "--json"], "")).expect("JSON");
    let show = |message: &MessageInfo| server.run(&["queue", "show", &message.id.to_string(), "--json"], "");
    let shown = list.iter().map(|message| serde_json::from_str::<MessageDetails>(&show(message)).expect("JSON"));
    shown.filter_map(|message| load::serial(&message.headers)).collect()
}

/// What a mail reader does to new mail: a delivery that is repeated has to find its file under the name it has now.
fn read(server: &Gatepost, who: &str) {
    let maildir = server.maildir(who);
    for file in maildir.files().into_iter().filter(|file| file.parent().is_some_and(|folder| folder.ends_with("new"))) {
        let name = file.file_name().and_then(|name| name.to_str()).expect("a name");
        fs::rename(&file, maildir.path().join("cur").join(format!("{name}:2,S"))).expect("moved");
    }
}

/// Kills the server ten times while mail comes in.
fn survive() {
    let mut server = server();
    let mut answered = BTreeSet::new();
    for round in 0..KILLS {
        server.start();
        let load = Load::start(server.port(25), &PEOPLE, round);
        // The moment has to be any, not one at which something is known to happen.
        let moment = RandomState::new().hash_one(round) % LONGEST;
        std::thread::sleep(Duration::from_millis(moment));
        server.kill();
        answered.extend(load.end());
        PEOPLE.iter().for_each(|who| read(&server, who));
    }
    server.start();
    assert!(!answered.is_empty(), "nothing was sent");
    for who in PEOPLE {
        server.maildir(who).wait_for(answered.len());
    }
    assert!(server.stop().success());
    check(&server, &answered);
}

fn check(server: &Gatepost, answered: &BTreeSet<Serial>) {
    let queued = queued(server);
    for who in PEOPLE {
        let delivered = delivered(server, who);
        let twice: Vec<_> = delivered.iter().filter(|(_, count)| **count > 1).collect();
        assert_eq!(twice, [], "{who} has these twice");
        let lost: Vec<_> = answered.iter().filter(|s| !delivered.contains_key(s) && !queued.contains(s)).collect();
        assert!(lost.is_empty(), "{who} never got {lost:?} of {}", answered.len());
    }
}

#[test]
fn kills_1_to_10() {
    survive();
}

#[test]
fn kills_11_to_20() {
    survive();
}

#[test]
fn kills_21_to_30() {
    survive();
}

#[test]
fn kills_31_to_40() {
    survive();
}

#[test]
fn kills_41_to_50() {
    survive();
}
