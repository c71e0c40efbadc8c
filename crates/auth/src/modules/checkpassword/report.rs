//! What a checker has become: told by the words that it runs after it has accepted.
//!
//! They are `/bin/sh` and not this program: `/proc/self/exe` would be the checker itself by then, the path of our own file
//! may be closed to the user that it has become, and a test's program is not Gatepost.

use std::path::PathBuf;

use crate::process::PATH;
use crate::told::Told;
use crate::trail::Trail;

/// The words behind the checker.
pub(super) const WORDS: &[&str] = &[
    "/bin/sh",
    "-c",
    r#"PATH=$1 && export PATH && printf '%s\0' gatepost-report "$USER" "$HOME" "$(id -u)" "$(id -g)" "$(pwd)""#,
    "gatepost-report",
    PATH,
];

/// What stands first, so that nothing else is taken for a report.
const MARK: &str = "gatepost-report";

/// Reads what the words have written. Nothing at all is right, too: a program of the config's own stands before them
/// (`/bin/true`), and the account's home is not known.
pub(super) fn read(output: &[u8], trail: &Trail) -> Result<Told, String> {
    let text = std::str::from_utf8(output).map_err(|_| "what the checker became is not told in UTF-8".to_owned())?;
    // What the checker may have written before its end is not ours.
    let Some((_, report)) = text.rsplit_once(&format!("{MARK}\0")) else {
        trail.say(
            "accepted; it did not tell the home folder (auth.checkpassword.command ends in a program of its own?)",
        );
        return Ok(Told::default());
    };
    let fields: Vec<&str> = report.split('\0').collect();
    let &[user, home, uid, gid, folder, ""] = fields.as_slice() else {
        return Err("what the checker became is told in part only".to_owned());
    };
    trail.say(format_args!("accepted; it became uid {uid}, gid {gid}, user {user:?}, home {home:?}"));
    let home = if home.is_empty() && folder != "/" { folder } else { home };
    // Who cannot become somebody else stays who we are, which says nothing of the account.
    let ours = rustix::process::geteuid().as_raw();
    let ids = uid.parse().ok().filter(|uid: &u32| *uid != ours).zip(gid.parse().ok());
    Ok(Told {
        home: Some(PathBuf::from(home)).filter(|home| !home.as_os_str().is_empty()),
        uid: ids.map(|(uid, _)| uid),
        gid: ids.map(|(_, gid)| gid),
        ..Told::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(output: &str) -> Result<Told, String> {
        read(output.as_bytes(), &Trail::default())
    }

    #[test]
    fn what_it_became() {
        let report = "hello\ngatepost-report\0brian\0/home/brian\x001000\x001001\0/home/brian\0";
        let expected = Told { home: Some("/home/brian".into()), uid: Some(1000), gid: Some(1001), ..Told::default() };
        assert_eq!(told(report), Ok(expected));
        assert_eq!(told(""), Ok(Told::default()));
        assert!(told("gatepost-report\0brian\0/home/br").is_err());
    }

    #[test]
    fn who_stays_who_we_are_tells_no_owner() {
        let uid = rustix::process::geteuid().as_raw();
        assert_eq!(told(&format!("gatepost-report\0\0\0{uid}\x000\0/\0")), Ok(Told::default()));
    }
}
