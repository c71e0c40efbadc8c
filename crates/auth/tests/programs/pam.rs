//! `pam`: real stacks of Linux-PAM, in folders of the test's own.
//!
//! The helper is this test's program once more, as in the server it is `gatepost pam-helper`.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use auth::{Rejection, Resolution};
use config::Config;
use message::{Address, Domain};

use crate::asked::{Asked, accepted, program, rejected, temporary, trail};

/// Not a test: what the helper does, when it is started as such.
#[test]
fn helper_process() {
    if std::env::var_os("GATEPOST_PAM_HELPER").is_some() {
        auth::pam_helper(io::stdin(), io::stdout()).expect("the answer is written");
    }
}

/// The words that start the helper.
fn helper(program: &Path) -> Vec<String> {
    let program = program.to_str().expect("UTF-8");
    ["/usr/bin/env", "GATEPOST_PAM_HELPER=1", program, "--exact", "pam::helper_process", "--nocapture"]
        .map(str::to_owned)
        .to_vec()
}

/// PAM with this file for the service `imap`.
fn stack(file: &str) -> Asked {
    with(|config, folder| {
        fs::write(folder.join("imap"), file.replace("DIR", config.data.to_str().expect("UTF-8"))).expect("written");
    })
}

/// PAM with what `write` puts into the folder.
fn with(write: impl FnOnce(&mut Config, &Path)) -> Asked {
    Asked::new("pam", |config, dir| {
        let folder = dir.join("pam.d");
        fs::create_dir(&folder).expect("a folder");
        config.auth.default_domain = Domain::parse("example.test").ok();
        config.modules.pam.helper = helper(&std::env::current_exe().expect("this program"));
        config.modules.pam.folder = Some(folder.clone());
        config.modules.pam.guard.timeout = Duration::from_secs(20);
        write(config, &folder);
    })
}

const ANY_ACCOUNT: &str = "account required pam_permit.so\n";

#[tokio::test]
async fn pam_permit_and_pam_deny() {
    let told = stack(&format!("auth required pam_permit.so\n{ANY_ACCOUNT}")).login("virtual", "x").await;
    let account = accepted(&told);
    assert_eq!((account.address.to_string().as_str(), account.uid), ("virtual@example.test", None), "{}", trail(&told));
    assert!(account.maildir.ends_with("mail/example.test/virtual"), "{account:?}");
    let told = stack(&format!("auth required pam_deny.so\n{ANY_ACCOUNT}")).login("virtual", "x").await;
    assert_eq!(rejected(&told), Rejection::WrongPassword);
    let lines = trail(&told);
    assert!(lines.contains("pam_authenticate failed, result 7 (PAM_AUTH_ERR): Authentication failure"), "{lines}");
    assert!(lines.contains("pam_service=imap, pam_username=virtual or virtual@example.test"), "{lines}");
}

/// Users of a Berkeley database, made with `db_load`.
#[tokio::test]
async fn pam_userdb() {
    let asked = stack(&format!("auth required pam_userdb.so db=DIR/users crypt=none\n{ANY_ACCOUNT}"));
    let database = asked.dir.path().join("users.db");
    let mut load = Command::new("db_load").args(["-T", "-t", "hash"]).arg(&database).stdin(Stdio::piped()).spawn();
    let load = load.as_mut().expect("db_load");
    load.stdin.take().expect("a pipe").write_all(b"brian@example.test\nright\n").expect("written");
    assert!(load.wait().expect("its end").success());
    accepted(&asked.login("brian@example.test", "right").await);
    accepted(&asked.login("brian", "right").await);
    assert_eq!(rejected(&asked.login("brian", "wrong").await), Rejection::WrongPassword);
    assert_eq!(rejected(&asked.login("nobody-here@example.test", "right").await), Rejection::UnknownUser);
    fs::remove_file(&database).expect("it was there");
    let told = asked.login("brian@example.test", "right").await;
    assert!(temporary(&told).contains("result 3 (PAM_SERVICE_ERR)"), "{}", trail(&told));
}

/// The password, the user, the client and the service get to where PAM's modules look for them; its messages to the trail.
#[tokio::test]
async fn pam_exec_and_messages() {
    let file = "auth optional pam_echo.so Welcome\\ %u\nauth required pam_exec.so expose_authtok DIR/check\n";
    let asked = stack(&format!("{file}{ANY_ACCOUNT}"));
    let check = "#!/bin/sh\nread -r password\n[ \"$PAM_USER $PAM_SERVICE $PAM_RHOST $PAM_TTY $password\" = 'brian imap 192.0.2.1 gatepost right' ]\n";
    program(asked.dir.path(), "check", check);
    let told = asked.login("brian", "right").await;
    accepted(&told);
    assert!(trail(&told).contains("PAM: Welcome"), "{}", trail(&told));
    let told = asked.login("brian", "wrong").await;
    assert!(matches!(told.verdict, auth::Verdict::TempFail(_)) && !trail(&told).contains("wrong"), "{}", trail(&told));
}

/// Every result means what it says, and is told by number and name (MISSION 004-30).
#[tokio::test]
async fn results_are_told_apart() {
    let auth = |result: &str| format!("auth required pam_debug.so auth={result}\n{ANY_ACCOUNT}");
    let account = |result: &str| format!("auth required pam_permit.so\naccount required pam_debug.so acct={result}\n");
    for (file, why) in [
        (auth("user_unknown"), Rejection::UnknownUser),
        (auth("auth_err"), Rejection::WrongPassword),
        (auth("maxtries"), Rejection::WrongPassword),
        (auth("perm_denied"), Rejection::Disabled),
        (account("acct_expired"), Rejection::Expired),
        (account("new_authtok_reqd"), Rejection::Expired),
    ] {
        let told = stack(&file).login("virtual", "x").await;
        assert_eq!(rejected(&told), why, "{file}{}", trail(&told));
    }
    for (result, says) in [
        ("authinfo_unavail", "pam_authenticate failed, result 9 (PAM_AUTHINFO_UNAVAIL)"),
        ("cred_insufficient", "result 8 (PAM_CRED_INSUFFICIENT)"),
        ("system_err", "result 4 (PAM_SYSTEM_ERR): System error [Hint: bad PAM configuration?"),
    ] {
        let told = stack(&auth(result)).login("virtual", "x").await;
        assert!(temporary(&told).contains(says), "{}", trail(&told));
    }
    let told = stack("auth required /nowhere/pam_missing.so\n").login("virtual", "x").await;
    assert!(temporary(&told).contains("(PAM_MODULE_UNKNOWN)"), "{}", trail(&told));
}

/// MISSION 004-30: the file that is missing is named, at the survey and at the login.
#[tokio::test]
async fn a_missing_service_file_is_named() {
    let asked = with(|_, _| {});
    asked.auth.survey().await;
    let trouble = asked.auth.modules().remove(0).trouble.expect("it is told").cause;
    assert!(trouble.contains("service smtp: there is no ") && trouble.contains("/pam.d/other either"), "{trouble}");
    let told = asked.login("brian", "right").await;
    let cause = temporary(&told);
    assert!(cause.contains("failed, result ") && cause.contains("/pam.d/imap, and there is no "), "{}", trail(&told));
    // The file for all others denies, as it should: that says nothing of the password.
    let other = with(|_, folder| fs::write(folder.join("other"), "auth required pam_deny.so\n").expect("written"));
    let told = other.login("brian", "right").await;
    assert!(
        temporary(&told).contains("/pam.d/imap, and ") && temporary(&told).contains("/other ruled"),
        "{}",
        trail(&told)
    );
}

/// The real thing with users of the test's own: in a mount namespace, where /etc/passwd and /etc/shadow are its files.
#[tokio::test]
async fn pam_unix() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let asked = unix_users(&[]);
    let told = asked.login("brian", "right").await;
    let account = accepted(&told);
    assert_eq!((account.uid, account.gid, account.name.as_deref()), (Some(4711), Some(4712), Some("Brian Candler")));
    assert_eq!(account.maildir.to_str(), Some("/home/brian/Maildir"), "{}", trail(&told));
    assert!(trail(&told).contains("sysusername=brian, sysuserid=4711, sysgroupid=4712, homedir=/home/brian"));
    accepted(&asked.login("brian@example.test", "right").await);
    assert_eq!(rejected(&asked.login("brian", "wrong").await), Rejection::WrongPassword);
    assert_eq!(rejected(&asked.login("nobody-here", "right").await), Rejection::UnknownUser);
    assert_eq!(rejected(&asked.login("gone", "right").await), Rejection::Expired);
    let told = asked.login("daemon", "right").await;
    assert_eq!(rejected(&told), Rejection::Disabled);
    assert!(trail(&told).contains("uid 1 is below auth.pam.lowest_uid"), "{}", trail(&told));
    for (recipient, there) in [
        ("brian@example.test", true),
        ("Brian+x@example.test", true),
        ("daemon@example.test", false),
        ("brian@other.test", false),
    ] {
        let found = asked.auth.resolve(&Address::parse(recipient).expect("an address")).await;
        assert_eq!(matches!(found, Resolution::Account(_)), there, "{recipient}: {found:?}");
    }
}

/// MISSION 002-09: without the right to read the shadow file every password would be "wrong"; it is temporary instead, and
/// says what to do.
#[tokio::test]
async fn pam_unix_without_its_rights_is_no_wrong_password() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let asked = unix_users(&["/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]);
    let told = asked.login("brian", "right").await;
    assert!(temporary(&told).contains("pam_unix cannot read /etc/shadow as uid 65534"), "{}", trail(&told));
}

/// `pam_unix` with its own users, and words that start the helper as somebody else.
fn unix_users(words: &[&str]) -> Asked {
    with(|config, folder| {
        fs::write(folder.join("imap"), "auth required pam_unix.so\naccount required pam_unix.so\n").expect("written");
        let dir = config.data.clone();
        let hash = Command::new("openssl").args(["passwd", "-6", "right"]).output().expect("openssl").stdout;
        let hash = String::from_utf8(hash).expect("ASCII").trim().to_owned();
        let users = "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1::/:/bin/sh\nbrian:x:4711:4712:Brian Candler,,,:/home/brian:/bin/sh\n\
                     gone:x:4713:4712::/home/gone:/bin/sh\n";
        fs::write(dir.join("passwd"), users).expect("written");
        let shadow = format!(
            "root:*:19000:0:99999:7:::\ndaemon:{hash}:19000:0:99999:7:::\nbrian:{hash}:19000:0:99999:7:::\ngone:{hash}:19000:0:99999:7::19001:\n"
        );
        fs::write(dir.join("shadow"), shadow).expect("written");
        fs::set_permissions(dir.join("shadow"), fs::Permissions::from_mode(0o600)).expect("ours");
        // Another user may not enter the folder that this program is in.
        let here = dir.join("helper");
        fs::copy(std::env::current_exe().expect("this program"), &here).expect("copied");
        let mounts = format!(
            "mount --bind {0}/passwd /etc/passwd && mount --bind {0}/shadow /etc/shadow && exec \"$@\"",
            dir.display()
        );
        let inside = ["/usr/bin/unshare", "-m", "/bin/sh", "-c", &mounts, "sh"].map(str::to_owned);
        config.modules.pam.helper =
            inside.into_iter().chain(words.iter().map(|word| (*word).to_owned())).chain(helper(&here)).collect();
    })
}

#[tokio::test]
async fn a_module_that_hangs_is_temporary_and_holds_nobody() {
    let asked = with(|config, folder| {
        let file = "auth required pam_exec.so DIR/hang\n".replace("DIR", config.data.to_str().expect("UTF-8"));
        fs::write(folder.join("imap"), file).expect("written");
        config.modules.pam.guard.timeout = Duration::from_secs(2);
    });
    program(asked.dir.path(), "hang", "#!/bin/sh\nexec sleep 20\n");
    let started = Instant::now();
    let told = asked.login("brian", "right").await;
    assert!(temporary(&told).contains("auth.pam.timeout"), "{}", trail(&told));
    assert!(started.elapsed() < Duration::from_secs(15));
}

/// A PAM module that ends the process it is in ends the helper, and not the server.
#[tokio::test]
async fn a_module_that_crashes_ends_the_helper_alone() {
    let asked = stack("auth required DIR/pam_crash.so\n");
    let (source, module) = (asked.dir.path().join("crash.c"), asked.dir.path().join("pam_crash.so"));
    fs::write(&source, "#include <stdlib.h>\nint pam_sm_authenticate(void *h, int f, int c, char **v) { abort(); }\n")
        .expect("written");
    let made = Command::new("cc").args(["-shared", "-fPIC", "-o"]).args([&module, &source]).status().expect("cc");
    assert!(made.success());
    let told = asked.login("brian", "right").await;
    assert!(temporary(&told).contains("killed by signal 6, without an answer"), "{}", trail(&told));
}

#[tokio::test]
async fn passwords_alone() {
    let asked = stack(&format!("auth required pam_permit.so\n{ANY_ACCOUNT}"));
    assert_eq!(rejected(&asked.cram("brian", "right").await), Rejection::MechanismNotPossible);
    let offers = asked.auth.offers(true);
    let offered: Vec<_> =
        offers.iter().filter(|offer| offer.offered).map(|offer| offer.mechanism.to_string()).collect();
    assert_eq!(offered, ["PLAIN", "LOGIN"]);
}
