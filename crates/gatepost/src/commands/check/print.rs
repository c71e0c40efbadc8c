//! The facts, for people.

use std::io::{self, Write};

use super::facts::{Certificate, Facts, Listening, Mechanism};

/// Prints them, section by section.
pub(super) fn facts(facts: &Facts, out: &mut dyn Write) -> io::Result<()> {
    let silent = facts.modules.iter().filter(|module| module.trouble.is_some()).count() + facts.left_out.len();
    let warnings = match (&facts.trouble, facts.findings.len() + silent) {
        (Some(_), _) => "the server would not start".to_owned(),
        (None, 0) => "nothing is wrong".to_owned(),
        (None, 1) => "usable, with 1 warning".to_owned(),
        (None, many) => format!("usable, with {many} warnings"),
    };
    writeln!(out, "config       {}: {warnings}", facts.config.display())?;
    writeln!(out, "hostname     {}", facts.hostname)?;
    match &facts.certificate {
        Some(found) => certificate(found, out)?,
        None => writeln!(out, "certificate  {}", facts.trouble.as_deref().unwrap_or("none"))?,
    }
    chain(facts, out)?;
    writeln!(out, "\nListeners:")?;
    let mut told = Vec::new();
    for each in &facts.listeners {
        listener(each, &mut told, out)?;
    }
    Ok(())
}

/// The modules in their order, and what keeps one from telling.
fn chain(facts: &Facts, out: &mut dyn Write) -> io::Result<()> {
    let names: Vec<_> = facts.modules.iter().map(|module| module.name).collect();
    writeln!(out, "auth chain   {}", names.join(", then "))?;
    for module in &facts.modules {
        if let Some(trouble) = &module.trouble {
            writeln!(out, "             {} cannot tell: {trouble}", module.name)?;
        }
    }
    for left in &facts.left_out {
        writeln!(out, "             {} is left out: {}", left.name, left.why)?;
    }
    Ok(())
}

fn certificate(found: &Certificate, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "certificate  {}; {} days left; signed by {}",
        found.names.join(", "),
        found.days_left,
        found.issuer
    )?;
    for warning in &found.warnings {
        writeln!(out, "             warning: {warning}")?;
    }
    Ok(())
}

/// What was told of mechanisms so far, and where.
type Told<'a> = Vec<(&'a [Mechanism], &'static str)>;

fn listener<'a>(listener: &'a Listening, told: &mut Told<'a>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  {:<12} {}", listener.service, listener.addresses.join("  "))?;
    if let Some(why) = listener.closed {
        return writeln!(out, "    not opened: {why}");
    }
    if let Some(says) = &listener.in_clear {
        writeln!(out, "    in clear:   {}", says.join(", "))?;
        mechanisms((&listener.mechanisms_in_clear, listener.service), told, out)?;
    }
    if let Some(says) = &listener.inside_tls {
        writeln!(out, "    inside TLS: {}", says.join(", "))?;
        mechanisms((&listener.mechanisms_inside_tls, listener.service), told, out)?;
    }
    Ok(())
}

/// One line each; where they are the same as on another listener, that is said.
fn mechanisms<'a>(
    (mechanisms, service): (&'a [Mechanism], &'static str),
    told: &mut Told<'a>,
    out: &mut dyn Write,
) -> io::Result<()> {
    // Nothing is offered, and all for the same reason: once is enough.
    let same = mechanisms.iter().all(|each| !each.offered && Some(&each.why) == mechanisms.first().map(|m| &m.why));
    if let (true, Some(first)) = (same, mechanisms.first()) {
        return writeln!(out, "      no mechanism is offered because {}", first.why);
    }
    if let Some((_, other)) = told.iter().find(|(known, _)| *known == mechanisms) {
        return writeln!(out, "      mechanisms as on {other}");
    }
    told.push((mechanisms, service));
    mechanisms.iter().try_for_each(|each| {
        let offered = if each.offered { "offered because" } else { "not offered because" };
        writeln!(out, "      {:<18} {offered} {}", each.name, each.why)
    })
}
