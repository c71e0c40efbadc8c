//! What mail is made of: addresses, header fields, MIME structure with octet offsets, and DSNs.
//! No I/O, no clock.

mod address;
mod domain;

pub use address::{Address, AddressError};
pub use domain::Domain;
