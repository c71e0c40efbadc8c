//! Runs a program that is asked about a login, within bounds: time, memory, output, descriptors, environment.
//!
//! Each is the leader of a session and a group of its own, and the whole group is killed when the question is over, one way
//! or another: nothing that a checker starts outlives the question.

mod confine;
mod end;
mod running;
mod said;

use std::io;
use std::time::Duration;

use sasl::Secret;
use zeroize::Zeroizing;

use crate::TempFail;
use crate::trail::Trail;

pub(crate) use running::Running;

/// More output than this, on either stream, is no answer.
pub(crate) const MAX_OUTPUT: usize = 64 * 1024;

/// Where programs are looked for that are named without a path, by us and by what we start.
pub(crate) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A program of the config.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    /// Whose it is, as in `auth.chain`.
    pub(crate) module: &'static str,
    /// Itself and its arguments.
    pub(crate) words: Vec<String>,
    /// Most memory that it may map, octets.
    pub(crate) memory: u64,
    /// Longest time for one question.
    pub(crate) timeout: Duration,
}

/// Where a program reads the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Input {
    /// Standard input.
    Standard,
    /// Descriptor 3, as the checkpassword interface wants it; standard input is empty.
    Descriptor3,
}

/// One question to a program.
pub(crate) struct Errand<'a> {
    /// Words behind those of the config.
    pub(crate) behind: &'a [&'a str],
    /// Where the question is read.
    pub(crate) input: Input,
    /// The question. It is wiped once it is written.
    pub(crate) question: Zeroizing<Vec<u8>>,
    /// The environment, but for PATH. There is nothing else in it.
    pub(crate) variables: Vec<(&'static str, String)>,
    /// What must not come back in a line of the trail.
    pub(crate) secret: Option<&'a Secret>,
    /// Where it is written down.
    pub(crate) trail: &'a Trail,
}

/// A program has ended.
#[derive(Debug)]
pub(crate) struct Done {
    /// How.
    pub(crate) ended: Ended,
    /// What it wrote to standard output.
    pub(crate) output: Zeroizing<Vec<u8>>,
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// With an exit code.
    Code(i32),
    /// By a signal.
    Signal(i32),
}

/// Why a program could not be asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProcessError {
    /// `command` is empty.
    #[error("no program is set: write it in `command` of [auth.{0}]")]
    NoProgram(&'static str),
    /// It does not exist, may not be executed, or there is no room for a process.
    #[error("cannot run {program} as uid {uid}: {error} (auth.{module}.command)")]
    Start { program: String, module: &'static str, uid: u32, error: io::Error },
    /// It took too long.
    #[error(
        "{program} did not answer within {timeout:?} and was killed, with all that it started (auth.{module}.timeout)"
    )]
    Late { program: String, module: &'static str, timeout: Duration },
    /// It wrote too much.
    #[error("{program} wrote more than {MAX_OUTPUT} octets and was killed")]
    TooMuch { program: String },
    /// The system has no pipe for us, or it broke.
    #[error("the pipes to {program}: {error}")]
    Pipe { program: String, error: io::Error },
}

impl Program {
    /// As which it is named in texts.
    pub(crate) fn name(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// Starts it, asks it, and waits for its end.
    pub(crate) async fn run(&self, errand: Errand<'_>) -> Result<Done, ProcessError> {
        let late =
            || ProcessError::Late { program: self.name().to_owned(), module: self.module, timeout: self.timeout };
        let mut running = Running::start(self, &errand)?;
        let ended = tokio::time::timeout(self.timeout, running.converse(&errand.question)).await;
        let (output, complaints) = running.written();
        said::on_stderr(&complaints, errand.secret, errand.trail);
        let ended = ended.unwrap_or_else(|_| Err(late()))?;
        Ok(Done { ended, output })
    }

    /// A TEMPFAIL of its module.
    pub(crate) fn tempfail(&self, cause: impl ToString) -> TempFail {
        TempFail { module: self.module, cause: cause.to_string() }
    }
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exit code {code}"),
            Self::Signal(signal) => write!(f, "killed by signal {signal}"),
        }
    }
}

#[cfg(test)]
mod tests;
