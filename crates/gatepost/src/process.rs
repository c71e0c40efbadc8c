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

/// The threads: as many as there are cores.
pub(crate) fn runtime() -> io::Result<Runtime> {
    Builder::new_multi_thread().enable_all().thread_name("gatepost").build()
}
