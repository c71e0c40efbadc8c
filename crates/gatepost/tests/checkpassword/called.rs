//! What a caller sees: exit codes, and the program behind.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::site::{GATEPOST, Site, run};

/// A judge that knows brian by "right", with CRAM-MD5 and APOP, as the user 65534.
const JUDGE: &str = r#"#!/usr/bin/env python3
import hashlib, hmac, json, sys
q = json.load(sys.stdin)
if 'response' in q:
    challenge = q['challenge'].encode()
    cram, apop = hmac.new(b'right', challenge, 'md5').hexdigest(), hashlib.md5(challenge + b'right').hexdigest()
    right = q['response'] == {'CRAM-MD5': cram, 'APOP': apop}[q['mechanism']]
else:
    right = q.get('password') == 'right'
account = dict(address='brian@example.test', home='/tmp', uid=65534, gid=65534, options='disablepop3=1')
print(json.dumps(dict(verdict='accept', account=account) if right else dict(verdict='reject')))
"#;

const CHALLENGE: &str = "<1896.697170952@mail.example.test>";

fn judged() -> Site {
    let site = Site::new();
    let judge = site.path().join("judge");
    fs::write(&judge, JUDGE).expect("written");
    fs::set_permissions(&judge, fs::Permissions::from_mode(0o755)).expect("ours");
    site.chain("exec", &format!("[auth.exec]\ncommand = [{judge:?}]\nmechanisms = [\"CRAM-MD5\", \"APOP\"]"));
    site
}

/// The account's own right password lets the program run, whose exit code is the answer then.
#[test]
fn right_and_wrong() {
    let site = Site::new();
    let show = "printf '%s\\n' \"$USER\" \"$SHELL\" \"$MAILDIR\"; [ -e /proc/$$/fd/3 ] || echo closed; exit 7";
    let right = site.call(b"brian@example.test\0right\0\0", &[], &["/bin/sh", "-c", show], &[]);
    let maildir = site.path().join("mail/example.test/brian");
    let says = format!("brian@example.test\n/bin/sh\n{}\nclosed\n", maildir.display());
    assert_eq!((right.code, right.out.as_str()), (7, says.as_str()), "{}", right.err);
    let wrong = site.call(b"brian@example.test\0wrong\0\0", &[], &["/bin/true"], &[]);
    assert_eq!((wrong.code, wrong.err.trim()), (1, "gatepost: brian@example.test: the password is not right"));
    let nobody = site.call(b"nobody@example.test\0right\0<1.2@host>\0", &["--explain"], &["/bin/true"], &[]);
    assert_eq!(nobody.code, 1);
    assert!(nobody.err.contains("accounts: entry not found\n"), "{}", nobody.err);
    let missing = site.call(b"brian@example.test\0right\0\0", &[], &["/nowhere/program"], &[]);
    assert_eq!(missing.code, 111, "{}", missing.err);
    assert!(missing.err.contains("cannot run /nowhere/program: No such file"), "{}", missing.err);
}

/// MISSION 002-09: what keeps the chain from looking is 111, and never a wrong password.
#[test]
fn what_cannot_be_told_is_111() {
    let site = Site::new();
    let right = b"brian@example.test\0right\0\0";
    fs::write(site.path().join("accounts.sqlite"), "no database").expect("written");
    let broken = site.call(right, &[], &["/bin/true"], &[]);
    assert_eq!(broken.code, 111, "{}", broken.err);
    assert!(broken.err.contains("accounts: "), "{}", broken.err);
    fs::write(site.config(), "no config").expect("written");
    assert_eq!(site.call(right, &[], &["/bin/true"], &[]).code, 111);
    fs::remove_file(site.config()).expect("it was there");
    assert_eq!(site.call(right, &[], &["/bin/true"], &[]).code, 111);
}

#[test]
fn misuse_is_2() {
    let site = Site::new();
    for fields in [&b""[..], b"brian", b"brian\0right", b"\0right\0\0", &[b'x'; 600]] {
        let misused = site.call(fields, &[], &["/bin/true"], &[]);
        assert_eq!(misused.code, 2, "{fields:?}: {}", misused.err);
    }
    assert_eq!(site.call(b"brian@example.test\0right\0\0", &[], &[], &[]).code, 2, "no program");
    let closed = run(
        Command::new("/bin/sh").args(["-c", "exec \"$@\" 3<&-", "sh", GATEPOST, "checkpassword", "/bin/true"]),
        b"",
    );
    assert_eq!(closed.code, 2, "{}", closed.err);
    assert!(closed.err.contains("nothing can be read from descriptor 3: "), "{}", closed.err);
}

/// MISSION 001-04: the fields of either family of patches, and qmail-popup's APOP.
#[test]
fn responses_in_either_order() {
    let site = judged();
    // HMAC-MD5 and MD5 of the challenge with "right".
    let (cram, apop) = responses();
    for fields in [
        format!("brian\0{cram}\0{CHALLENGE}\0"),
        format!("brian\0{CHALLENGE}\0{cram}\0"),
        format!("brian\0{apop}\0{CHALLENGE}\0"),
        format!("brian\0right\0{CHALLENGE}\0"),
        "brian\0right\0".to_owned(),
    ] {
        let ended = site.call(fields.as_bytes(), &["--explain"], &["/bin/true"], &[]);
        assert_eq!(ended.code, 0, "{fields:?}: {}", ended.err);
    }
    let wrong = format!("brian\0{cram}\0<2.3@mail.example.test>\0");
    assert_eq!(site.call(wrong.as_bytes(), &[], &["/bin/true"], &[]).code, 1);
}

fn responses() -> (String, String) {
    let script = format!(
        "import hashlib, hmac; c = b'{CHALLENGE}'; print(hmac.new(b'right', c, 'md5').hexdigest(), hashlib.md5(c + b'right').hexdigest())"
    );
    let said = run(Command::new("python3").args(["-c", &script]), b"").out;
    let (cram, apop) = said.trim().split_once(' ').expect("two words");
    (cram.to_owned(), apop.to_owned())
}

/// The service is the one whose port it is; an account may be kept from one.
#[test]
fn the_service_is_told_by_the_port() {
    let site = judged();
    let fields = b"brian\0right\0\0";
    for (variables, words, code) in [
        (&[("TCPLOCALPORT", "143")][..], &[][..], 0),
        (&[("TCPLOCALPORT", "995")], &[], 1),
        (&[("SERVICE", "pop3")], &[], 1),
        (&[("TCPLOCALPORT", "995")], &["--service", "imap"], 0),
        (&[], &[], 0),
    ] {
        let ended = site.call(fields, words, &["/bin/true"], variables);
        assert_eq!(ended.code, code, "{variables:?} {words:?}: {}", ended.err);
    }
}

/// As root it becomes the account's user, with that group alone, in the home.
#[test]
fn the_program_runs_as_the_user() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let site = judged();
    let show = "id -u; id -g; id -G; pwd; echo $HOME";
    let ended = site.call(b"brian\0right\0\0", &[], &["/bin/sh", "-c", show], &[]);
    assert_eq!(ended.out, "65534\n65534\n65534\n/tmp\n/tmp\n", "{}", ended.err);
}

/// Both sides against each other: a server whose chain calls a Gatepost that is a checker.
#[test]
fn gatepost_asks_gatepost() {
    let (behind, before) = (Site::new(), Site::new());
    let config = behind.config();
    before.chain(
        "checkpassword",
        &format!("[auth.checkpassword]\ncommand = [{GATEPOST:?}, \"checkpassword\", \"-c\", {config:?}]"),
    );
    let right = before.call(b"brian@example.test\0right\0\0", &["--explain"], &["/bin/true"], &[]);
    assert_eq!(right.code, 0, "{}", right.err);
    assert_eq!(before.call(b"brian@example.test\0wrong\0\0", &[], &["/bin/true"], &[]).code, 1);
    fs::remove_file(config).expect("it was there");
    let down = before.call(b"brian@example.test\0right\0\0", &[], &["/bin/true"], &[]);
    assert_eq!(down.code, 111, "{}", down.err);
    assert!(down.err.contains("exit code 111: it has a temporary problem"), "{}", down.err);
}
