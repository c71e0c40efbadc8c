//! A conversation with a program that stays.

use std::io;

use zeroize::{Zeroize, Zeroizing};

use crate::courier::{Malformed, Reply};
use crate::process::{Errand, Input, MAX_OUTPUT, ProcessError, Program, Running};
use crate::trail::Trail;

/// A program, between two questions.
#[derive(Debug)]
pub(super) struct Conversation {
    running: Running,
    /// What has come of the answer.
    answer: Zeroizing<Vec<u8>>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// Courier's word for "could not tell", too.
    #[error("it ended, or closed its output, without an answer: it could not tell")]
    Gone,
    /// The pipe is broken.
    #[error("{0}")]
    Pipe(io::Error),
    /// Too much, or more than an answer.
    #[error("its answer is longer than {MAX_OUTPUT} octets, or goes on behind its end")]
    TooMuch,
    /// Not what authpipe says.
    #[error("an answer in which {0}")]
    Malformed(Malformed),
}

impl Trouble {
    /// Whether it ended without a word.
    pub(super) fn is_gone(&self) -> bool {
        match self {
            Self::Gone => true,
            Self::Pipe(error) => error.kind() == io::ErrorKind::BrokenPipe,
            _ => false,
        }
    }
}

impl Conversation {
    /// Starts a program.
    pub(super) fn start(program: &Program, trail: &Trail) -> Result<Self, ProcessError> {
        let (question, variables) = (Zeroizing::default(), Vec::new());
        let errand = Errand { behind: &[], input: Input::Standard, question, variables, secret: None, trail };
        Ok(Self { running: Running::start(program, &errand)?, answer: Zeroizing::new(Vec::with_capacity(MAX_OUTPUT)) })
    }

    /// Asks. Whoever does not wait for the end must drop the conversation.
    pub(super) async fn ask(&mut self, question: &[u8]) -> Result<Reply, Trouble> {
        self.answer.zeroize();
        self.running.tell(question).await.map_err(Trouble::Pipe)?;
        loop {
            match Reply::decode(&self.answer).map_err(Trouble::Malformed)? {
                Some((reply, used)) if used == self.answer.len() => return Ok(reply),
                Some(_) => return Err(Trouble::TooMuch),
                None if self.answer.len() >= MAX_OUTPUT => return Err(Trouble::TooMuch),
                None => {}
            }
            if self.running.hear(&mut self.answer).await.map_err(Trouble::Pipe)? == 0 {
                return Err(Trouble::Gone);
            }
        }
    }
}
