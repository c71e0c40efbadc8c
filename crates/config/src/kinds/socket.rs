//! One address with its port.

use std::net::SocketAddr;

use crate::kind::{Kind, bad_value, quoted, string};
use crate::reading::{Reading, Value};

/// An address with its port.
pub(crate) struct Socket;

/// An address with its port.
pub(crate) fn socket() -> Socket {
    Socket
}

impl Kind<SocketAddr> for Socket {
    fn read(&self, value: &Value<'_, '_>, reading: &mut Reading<'_>) -> Option<SocketAddr> {
        let text = string(value, reading, || self.allowed())?;
        let read = text.parse();
        if read.is_err() {
            bad_value(value, reading, "it is no address with a port", self.allowed());
        }
        read.ok()
    }

    fn show(&self, value: &SocketAddr) -> String {
        quoted(&value.to_string())
    }

    fn allowed(&self) -> String {
        "an address with its port, such as \"127.0.0.1:9154\" or \"[::1]:9154\"".to_owned()
    }
}
