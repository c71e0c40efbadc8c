//! Repeating a conversation that was saved.

use std::fs;
use std::io::Write;
use std::path::Path;

use probe::talk::{Difference, NoLogin, Replay, Script, Talk, Variables, Wish};

use super::{Args, broken, unopened};
use crate::exit::{Code, Failure, code};
use crate::{password, process};

/// Repeats it, and tells the first difference.
pub(super) fn run(args: &Args, wish: Wish, path: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    let script = read(path)?;
    let variables = variables(args, &script)?;
    let difference = process::runtime()?.block_on(async {
        let talk = Talk::open(wish, Box::new(|_| {})).await.map_err(|error| unopened(&error))?;
        Replay::new(talk, &variables).run(&script).await.map_err(|error| match error {
            NoLogin::Broken(error) => broken(&error),
            error => Failure::new(Code::Data, error.to_string()),
        })
    })?;
    match difference {
        None => Ok(writeln!(out, "{}: the server says the same", path.display())?),
        Some(difference) => {
            print(&difference, path, out)?;
            Err(Failure::new(Code::Differs, ""))
        }
    }
}

fn read(path: &Path) -> Result<Script, Failure> {
    let text = fs::read_to_string(path)
        .map_err(|error| Failure::new(code(&error), format!("cannot read {}: {error}", path.display())))?;
    Script::parse(&text).map_err(|error| Failure::new(Code::Data, format!("{}: {error}", path.display())))
}

/// What the file wants to know.
fn variables(args: &Args, script: &Script) -> Result<Variables, Failure> {
    let password = if args.password_stdin { password::existing(true)? } else { None };
    let missing = |what: &str| Err(Failure::new(Code::Data, format!("the file has a login in it: {what}")));
    if script.needs_password() && password.is_none() {
        return missing("give the password with --password-stdin");
    }
    if script.needs_user() && args.user.is_none() {
        return missing("say whose with --user");
    }
    Ok(Variables { user: args.user.clone(), password })
}

fn print(difference: &Difference, path: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    writeln!(out, "{}:{}: the server says something else", path.display(), difference.number)?;
    for line in &difference.before {
        writeln!(out, "  {line}")?;
    }
    writeln!(out, "- {}\n+ {}", difference.expected, difference.received)?;
    Ok(())
}
