//! A config by its keys, line by line, so that a broken one can be taken, too. Secrets belong into files of their own; whoever
//! wrote one into the config all the same, into a URL, an argument, a query or a comment, should not send it to anybody.

mod value;

use std::path::Path;

use super::forms::scrub;
use super::{MASK, Sieve};
use value::{open, strings, without_comment, without_comments};

/// Words in the name of a key whose value is a secret.
const SECRET: [&str; 10] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "credential",
    "apikey",
    "api_key",
    "private_key",
    "auth_key",
];
/// The same, where they are the whole name.
const SECRET_NAMES: [&str; 4] = ["pass", "pw", "pwd", "key_value"];
/// Keys of ours that have such a word and hold no secret: names of columns and attributes, and a switch.
const HARMLESS: [&str; 3] = ["crypt_password", "clear_password", "add_scram_keys"];
/// A program with its arguments.
const COMMANDS: [&str; 2] = ["command", "helper"];
/// SQL, where literals may stand.
const QUERIES: [&str; 3] = ["query", "all_query", "condition"];
/// A shorter value is no secret that could be looked for elsewhere: it would be found in every word.
const SHORTEST: usize = 6;

/// A config without its secrets.
#[derive(Debug)]
pub(in super::super) struct Masked {
    /// The text.
    pub(in super::super) text: String,
    /// What was masked in it, to be looked for elsewhere.
    pub(in super::super) secrets: Sieve,
    /// How many values and comments were.
    pub(in super::super) count: usize,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Secret,
    /// The path of a file with a secret; or the secret itself, which somebody wrote there by mistake.
    SecretFile,
    Command,
    Query,
    /// Of a key that nobody knows: it may be anything.
    Unknown,
    Plain,
}

/// Masks a config; `folder` is where its relative paths begin.
pub(in super::super) fn config(text: &str, folder: &Path) -> Masked {
    let mut masker = Masker { folder, masked: Masked { text: String::new(), secrets: Sieve::default(), count: 0 } };
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let trimmed = line.trim_start();
        let indent = line.get(..line.len() - trimmed.len()).unwrap_or_default();
        if let Some(comment) = trimmed.strip_prefix('#') {
            masker.comment(indent, comment);
        } else if trimmed.is_empty() || is_header(trimmed) {
            masker.line(scrub(without_comment(line)).trim_end());
        } else if let Some((key, value)) = setting(trimmed) {
            let mut value = value.to_owned();
            // A value that goes on: brackets or three quotes that are open. Where somebody forgot to close them, the next setting
            // is one all the same.
            let query = class(key, "") == Class::Query;
            while open(&value) && lines.peek().is_some_and(|next| !begins(next.trim(), query)) {
                value.push('\n');
                value.push_str(lines.next().unwrap_or_default());
            }
            masker.setting(indent, key, &value);
        } else {
            masker.masked.count += 1;
            masker.line(&format!("{indent}# [a line that is no setting, {} characters]", trimmed.chars().count()));
        }
    }
    masker.masked
}

struct Masker<'a> {
    folder: &'a Path,
    masked: Masked,
}

impl Masker<'_> {
    fn line(&mut self, line: &str) {
        self.masked.text.push_str(line);
        self.masked.text.push('\n');
    }

    /// A setting that is switched off is kept as one; prose is left out, as nobody knows what is in it.
    fn comment(&mut self, indent: &str, comment: &str) {
        if comment.trim().is_empty() {
            return self.line(&format!("{indent}#"));
        }
        match setting(comment.trim_start()) {
            // A remark may look like a setting.
            Some((key, value)) if class(key, value) != Class::Unknown => {
                self.setting(&format!("{indent}# "), key, value)
            }
            _ if is_header(comment.trim()) => {
                self.line(&format!("{indent}# {}", scrub(without_comment(comment)).trim()))
            }
            _ => {
                self.masked.count += 1;
                self.line(&format!("{indent}# [a comment, {} characters]", comment.trim().chars().count()));
            }
        }
    }

    fn setting(&mut self, indent: &str, key: &str, value: &str) {
        let value = without_comments(value);
        let shown = match class(key, &value) {
            Class::Secret => self.secret(&value),
            Class::SecretFile if self.is_file(&value) => {
                // Also of a config that is broken, and of one that is switched off.
                strings(&value).iter().for_each(|name| self.masked.secrets.add_lines_of(&self.folder.join(name)));
                value.trim().to_owned()
            }
            Class::SecretFile => {
                let masked = self.secret(&value);
                format!("{masked} # no such file")
            }
            Class::Command => self.each_string(&value, |n, text| (n > 0).then(|| text.to_owned())),
            Class::Query => self.literals(&value),
            Class::Unknown => format!("\"{MASK}\" # there is no such key"),
            Class::Plain => self.plain(&value),
        };
        if shown != value.trim() {
            self.masked.count += 1;
        }
        self.line(&format!("{indent}{key} = {shown}"));
    }

    fn secret(&mut self, value: &str) -> String {
        self.remember(value.trim());
        for text in strings(value) {
            self.remember(text);
        }
        format!("\"{MASK}\"")
    }

    /// `user:password@host`, with a scheme in front or without.
    fn plain(&mut self, value: &str) -> String {
        let mut shown = scrub(value.trim());
        for text in strings(value) {
            let before = text.rsplit_once('@').map_or("", |(before, _)| before);
            let info = before.split_once("://").map_or(before, |(_, info)| info);
            if let Some((_, password)) = info.split_once(':').filter(|(_, password)| !password.is_empty()) {
                self.remember(password);
                shown = shown.replace(&format!(":{password}@"), &format!(":{MASK}@"));
            }
        }
        shown
    }

    fn remember(&mut self, text: &str) {
        if text.len() >= SHORTEST {
            self.masked.secrets.add(text.as_bytes());
            let plain = text.replace("\\\"", "\"").replace("\\\\", "\\");
            self.masked.secrets.add(plain.as_bytes());
        }
    }

    fn is_file(&self, value: &str) -> bool {
        let path = strings(value).first().map(|text| self.folder.join(text));
        path.is_some_and(|path| path.metadata().is_ok_and(|meta| meta.is_file()))
    }

    /// Masks the strings of a list that `is_secret` takes for one, by their place.
    fn each_string(&mut self, value: &str, is_secret: impl Fn(usize, &str) -> Option<String>) -> String {
        let mut shown = value.trim().to_owned();
        for (n, text) in strings(value).into_iter().enumerate() {
            if let Some(secret) = is_secret(n, text).filter(|secret| !secret.is_empty()) {
                self.remember(&secret);
                shown = shown.replacen(&format!("\"{secret}\""), &format!("\"{MASK}\""), 1);
                shown = shown.replacen(&format!("'{secret}'"), &format!("\"{MASK}\""), 1);
            }
        }
        // A list that cannot be taken apart is not shown.
        if strings(value).is_empty() && !value.trim().is_empty() { format!("\"{MASK}\"") } else { shown }
    }

    /// What stands between single quotes in SQL, and its comments.
    fn literals(&mut self, value: &str) -> String {
        let mut pieces = value.trim().split('\'');
        let mut shown = pieces.next().unwrap_or_default().to_owned();
        for (n, piece) in pieces.enumerate() {
            let literal = n % 2 == 0;
            shown.push('\'');
            match literal && !piece.is_empty() && !piece.starts_with("$(") {
                true => {
                    self.remember(piece);
                    shown.push_str(MASK);
                }
                false => shown.push_str(piece),
            }
        }
        let lines = shown.split('\n').map(|line| {
            let end = ["#", "--"].iter().filter_map(|mark| line.find(mark)).min();
            end.map_or_else(|| line.to_owned(), |end| format!("{}-- [a comment]", line.get(..end).unwrap_or_default()))
        });
        scrub(&lines.collect::<Vec<_>>().join("\n"))
    }
}

/// Whether a line begins something of its own. In a query `id = 5` may stand on a line, but no text in double quotes.
fn begins(line: &str, in_query: bool) -> bool {
    let own = |(key, value): (&str, &str)| {
        !in_query || class(key, value) != Class::Unknown || value.trim_start().starts_with(['"', '[', '{'])
    };
    is_header(line) || setting(line).is_some_and(own)
}

/// By the name of the key; an inline table may have such keys inside.
fn class(key: &str, value: &str) -> Class {
    let name = key.rsplit('.').next().unwrap_or(key).trim_matches(['"', '\'', ' ']).to_lowercase();
    let is_secret = |name: &str| {
        let harmless = HARMLESS.contains(&name) || name.ends_with("_file");
        !harmless && (SECRET_NAMES.contains(&name) || SECRET.iter().any(|word| name.contains(word)))
    };
    if is_secret(&name)
        || (value.trim_start().starts_with(['{', '[']) && inner_keys(value).iter().any(|key| is_secret(key)))
    {
        Class::Secret
    } else if name.ends_with("_file") && SECRET.iter().any(|word| name.contains(word)) {
        Class::SecretFile
    } else if COMMANDS.contains(&name.as_str()) {
        Class::Command
    } else if QUERIES.contains(&name.as_str()) {
        Class::Query
    } else if config::is_key(&name) && !value.contains("\"\"\"") && !value.contains("'''") {
        // Texts of several lines are for queries: elsewhere one that nobody closed would take the rest of the file along.
        Class::Plain
    } else {
        Class::Unknown
    }
}

fn inner_keys(value: &str) -> Vec<String> {
    let before_signs =
        value.split('=').filter_map(|piece| piece.split([',', '{', '[', ' ', '\n']).rfind(|word| !word.is_empty()));
    before_signs.map(|key| key.trim_matches(['"', '\'']).to_lowercase()).collect()
}

/// `key = value`; a key is bare, dotted or quoted (TOML). `key: value` is what somebody wrote who thought of YAML.
fn setting(line: &str) -> Option<(&str, &str)> {
    let at = line.find(['=', ':'])?;
    let (key, value) = (line.get(..at)?.trim_end(), line.get(at + 1..)?);
    let is_key = |c: char| c.is_ascii_alphanumeric() || "_-.\"'".contains(c);
    let whole = key.matches(['"', '\'']).count() % 2 == 0;
    let one_word = whole && !key.is_empty() && key.len() < 80 && key.chars().all(is_key);
    // A sentence with a colon is none.
    let meant = line.as_bytes().get(at) == Some(&b'=') || class(key, "") == Class::Secret;
    (one_word && meant).then_some((key, value))
}

fn is_header(line: &str) -> bool {
    let name = without_comment(line).trim();
    let name = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    name.is_some_and(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.[]\"".contains(c)))
}

#[cfg(test)]
mod tests;
