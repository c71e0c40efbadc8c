//! A command, and a message behind its first NUL: nothing that can be asked of any message panics.
#![no_main]

use imap::fetch::FetchItem;
use imap::parse::parse;
use imap::response::{Detail, FetchWriter};
use imap::{Candidate, Command, Fetch, Scanned, Search, Texts};
use libfuzzer_sys::fuzz_target;

fn fetch(fetch: &Fetch, raw: &[u8]) {
    let message = Scanned::new(raw);
    let mut writer = FetchWriter::new(1);
    for item in &fetch.items {
        match item {
            FetchItem::Content(wanted) => {
                let octets = message.content(wanted);
                writer.content(wanted, octets.as_ref().map(|o| o.len()));
                assert!(octets.is_none_or(|o| o.len() <= raw.len() + 2), "more than the message and an empty line");
            }
            FetchItem::Envelope => writer.envelope(message.header()),
            _ => writer.structure(raw, message.part(), Detail::Extended),
        }
    }
    assert!(writer.finish().ends_with(b")\r\n"));
}

fn search(search: &Search, raw: &[u8]) {
    let candidate = Candidate {
        sequence: 1,
        last_sequence: 2,
        uid: 3,
        last_uid: 4,
        has: &|_| true,
        recent: false,
        size: raw.len() as u64,
        internal_date: 0,
    };
    let full = search.key.matches(&candidate, Some(&Texts::new(raw)));
    let quick = search.key.matches(&candidate, None);
    assert!(full.is_some());
    assert!(quick.is_none() || quick == full, "what needed no reading is not changed by it");
}

fuzz_target!(|data: &[u8]| {
    let mut halves = data.splitn(2, |&octet| octet == 0);
    let (line, raw) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
    match parse(line) {
        Ok((_, Command::Fetch(f))) => fetch(&f, raw),
        Ok((_, Command::Search(s))) => search(&s, raw),
        _ => {}
    }
});
