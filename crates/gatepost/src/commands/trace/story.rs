//! The story of a session: in plain words first, then what was said, then what the chain did.

use std::io::{self, Write};

use ::trace::Outcome;
use ::trace::causes::Finding;
use ::trace::record::{Direction, Fate, Login, Module, Record, Transaction};

use super::transcript;
use crate::printer::visible;

/// Prints it.
pub(super) fn print(record: &Record, causes: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    head(record, out)?;
    writeln!(out)?;
    if causes.is_empty() {
        unexplained(record, out)?;
    }
    causes.iter().try_for_each(|each| finding(each, out))?;
    afterwards(record, out)?;
    record.transactions.iter().try_for_each(|each| transaction(record, each, out))?;
    writeln!(out, "\nWhat was said (seconds since it began; -> by the client, <- by the server):")?;
    transcript::print(record, out)?;
    if !record.logins.is_empty() {
        let told = record.logins.iter().any(|login| !login.modules.is_empty());
        let aside =
            if told { ", and what the chain did for each" } else { " (what the chain did: gatepost auth log --trail)" };
        writeln!(out, "\nLogins{aside}:")?;
        record.logins.iter().try_for_each(|each| login(each, out))?;
    }
    Ok(())
}

/// Who, when, and how it ended.
fn head(record: &Record, out: &mut dyn Write) -> io::Result<()> {
    let Record { id, service, began, peer, .. } = record;
    let way = if record.direction == Direction::In { "from" } else { "to" };
    write!(out, "Session {id}: {service} {way} {peer}, {began:.0}")?;
    match record.ended {
        Some(ended) => writeln!(out, ", for {:.1} s", ended.duration_since(*began).as_secs_f64())?,
        None => writeln!(out, ", still running")?,
    }
    if let Some(origin) = &record.origin {
        write!(out, "  really from {}, as {} said", origin.address, origin.said_by)?;
        let named = [("calls itself", &origin.ehlo), ("logged in there as", &origin.login)];
        let mut named = named.into_iter().filter_map(|(what, name)| Some((what, name.as_ref()?)));
        named.try_for_each(|(what, name)| write!(out, "; {what} {}", visible(name)))?;
        writeln!(out)?;
    }
    match &record.tls {
        Some(tls) => {
            write!(out, "  inside {} ({})", tls.version, tls.cipher)?;
            let named = [("asked for", &tls.server_name), ("with a certificate of", &tls.client_certificate)];
            let named = named.into_iter().filter_map(|(what, name)| Some((what, name.as_ref()?)));
            named.into_iter().try_for_each(|(what, name)| write!(out, "; {what} {}", visible(name)))?;
        }
        None if record.outcome == Outcome::TlsFailed => write!(out, "  without TLS, which failed")?,
        None => write!(out, "  in clear")?,
    }
    if let Some(name) = &record.software.ehlo {
        write!(out, "; calls itself {name}")?;
    }
    let software: Vec<_> = record.software.id.iter().map(|(key, value)| format!("{key} {value}")).collect();
    if !software.is_empty() {
        write!(out, "; says of itself: {}", software.join(", "))?;
    }
    let left_out = record.left_out;
    if left_out > 0 {
        write!(out, "\n  the first {left_out} logins and messages are not kept")?;
    }
    writeln!(out)
}

/// A cause, and what to do.
pub(super) fn finding(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "What happened: {}", visible(&finding.happened))?;
    writeln!(out, "Why:           {}", visible(&finding.why))?;
    let mut label = "What to do:   ";
    for line in &finding.fix {
        writeln!(out, "{label} {}", visible(line))?;
        label = "              ";
    }
    writeln!(out)
}

/// Where no row of the table fits.
fn unexplained(record: &Record, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "What happened: {}", record.outcome.help())?;
    if !record.why.is_empty() {
        writeln!(out, "               {}", record.why)?;
    }
    match (record.bad, record.refusals) {
        (false, _) => writeln!(out, "               Nothing went wrong, as far as the server could see.")?,
        (true, 0) => writeln!(out, "Why:           no known cause.")?,
        (true, refusals) => {
            writeln!(out, "Why:           no known cause; refusals below: {refusals}. Their words say the most.")?;
        }
    }
    writeln!(out)
}

/// That it went well later, or how it ended.
fn afterwards(record: &Record, out: &mut dyn Write) -> io::Result<()> {
    let later = record.logins.iter().rev().take_while(|login| login.accepted).last();
    if let Some(login) = later.filter(|_| record.logins.iter().any(|login| !login.accepted)) {
        writeln!(out, "Afterwards, {} was logged in in the same session.", login.identity)?;
    }
    match record.outcome {
        Outcome::Running | Outcome::Completed => Ok(()),
        outcome => writeln!(out, "How it ended:  {}", outcome.help()),
    }
}

fn transaction(record: &Record, transaction: &Transaction, out: &mut dyn Write) -> io::Result<()> {
    let Transaction { from, to, to_more, size, reply, .. } = transaction;
    let to: Vec<_> = to.iter().map(|to| format!("<{to}>")).collect();
    write!(out, "Message:       from <{from}> to {}", to.join(" "))?;
    if *to_more > 0 {
        write!(out, " and {to_more} more")?;
    }
    writeln!(out, ", {size} octets: {}", fate(transaction.fate))?;
    if !reply.is_empty() {
        writeln!(out, "               answered with: {reply}")?;
    }
    match &transaction.queue_id {
        Some(id) if record.direction == Direction::In => {
            writeln!(out, "               what became of it: gatepost trace {id}")
        }
        Some(id) => writeln!(out, "               in the queue here: {id}"),
        None => Ok(()),
    }
}

fn fate(fate: Fate) -> &'static str {
    match fate {
        Fate::Accepted => "taken",
        Fate::PartlyAccepted => "taken for some recipients",
        Fate::Deferred => "not now",
        Fate::Refused => "refused",
        Fate::GivenUp => "given up before there was an answer",
    }
}

fn login(login: &Login, out: &mut dyn Write) -> io::Result<()> {
    let mechanism = login.mechanism.as_deref().unwrap_or("-");
    let name = if login.identity.is_empty() { "-" } else { &login.identity };
    write!(out, "  {:.3}  {mechanism}  {name}: {}", login.time, login.outcome)?;
    if !login.why.is_empty() {
        write!(out, " ({})", login.why)?;
    }
    writeln!(out)?;
    login.modules.iter().try_for_each(|each| module(each, out))
}

fn module(module: &Module, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "    {}: {}", module.name, module.verdict.as_deref().unwrap_or("no verdict"))?;
    match &module.outcome {
        Some(outcome) => writeln!(out, " ({outcome})")?,
        None => writeln!(out)?,
    }
    module.lines.iter().try_for_each(|line| writeln!(out, "      {line}"))
}
