//! What mail is made of: addresses, header fields, MIME structure with octet offsets, and DSNs.
//! No I/O, no clock.

mod address;

pub use address::{Address, AddressError, Domain};
