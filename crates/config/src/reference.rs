//! `docs/config.md`, written from the tables of the sections.

use std::fmt::Write;

use crate::section::Section;
use crate::sections::{
    Auth, Authd, Entry, HideEntry, Limits, Listen, Log, Mailbox, Metrics, Modules, Queue, Relay, Smtp, Tls, Top, Trace,
};

const HEAD: &str = "\
# The config

<!-- Written by the program from the tables in crates/config/src/sections. Do not edit:
     UPDATE_DOCS=1 cargo test -p config -->

One TOML file, `gatepost.toml`. Every command finds it by `-c FILE`, then `$GATEPOST_CONFIG`, then
`./gatepost-data/gatepost.toml`, then `/etc/gatepost/gatepost.toml`. `gatepost check` says everything that is wrong
with it at once. The smallest real one:

```toml
hostname = \"mail.example.org\"
data     = \"/var/lib/gatepost\"
domains  = [\"example.org\"]

[tls]
certificate = \"/etc/gatepost/fullchain.pem\"
key         = \"/etc/gatepost/privkey.pem\"
```

Times are numbers with a unit (`\"30s\"`, `\"5m\"`, `\"1h30m\"`, `\"7d\"`), sizes too (`\"10 MB\"`, `\"50 MiB\"`, or octets
without one). Relative paths start at the config's folder.
";

/// A section without its type.
pub(crate) struct Described {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) about: String,
    pub(crate) settings: Vec<Row>,
}

/// A setting without its type.
pub(crate) struct Row {
    pub(crate) key: &'static str,
    pub(crate) doc: String,
    pub(crate) default: String,
    pub(crate) allowed: String,
}

/// Every section, in the order of the reference.
pub(crate) fn sections() -> Vec<Described> {
    let mut sections = vec![
        described(Top::section()),
        described(Listen::section()),
        described(Tls::section()),
        described(Auth::section()),
    ];
    sections.push(described(HideEntry::section()));
    sections.extend(Modules::described());
    sections.extend([
        described(Authd::section()),
        described(Smtp::section()),
        described(Queue::section()),
        described(Entry::section()),
        described(Relay::section()),
        described(Mailbox::section()),
        described(Limits::section()),
        described(Log::section()),
        described(Metrics::section()),
        described(Trace::section()),
    ]);
    sections
}

pub(crate) fn described<S>(section: Section<S>) -> Described {
    let row = |setting: crate::section::Setting<S>| Row {
        key: setting.key,
        doc: joined(setting.doc),
        default: setting.default,
        allowed: setting.allowed,
    };
    Described {
        name: section.name,
        title: section.title,
        about: joined(section.about),
        settings: section.settings.into_iter().map(row).collect(),
    }
}

fn joined(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

/// Whether a setting of any section has this name.
pub fn is_key(name: &str) -> bool {
    sections().iter().any(|section| section.settings.iter().any(|row| row.key == name))
}

/// The reference of all settings, in Markdown: what `docs/config.md` holds.
pub fn reference() -> String {
    let mut text = HEAD.to_owned();
    for section in sections() {
        let heading =
            if section.title.is_empty() { "Above all sections".to_owned() } else { format!("`{}`", section.title) };
        text.push_str(&format!("\n## {heading}\n\n{}\n", section.about));
        for row in section.settings {
            let default = if row.default.is_empty() { "none".to_owned() } else { format!("`{}`", row.default) };
            let written =
                write!(text, "\n### `{}`\n\n{}\n\nWrite {}. Default: {default}.\n", row.key, row.doc, row.allowed);
            written.expect("a String takes all that is written");
        }
    }
    text
}
