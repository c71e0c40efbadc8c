//! `gatepost send`: one message, with the options that people know from swaks.

mod args;
mod letter;
mod print;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use message::Address;
use probe::dialogue::Said;
use probe::send::{Login, Order, Sent, Unsent};
use probe::talk::advice;
use probe::{Protocol, Target};
use sasl::Secret;
use sasl::client::{Credentials, Proof};
use smtp::client::TlsWish;

pub(crate) use args::Args;

use crate::caution::unreachable;
use crate::exit::{Code, Failure};
use crate::{password, process};

/// swaks' options that have one dash and many letters, which no parser of today knows.
const OF_SWAKS: [(&str, &str); 6] = [
    ("-au", "--auth-user"),
    ("-ap", "--auth-password"),
    ("-tls", "--tls"),
    ("-tlso", "--tls-optional"),
    ("-tlsc", "--tls-on-connect"),
    ("-tlsos", "--tls-optional"),
];

/// The command line with swaks' options in their long form, if it is for `send`.
pub(crate) fn as_long_options(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.collect();
    if arguments.get(1).is_some_and(|command| command == "send") {
        for argument in arguments.iter_mut().skip(2) {
            if let Some((_, long)) = OF_SWAKS.iter().find(|(short, _)| argument == short) {
                *argument = (*long).into();
            }
        }
    }
    arguments
}

/// The lines that were said, for `--json`.
type Dialogue = Arc<Mutex<Vec<String>>>;

/// Sends, and says what became of it.
pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let order = order(args)?;
    let dialogue = Dialogue::default();
    let (kept, shows) = (Arc::clone(&dialogue), !args.format.is_json() && !args.quiet);
    let watch = Box::new(move |said: &Said| {
        let note = said.note.as_ref().map(|note| format!("   # {}", probe::dialogue::visible(note)));
        let line = format!("{}{}", said.shown(), note.unwrap_or_default());
        if shows {
            // Nobody reads: the message is sent all the same, and the exit code tells.
            drop(writeln!(io::stdout(), "{line}"));
        }
        kept.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    });
    let sent = process::runtime()?.block_on(probe::send::run(order, watch));
    let dialogue = dialogue.lock().unwrap_or_else(PoisonError::into_inner);
    match sent {
        Ok(sent) => {
            args.format
                .to(out)
                .print(&print::as_json(&sent, &dialogue), |out| print::summary(&sent, args.quiet, out))?;
            verdict(&sent)
        }
        Err(error) => {
            let failure = failure(&error);
            let json = print::failed(&failure.text, &dialogue);
            args.format.to(out).print(&json, |_| Ok(()))?;
            Err(failure)
        }
    }
}

fn order(args: &Args) -> Result<Order, Failure> {
    // Before the body: the password is the first line.
    let login = login(args)?;
    let from = sender(args, login.as_ref())?;
    let to = recipients(args)?;
    let target = target(args)?;
    let tls = match (args.tls, args.tls_optional) {
        (true, _) => TlsWish::Required,
        (false, true) => TlsWish::IfOffered,
        (false, false) => TlsWish::Never,
    };
    let content = letter::content(args, from.as_ref(), &to)?;
    Ok(Order {
        target,
        tls,
        trust: args.caution.trust(),
        authorities: args.caution.ca.clone(),
        hello: args.ehlo.clone(),
        login,
        from,
        to,
        content,
        stop: args.quit_after.map(Into::into),
        wait: Duration::from_secs(args.timeout),
    })
}

fn target(args: &Args) -> Result<Target, Failure> {
    let port = args.port.or(args.server.port);
    let known = port.and_then(Protocol::on_port).filter(|protocol| protocol.takes_mail());
    let mut protocol = match (args.protocol, known) {
        (Some(protocol), _) | (None, Some(protocol)) => protocol,
        (None, None) if args.auth_user.is_some() && port.is_none() => Protocol::Submission,
        (None, None) => Protocol::Smtp,
    };
    if args.tls_on_connect && !protocol.is_implicit() {
        let inside = protocol.counterpart();
        protocol = inside.ok_or_else(|| Failure::new(Code::Data, "lmtp has no form that begins with TLS"))?;
    }
    Ok(Target { host: args.server.host.clone(), port: port.unwrap_or(protocol.port()), protocol })
}

fn login(args: &Args) -> Result<Option<Login>, Failure> {
    let Some(user) = &args.auth_user else { return Ok(None) };
    let mechanism = args.auth.flatten();
    let secret = secret(args, user)?;
    let proof = match mechanism.map(sasl::Mechanism::name) {
        Some("XOAUTH2" | "OAUTHBEARER") => Proof::Token(secret),
        Some("EXTERNAL") => Proof::Certificate,
        _ => Proof::Password(secret),
    };
    Ok(Some(Login { credentials: Credentials { user: user.clone(), proof }, mechanism }))
}

fn secret(args: &Args, user: &str) -> Result<Secret, Failure> {
    if let Some(password) = &args.auth_password {
        return Ok(Secret::new(password.as_str()));
    }
    let given = match args.password_stdin {
        true => password::existing(true)?,
        false if io::stdin().is_terminal() => Some(password::ask(&format!("Password of {user}: "))?),
        false => None,
    };
    let given = given.filter(|secret| !secret.expose().is_empty());
    given.ok_or_else(|| Failure::new(Code::Data, "there is no password: --password-stdin, or -ap"))
}

/// The one that was named, else who logs in.
fn sender(args: &Args, login: Option<&Login>) -> Result<Option<Address>, Failure> {
    match (&args.from, login) {
        (Some(text), _) if text.is_empty() || text == "<>" => Ok(None),
        (Some(text), _) => address(text).map(Some),
        (None, Some(login)) if login.credentials.user.contains('@') => address(&login.credentials.user).map(Some),
        (None, _) => Err(Failure::new(Code::Data, "say from whom: -f ADDRESS, or -f '<>' for a bounce's empty sender")),
    }
}

fn recipients(args: &Args) -> Result<Vec<Address>, Failure> {
    let texts = args.to.iter().flat_map(|text| text.split(',')).map(str::trim).filter(|text| !text.is_empty());
    texts.map(address).collect()
}

fn address(text: &str) -> Result<Address, Failure> {
    let bare = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text);
    Address::parse(bare).map_err(|error| Failure::new(Code::Data, format!("{text:?} is no address: {error}")))
}

fn failure(error: &Unsent) -> Failure {
    let code = match error {
        Unsent::Unreachable(error) => return unreachable(error, Code::Unreachable),
        Unsent::Broken(error) => {
            let more = advice(error).map(|advice| format!("\n{advice}")).unwrap_or_default();
            return Failure::new(Code::Protocol, format!("{error}{more}"));
        }
        Unsent::NoTls => Code::Protocol,
        Unsent::Refused { reply, .. } if reply.class() == smtp::Class::Transient => Code::Temporary,
        Unsent::Refused { .. } | Unsent::Unsendable(_) => Code::Refused,
        Unsent::LoginTemporary(_) => Code::Temporary,
        Unsent::NotOffered { .. } | Unsent::NotUsable { .. } | Unsent::InClear | Unsent::LoginRefused(_) => {
            Code::Permission
        }
    };
    Failure::new(code, error.to_string())
}

/// The worst of what was said for the recipients.
fn verdict(sent: &Sent) -> Result<(), Failure> {
    let is = |class| {
        sent.recipients.iter().filter(|(_, answer)| answer.as_ref().is_some_and(|a| a.reply.class() == class)).count()
    };
    let (refused, later, all) = (is(smtp::Class::Permanent), is(smtp::Class::Transient), sent.recipients.len());
    // A server that says 250 where 354 belongs has not taken anything.
    let unsent = sent.recipients.iter().filter(|(_, answer)| print::outcome(answer.as_ref()) == "not sent").count();
    match (refused, later) {
        (0, 0) if unsent > 0 && !sent.stopped => Err(Failure::new(
            Code::Protocol,
            "the server answered with another code than the protocol has: nothing was sent",
        )),
        (0, 0) => Ok(()),
        (0, later) => {
            Err(Failure::new(Code::Temporary, format!("{later} of {all} recipients may be tried again later")))
        }
        (refused, _) => Err(Failure::new(Code::Refused, format!("{refused} of {all} recipients were refused"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_swaks_are_understood_by_send_alone() {
        let long = |line: &str| {
            let long = as_long_options(line.split(' ').map(OsString::from));
            long.iter().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            long("gatepost send -au a -ap b -tlsc -t c"),
            "gatepost send --auth-user a --auth-password b --tls-on-connect -t c"
        );
        assert_eq!(long("gatepost probe -tls"), "gatepost probe -tls");
    }
}
