//! The process around a server: its log, limits and threads.

use std::io;

use config::Config;
use net::ListenError;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit, umask};
use server::{LockError, StartError};
use tokio::runtime::{Builder, Runtime};

use crate::exit::{self, Code, Failure};

/// Sets up what belongs to the whole process, before there are threads.
pub(crate) fn prepare(config: &Config) -> Result<(), Failure> {
    trace::init(config.log).map_err(|error| Failure::new(Code::Config, error.to_string()))?;
    // Mail is private: whatever is written is its owner's.
    umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    raise_open_files(config.limits.connections);
    no_core();
    give_memory_back();
    Ok(())
}

/// Why a server did not start, with the exit code for it.
pub(crate) fn not_started(error: &StartError) -> Failure {
    let forbidden = |(_, error): &(_, ListenError)| matches!(error, ListenError::Forbidden(_));
    let code = match error {
        StartError::Tls(_) | StartError::NoListener => Code::Config,
        StartError::Metrics(ListenError::Forbidden(_)) => Code::Permission,
        StartError::Listen(failed) if failed.iter().any(forbidden) => Code::Permission,
        StartError::Data { error, .. }
        | StartError::Lock(LockError::Io { error, .. })
        | StartError::UserTokens { error, .. }
        | StartError::Control { error, .. } => exit::code(error),
        _ => Code::Failed,
    };
    Failure::new(code, error.to_string())
}

/// A session is a descriptor, and so are its mailbox and the queue's files: the soft limit, often 1024, is raised to the
/// hard one.
fn raise_open_files(sessions: usize) {
    let limit = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let wanted = 2 * sessions as u64 + 100;
    if raised.is_err() || limit < wanted {
        tracing::warn!(limit, wanted, "few open files are allowed for so many connections (ulimit -n, LimitNOFILE=)");
    }
}

/// Passwords pass through this memory: a crash must not write it to the disk.
fn no_core() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    if let Err(error) = setrlimit(Resource::Core, none) {
        tracing::warn!(%error, "core dumps cannot be switched off");
    }
}

/// An Argon2 hash takes 19 MiB for 30 ms. glibc would keep such a block for each of its arenas, once freed: ten times as
/// much as the server needs (bench/auth shows it). Blocks of a megabyte and more are the kernel's again at once.
#[cfg(target_env = "gnu")]
#[allow(unsafe_code, reason = "a setting of the C library's allocator")]
fn give_memory_back() {
    const LARGE: libc::c_int = 1 << 20;
    // SAFETY: it takes two numbers, and no other thread runs yet.
    if unsafe { libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE) } == 0 {
        tracing::warn!("the allocator keeps large blocks (mallopt refused)");
    }
}

/// Other C libraries do so by themselves.
#[cfg(not(target_env = "gnu"))]
fn give_memory_back() {}

/// The threads: as many as there are cores.
pub(crate) fn runtime() -> io::Result<Runtime> {
    Builder::new_multi_thread().enable_all().thread_name("gatepost").build()
}
