//! A transcript as JSON.

use std::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Body, Event, Lost, Ring, Shown, Side, Transcript, What, spelling};

/// `{"lost":…,"events":[…]}`
#[derive(Serialize)]
struct Written<'a> {
    #[serde(skip_serializing_if = "is_nothing")]
    lost: Lost,
    events: Events<'a>,
}

#[derive(Deserialize)]
struct Read {
    #[serde(default)]
    lost: Lost,
    #[serde(deserialize_with = "ring")]
    events: Ring,
}

fn is_nothing(lost: &Lost) -> bool {
    *lost == Lost::default()
}

struct Events<'a>(&'a Transcript);

/// `{"at":12,"client":"EHLO phone"}`, `{"at":90,"server":"…","left_out":700}`,
/// `{"at":95,"client":"","body":"data","octets":3000}`, `{"at":40,"tls":true}`, `{"at":41,"note":"…"}`
#[derive(Serialize, Deserialize)]
struct Form<T> {
    at: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<T>,
    #[serde(default, skip_serializing_if = "is_zero")]
    left_out: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Body>,
    #[serde(skip_serializing_if = "Option::is_none")]
    octets: Option<u64>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    tls: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<T>,
}

impl<T> Form<T> {
    fn empty(at: u64) -> Self {
        Self { at, client: None, server: None, left_out: 0, body: None, octets: None, tls: false, note: None }
    }

    fn said(at: u64, side: Side, line: T) -> Self {
        match side {
            Side::Client => Self { client: Some(line), ..Self::empty(at) },
            Side::Server => Self { server: Some(line), ..Self::empty(at) },
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_zero(left_out: &u32) -> bool {
    *left_out == 0
}

/// What stands for octets, without a copy of them.
struct Spelt<'a>(&'a dyn fmt::Display);

impl Serialize for Spelt<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self.0)
    }
}

impl Serialize for Transcript {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Written { lost: self.lost, events: Events(self) }.serialize(to)
    }
}

impl Serialize for Events<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut list = to.serialize_seq(None)?;
        for event in self.0.events() {
            element(&event, &mut list)?;
        }
        list.end()
    }
}

fn element<S: SerializeSeq>(event: &Event<'_>, list: &mut S) -> Result<(), S::Error> {
    let at = u64::try_from(event.at.as_millis()).unwrap_or(u64::MAX);
    match &event.what {
        What::Line { side, octets, left_out } => {
            let shown = Shown(octets);
            list.serialize_element(&Form { left_out: *left_out, ..Form::said(at, *side, Spelt(&shown)) })
        }
        What::Body { side, body, octets } => {
            let said = Form::said(at, *side, Spelt(&""));
            list.serialize_element(&Form { body: Some(*body), octets: Some(*octets), ..said })
        }
        What::TlsBegan => list.serialize_element(&Form { tls: true, ..Form::<Spelt<'_>>::empty(at) }),
        What::Note(note) => list.serialize_element(&Form { note: Some(Spelt(note)), ..Form::empty(at) }),
    }
}

impl<'de> Deserialize<'de> for Transcript {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let read = Read::deserialize(from)?;
        let mut transcript = read.events.into_transcript();
        // A file that somebody has changed may hold more than a ring does.
        transcript.lost.events = transcript.lost.events.saturating_add(read.lost.events);
        transcript.lost.octets = transcript.lost.octets.saturating_add(read.lost.octets);
        Ok(transcript)
    }
}

fn ring<'de, D: Deserializer<'de>>(from: D) -> Result<Ring, D::Error> {
    from.deserialize_seq(Pushed)
}

struct Pushed;

impl<'de> Visitor<'de> for Pushed {
    type Value = Ring;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of events")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Ring, A::Error> {
        let mut ring = Ring::default();
        while let Some(form) = list.next_element::<Form<String>>()? {
            push(&mut ring, form);
        }
        Ok(ring)
    }
}

fn push(ring: &mut Ring, form: Form<String>) {
    let at = u32::try_from(form.at).unwrap_or(u32::MAX);
    let (side, line) = match (form.client, form.server) {
        (Some(line), _) => (Side::Client, line),
        (None, Some(line)) => (Side::Server, line),
        (None, None) if form.tls => return ring.tls(at),
        (None, None) => return ring.note(at, &form.note.unwrap_or_default()),
    };
    match form.body {
        Some(body) => ring.body(at, side, body, form.octets.unwrap_or_default()),
        None => ring.kept(at, side, &spelling::octets(&line), form.left_out),
    }
}
