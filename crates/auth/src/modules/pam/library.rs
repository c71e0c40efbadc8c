//! `libpam`, loaded at run time, in a wrapper that cannot be used wrongly.
//!
//! Of PAM's calls there are the six that a login needs: `pam_start` (or `pam_start_confdir`), `pam_set_item`,
//! `pam_authenticate`, `pam_acct_mgmt`, `pam_strerror`, `pam_end`. The types are those of Linux-PAM's `pam_appl.h`.
#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};
use std::path::Path;
use std::ptr;

use libloading::{Library, Symbol};

use super::LIBRARY;

/// `pam_handle_t`, which nobody looks into.
#[repr(C)]
struct Handle([u8; 0]);

/// `struct pam_message`
#[repr(C)]
struct Message {
    style: c_int,
    text: *const c_char,
}

/// `struct pam_response`
#[repr(C)]
struct Response {
    text: *mut c_char,
    code: c_int,
}

type Converse = unsafe extern "C" fn(c_int, *mut *const Message, *mut *mut Response, *mut c_void) -> c_int;

/// `struct pam_conv`
#[repr(C)]
struct Conversation {
    converse: Converse,
    data: *mut c_void,
}

type Start = unsafe extern "C" fn(*const c_char, *const c_char, *const Conversation, *mut *mut Handle) -> c_int;
type StartConfdir =
    unsafe extern "C" fn(*const c_char, *const c_char, *const Conversation, *const c_char, *mut *mut Handle) -> c_int;
type SetItem = unsafe extern "C" fn(*mut Handle, c_int, *const c_void) -> c_int;
type Flagged = unsafe extern "C" fn(*mut Handle, c_int) -> c_int;
type Strerror = unsafe extern "C" fn(*mut Handle, c_int) -> *const c_char;

const PAM_SUCCESS: c_int = 0;
const PAM_BUF_ERR: c_int = 5;
const PAM_CONV_ERR: c_int = 19;
const PAM_TTY: c_int = 3;
const PAM_RHOST: c_int = 4;
const PAM_FAIL_DELAY: c_int = 10;
const PAM_PROMPT_ECHO_OFF: c_int = 1;
const PAM_PROMPT_ECHO_ON: c_int = 2;
const PAM_ERROR_MSG: c_int = 3;
const PAM_TEXT_INFO: c_int = 4;
const PAM_DISALLOW_NULL_AUTHTOK: c_int = 1;

/// More than this of PAM's messages are not kept.
const MESSAGES: usize = 20;

/// Whether the library can be loaded. It is unloaded again: PAM is asked in another process.
pub(super) fn is_installed() -> bool {
    // SAFETY: loading libpam runs the constructors of it and of what it needs (libaudit, libc), which set up their own data.
    unsafe { Library::new(LIBRARY) }.is_ok()
}

/// Who logs in, as PAM is told.
#[derive(Debug)]
pub(super) struct Login<'a> {
    pub(super) service: &'a CStr,
    pub(super) folder: Option<&'a Path>,
    pub(super) user: &'a CStr,
    pub(super) password: &'a CStr,
    pub(super) peer: &'a CStr,
}

/// How far it came: the call that failed, or the last one.
#[derive(Debug)]
pub(super) struct Went {
    pub(super) call: &'static str,
    pub(super) code: i32,
    pub(super) words: String,
    pub(super) messages: Vec<String>,
}

/// The library.
#[derive(Debug)]
pub(super) struct Pam(Library);

/// What the conversation needs. PAM holds its address.
struct Talk<'a> {
    user: &'a CStr,
    password: &'a CStr,
    messages: Vec<String>,
}

impl Pam {
    /// Loads it.
    ///
    /// # Errors
    /// In words.
    pub(super) fn load() -> Result<Self, String> {
        // SAFETY: see `is_installed`.
        let loaded = unsafe { Library::new(LIBRARY) };
        // The linker's own words are behind the error.
        loaded.map(Self).map_err(|error| std::error::Error::source(&error).unwrap_or(&error).to_string())
    }

    /// Authenticates, and asks whether the account may be used.
    ///
    /// # Errors
    /// The library lacks a call, or a path has a NUL.
    pub(super) fn login(&self, login: &Login<'_>) -> Result<Went, String> {
        let mut talk = Talk { user: login.user, password: login.password, messages: Vec::new() };
        let conversation = Conversation { converse, data: ptr::from_mut(&mut talk).cast() };
        let mut handle = ptr::null_mut();
        let code = self.start(login, &conversation, &mut handle)?;
        // After a failed pam_start there is no handle; pam_strerror does not look at it.
        let mut went = if code == PAM_SUCCESS { self.steps(login, handle)? } else { ("pam_start", code) };
        let words = self.words(handle, went.1)?;
        if code == PAM_SUCCESS {
            let end: Symbol<'_, Flagged> = self.symbol(b"pam_end\0")?;
            // SAFETY: the handle came from pam_start, and is not used again.
            let ended = unsafe { end(handle, went.1) };
            if went.1 == PAM_SUCCESS && ended != PAM_SUCCESS {
                went = ("pam_end", ended);
            }
        }
        Ok(Went { call: went.0, code: went.1, words, messages: talk.messages })
    }

    fn start(&self, login: &Login<'_>, conversation: &Conversation, handle: &mut *mut Handle) -> Result<c_int, String> {
        let (service, user) = (login.service.as_ptr(), login.user.as_ptr());
        let Some(folder) = login.folder else {
            let start: Symbol<'_, Start> = self.symbol(b"pam_start\0")?;
            // SAFETY: three valid pointers that live until `login` returns, after pam_end, and a place for the handle.
            return Ok(unsafe { start(service, user, conversation, handle) });
        };
        let folder = CString::new(folder.as_os_str().as_encoded_bytes()).map_err(|_| "auth.pam.folder has a NUL")?;
        let start: Symbol<'_, StartConfdir> = self.symbol(b"pam_start_confdir\0")?;
        // SAFETY: the same, and a path, which Linux-PAM copies.
        Ok(unsafe { start(service, user, conversation, folder.as_ptr(), handle) })
    }

    fn steps(&self, login: &Login<'_>, handle: *mut Handle) -> Result<(&'static str, c_int), String> {
        let set: Symbol<'_, SetItem> = self.symbol(b"pam_set_item\0")?;
        let items: [(c_int, *const c_void); 3] = [
            (PAM_RHOST, login.peer.as_ptr().cast()),
            (PAM_TTY, c"gatepost".as_ptr().cast()),
            // Failures are delayed by the server, without holding a process.
            (PAM_FAIL_DELAY, no_delay as *const c_void),
        ];
        for (item, value) in items {
            // SAFETY: the handle is valid; texts are copied by PAM, and the function lives as long as the program.
            let code = unsafe { set(handle, item, value) };
            if code != PAM_SUCCESS {
                return Ok(("pam_set_item", code));
            }
        }
        let mut last = ("pam_start", PAM_SUCCESS);
        for (name, symbol) in [("pam_authenticate", &b"pam_authenticate\0"[..]), ("pam_acct_mgmt", b"pam_acct_mgmt\0")]
        {
            let call: Symbol<'_, Flagged> = self.symbol(symbol)?;
            // SAFETY: the handle is valid, and so is the conversation that it points to.
            last = (name, unsafe { call(handle, PAM_DISALLOW_NULL_AUTHTOK) });
            if last.1 != PAM_SUCCESS {
                break;
            }
        }
        Ok(last)
    }

    /// The library's own words for a result.
    fn words(&self, handle: *mut Handle, code: c_int) -> Result<String, String> {
        let strerror: Symbol<'_, Strerror> = self.symbol(b"pam_strerror\0")?;
        // SAFETY: Linux-PAM ignores the handle, and returns a text that is always there, or null.
        let text = unsafe { strerror(handle, code) };
        if text.is_null() {
            return Ok(String::new());
        }
        // SAFETY: it is not null, and ends in a NUL.
        Ok(unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
    }

    fn symbol<T>(&self, name: &'static [u8]) -> Result<Symbol<'_, T>, String> {
        // SAFETY: each call above names the type that pam_appl.h gives the symbol.
        unsafe { self.0.get(name) }.map_err(|error| format!("{LIBRARY}: {error}"))
    }
}

/// Does not wait. `void (*)(int, unsigned, void *)`
extern "C" fn no_delay(_: c_int, _: c_uint, _: *mut c_void) {}

/// Answers PAM's prompts: one that is not echoed is for the password, another is for the name.
///
/// # Safety
/// PAM calls it with `count` messages, a place for the responses, and the `data` of its `Conversation`.
unsafe extern "C" fn converse(
    count: c_int,
    messages: *mut *const Message,
    responses: *mut *mut Response,
    data: *mut c_void,
) -> c_int {
    let Some(count) = usize::try_from(count).ok().filter(|count| (1..=32).contains(count)) else { return PAM_CONV_ERR };
    if messages.is_null() || responses.is_null() || data.is_null() {
        return PAM_CONV_ERR;
    }
    // SAFETY: `data` is the Talk of `login`, which nobody else touches while PAM runs.
    let talk = unsafe { &mut *data.cast::<Talk<'_>>() };
    // SAFETY: memory of libc, all zeros, which PAM's module frees with libc's free.
    let answers = unsafe { libc::calloc(count, size_of::<Response>()) }.cast::<Response>();
    if answers.is_null() {
        return PAM_BUF_ERR;
    }
    for n in 0..count {
        // SAFETY: Linux-PAM hands an array of `count` pointers to messages, and there is room for as many answers.
        let (message, answer) = unsafe { (&**messages.add(n), &mut *answers.add(n)) };
        let reply = match message.style {
            PAM_PROMPT_ECHO_OFF => Some(talk.password),
            PAM_PROMPT_ECHO_ON => Some(talk.user),
            PAM_ERROR_MSG | PAM_TEXT_INFO => None,
            _ => {
                // SAFETY: they were made above, and nobody has them yet.
                unsafe { free(answers, n) };
                return PAM_CONV_ERR;
            }
        };
        match reply {
            // SAFETY: a text that ends in a NUL; the copy is libc's, as PAM's module frees it.
            Some(reply) => answer.text = unsafe { libc::strdup(reply.as_ptr()) },
            // SAFETY: the message's text is null, or ends in a NUL.
            None => unsafe { talk.note(message.text) },
        }
    }
    // SAFETY: a place for one pointer.
    unsafe { *responses = answers };
    PAM_SUCCESS
}

impl Talk<'_> {
    /// Keeps a message for the operator.
    ///
    /// # Safety
    /// `text` is null, or ends in a NUL.
    unsafe fn note(&mut self, text: *const c_char) {
        if text.is_null() || self.messages.len() >= MESSAGES {
            return;
        }
        // SAFETY: as the caller says.
        let text = unsafe { CStr::from_ptr(text) }.to_string_lossy();
        self.messages.push(text.chars().take(200).map(|c| if c.is_control() { '·' } else { c }).collect());
    }
}

/// Frees answers that nobody will take.
///
/// # Safety
/// `answers` came from calloc, and the first `count` were filled by strdup or not at all.
unsafe fn free(answers: *mut Response, count: usize) {
    for n in 0..count {
        // SAFETY: within the array; freeing null is nothing.
        unsafe { libc::free((*answers.add(n)).text.cast()) };
    }
    // SAFETY: it came from calloc.
    unsafe { libc::free(answers.cast()) };
}
