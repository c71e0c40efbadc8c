//! Where commands end, whatever is sent.

use imap::{Event, Expect, Framer, Literal};
use proptest::prelude::*;

const LIMIT: usize = 200;

/// Feeds in pieces of this size, and gives back what came of it, messages taken.
fn feed(framer: &mut Framer, mut input: &[u8], piece: usize) -> Vec<String> {
    let mut events = Vec::new();
    let mut body = Vec::new();
    while !input.is_empty() {
        let now = &input[..piece.min(input.len())];
        let (used, event) = framer.feed(now, Expect::Command);
        assert!(used <= now.len());
        match event {
            Event::More => {}
            Event::Body => body.extend_from_slice(&now[..used]),
            Event::MessageEnd { clean } => {
                events.push(format!("message {} {clean}", std::mem::take(&mut body).escape_ascii()));
            }
            Event::Message(announced) => {
                framer.accept();
                events.push(format!("announced {} {:?}", announced.size, announced.literal));
            }
            Event::Line(line) => events.push(format!("line {}", line.escape_ascii())),
            Event::TooLong(tag) => events.push(format!("too long {:?}", tag.as_ref().map(imap::Tag::as_str))),
            Event::Continue => events.push("go on".to_owned()),
        }
        input = &input[used..];
    }
    events
}

fn events(input: &[u8]) -> Vec<String> {
    feed(&mut Framer::new(LIMIT), input, usize::MAX)
}

#[test]
fn lines_and_literals() {
    assert_eq!(events(b"a NOOP\r\nb NOOP\n"), ["line a NOOP", "line b NOOP"]);
    let input = b"a LOGIN {5}\r\nalice {3+}\r\na\nb\r\nb NOOP\r\n";
    assert_eq!(events(input), ["go on", "line a LOGIN {5}\\r\\nalice {3+}\\r\\na\\nb", "line b NOOP"]);
}

#[test]
fn a_literal_that_looks_like_a_literal() {
    assert_eq!(events(b"a X {3}\r\n{5}\r\nb NOOP\r\n"), ["go on", "line a X {3}\\r\\n{5}", "line b NOOP"]);
    assert_eq!(events(b"a X {0}\r\n\r\nb NOOP\r\n"), ["go on", "line a X {0}\\r\\n", "line b NOOP"]);
}

#[test]
fn braces_that_are_no_literal() {
    for line in ["a X {}", "a X {+}", "a X {-1}", "a X {1}x", "a X 1}", "a X {99999999999999999999}", "{5 }"] {
        assert_eq!(events(format!("{line}\r\n").as_bytes()), [format!("line {line}")]);
    }
}

#[test]
fn a_plain_line_has_no_literals() {
    let mut framer = Framer::new(LIMIT);
    let (_, event) = framer.feed(b"abc {3}\r\n", Expect::Plain);
    assert_eq!(event, Event::Line(b"abc {3}".to_vec()));
}

#[test]
fn the_message_of_an_append_passes_by() {
    let message = "x".repeat(LIMIT * 3);
    let input = format!("a APPEND {{5}}\r\nINBOX (\\Seen) {{{}+}}\r\n{message}\r\nb NOOP\r\n", message.len());
    let expected =
        ["go on".into(), format!("announced {} NonSynchronizing", LIMIT * 3), format!("message {message} true")];
    assert_eq!(events(input.as_bytes())[..3], expected);
    assert_eq!(events(input.as_bytes())[3], "line b NOOP");
}

#[test]
fn only_one_message_at_a_time() {
    let input = b"a APPEND x {1+}\r\nm {4+}\r\nmore\r\nb NOOP\r\n";
    assert_eq!(events(input), ["announced 1 NonSynchronizing", "message m false", "line b NOOP"]);
}

#[test]
fn a_refused_message_is_swallowed_if_it_comes() {
    let mut framer = Framer::new(LIMIT);
    let input = b"a APPEND x {6+}\r\nb NOOP\r\nc NOOP\r\n";
    let (used, event) = framer.feed(input, Expect::Command);
    assert!(matches!(&event, Event::Message(a) if a.literal == Literal::NonSynchronizing && a.size == 6));
    framer.refuse();
    assert_eq!(feed(&mut framer, &input[used..], usize::MAX), ["line c NOOP"]);
}

#[test]
fn a_refused_message_that_waits_is_not_swallowed() {
    let mut framer = Framer::new(LIMIT);
    let input = b"a APPEND x {6}\r\nb NOOP\r\n";
    let (used, event) = framer.feed(input, Expect::Command);
    assert!(matches!(&event, Event::Message(a) if a.literal == Literal::Synchronizing));
    framer.refuse();
    assert_eq!(feed(&mut framer, &input[used..], usize::MAX), ["line b NOOP"]);
}

#[test]
fn too_long_and_still_in_step() {
    let long = "x".repeat(LIMIT * 5);
    let line = format!("a {long}\r\nb NOOP\r\n");
    assert_eq!(events(line.as_bytes()), ["too long Some(\"a\")", "line b NOOP"]);
    let literal = format!("a X {{{}+}}\r\n{long}\r\nb NOOP\r\n", long.len());
    assert_eq!(events(literal.as_bytes()), ["too long Some(\"a\")", "line b NOOP"]);
    // The client waits with its literal, and sends the next command once it is refused.
    assert_eq!(events(b"a X {500}\r\nb NOOP\r\n"), ["too long Some(\"a\")", "line b NOOP"]);
    let both = format!("a {long} {{9+}}\r\nc\r\nNOOP\r\n {{3+}}\r\nabc\r\nb NOOP\r\n");
    assert_eq!(events(both.as_bytes()), ["too long Some(\"a\")", "line b NOOP"]);
}

#[test]
fn memory_is_bounded_by_the_limit() {
    let mut framer = Framer::new(LIMIT);
    let (used, event) = framer.feed(b"a X {4294967295+}\r\n", Expect::Command);
    assert_eq!((used, event), (19, Event::More));
    for _ in 0..100 {
        assert_eq!(framer.feed(&[0; 4096], Expect::Command), (4096, Event::More));
    }
    assert!(!framer.is_between_commands());
}

fn fragment() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(b"a NOOP\r\n".to_vec()),
        Just(b"b APPEND x ".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"\n".to_vec()),
        (0_u32..300, any::<bool>())
            .prop_map(|(n, plus)| format!("{{{n}{}}}", if plus { "+" } else { "" }).into_bytes()),
        prop::collection::vec(any::<u8>(), 0..120),
    ]
}

proptest! {
    #[test]
    fn pieces_do_not_matter(fragments in prop::collection::vec(fragment(), 0..20), piece in 1_usize..40) {
        let input = fragments.concat();
        prop_assert_eq!(feed(&mut Framer::new(LIMIT), &input, piece), events(&input));
    }

    /// Whatever was sent as one broken command, the next one is understood.
    #[test]
    fn the_next_command_is_found(
        text in "[ -z|~]{0,300}",
        literals in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..4),
    ) {
        let mut input = format!("a X {text}").into_bytes();
        for literal in &literals {
            input.extend(format!(" {{{}+}}\r\n", literal.len()).into_bytes());
            input.extend(literal);
        }
        input.extend_from_slice(b" end\r\nz NOOP\r\n");
        let events = events(&input);
        prop_assert_eq!(events.len(), 2);
        prop_assert_eq!(&events[1], "line z NOOP");
    }
}

/// Found by the fuzzer: the tag was cut off where the look-ahead ended, and then differed with the pieces.
#[test]
fn the_tag_of_a_long_line_is_whole_or_none() {
    let input = [&[b'W'; 79][..], &[0xff; 300], b"\n"].concat();
    for piece in [1, 7, usize::MAX] {
        assert_eq!(feed(&mut Framer::new(LIMIT), &input, piece), ["too long None"]);
    }
    let input = format!("{} {}\r\n", "t".repeat(100), "x".repeat(300));
    for piece in [1, 7, usize::MAX] {
        assert_eq!(
            feed(&mut Framer::new(LIMIT), input.as_bytes(), piece),
            [format!("too long Some({:?})", "t".repeat(100))]
        );
    }
}

/// Found by the fuzzer: the literal at the end of a line that is just too long was overlooked, and its octets were
/// taken for commands.
#[test]
fn a_literal_announced_across_the_limit_is_skipped() {
    for length in LIMIT - 12..LIMIT + 4 {
        let input = format!("a {} {{7+}}\r\nb EVIL\n\r\nc NOOP\r\n", "x".repeat(length - 3));
        let expected = if length + 6 > LIMIT - 7 { "too long Some(\"a\")" } else { "" };
        for piece in [1, 5, usize::MAX] {
            let events = feed(&mut Framer::new(LIMIT), input.as_bytes(), piece);
            assert_eq!(events, [expected, "line c NOOP"], "{length} {piece}");
        }
    }
}
