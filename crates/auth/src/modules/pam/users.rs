//! The system's users, by `getpwnam_r`: from /etc/passwd, or whatever nsswitch.conf names.
#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_char};
use std::io;
use std::ptr;

use super::wire::User;

/// Room for the longest entry.
const ROOM: usize = 64 * 1024;

/// A user by name; `None` if there is none.
///
/// # Errors
/// The system could not tell: a directory behind NSS is down.
pub(super) fn by_name(name: &str) -> io::Result<Option<User>> {
    let Ok(name) = CString::new(name) else { return Ok(None) };
    let mut room: Vec<c_char> = vec![0; ROOM];
    let mut entry = std::mem::MaybeUninit::<libc::passwd>::uninit();
    let mut found = ptr::null_mut();
    // SAFETY: a text, a place for the entry, room of the length that is told for its texts, and a place for a pointer.
    let error =
        unsafe { libc::getpwnam_r(name.as_ptr(), entry.as_mut_ptr(), room.as_mut_ptr(), room.len(), &raw mut found) };
    match (error, found.is_null()) {
        // Some C libraries say so of a user who does not exist.
        (0 | libc::ENOENT | libc::ESRCH, true) => return Ok(None),
        (0, false) => {}
        (error, _) => return Err(io::Error::from_raw_os_error(error)),
    }
    // SAFETY: getpwnam_r has filled it in, as it returned 0 and a pointer to it.
    let entry = unsafe { entry.assume_init() };
    // SAFETY: its texts lie in `room`, and end in a NUL.
    let text = |text: *const c_char| match text.is_null() {
        true => String::new(),
        false => unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned(),
    };
    // The first field of GECOS is the person's name.
    let full_name = text(entry.pw_gecos).split(',').next().unwrap_or_default().to_owned();
    let (name, home) = (text(entry.pw_name), text(entry.pw_dir));
    Ok(Some(User { name, uid: entry.pw_uid, gid: entry.pw_gid, home, full_name }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_there_and_others_are_not() {
        let root = by_name("root").expect("it can tell").expect("root");
        assert_eq!((root.uid, root.home.as_str()), (0, "/root"));
        assert_eq!(by_name("gatepost-nobody").expect("it can tell"), None);
        assert_eq!(by_name("a\0b").expect("nobody"), None);
    }
}
