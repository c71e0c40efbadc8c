//! What was said in a session, line by line, without secrets and without mail.

mod event;
mod form;
mod ring;
mod spelling;
#[cfg(test)]
mod tests;

use std::iter;

pub use event::{Body, Event, Side, What};
pub use ring::{Lost, Ring};
pub use spelling::Shown;

/// The last of what was said in a session, at most [`Ring::MOST`] octets of it. It is made by a [`Ring`] or read from a file,
/// and can only become less.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Transcript {
    /// Events as the ring has encoded them.
    octets: Vec<u8>,
    lost: Lost,
}

impl Transcript {
    /// What happened, in order.
    pub fn events(&self) -> impl Iterator<Item = Event<'_>> {
        let mut rest = self.octets.as_slice();
        iter::from_fn(move || {
            let (event, behind) = event::decode(rest)?;
            rest = behind;
            Some(event)
        })
    }

    /// What came before the first event, and is not kept.
    pub fn lost(&self) -> Lost {
        self.lost
    }

    /// Octets of memory behind it.
    pub fn size(&self) -> usize {
        self.octets.capacity()
    }

    /// Its older half goes. `false` if nothing is left then.
    pub(crate) fn halve(&mut self) -> bool {
        let (mut rest, half) = (self.octets.as_slice(), self.octets.len() / 2);
        while rest.len() > half {
            let Some((_, behind)) = event::decode(rest) else { break };
            self.lost.events += 1;
            self.lost.octets += (rest.len() - behind.len() - event::HEADER) as u64;
            rest = behind;
        }
        let gone = self.octets.len() - rest.len();
        self.octets.drain(..gone);
        !self.octets.is_empty()
    }
}
