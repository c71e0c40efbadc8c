//! A log as its writer and its readers see it.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::ops::ControlFlow;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::{Kept, LINE_LIMIT, Log, Reader, Settings, segments};

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    name: String,
    #[serde(default)]
    rest: String,
}

impl Kept for Entry {
    fn shorten(&mut self) -> bool {
        self.rest.truncate(self.rest.len() / 2);
        !self.rest.is_empty()
    }
}

fn entry(name: &str) -> Entry {
    Entry { name: name.to_owned(), rest: String::new() }
}

fn settings(folder: &Path, size: u64) -> Settings {
    Settings { folder: folder.to_owned(), thread: "log", trouble: "cannot be written", size, age: None }
}

fn open(folder: &Path, size: u64) -> Log<Entry> {
    Log::open(settings(folder, size)).expect("a log")
}

fn names(reader: &mut Reader<Entry>) -> Vec<String> {
    let mut names = Vec::new();
    let mut each = |entry: Entry| {
        names.push(entry.name);
        Ok(())
    };
    reader.read(&mut each).expect("read");
    names
}

fn newest_first(folder: &Path, text: &str, most: usize) -> Vec<String> {
    let mut names = Vec::new();
    let mut each = |entry: Entry| {
        names.push(entry.name);
        Ok(if names.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    };
    Reader::new(folder.to_owned()).newest_first(text, &mut each).expect("read");
    names
}

#[test]
fn the_oldest_tells_how_far_back_the_files_reach() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut reader = Reader::<Entry>::new(folder.path().to_owned());
    assert!(reader.oldest().expect("no files").is_none());
    let log = open(folder.path(), 1 << 20);
    ["a", "b"].iter().for_each(|name| log.write(&mut entry(name)));
    log.flush();
    assert_eq!(reader.oldest().expect("read").map(|entry| entry.name).as_deref(), Some("a"));
}

#[test]
fn what_is_written_is_read_on_and_a_torn_line_is_waited_for_or_passed_over() {
    let data = tempfile::tempdir().expect("a folder");
    let folder = data.path().join("log");
    let mut reader = Reader::new(folder.clone());
    assert!(names(&mut reader).is_empty(), "nothing is there yet");
    let log = open(&folder, 1 << 20);
    ["a", "b"].into_iter().for_each(|name| log.write(&mut entry(name)));
    log.flush();
    assert_eq!(names(&mut reader), ["a", "b"]);
    // A crash tears a line.
    let file = segments::path(&folder, 1);
    OpenOptions::new().append(true).open(&file).expect("open").write_all(b"{\"name\":\"20").expect("torn");
    assert!(names(&mut reader).is_empty() && reader.unreadable() == 0);
    assert_eq!(newest_first(&folder, "", 9), ["b", "a"]);
    let log = open(&folder, 1 << 20);
    log.write(&mut entry("c"));
    log.flush();
    assert_eq!((names(&mut reader), reader.unreadable()), (vec!["c".to_owned()], 1));
    assert_eq!(newest_first(&folder, "", 9), ["c", "b", "a"]);
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(&folder)), (0o600, 0o700));
}

#[test]
fn it_never_takes_more_room_than_it_may_and_the_newest_stay() {
    let data = tempfile::tempdir().expect("a folder");
    let size = 64 * 1024;
    let log = open(data.path(), size);
    for n in 0..6000 {
        log.write(&mut entry(&format!("user{n}")));
        if n % 100 == 0 {
            log.flush();
        }
    }
    log.flush();
    assert_eq!(log.dropped(), 0);
    let all = segments::list(data.path()).expect("a list");
    let total: u64 = all.iter().map(|segment| segment.length).sum();
    assert!(total <= size + size / segments::SEGMENTS && total > size / 2, "{total}");
    let names = names(&mut Reader::new(data.path().to_owned()));
    assert!(names.len() > 100 && names.last().is_some_and(|last| last == "user5999"), "{}", names.len());
    assert!(names.first().is_some_and(|first| first != "user0"));
}

#[test]
fn what_is_too_old_goes_file_by_file() {
    let data = tempfile::tempdir().expect("a folder");
    let day = Duration::from_secs(24 * 3600);
    let aged =
        || Log::<Entry>::open(Settings { age: Some(14 * day), ..settings(data.path(), 8 << 20) }).expect("a log");
    fs::write(segments::path(data.path(), 1), "{\"name\":\"oldest\"}\n").expect("written");
    fs::write(segments::path(data.path(), 2), "{\"name\":\"old\"}\n").expect("written");
    fs::write(segments::path(data.path(), 3), "{\"name\":\"young\"}\n").expect("written");
    let old = |number, age| {
        let file = File::options().append(true).open(segments::path(data.path(), number)).expect("open");
        file.set_modified(SystemTime::now() - age).expect("set");
    };
    old(1, 15 * day);
    old(2, 13 * day);
    drop(aged());
    assert_eq!(names(&mut Reader::new(data.path().to_owned())), ["old", "young"]);
    old(2, 15 * day);
    drop(aged());
    assert_eq!(names(&mut Reader::new(data.path().to_owned())), ["young"]);
}

#[test]
fn a_file_is_closed_after_a_part_of_the_age_so_that_it_can_go() {
    let data = tempfile::tempdir().expect("a folder");
    // So short an age that every file is old at once.
    let log = Log::open(Settings { age: Some(Duration::from_nanos(16)), ..settings(data.path(), 8 << 20) });
    let log = log.expect("a log");
    for name in ["a", "b"] {
        log.write(&mut entry(name));
        log.flush();
    }
    assert_eq!(names(&mut Reader::new(data.path().to_owned())), ["b"]);
}

#[test]
fn a_text_is_found_from_the_newest_backwards_across_files_and_pieces() {
    let data = tempfile::tempdir().expect("a folder");
    let log = open(data.path(), 96 << 20);
    for n in 0..120 {
        // Lines of 200 KiB: pieces and files end in the middle of them.
        let rest = format!("{} ID{} {}", "x".repeat(100_000), n % 3, "y".repeat(100_000));
        log.write(&mut Entry { name: n.to_string(), rest });
        log.flush();
    }
    assert!(segments::list(data.path()).expect("a list").len() > 1);
    let all: Vec<_> = (0..120).rev().map(|n: u32| n.to_string()).collect();
    assert_eq!(newest_first(data.path(), "", 999), all);
    let third: Vec<_> = (0..120).rev().filter(|n| n % 3 == 1).map(|n: u32| n.to_string()).collect();
    assert_eq!(newest_first(data.path(), "ID1", 999), third);
    assert_eq!(newest_first(data.path(), "ID1", 2), ["118", "115"]);
    assert!(newest_first(data.path(), "ID4", 9).is_empty());
}

#[test]
fn a_text_is_found_as_json_spells_it() {
    let data = tempfile::tempdir().expect("a folder");
    let log = open(data.path(), 1 << 20);
    log.write(&mut entry("<\"a\\b\"@example.test>"));
    log.write(&mut entry("other"));
    log.flush();
    assert_eq!(newest_first(data.path(), "\"a\\b\"", 9).len(), 1);
}

#[test]
fn a_record_that_is_too_long_is_shortened_or_dropped_never_torn() {
    let data = tempfile::tempdir().expect("a folder");
    let log = open(data.path(), 64 << 20);
    log.write(&mut Entry { name: "long".to_owned(), rest: "x".repeat(4 * LINE_LIMIT) });
    log.write(&mut Entry { name: "n".repeat(LINE_LIMIT), rest: "x".to_owned() });
    log.write(&mut entry("short"));
    log.flush();
    let mut reader = Reader::new(data.path().to_owned());
    assert_eq!((names(&mut reader), log.dropped(), reader.unreadable()), (vec!["long".into(), "short".into()], 1, 0));
    let file = fs::read(segments::path(data.path(), 1)).expect("there");
    assert!(file.split(|octet| *octet == b'\n').all(|line| line.len() < LINE_LIMIT));
}

#[test]
fn who_follows_is_handed_what_comes_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut reader = Reader::new(folder.path().to_owned());
    reader.pass_over().expect("nothing is there yet");
    let log = open(folder.path(), 1 << 20);
    let write = |name: &str| {
        log.write(&mut entry(name));
        log.flush();
    };
    write("a");
    assert_eq!(names(&mut reader), ["a"]);
    write("b");
    reader.pass_over().expect("read");
    write("c");
    assert_eq!(names(&mut reader), ["c"]);
}

/// A flood between two writes must not make one file larger than its share.
#[test]
fn many_lines_at_once_are_spread_over_the_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = open(folder.path(), 64 << 10);
    (0..2000).for_each(|n| log.write(&mut entry(&format!("{n:0100}"))));
    log.flush();
    let files = segments::list(folder.path()).expect("a list");
    let (largest, all) =
        (files.iter().map(|file| file.length).max(), files.iter().map(|file| file.length).sum::<u64>());
    assert!(largest.is_some_and(|largest| largest < (8 << 10) + 200) && all <= 64 << 10, "{files:?}");
    assert_eq!(log.dropped(), 0);
}
