//! The files of a PAM service: what is odd about them explains most of PAM's failures (MISSION 004-30).

use std::fs;
use std::path::{Path, PathBuf};

/// Where Linux-PAM looks.
const FOLDERS: [&str; 3] = ["/etc/pam.d", "/usr/lib/pam.d", "/usr/share/pam.d"];

/// Files that include files, so deep.
const DEPTH: usize = 8;

/// The files of a service.
#[derive(Debug)]
pub(super) struct ServiceFiles<'a> {
    service: &'a str,
    folders: Vec<PathBuf>,
}

impl<'a> ServiceFiles<'a> {
    pub(super) fn new(service: &'a str, folder: Option<&Path>) -> Self {
        let folders = match folder {
            Some(folder) => vec![folder.to_owned()],
            None => FOLDERS.iter().map(PathBuf::from).collect(),
        };
        Self { service, folders }
    }

    /// Whether there is one for the service, or at least the one for all others. (Linux-PAM does not look at /etc/pam.conf
    /// where there is /etc/pam.d.)
    pub(super) fn any(&self) -> bool {
        [self.service, "other"].iter().any(|name| self.find(name).is_some())
    }

    /// What to do, if the service has none of its own.
    pub(super) fn hint(&self) -> Option<String> {
        if self.find(self.service).is_some() {
            return None;
        }
        let folder = self.folders.first().map(|folder| folder.display().to_string()).unwrap_or_default();
        let other = if self.find("other").is_some() {
            format!("{folder}/other ruled")
        } else {
            format!("there is no {folder}/other either")
        };
        let service = self.service;
        Some(format!(
            "there is no {folder}/{service}, and {other}; copy a working service's file to {folder}/{service}"
        ))
    }

    /// Whether the service is left to a file that denies everybody: what it says of a password means nothing.
    pub(super) fn denies_all(&self) -> bool {
        let other = || self.find("other").is_some_and(|path| lines(&path).iter().any(|line| is_deny(line)));
        self.find(self.service).is_none() && other()
    }

    /// Whether `pam_unix` is asked, in a file of the service or one that it includes.
    pub(super) fn asks_pam_unix(&self) -> bool {
        let name = if self.find(self.service).is_some() { self.service } else { "other" };
        self.mentions(name, "pam_unix", DEPTH)
    }

    fn mentions(&self, name: &str, module: &str, depth: usize) -> bool {
        let Some(path) = self.find(name) else { return false };
        lines(&path).iter().any(|line| {
            let mut words = line.split_whitespace();
            let included = match words.next() {
                Some("@include") => words.next(),
                Some("auth" | "-auth") => match words.next() {
                    Some("include" | "substack") => words.next(),
                    _ => None,
                },
                _ => return false,
            };
            line.contains(module) || included.is_some_and(|name| depth > 0 && self.mentions(name, module, depth - 1))
        })
    }

    fn find(&self, name: &str) -> Option<PathBuf> {
        self.folders.iter().map(|folder| folder.join(name)).find(|path| path.exists())
    }
}

fn is_deny(line: &str) -> bool {
    line.starts_with("auth") && line.contains("pam_deny")
}

/// Its lines, without comments. One that cannot be read has none.
fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().map(|line| line.split('#').next().unwrap_or_default().trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_odd() {
        let dir = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).expect("written");
        let files = ServiceFiles::new("imap", Some(dir.path()));
        assert!(
            files.hint().is_some_and(|hint| hint.contains("/imap, and there is no ") && hint.contains("/other either"))
        );
        assert!(!files.denies_all());
        write("other", "# auth required pam_permit.so\nauth required pam_deny.so\n");
        assert!(files.any() && files.denies_all() && files.hint().is_some_and(|hint| hint.contains("/other ruled")));
        write("common-auth", "auth [success=1 default=ignore] pam_unix.so nullok\n");
        assert!(!files.asks_pam_unix());
        write("imap", "@include common-auth\n");
        assert!(files.hint().is_none() && !files.denies_all() && files.asks_pam_unix());
        write("imap", "auth include imap\naccount required pam_unix.so\n");
        assert!(!files.asks_pam_unix(), "one that includes itself");
    }
}
