//! What is most often mistyped in a route's login (MISSION 002-17, 002-31). Users and passwords are written as they are here;
//! qmail's patches took base64, and whoever copies such a line over has a login that nobody knows. A password is never shown.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use config::Route;
use sasl::Secret;

/// No more of a file is looked at.
const MOST: u64 = 8448;

/// A hint, and what to do.
type Hint = (String, String);

/// The hints for a route; those about its password only where it was refused.
pub(super) fn of(route: &Route, refused: bool) -> Vec<Hint> {
    let mut hints: Vec<_> = route.user.as_deref().and_then(|user| of_user(user, refused)).into_iter().collect();
    let secret = route.password_file.as_deref().filter(|_| refused);
    hints.extend(secret.and_then(of_password));
    hints
}

fn of_user(user: &str, refused: bool) -> Option<Hint> {
    if user.contains('@') {
        return None;
    }
    if let Some(hint) = base64_user(user) {
        return Some(hint);
    }
    let found = format!("the user {user:?} has no @: most providers want a whole address");
    refused.then(|| (found, format!("user = \"{user}@…\"")))
}

fn base64_user(user: &str) -> Option<Hint> {
    // Shorter words are base64 by accident.
    let like = user.len() >= 8 && user.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"+/=".contains(&octet));
    let padded = user.ends_with('=');
    match sasl::wire::response(user.as_bytes()) {
        Ok(octets) if like => match String::from_utf8(octets) {
            Ok(text) if readable(&text) && (padded || text.contains('@')) => {
                let found = format!("the user {user:?} looks like base64 and means {text:?}: here it stands as it is");
                Some((found, format!("user = {text:?}")))
            }
            _ if padded => {
                Some(garbled(user, "it decodes to what is no text (controls, or not UTF-8): a typing mistake"))
            }
            _ => None,
        },
        Err(_) if padded && like => Some(garbled(user, "it is no valid base64: a wrong letter or padding")),
        _ => None,
    }
}

fn garbled(user: &str, why: &str) -> Hint {
    (
        format!("the user {user:?} looks like base64, but {why}"),
        "user = the name itself, as the provider gave it".to_owned(),
    )
}

/// Printable, as names and passwords are.
fn readable(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|c| c.is_control() || c == '\u{fffd}')
}

fn of_password(path: &Path) -> Option<Hint> {
    let mut octets = Vec::with_capacity(MOST as usize + 1);
    File::open(path).ok()?.take(MOST).read_to_end(&mut octets).ok()?;
    let content = Secret::new(octets);
    let line = content.expose().split(|octet| *octet == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let shown = path.display();
    if line.iter().any(u8::is_ascii_control) || std::str::from_utf8(line).is_err() {
        return Some((format!("the first line of {shown} has control characters, or is not UTF-8"), type_it(path)));
    }
    if line.first().is_some_and(u8::is_ascii_whitespace) || line.last().is_some_and(u8::is_ascii_whitespace) {
        return Some((format!("the first line of {shown} begins or ends with a space"), type_it(path)));
    }
    let decoded = sasl::wire::response(line).map(Secret::new);
    let text = decoded.ok().filter(|decoded| std::str::from_utf8(decoded.expose()).is_ok_and(readable));
    let found = format!("the first line of {shown} looks like base64: the password stands there as it is, not encoded");
    (line.len() >= 4 && text.is_some()).then(|| (found, type_it(path)))
}

fn type_it(path: &Path) -> String {
    format!("write the password itself into the first line of {}, with an editor", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(user: &str) -> String {
        of_user(user, true).map(|(found, fix)| format!("{found} | {fix}")).unwrap_or_default()
    }

    /// MISSION 002-17, 002-29, 002-31: what the tutorial's own lines decode to.
    #[test]
    fn base64_in_the_place_of_a_user_is_shown_decoded() {
        assert!(hint("dHJvdHRlbA==").contains("means \"trottel\""), "{}", hint("dHJvdHRlbA=="));
        assert!(hint("a3VuZGUwODE1QGRvbWFpbi5kZQ==").ends_with("user = \"kunde0815@domain.de\""));
        assert!(hint("dHJvdHRlb==").contains("no valid base64"));
        assert!(hint("AAECAwQFBgc=").contains("controls"));
        assert!(hint("brian").contains("has no @"));
        assert_eq!(hint("brian@example.org"), "");
        assert_eq!(of_user("brian", false), None);
    }

    #[test]
    fn a_password_file_is_looked_at_and_never_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("pass");
        let hint = |text: &str| {
            std::fs::write(&path, text).expect("written");
            of_password(&path).map(|(found, fix)| found + &fix)
        };
        let encoded = hint("dGVzdGluZw==\n").expect("a hint");
        assert!(encoded.contains("looks like base64") && !encoded.contains("testing"), "{encoded}");
        assert!(hint("geheim \n").is_some_and(|said| said.contains("a space") && !said.contains("geheim")));
        assert!(hint("ge\theim\n").is_some_and(|said| said.contains("control characters")));
        assert_eq!(hint("not base64 at all!\n"), None);
    }
}
