//! From a file to a [`Config`].

use std::io::Read;
use std::path::{Path, PathBuf};

use message::Domain;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::errors::{Errors, Report};
use crate::finding::{Cause, Finding};
use crate::model::{Config, Hide, Route};
use crate::nearest::nearest;
use crate::reading::Reading;
use crate::sections::modules::read_modules;
use crate::sections::{
    Auth, Authd, Entry, HideEntry, Limits, Listen, Log, Mailbox, Metrics, Queue, Relay, Smtp, Tls, Top, Trace,
};
use crate::{checks, files, reference, section};

/// More than any config has.
const MAX_FILE: u64 = 1 << 20;
/// Routes are looked through one by one for each destination.
const MAX_ROUTES: usize = 1000;
/// Rules are looked through one by one for each client.
const MAX_RULES: usize = 1000;

/// A config that can be used.
#[derive(Debug)]
pub struct Loaded {
    /// The config.
    pub config: Config,
    /// What may not be as meant; empty in most cases.
    pub warnings: Report,
}

/// Reads a config and looks at the files it names. Everything that is wrong is found at once.
pub fn load(path: &Path) -> Result<Loaded, Errors> {
    let text = match read(path) {
        Ok(text) => text,
        Err(cause) => {
            let finding = Finding { cause, span: None, allowed: None, nearest: None };
            return Err(Errors(Report::new(path, String::new(), vec![finding])));
        }
    };
    decode(path, text, files::check)
}

/// Reads a config's text without a look at any other file. `path` is for messages and for the paths in it.
pub fn parse(path: &Path, text: &str) -> Result<Loaded, Errors> {
    decode(path, text.to_owned(), |_, _| ())
}

fn read(path: &Path) -> Result<String, Cause> {
    let unreadable = |error| Cause::Unreadable { error, uid: files::uid() };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut octets = Vec::new();
    file.take(MAX_FILE + 1).read_to_end(&mut octets).map_err(unreadable)?;
    if octets.len() as u64 > MAX_FILE {
        return Err(Cause::TooLarge { max: MAX_FILE });
    }
    String::from_utf8(octets).map_err(|_| Cause::NotText)
}

fn decode(path: &Path, text: String, look: impl FnOnce(&Config, &mut Reading<'_>)) -> Result<Loaded, Errors> {
    // Absolute, as mail is found by paths that are kept.
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut reading = Reading::new(absolute.parent().unwrap_or(Path::new("/")));
    let (document, wrong) = DeTable::parse_recoverable(&text);
    for error in &wrong {
        let cause = Cause::Syntax(error.message().to_owned());
        reading.add(Finding { cause, span: error.span(), allowed: None, nearest: None });
    }
    // A broken file has values that nobody wrote: only what is broken is told.
    let config = if wrong.is_empty() { sections(document.get_ref(), &mut reading) } else { None };
    if let Some(config) = &config {
        checks::check(config, &mut reading);
        look(config, &mut reading);
    }
    let failed = reading.failed();
    drop(document);
    let report = Report::new(path, text, reading.into_findings());
    match config {
        Some(config) if !failed => Ok(Loaded { config, warnings: report }),
        _ => Err(Errors(report)),
    }
}

/// Every section; `None` where a key that must be set is not.
fn sections(document: &DeTable<'_>, reading: &mut Reading<'_>) -> Option<Config> {
    let top = top(document, reading);
    macro_rules! table {
        ($section:ty) => {{
            let section = <$section>::section();
            match table(document, section.name, section.title, reading) {
                Some(found) => section.read(found.iter(), &format!("{}.", section.name), reading),
                None => <$section>::default(),
            }
        }};
    }
    let listen = table!(Listen);
    let config = Config {
        listen: listen.listeners(),
        proxies: listen.proxies,
        tls: table!(Tls),
        auth: table!(Auth),
        modules: read_modules!(table),
        hide: hidden(document, reading),
        authd: table!(Authd),
        smtp: table!(Smtp),
        queue: table!(Queue),
        relay: table!(Relay),
        mailbox: table!(Mailbox),
        limits: table!(Limits),
        log: table!(Log),
        metrics: table!(Metrics),
        trace: table!(Trace),
        routes: routes(document, reading),
        ..Config::new(placeholder(), PathBuf::new())
    };
    match (top.hostname, top.data, top.domains) {
        (Some(hostname), Some(data), Some(domains)) => {
            Some(Config { hostname, data, domains, postmaster: top.postmaster, ..config })
        }
        _ => None,
    }
}

/// Stands where the file gives no name, in a config that is then not used.
fn placeholder() -> Domain {
    Domain::parse("localhost").expect("a host name")
}

/// The keys above all sections, and a finding for each name that is no section.
fn top(document: &DeTable<'_>, reading: &mut Reading<'_>) -> Top {
    let section = Top::section();
    let known = reference::sections();
    let own = |name: &str| section.keys().any(|key| key == name);
    for key in document.keys().filter(|key| !own(key.get_ref())) {
        if !known.iter().any(|s| s.name == key.get_ref()) {
            reading.add(unknown(key.get_ref(), key.span(), &known));
        }
    }
    let top = section.read(document.iter().filter(|(key, _)| own(key.get_ref())), "", reading);
    for key in ["hostname", "data", "domains"] {
        if !reading.is_set(key) {
            let setting = section.settings.iter().find(|s| s.key == key);
            let allowed = setting.map(|s| format!("{key} = …, {}", s.allowed)).unwrap_or_default();
            reading.at(key, Cause::Missing(key.to_owned()), &allowed);
        }
    }
    top
}

fn unknown(name: &str, span: std::ops::Range<usize>, known: &[reference::Described]) -> Finding {
    let names = known.iter().filter(|s| !s.name.is_empty()).map(|s| s.name);
    let near = nearest(name, names.clone().chain(Top::section().keys())).map(|n| format!("`{n}`"));
    let keys: Vec<_> = Top::section().keys().collect();
    let titles: Vec<_> = known.iter().filter(|s| !s.name.is_empty()).map(|s| s.title).collect();
    Finding {
        cause: Cause::UnknownTop(name.to_owned()),
        span: Some(span),
        allowed: Some(format!("the keys here are {}; the sections are {}", keys.join(", "), titles.join(", "))),
        nearest: near.or_else(|| section::elsewhere(name)),
    }
}

/// A section's table; a finding if it is something else.
fn table<'d, 'i>(
    document: &'d DeTable<'i>,
    name: &str,
    title: &'static str,
    reading: &mut Reading<'_>,
) -> Option<&'d DeTable<'i>> {
    let mut table = document;
    // `auth.ldap` is a table inside `auth`; if that is none, it was said when `[auth]` was read.
    let (outer, last) = name.rsplit_once('.').map_or((None, name), |(outer, last)| (Some(outer), last));
    if let Some(outer) = outer {
        table = document.get(outer)?.get_ref().as_table()?;
    }
    let value = table.get(last)?;
    let table = value.get_ref().as_table();
    if table.is_none() {
        not_a_section(value, name, title, reading);
    }
    table
}

fn not_a_section(value: &Spanned<DeValue<'_>>, name: &str, title: &str, reading: &mut Reading<'_>) {
    reading.place(name.to_owned(), value.span());
    reading.at(
        name,
        Cause::Contradiction("a section stands here as a key"),
        &format!("write {title} on a line of its own"),
    );
}

fn routes(document: &DeTable<'_>, reading: &mut Reading<'_>) -> Vec<Route> {
    let section = Entry::section();
    let Some(value) = document.get(section.name) else { return Vec::new() };
    let Some(entries) = value.get_ref().as_array() else {
        not_a_section(value, section.name, section.title, reading);
        return Vec::new();
    };
    let mut routes = Vec::new();
    for entry in entries.iter().take(MAX_ROUTES) {
        let Some(table) = entry.get_ref().as_table() else {
            not_a_section(entry, section.name, section.title, reading);
            continue;
        };
        // Later checks find the keys of a route by its place in the list.
        let prefix = format!("route.{}.", routes.len());
        let read = section.read(table.iter(), &prefix, reading);
        for key in ["to", "via"] {
            if !reading.is_set(&format!("{prefix}{key}")) {
                reading.place(format!("{prefix}{key}"), entry.span());
                reading.at(&format!("{prefix}{key}"), Cause::Missing(format!("route.{key}")), "to and via are needed");
            }
        }
        match read.into_route(&prefix, reading) {
            Some(route) => routes.push(route),
            None => reading.forget(&prefix),
        }
    }
    routes
}

/// `[[auth.hide]]`; if `auth` is no table, that is said elsewhere.
fn hidden(document: &DeTable<'_>, reading: &mut Reading<'_>) -> Vec<Hide> {
    let section = HideEntry::section();
    let auth = document.get("auth").and_then(|auth| auth.get_ref().as_table());
    let Some(value) = auth.and_then(|auth| auth.get("hide")) else { return Vec::new() };
    let Some(entries) = value.get_ref().as_array() else {
        not_a_section(value, section.name, section.title, reading);
        return Vec::new();
    };
    let mut rules = Vec::new();
    for entry in entries.iter().take(MAX_RULES) {
        let Some(table) = entry.get_ref().as_table() else {
            not_a_section(entry, section.name, section.title, reading);
            continue;
        };
        let prefix = format!("auth.hide.{}.", rules.len());
        let read = section.read(table.iter(), &prefix, reading);
        if !reading.is_set(&format!("{prefix}mechanisms")) {
            reading.place(format!("{prefix}mechanisms"), entry.span());
        }
        match read.into_rule(&prefix, reading) {
            Some(rule) => rules.push(rule),
            None => reading.forget(&prefix),
        }
    }
    rules
}
