//! `exec`: a program of the operator's own (MISSION 004-20).
//!
//! It speaks JSON ([`crate::judge`]), a process for each question; or Courier's authpipe ([`authpipe`]), where one process
//! stays.

mod authpipe;
mod lines;

use config::{Config, ExecProtocol};
use sasl::Secret;
use zeroize::Zeroizing;

use crate::directory::Shared;
use crate::judge::{Carry, Judge, MAX_ANSWER};
use crate::module::{Answer, Module};
use crate::process::{Ended, Errand, Input, MAX_OUTPUT, Program};
use crate::told::Naming;
use crate::trail::Trail;

const NAME: &str = "exec";

// All that a program can write is read as an answer.
const _: () = assert!(MAX_OUTPUT <= MAX_ANSWER);

/// The module, by the protocol that the config names.
pub(crate) fn module(config: &Config, shared: &Shared) -> Box<dyn Module> {
    let settings = &config.modules.exec;
    let (words, memory, timeout) = (settings.command.clone(), settings.memory, settings.guard.timeout);
    let program = Program { module: NAME, words, memory, timeout };
    match settings.protocol {
        ExecProtocol::Json => Box::new(Judge::new(Json { program }, &settings.mechanisms, Naming::new(config), shared)),
        ExecProtocol::Authpipe => Box::new(authpipe::Authpipe::new(program, config)),
    }
}

/// A program that is asked in JSON: the question on standard input, the answer on standard output, and exit code 0.
#[derive(Debug)]
struct Json {
    program: Program,
}

impl Carry for Json {
    fn name(&self) -> &'static str {
        NAME
    }

    fn judge(&self) -> &str {
        self.program.name()
    }

    fn carry<'a>(
        &'a self,
        question: Zeroizing<Vec<u8>>,
        secret: Option<&'a Secret>,
        trail: &'a Trail,
    ) -> Answer<'a, Result<Zeroizing<Vec<u8>>, String>> {
        Box::pin(async move {
            let errand = Errand { behind: &[], input: Input::Standard, question, variables: Vec::new(), secret, trail };
            let done = self.program.run(errand).await.map_err(|error| error.to_string())?;
            match done.ended {
                Ended::Code(0) => Ok(done.output),
                ended => Err(format!("{}: {ended}, so its answer does not count", self.program.name())),
            }
        })
    }
}
