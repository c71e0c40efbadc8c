//! What a program may not have of ours: our session, our descriptors, more memory than it is given.
//!
//! This runs between fork and exec in a process whose other threads are gone: it makes system calls and nothing else,
//! no allocation, no lock, no formatting.
#![allow(unsafe_code)]

use std::io;
use std::os::fd::RawFd;
use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit, setsid};

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Confinement {
    /// Most memory that it may map.
    pub(super) memory: u64,
    /// The end of a pipe that is to be its descriptor 3.
    pub(super) third: Option<RawFd>,
}

/// Confines what a command will start.
pub(super) fn confine(command: &mut Command, confinement: Confinement) {
    // SAFETY: `enter` makes async-signal-safe calls alone (rustix and libc make plain system
    // calls of setsid, getrlimit, setrlimit, dup2, fcntl and close_range), and owns nothing that the parent owns, too.
    unsafe { command.pre_exec(move || enter(confinement)) };
}

fn enter(Confinement { memory, third }: Confinement) -> io::Result<()> {
    setsid()?;
    limit(Resource::As, memory)?;
    // A core would have the password in it.
    limit(Resource::Core, 0)?;
    if let Some(third) = third {
        take_third(third)?;
    }
    close_from(if third.is_some() { 4 } else { 3 });
    Ok(())
}

/// Lowers a limit, soft and hard; one that is lower already stays.
fn limit(resource: Resource, most: u64) -> io::Result<()> {
    let now = getrlimit(resource);
    let least = |now: Option<u64>| Some(now.map_or(most, |now| now.min(most)));
    Ok(setrlimit(resource, Rlimit { current: least(now.current), maximum: least(now.maximum) })?)
}

/// Makes a pipe's end descriptor 3, open after exec. If the standard library's own pipe, by which it learns that exec
/// failed, had that number, the failure is told as a signal instead; the answer is a TEMPFAIL all the same.
fn take_third(end: RawFd) -> io::Result<()> {
    if end == 3 {
        // SAFETY: a number and a flag; the descriptor is open, as its owner waits for us in the parent.
        return checked(unsafe { libc::fcntl(3, libc::F_SETFD, 0) });
    }
    // SAFETY: two numbers; the first is open, as above.
    checked(unsafe { libc::dup2(end, 3) })
}

/// Nothing from here on is open after exec: sessions' sockets, the queue and the account store are not a checker's. They
/// are marked and not closed, as the standard library still needs its pipe until exec.
fn close_from(first: RawFd) {
    let first_unsigned = first.cast_unsigned();
    // SAFETY: three numbers. The call is made by its number, as an old libc may not have it.
    let marked =
        unsafe { libc::syscall(libc::SYS_close_range, first_unsigned, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC) };
    if marked == 0 {
        return;
    }
    // Linux before 5.11. All that we open is closed on exec anyway; this is for what a library may have opened.
    for fd in first..1024 {
        // SAFETY: a number and a flag; where nothing is open, it fails and nothing has happened.
        unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) };
    }
}

fn checked(result: libc::c_int) -> io::Result<()> {
    // `last_os_error` reads errno, and makes no text of it.
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
