//! `[auth.exec]`

use crate::kinds::{MIB, choice, list, size, text, words};
use crate::section::section;

/// What is spoken with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExecProtocol {
    /// One JSON object in, one out; a process for each question.
    Json,
    /// Courier's authpipe: text over standard input and output; the process stays.
    Authpipe,
}

section! {
    /// A program of your own. See `auth.md` for what it is asked and what it may answer.
    pub struct Exec = "auth.exec" "[auth.exec]" {
        /// The program with its arguments, word by word.
        command: Vec<String> = Vec::new() => words();
        /// What is spoken with it.
        protocol: ExecProtocol = ExecProtocol::Json
            => choice(&[("json", ExecProtocol::Json), ("authpipe", ExecProtocol::Authpipe)]);
        /// The mechanisms that it can verify besides PLAIN and LOGIN.
        mechanisms: Vec<String> = Vec::new() => list(text("the name of a mechanism"));
        /// Most memory that it may use.
        memory: u64 = 256 * MIB => size(MIB..=4096 * MIB);
    }
    with guard
}
