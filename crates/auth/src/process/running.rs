//! A program that runs: its pipes, its end, and the end of all that it started.

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::net::unix::pipe;
use zeroize::Zeroizing;

use super::confine::{Confinement, confine};
use super::end::End;
use super::{Ended, Errand, Input, MAX_OUTPUT, PATH, ProcessError, Program};

/// A program that was started. Dropping it kills it, with its group.
#[derive(Debug)]
pub(crate) struct Running {
    program: String,
    child: tokio::process::Child,
    group: Group,
    end: End,
    input: Option<pipe::Sender>,
    output: Collected,
    complaints: Collected,
    /// Whether standard error is closed.
    mute: bool,
}

/// What is started together is killed together.
#[derive(Debug)]
struct Group(Option<Pid>);

impl Group {
    /// Kills whoever is left of it. The leader must not be reaped yet: its number could be somebody else's by then.
    fn kill(&mut self) {
        if let Some(pid) = self.0.take() {
            // It fails if all have ended, or belong to another user by set-user-id; those end with their pipes.
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A stream of the program's output, as far as it has come.
#[derive(Debug)]
struct Collected {
    from: pipe::Receiver,
    octets: Zeroizing<Vec<u8>>,
}

/// The ends of the pipes that are the program's.
struct Theirs {
    input: OwnedFd,
    output: OwnedFd,
    complaints: OwnedFd,
}

impl Running {
    /// Starts a program.
    pub(crate) fn start(program: &Program, errand: &Errand<'_>) -> Result<Self, ProcessError> {
        let name = program.name().to_owned();
        if name.is_empty() {
            return Err(ProcessError::NoProgram(program.module));
        }
        let broken = |error| ProcessError::Pipe { program: name.clone(), error };
        let (theirs, input, output, complaints) = pipes().map_err(broken)?;
        let child = spawn(program, errand, theirs).map_err(|error| ProcessError::Start {
            program: name.clone(),
            module: program.module,
            uid: rustix::process::geteuid().as_raw(),
            error,
        })?;
        let pid = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        let group = Group(pid);
        let end = pid.ok_or_else(|| io::Error::other("it has no process id")).and_then(End::of).map_err(broken)?;
        Ok(Self { program: name, child, group, end, input: Some(input), output, complaints, mute: false })
    }

    /// Writes the question, and waits until the program has ended. What it wrote is in [`Self::written`].
    pub(super) async fn converse(&mut self, question: &[u8]) -> Result<Ended, ProcessError> {
        // A program that ends without reading the question closes the pipe; that is its right.
        let input = self.input.take();
        let tells = async move {
            if let Some(input) = input {
                drop(write(&input, question).await);
            }
        };
        let ends = async {
            tokio::select! {
                ended = self.end.comes() => ended.map_err(Trouble::Pipe),
                over = self.output.collect() => Err(over),
                over = self.complaints.collect() => Err(over),
            }
        };
        let (ended, ()) = tokio::join!(ends, tells);
        self.group.kill();
        self.output.rest();
        self.complaints.rest();
        ended.map_err(|trouble| self.trouble(trouble))?;
        let status = self.child.wait().await.map_err(|error| self.trouble(Trouble::Pipe(error)))?;
        Ok(status.code().map_or_else(|| Ended::Signal(status.signal().unwrap_or_default()), Ended::Code))
    }

    /// Writes to a program that stays.
    ///
    /// # Errors
    /// It has closed its input.
    pub(crate) async fn tell(&self, octets: &[u8]) -> io::Result<()> {
        match &self.input {
            Some(input) => write(input, octets).await,
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// Reads of what a program that stays has written; 0 at its end. What it complains of meanwhile is thrown away, so that
    /// it never waits for room.
    ///
    /// # Errors
    /// The pipe is broken.
    pub(crate) async fn hear(&mut self, into: &mut Vec<u8>) -> io::Result<usize> {
        loop {
            let (output, complaints) = (&self.output.from, &self.complaints.from);
            let mut deaf = [0; 1024];
            tokio::select! {
                ready = output.readable() => {
                    ready?;
                    match output.try_read_buf(into) {
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                        read => return read,
                    }
                }
                Ok(()) = complaints.readable(), if !self.mute => self.mute = matches!(complaints.try_read(&mut deaf), Ok(0)),
            }
        }
    }

    /// What it has written to standard output and standard error.
    pub(super) fn written(self) -> (Zeroizing<Vec<u8>>, Zeroizing<Vec<u8>>) {
        (self.output.octets, self.complaints.octets)
    }

    fn trouble(&self, trouble: Trouble) -> ProcessError {
        let program = self.program.clone();
        match trouble {
            Trouble::TooMuch => ProcessError::TooMuch { program },
            Trouble::Pipe(error) => ProcessError::Pipe { program, error },
        }
    }
}

/// Why a program is not listened to any longer.
#[derive(Debug)]
enum Trouble {
    TooMuch,
    Pipe(io::Error),
}

impl Collected {
    /// Takes what comes, for as long as it is asked; it ends only in trouble.
    async fn collect(&mut self) -> Trouble {
        loop {
            if let Err(error) = self.from.readable().await {
                return Trouble::Pipe(error);
            }
            match self.from.try_read_buf(&mut *self.octets) {
                // The stream is closed; the program may go on.
                Ok(0) => std::future::pending().await,
                Ok(_) if self.octets.len() > MAX_OUTPUT => return Trouble::TooMuch,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Trouble::Pipe(error),
            }
        }
    }

    /// Takes what is in the pipe still, without waiting: who has left the group may hold it open for ever.
    fn rest(&mut self) {
        let mut buffer = Zeroizing::new([0; 4096]);
        while self.octets.len() <= MAX_OUTPUT {
            match rustix::io::read(self.from.as_fd(), &mut buffer[..]) {
                Ok(0) | Err(_) => return,
                Ok(read) => self.octets.extend_from_slice(&buffer[..read]),
            }
        }
    }
}

async fn write(input: &pipe::Sender, mut octets: &[u8]) -> io::Result<()> {
    while !octets.is_empty() {
        input.writable().await?;
        match input.try_write(octets) {
            Ok(written) => octets = octets.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn pipes() -> io::Result<(Theirs, pipe::Sender, Collected, Collected)> {
    let (input, sender) = io::pipe()?;
    let (from_output, output) = io::pipe()?;
    let (from_complaints, complaints) = io::pipe()?;
    let collected = |from: io::PipeReader| {
        let from = pipe::Receiver::from_owned_fd(from.into())?;
        // Room for all of it, so that it does not move: what a judge tells may be a secret.
        Ok::<_, io::Error>(Collected { from, octets: Zeroizing::new(Vec::with_capacity(MAX_OUTPUT + 4096)) })
    };
    let theirs = Theirs { input: input.into(), output: output.into(), complaints: complaints.into() };
    let sender = pipe::Sender::from_owned_fd(sender.into())?;
    Ok((theirs, sender, collected(from_output)?, collected(from_complaints)?))
}

fn spawn(program: &Program, errand: &Errand<'_>, theirs: Theirs) -> io::Result<tokio::process::Child> {
    let mut command = std::process::Command::new(program.name());
    command.args(program.words.get(1..).unwrap_or_default()).args(errand.behind);
    command.env_clear().env("PATH", PATH).envs(errand.variables.iter().map(|(name, value)| (name, value)));
    command.current_dir("/").stdout(theirs.output).stderr(theirs.complaints);
    // It must live until the program has been started.
    let third = match errand.input {
        Input::Descriptor3 => {
            command.stdin(Stdio::null());
            Some(theirs.input)
        }
        Input::Standard => {
            command.stdin(theirs.input);
            None
        }
    };
    confine(&mut command, Confinement { memory: program.memory, third: third.as_ref().map(AsRawFd::as_raw_fd) });
    tokio::process::Command::from(command).spawn()
}
