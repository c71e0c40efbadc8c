//! Records both ways.

use std::sync::Arc;

use message::Address;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::put::{put_u32, put_u64};
use super::*;
use crate::{Body8, Envelope, Message, MessageState, Moment, Recipient, RecipientState, Remote, Stage, Trouble};

fn address() -> impl Strategy<Value = Address> {
    prop_oneof!["[a-z]{1,9}@[a-z]{1,9}\\.example", Just("\"a b\"@[192.0.2.1]".into()), Just("jö@bücher.example".into())]
        .prop_map(|text: String| Address::parse(&text).expect("an address"))
}

fn trouble() -> impl Strategy<Value = Trouble> {
    let remote = (".{0,20}", ".{0,80}").prop_map(|(host, reply)| Remote { host, reply });
    (".{0,9}", ".{0,40}", option::of(remote), any::<bool>())
        .prop_map(|(status, reason, remote, configuration)| Trouble { status, reason, remote, configuration })
}

fn stage() -> impl Strategy<Value = Stage> {
    prop_oneof![
        (any::<u64>(), option::of(trouble())).prop_map(|(due, trouble)| Stage::Waiting { due: Moment(due), trouble }),
        Just(Stage::Delivered),
        trouble().prop_map(Stage::Failed),
        trouble().prop_map(Stage::Told),
    ]
}

fn state(count: usize) -> impl Strategy<Value = MessageState> {
    let recipient = (any::<u32>(), stage()).prop_map(|(attempts, stage)| RecipientState { attempts, stage });
    (any::<bool>(), any::<bool>(), any::<u64>(), vec(recipient, count)).prop_map(
        |(held, warned, life_from, recipients)| MessageState { held, warned, life_from: Moment(life_from), recipients },
    )
}

fn envelope(count: usize) -> impl Strategy<Value = Envelope> {
    let recipient = (address(), option::of(address())).prop_map(|(address, original)| Recipient { address, original });
    let paths = (option::of(address()), option::of(address()));
    (paths, any::<bool>(), any::<bool>(), ".{0,20}", vec(recipient, count)).prop_map(
        |((reverse_path, authenticated), eight, smtputf8, session, recipients)| Envelope {
            reverse_path,
            recipients,
            body: if eight { Body8::EightBitMime } else { Body8::SevenBit },
            smtputf8,
            authenticated,
            session,
        },
    )
}

fn message() -> impl Strategy<Value = Message> {
    (1usize..5)
        .prop_flat_map(|count| (any::<(u64, u64)>(), envelope(count), state(count), vec(any::<u8>(), 0..200)))
        .prop_map(|((id, accepted), envelope, state, body)| Message {
            id: QueueId(id),
            accepted: Moment(accepted),
            envelope: Arc::new(envelope),
            state,
            body: body.into(),
        })
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        message().prop_map(Change::Message),
        (any::<u64>(), (0usize..4).prop_flat_map(state))
            .prop_map(|(id, state)| Change::State { id: QueueId(id), state }),
        any::<u64>().prop_map(|id| Change::Settled(QueueId(id))),
    ]
}

fn octets(changes: &[Change]) -> Bytes {
    encode(changes).concat().into()
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(changes in vec(change(), 0..6)) {
        prop_assert_eq!(decode(octets(&changes)), Ok(changes));
    }

    #[test]
    fn a_record_that_ends_early_is_no_record(change in change(), cut: prop::sample::Index) {
        let octets = octets(&[change]);
        let cut = 1 + cut.index(octets.len() - 1);
        prop_assert!(cut == octets.len() || decode(octets.slice(..cut)).is_err());
    }

    #[test]
    fn any_octets_are_changes_or_an_error(octets in vec(any::<u8>(), 0..200)) {
        if let Ok(changes) = decode(octets.into()) {
            prop_assert_eq!(decode(self::octets(&changes)), Ok(changes));
        }
    }
}

#[test]
fn a_count_does_not_make_us_reserve_memory() {
    let mut octets = vec![STATE];
    put_u64(&mut octets, 1);
    octets.extend([0, 0]);
    put_u64(&mut octets, 1);
    put_u32(&mut octets, usize::MAX);
    assert_eq!(decode(octets.into()), Err(RecordError::Short));
}
