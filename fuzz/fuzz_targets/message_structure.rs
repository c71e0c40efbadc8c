//! Any octets have a structure whose parts lie inside each other; header readers take anything.
#![no_main]

use message::{Content, Date, HeaderEnvelope, Part, header};

fn check(raw: &[u8], part: &Part, depth: usize) -> usize {
    assert!(depth <= 2 * message::MAX_DEPTH);
    let body = raw.get(part.body.clone()).expect("a body in bounds");
    let head = raw.get(part.header.clone()).expect("a header in bounds");
    assert_eq!(part.lines, body.iter().filter(|&&b| b == b'\n').count());
    let envelope = HeaderEnvelope::of_header(head);
    let _ = envelope.date.and_then(|date| Date::parse(&date));
    let inside: &[Part] = match &part.content {
        Content::Leaf => &[],
        Content::Message(inner) => std::slice::from_ref(&**inner),
        Content::Multipart(parts) => parts,
    };
    let within = |inner: &&Part| inner.header.start >= part.body.start && inner.body.end <= part.body.end;
    assert!(inside.iter().all(|inner| within(&inner)));
    1 + inside.iter().map(|inner| check(raw, inner, depth + 1)).sum::<usize>()
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    assert!(header::body_offset(data) <= data.len());
    assert!(check(data, &Part::scan(data), 0) <= message::MAX_PARTS);
});
