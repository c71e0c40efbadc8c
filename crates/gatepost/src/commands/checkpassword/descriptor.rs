//! Descriptor 3, on which a caller writes.
#![allow(unsafe_code)]

use std::fs::File;
use std::io::{self, Read};
use std::mem::ManuallyDrop;
use std::os::fd::FromRawFd;

use sasl::Secret;

/// The number that the interface names.
const THIRD: i32 = 3;

/// Reads it to its end, at most one octet more than `most`, and closes it.
///
/// # Errors
/// It is not open, or cannot be read.
pub(super) fn read(most: usize) -> io::Result<Secret> {
    // SAFETY: whoever called this program gave it the descriptor, and nothing in here has opened or taken one before: this
    // runs first, and once.
    let third = ManuallyDrop::new(unsafe { File::from_raw_fd(THIRD) });
    // Room for all of it, so that no copy is left behind.
    let mut octets = Vec::with_capacity(most + 1);
    (&*third).take(most as u64 + 1).read_to_end(&mut octets)?;
    // It could be read, so it is open and may be closed; a number that is not open must not be.
    drop(ManuallyDrop::into_inner(third));
    Ok(Secret::new(octets))
}
