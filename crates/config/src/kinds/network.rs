//! Networks of addresses.

use crate::kind::{Kind, bad_value, quoted, string};
use crate::network::{Network, NotANetwork};
use crate::reading::{Reading, Value};

/// An address or a network.
pub(crate) struct Net;

/// An address or a network.
pub(crate) fn network() -> Net {
    Net
}

impl Kind<Network> for Net {
    fn read(&self, value: &Value<'_, '_>, reading: &mut Reading<'_>) -> Option<Network> {
        let text = string(value, reading, || self.allowed())?;
        let read = text.parse();
        if read.is_err() {
            bad_value(value, reading, "it is no address and no network", self.allowed());
        }
        read.ok()
    }

    fn show(&self, value: &Network) -> String {
        quoted(&value.to_string())
    }

    fn allowed(&self) -> String {
        NotANetwork.to_string()
    }
}
