//! When a program ends, told by the kernel without reaping it.
#![allow(unsafe_code)]

use std::io;
use std::os::fd::OwnedFd;

use rustix::process::{Pid, PidfdFlags, pidfd_open};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Readable once a process has ended. It is not reaped by that, so that its number stays its own.
#[derive(Debug)]
pub(super) struct End(AsyncFd<OwnedFd>);

impl End {
    /// Of a child that is not reaped yet.
    pub(super) fn of(pid: Pid) -> io::Result<Self> {
        let pidfd = pidfd_open(pid, PidfdFlags::empty())?;
        // SAFETY: an OwnedFd is open for as long as it lives, and its number does not change; it is owned by the AsyncFd
        // and never given out.
        let end = unsafe { AsyncFd::register_with_interest(pidfd, Interest::READABLE) };
        Ok(Self(end?))
    }

    /// Waits for it.
    pub(super) async fn comes(&self) -> io::Result<()> {
        self.0.readable().await.map(drop)
    }
}
