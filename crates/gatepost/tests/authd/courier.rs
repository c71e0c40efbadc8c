//! Courier's own programs against our daemon. The path of the socket is compiled into them, so they run in a mount
//! namespace where it leads here.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

use harness::{client, fail_with, succeed};
use rustix::process::Signal;

use crate::{PASSWORD, Setting};

const ALICE: &str = "alice@example.test";

/// A program for which our socket is Courier's.
fn with_our_socket(setting: &Setting, script: &str) -> Command {
    let mut command = client("unshare");
    let bind = "mkdir -p /run/courier/authdaemon; mount --bind \"$0\" /run/courier/authdaemon; ";
    command.args(["-m", "sh", "-c", &format!("{bind}{script}")]).arg(setting.socket("courier"));
    command
}

fn authtest(setting: &Setting, arguments: &[&str]) -> Command {
    let mut command = with_our_socket(setting, "exec authtest \"$@\" 2>&1");
    command.args(arguments);
    command
}

/// MISSION 004-20, 004-24: `authtest` of courier-authlib.
#[test]
fn authtest_asks_our_accounts() {
    let setting = Setting::new("");
    let authd = setting.authd();
    let maildir = setting.server.data().join("mail/example.test/alice");
    for arguments in [&[ALICE][..], &[ALICE, PASSWORD], &["-s", "imap", "ALICE@example.test", PASSWORD]] {
        let said = succeed(&mut authtest(&setting, arguments));
        let uid = rustix::process::geteuid().as_raw();
        assert!(said.contains(&format!("Authenticated: {ALICE}  (uid {uid}, gid ")), "{said}");
        assert!(said.contains(&format!("Maildir: {}", maildir.display())), "{said}");
    }
    for arguments in [&[ALICE, "wrong"][..], &["nobody@example.test", PASSWORD], &["nobody@example.test"]] {
        let said = fail_with(&mut authtest(&setting, arguments), 1);
        assert!(said.contains("Authentication FAILED: Operation not permitted"), "{said}");
    }
    let line = authd.wait_for_log("login refused");
    assert!(
        line.contains("peer=::1") && line.contains("wrong password") && line.contains("protocol=Courier"),
        "{line}"
    );
    assert!(!authd.log().contains(PASSWORD));
}

#[test]
fn authtest_changes_a_password() {
    let setting = Setting::new("");
    let _authd = setting.authd();
    fail_with(&mut authtest(&setting, &[ALICE, "wrong", "another"]), 1);
    let said = succeed(&mut authtest(&setting, &[ALICE, PASSWORD, "another"]));
    assert!(said.contains("Password change succeeded."), "{said}");
    succeed(&mut authtest(&setting, &[ALICE, "another"]));
    fail_with(&mut authtest(&setting, &[ALICE, PASSWORD]), 1);
}

/// MISSION 004-33: a store that cannot be read is no wrong password, and the client hears so by silence.
#[test]
fn what_cannot_be_told_is_another_error() {
    let setting = Setting::new("");
    let authd = setting.authd();
    let store = setting.server.data().join("accounts.sqlite");
    fs::rename(&store, store.with_extension("away")).expect("it is there");
    let said = fail_with(&mut authtest(&setting, &[ALICE, PASSWORD]), 1);
    assert!(said.contains("Authentication FAILED: Input/output error"), "{said}");
    authd.wait_for_log("there is no account store");
    fs::rename(store.with_extension("away"), &store).expect("it is there");
    succeed(&mut authtest(&setting, &[ALICE, PASSWORD]));
}

/// FORMATS 2.6. (`authenumerate` itself leaves out accounts of root, which these are.)
#[test]
fn all_accounts_are_listed() {
    let setting = Setting::new("");
    let _authd = setting.authd();
    let mut stream = UnixStream::connect(setting.socket("courier/socket")).expect("it listens");
    stream.write_all(b"ENUMERATE\n").expect("it reads");
    let mut list = String::new();
    stream.read_to_string(&mut list).expect("it answers");
    let lines: Vec<_> = list.lines().collect();
    let user = |n: usize| lines.get(n).and_then(|line| line.split('\t').next());
    assert_eq!(
        (lines[0], lines[1], user(2), user(3), lines[4]),
        ("# accounts", "", Some(ALICE), Some("bob@example.test"), ".")
    );
}

/// Debian's courier-imap logs in through our daemon, and finds the mail.
#[test]
fn courier_imap_logs_users_in() {
    let setting = Setting::new("");
    let authd = setting.authd();
    let maildir = setting.server.data().join("mail/example.test/alice");
    for folder in ["cur", "new", "tmp"] {
        fs::create_dir_all(maildir.join(folder)).expect("a folder");
    }
    fs::write(maildir.join("new/1.1.host"), "Subject: one\n\nx\n").expect("a message");
    let script = "set -a; . /etc/courier/imapd; IMAP_MOVE_EXPUNGE_TO_TRASH=0; TCPREMOTEIP=192.0.2.7; TCPREMOTEPORT=1; \
                  TCPLOCALIP=127.0.0.1; TCPLOCALPORT=143; \
                  exec /usr/lib/courier/courier/imaplogin /usr/bin/imapd Maildir";
    let session = |password: &str| imap_session(with_our_socket(&setting, script), password);
    let said = session(PASSWORD);
    assert!(said.contains("a OK LOGIN Ok.") && said.contains("* 1 EXISTS"), "{said}");
    assert!(session("wrong").contains("a NO Login failed."));
    let line = authd.wait_for_log("login accepted");
    assert!(line.contains("service=\"imap\"") && line.contains("peer=192.0.2.7"), "{line}");
}

/// LOGIN, then, once that is answered (another program reads on from there), SELECT and LOGOUT.
fn imap_session(mut command: Command, password: &str) -> String {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it runs");
    let (mut input, output) = (child.stdin.take().expect("piped"), child.stdout.take().expect("piped"));
    let mut lines = BufReader::new(output).lines().map_while(Result::ok);
    let mut said = Vec::new();
    for (command, tag) in [
        (format!("a LOGIN {ALICE} \"{password}\""), "a "),
        ("b SELECT INBOX".to_owned(), "b "),
        ("c LOGOUT".to_owned(), "c "),
    ] {
        write!(input, "{command}\r\n").expect("it reads");
        loop {
            let line = lines.next().unwrap_or_else(|| panic!("no answer to {tag}: {said:?}"));
            let last = line.starts_with(tag);
            said.push(line);
            if last {
                break;
            }
        }
    }
    drop(input);
    child.wait().expect("it ends");
    said.join("\n")
}

/// MISSION 004-21, 004-22.
#[test]
fn the_start_is_logged_as_courier_does_and_the_end_leaves_no_socket() {
    let setting = Setting::new("workers = 3");
    setting.server.edit_config(|config| format!("{config}\n[auth]\nchain = [\"accounts\", \"dovecot\"]\n"));
    let authd = setting.authd();
    authd.wait_for_log("modules=\"accounts dovecot\", daemons=3");
    for module in ["accounts", "dovecot"] {
        authd.wait_for_log(&format!("Installation complete: {module}"));
    }
    setting.server.edit_config(|config| config.replace("[\"accounts\", \"dovecot\"]", "[\"accounts\"]"));
    authd.signal(Signal::HUP);
    authd.wait_for_log("config reloaded");
    authd.wait_for_log("modules=\"accounts\", daemons=3");
    let second = setting.server.command(&["authd"]).output().expect("it runs");
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(!second.status.success() && said.contains("another daemon answers"), "{said}");
    assert!(authd.stop().success());
    for name in ["own", "courier/socket", "dovecot"] {
        assert!(!setting.socket(name).exists(), "{name}");
    }
}
