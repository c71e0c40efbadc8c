//! Where each domain's accounts lie: qmail's `users/cdb` or `users/assign`, else the folders of `domains`.

use std::collections::HashMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use message::Domain;

use super::source::Source;
use crate::account_file::{self, Kept, Unreadable};
use crate::trail::Trail;

/// Domains of one tree.
const MAX_DOMAINS: usize = 100_000;

/// Finds domains.
#[derive(Debug)]
pub(super) struct Domains {
    home: PathBuf,
    users: PathBuf,
    kept: Kept<HashMap<String, Place>>,
}

/// A domain's folder.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) folder: PathBuf,
    /// What `users` says whose it is: another domain than the one that was asked for is an alias of that.
    pub(super) domain: Option<Domain>,
    pub(super) uid: Option<u32>,
    pub(super) gid: Option<u32>,
}

impl Domains {
    pub(super) fn new(home: PathBuf, users: PathBuf) -> Self {
        Self { home, users, kept: Kept::default() }
    }

    fn source(&self, trail: &Trail) -> Result<Option<Source>, String> {
        Source::newer(&self.users.join("assign"), &self.users.join("cdb"), trail)
    }

    /// The folder of a domain.
    pub(super) fn find(&self, domain: &Domain, trail: &Trail) -> Result<Option<Place>, String> {
        let name = domain.as_ascii();
        let source = self.source(trail)?;
        let (place, list) = match &source {
            Some(Source::Text(path)) => (self.assigned(path)?.get(name).cloned(), path.clone()),
            Some(cdb) => {
                // qmail's key of a prefix; vpopmail's prefixes are the domain and a dash.
                let value = cdb.get(format!("!{name}-").as_bytes())?;
                let place = value.map(|value| of_cdb(&value)).transpose();
                let path = cdb.path().to_owned();
                (place.map_err(|what| format!("{}: {name}: {what}", path.display()))?, path)
            }
            None => {
                let domains = self.home.join("domains");
                (of_folder(&domains.join(name))?.or_missing(&domains)?, domains)
            }
        };
        match &place {
            Some(place) => trail.say(format_args!("{name} is at {} ({})", place.folder.display(), list.display())),
            None => trail.say(format_args!("{name} is not in {}", list.display())),
        }
        Ok(place)
    }

    /// All folders of domains.
    pub(super) fn all(&self, trail: &Trail) -> Result<Vec<Place>, String> {
        match self.source(trail)? {
            Some(Source::Text(path)) => Ok(self.assigned(&path)?.values().cloned().collect()),
            Some(cdb) => {
                let mut places = Vec::new();
                cdb.each(|key, value| {
                    let prefix = key.strip_prefix(b"!").and_then(|key| key.strip_suffix(b"-"));
                    let is_domain = prefix.and_then(|name| std::str::from_utf8(name).ok()).is_some_and(is_domain);
                    if let (true, Ok(place)) = (is_domain && places.len() < MAX_DOMAINS, of_cdb(value)) {
                        places.push(place);
                    }
                })?;
                Ok(places)
            }
            None => self.folders(),
        }
    }

    fn folders(&self) -> Result<Vec<Place>, String> {
        let folder = self.home.join("domains");
        let unreadable = |error| Unreadable::io(&folder, error).to_string();
        let mut places = Vec::new();
        for name in folder.read_dir().map_err(unreadable)?.take(MAX_DOMAINS) {
            let name = name.map_err(unreadable)?;
            if name.file_name().to_str().is_some_and(is_domain)
                && let Looked::There(place) = of_folder(&name.path())?
            {
                places.push(place);
            }
        }
        Ok(places)
    }

    fn assigned(&self, path: &Path) -> Result<std::sync::Arc<HashMap<String, Place>>, String> {
        self.kept.get(path, || {
            let (text, read) = account_file::read(path).map_err(|error| error.to_string())?;
            let places = assign(&text).map_err(|(line, what)| format!("{}:{line}: {what}", path.display()))?;
            Ok((places, vec![read]))
        })
    }
}

/// Reads `users/assign` (qmail-users(5)): `+domain-:user:uid:gid:folder:-::`, and a dot at the end.
pub(super) fn assign(text: &[u8]) -> Result<HashMap<String, Place>, (usize, &'static str)> {
    let mut places = HashMap::new();
    let mut last = 0;
    for (number, line) in (1..).zip(text.split(|octet| *octet == b'\n')) {
        last = number;
        let line = String::from_utf8_lossy(line);
        if line == "." {
            return Ok(places);
        }
        let Some((name, rest)) = line.strip_prefix('+').and_then(|line| line.split_once("-:")) else { continue };
        if !is_domain(name) || places.len() >= MAX_DOMAINS {
            continue;
        }
        let mut fields = rest.split(':');
        let mut next = || fields.next().unwrap_or_default();
        let place = place(next(), (next(), next()), next()).map_err(|what| (number, what))?;
        // As qmail-newu: the first of two lines counts.
        places.entry(name.to_ascii_lowercase()).or_insert(place);
    }
    Err((
        last,
        "there is no dot on a line of its own at the end (qmail-newu refuses it, too); is the file being written?",
    ))
}

/// Reads a value of `users/cdb`: `user NUL uid NUL gid NUL folder NUL dash NUL pre`.
fn of_cdb(value: &[u8]) -> Result<Place, &'static str> {
    let text = String::from_utf8_lossy(value);
    let mut fields = text.split('\0');
    let mut next = || fields.next().unwrap_or_default();
    place(next(), (next(), next()), next())
}

fn place(user: &str, (uid, gid): (&str, &str), folder: &str) -> Result<Place, &'static str> {
    let number = |text: &str| text.parse().map(Some).map_err(|_| "uid and gid are no numbers");
    if !folder.starts_with('/') {
        return Err("the folder does not begin with a slash");
    }
    Ok(Place { folder: folder.into(), domain: Domain::parse(user).ok(), uid: number(uid)?, gid: number(gid)? })
}

fn is_domain(name: &str) -> bool {
    name.contains('.') && !name.starts_with('.') && Domain::parse(name).is_ok_and(|domain| domain.literal().is_none())
}

/// Whether a folder is there.
enum Looked {
    There(Place),
    Missing,
}

impl Looked {
    /// Nobody's domain if the folder above is there; if that is not, nothing can be said.
    fn or_missing(self, above: &Path) -> Result<Option<Place>, String> {
        match self {
            Self::There(place) => Ok(Some(place)),
            Self::Missing => match above.metadata() {
                Ok(_) => Ok(None),
                Err(error) => Err(Unreadable::io(above, error).to_string()),
            },
        }
    }
}

/// Whose files they are is what the folder says.
fn of_folder(folder: &Path) -> Result<Looked, String> {
    match folder.metadata() {
        Ok(meta) => {
            let (uid, gid) = (Some(meta.uid()), Some(meta.gid()));
            Ok(Looked::There(Place { folder: folder.to_owned(), domain: None, uid, gid }))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Looked::Missing),
        Err(error) => Err(Unreadable::io(folder, error).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assign_is_read_as_qmail_reads_it() {
        let text = b"=root:root:0:0:/root:::\n+example.test-:example.test:89:90:/v/domains/example.test:-::\n+a.test-:example.test:89:90:/v/domains/example.test:-::\n+user-:u:1:1:/home/u:-::\n.\n";
        let places = assign(text).expect("whole");
        assert_eq!(places.len(), 2);
        let place = places.get("a.test").expect("the alias");
        assert_eq!(
            (place.uid, place.gid, place.folder.as_path()),
            (Some(89), Some(90), Path::new("/v/domains/example.test"))
        );
        assert_eq!(place.domain, Domain::parse("example.test").ok());
    }

    #[test]
    fn half_a_file_is_none() {
        assert!(
            assign(b"+example.test-:example.test:89:89:/v/domains/exa")
                .is_err_and(|(line, what)| line == 1 && what.contains("dot"))
        );
        assert!(assign(b"+example.test-:example.test:89:x:/v:-::\n.\n").is_err_and(|(line, _)| line == 1));
        assert!(assign(b"+example.test-:example.test:89:89:v:-::\n.\n").is_err_and(|(_, what)| what.contains("slash")));
    }
}
