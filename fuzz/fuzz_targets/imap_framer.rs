//! A stream, in one piece and octet by octet: the same commands come out, and memory stays within the limit.
#![no_main]

use imap::{Event, Expect, Framer};
use libfuzzer_sys::fuzz_target;

const LIMIT: usize = 512;

fn feed(input: &[u8], piece: usize) -> (Vec<Event>, Vec<u8>) {
    let mut framer = Framer::new(LIMIT);
    let (mut events, mut bodies) = (Vec::new(), Vec::new());
    let mut rest = input;
    while !rest.is_empty() {
        let now = &rest[..piece.min(rest.len())];
        let (used, event) = framer.feed(now, Expect::Command);
        match &event {
            Event::More => {}
            Event::Body => bodies.extend_from_slice(&now[..used]),
            // Every other message is taken.
            Event::Message(announced) if announced.size % 2 == 0 => framer.accept(),
            Event::Message(_) => framer.refuse(),
            Event::Line(line) => assert!(line.len() <= LIMIT),
            _ => {}
        }
        if !matches!(event, Event::More | Event::Body) {
            events.push(event);
        }
        rest = &rest[used..];
    }
    (events, bodies)
}

fuzz_target!(|data: &[u8]| {
    assert_eq!(feed(data, usize::MAX), feed(data, 1));
});
