//! What mail is made of: addresses, header fields, MIME structure with octet offsets, and DSNs.
//! No I/O, no clock.

mod address;
mod cursor;
mod date;
mod domain;
pub mod dsn;
mod envelope;
pub mod header;
mod list;
mod media;
mod scan;
mod structure;

pub use address::{Address, AddressError};
pub use date::Date;
pub use domain::Domain;
pub use envelope::HeaderEnvelope;
pub use list::{ListedAddress, address_list};
pub use media::{Disposition, Media, Parameter};
pub use scan::{MAX_DEPTH, MAX_PARTS};
pub use structure::{Content, Part};
