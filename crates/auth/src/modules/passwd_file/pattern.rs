//! The path of a passwd-file, with Dovecot's variables in it. What they stand for comes from clients: nothing that could
//! lead to another folder gets into a path.

use std::path::{Component, Path, PathBuf};

use crate::account_file::Unreadable;
use crate::login_name;
use crate::module::Who;

/// Files that one pattern may lead to.
const MAX_FILES: usize = 10_000;

/// A path with variables.
#[derive(Debug)]
pub(super) struct Pattern(PathBuf);

/// Why the files of a pattern cannot be listed.
pub(super) type NotListed = Result<Unreadable, String>;

/// A piece of text, or a variable (`d`, `n`, `u`).
enum Piece<'a> {
    Text(&'a str),
    Variable(char),
}

impl Pattern {
    pub(super) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Whether there is more than one file.
    pub(super) fn is_variable(&self) -> bool {
        self.0.to_string_lossy().contains('%')
    }

    /// The folder that is there whoever asks.
    pub(super) fn folder(&self) -> PathBuf {
        let fixed = |part: &Component<'_>| !part.as_os_str().to_string_lossy().contains('%');
        self.0.parent().unwrap_or(Path::new("/")).components().take_while(fixed).collect()
    }

    /// The file that somebody would be in; `None` if a variable has no value for them, or none that may stand in a path.
    pub(super) fn path(&self, who: &Who) -> Result<Option<PathBuf>, String> {
        if !self.is_variable() {
            return Ok(Some(self.0.clone()));
        }
        let text = self.0.to_string_lossy();
        let mut path = String::new();
        for piece in pieces(&text)? {
            match piece {
                Piece::Text(text) => path.push_str(text),
                Piece::Variable(variable) => {
                    let Some(value) = value(variable, who).filter(|value| is_safe(value)) else { return Ok(None) };
                    path.push_str(&value);
                }
            }
        }
        Ok(Some(path.into()))
    }

    /// Every file that is there.
    pub(super) fn all(&self) -> Result<Vec<PathBuf>, NotListed> {
        if !self.is_variable() {
            return Ok(vec![self.0.clone()]);
        }
        let mut paths = vec![PathBuf::new()];
        for part in self.0.components() {
            let part = part.as_os_str().to_string_lossy();
            if !part.contains('%') {
                paths.iter_mut().for_each(|path| path.push(&*part));
                continue;
            }
            let (before, after) = around(&part).map_err(Err)?;
            let mut next = Vec::new();
            for folder in paths {
                next.extend(matching(&folder, before, after)?);
            }
            if next.len() > MAX_FILES {
                return Err(Err(format!("there are more than {MAX_FILES} files")));
            }
            paths = next;
        }
        // `/etc/auth/%d/passwd`: not every folder has one.
        paths.retain(|path| path.exists());
        Ok(paths)
    }
}

/// What stands before and after the one `%d` of a name.
fn around(part: &str) -> Result<(&str, &str), String> {
    let unlisted = || format!("{part:?} is not one %d with text around it, so its files cannot be listed");
    match pieces(part)?.as_slice() {
        [Piece::Variable('d')] => Ok(("", "")),
        [Piece::Variable('d'), Piece::Text(after)] => Ok(("", after)),
        [Piece::Text(before), Piece::Variable('d')] => Ok((before, "")),
        [Piece::Text(before), Piece::Variable('d'), Piece::Text(after)] => Ok((before, after)),
        _ => Err(unlisted()),
    }
}

fn matching(folder: &Path, before: &str, after: &str) -> Result<Vec<PathBuf>, NotListed> {
    let unreadable = |error| Ok(Unreadable::io(folder, error));
    // `/etc/auth/%d/%d`: a file beside the folders.
    if folder.is_file() {
        return Ok(Vec::new());
    }
    let mut paths = Vec::new();
    for name in folder.read_dir().map_err(unreadable)?.take(MAX_FILES + 1) {
        let name = name.map_err(unreadable)?.file_name();
        let text = name.to_string_lossy();
        let inner = text.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
        if inner.is_some_and(|domain| is_safe(domain) && message::Domain::parse(domain).is_ok()) {
            paths.push(folder.join(&name));
        }
    }
    Ok(paths)
}

/// Splits at variables: `%d`, `%n`, `%u`, also as `%Ld`, in lower case, which they are anyway; `%%` is a percent sign.
fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        let plain = after.strip_prefix('L').unwrap_or(after);
        let mut letters = plain.chars();
        match letters.next() {
            Some('%') => pieces.push(Piece::Text("%")),
            Some(variable @ ('d' | 'n' | 'u')) => pieces.push(Piece::Variable(variable)),
            _ => {
                return Err(format!(
                    "auth.passwd-file.path: of Dovecot's variables only %d, %n and %u are known: {text}"
                ));
            }
        }
        rest = letters.as_str();
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    Ok(pieces)
}

fn value(variable: char, who: &Who) -> Option<String> {
    match (variable, &who.address) {
        ('d', address) => Some(address.as_ref()?.domain().as_ascii().to_owned()),
        ('n', Some(address)) => Some(address.local().to_lowercase()),
        (_, Some(address)) => Some(login_name::key(address)),
        (_, None) => Some(who.identity.to_lowercase()),
    }
}

/// Whether a text can stand in a path without leading elsewhere: it has no `/`, and is not hidden, `.` or `..`.
fn is_safe(value: &str) -> bool {
    !value.is_empty() && !value.starts_with('.') && !value.contains(['/', '\0'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Service;
    use crate::trail::Trail;

    fn path(pattern: &str, identity: &str) -> Option<String> {
        let who = Who {
            identity: identity.to_owned(),
            address: login_name::address(identity, None),
            service: Service::Imap,
            trail: Trail::default(),
        };
        Pattern::new(Path::new(pattern)).path(&who).expect("known variables").map(|path| path.display().to_string())
    }

    #[test]
    fn variables_are_those_of_dovecot() {
        let of = |pattern| path(pattern, "Brian@Example.TEST").expect("a path");
        assert_eq!(of("/etc/auth/%d/passwd"), "/etc/auth/example.test/passwd");
        assert_eq!(of("/etc/auth/%Ld.%n"), "/etc/auth/example.test.brian");
        assert_eq!(of("/etc/auth/%u-100%%"), "/etc/auth/brian@example.test-100%");
        assert_eq!(of("/etc/passwd"), "/etc/passwd");
        assert_eq!(path("/etc/auth/%d", "brian"), None);
    }

    #[test]
    fn what_others_there_are_is_told() {
        let pattern = Pattern::new(Path::new("/etc/%s/%d"));
        let who = Who { identity: String::new(), address: None, service: Service::Imap, trail: Trail::default() };
        assert!(pattern.path(&who).is_err_and(|error| error.contains("only %d, %n and %u")));
    }

    proptest! {
        /// No login name leads out of the folder.
        #[test]
        fn nobody_leaves_the_folder(identity in "[a./@%\"\\\\\\[\\]:]{0,12}|\\PC{0,12}@\\PC{0,12}", variable in "[dnu]") {
            let path = path(&format!("/etc/auth/%{variable}"), &identity);
            if let Some(path) = path {
                let path = Path::new(&path);
                prop_assert_eq!(path.parent(), Some(Path::new("/etc/auth")));
                prop_assert!(path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with('.')));
            }
        }
    }
}
