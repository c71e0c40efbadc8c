//! The process that asks PAM: one question on its standard input, one answer on its standard output, and its end.

use std::ffi::CString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::library::{Login, Pam};
use super::result::{self, Meaning};
use super::service::ServiceFiles;
use super::users;
use super::wire::{Asked, Outcome, Reply, User};

/// Longest question, octets.
const MAX: u64 = 64 * 1024;

/// Answers the question on `input`.
///
/// # Errors
/// The answer cannot be written.
pub fn run(input: impl Read, mut output: impl Write) -> io::Result<()> {
    let mut question = Zeroizing::new(Vec::with_capacity(16 * 1024));
    let read = input.take(MAX).read_to_end(&mut question);
    let asked = read.map_err(|error| error.to_string()).and_then(|_| {
        serde_json::from_slice(&question).map_err(|_| "the helper is asked by `gatepost serve` alone".to_owned())
    });
    let reply = asked.and_then(answer).unwrap_or_else(|cause| Reply::Broken { cause });
    output.write_all(reply.line().as_bytes())?;
    output.flush()
}

fn answer(asked: Asked) -> Result<Reply, String> {
    match asked {
        Asked::Login { service, folder, names, password, peer } => {
            let password = Zeroizing::new(password);
            let login = Attempt { service, folder, password, peer };
            login.any_of(&names).map(Reply::Login)
        }
        Asked::User { names } => known(&names).map(|user| Reply::User { user }),
        Asked::Survey { services, folder } => survey(&services, folder.as_deref()),
    }
}

/// A login, by whatever name.
struct Attempt {
    service: String,
    folder: Option<PathBuf>,
    password: Zeroizing<String>,
    peer: String,
}

impl Attempt {
    /// Tries name by name until one is accepted, or PAM cannot tell. If one of them is a user of the system, the others
    /// are not tried: each attempt counts, in the logs and in modules like `pam_faillock`.
    fn any_of(&self, names: &[String]) -> Result<Outcome, String> {
        let pam = Pam::load()?;
        let user = known(names)?;
        let one = user.as_ref().map(|user| vec![user.name.clone()]);
        let mut last = None;
        for name in one.as_deref().unwrap_or(names) {
            let mut outcome = self.once(&pam, name)?;
            outcome.user.clone_from(&user);
            match outcome.meaning() {
                Meaning::Rejected(_) => last = Some(outcome),
                _ => return Ok(outcome),
            }
        }
        last.ok_or_else(|| "there is no name to ask about".to_owned())
    }

    fn once(&self, pam: &Pam, name: &str) -> Result<Outcome, String> {
        let text = |text: &str| CString::new(text).map_err(|_| "a NUL in a name, a password or an address".to_owned());
        let (service, user, peer) = (text(&self.service)?, text(name)?, text(&self.peer)?);
        let password = text(&self.password)?;
        let login =
            Login { service: &service, folder: self.folder.as_deref(), user: &user, password: &password, peer: &peer };
        let went = pam.login(&login)?;
        // A CString is overwritten in its first octet alone when it is dropped.
        drop(Zeroizing::new(password.into_bytes_with_nul()));
        let files = ServiceFiles::new(&self.service, self.folder.as_deref());
        let (blind, hint) = explain(&files, went.code);
        let (call, code, words, messages) = (went.call.to_owned(), went.code, went.words, went.messages);
        Ok(Outcome { call, code, words, messages, hint, blind, user: None })
    }
}

/// Whether a wrong password would look the same, and what the operator should know.
fn explain(files: &ServiceFiles<'_>, code: i32) -> (bool, Option<String>) {
    if result::meaning(code) == Meaning::Accepted {
        return (false, None);
    }
    if files.denies_all() {
        return (true, files.hint());
    }
    let uid = rustix::process::geteuid().as_raw();
    // MISSION 002-09: without the right to read the shadow file, pam_unix can judge the password of its own user alone, and
    // says of all others that it is wrong.
    if uid != 0 && files.asks_pam_unix() && File::open("/etc/shadow").is_err() {
        let hint = format!(
            "pam_unix cannot read /etc/shadow as uid {uid}, so every password seems wrong; let the server's user be in the \
             group shadow, or set auth.pam.helper to run the helper as root"
        );
        return (true, Some(hint));
    }
    let hint = files.hint().or_else(|| {
        let bad = matches!(result::meaning(code), Meaning::Temporary);
        bad.then(|| "bad PAM configuration? The system's log has what the PAM modules say".to_owned())
    });
    (false, hint)
}

/// The first of the names that is a user of the system.
fn known(names: &[String]) -> Result<Option<User>, String> {
    for name in names {
        let found = users::by_name(name).map_err(|error| format!("the system cannot tell who {name:?} is: {error}"))?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

fn survey(services: &[String], folder: Option<&Path>) -> Result<Reply, String> {
    Pam::load()?;
    let mut notes = Vec::new();
    for service in services {
        let files = ServiceFiles::new(service, folder);
        match files.hint() {
            Some(hint) if !files.any() || files.denies_all() => return Err(format!("service {service}: {hint}")),
            Some(hint) => notes.push(format!("service {service}: {hint}")),
            None => {}
        }
    }
    Ok(Reply::Survey { notes })
}
