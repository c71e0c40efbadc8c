//! The running server, asked through its control socket.

use std::path::Path;

use server::control::{self, AskError, Request, Response};

use crate::exit::{Code, Failure, code};

/// Asks the server that runs on this data folder.
pub(crate) fn ask(data: &Path, request: &Request) -> Result<Response, Failure> {
    control::ask(data, request).map_err(|error| {
        let code = if let AskError::Io { error, .. } = &error { code(error) } else { Code::Failed };
        Failure::new(code, error.to_string())
    })
}

/// An answer that does not belong to the question.
pub(crate) fn unexpected(response: &Response) -> Failure {
    let text = format!("the running server answers something else: {response:?}; is it another version?");
    Failure::new(Code::Failed, text)
}
