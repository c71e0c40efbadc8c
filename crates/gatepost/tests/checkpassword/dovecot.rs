//! Debian's Dovecot calls it: its passdb `checkpassword` is a real caller of the interface.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::site::{Ended, GATEPOST, Site, run};

/// A Dovecot of its own, with nothing but its authentication; stopped when it is dropped.
struct Dovecot {
    config: PathBuf,
}

impl Dovecot {
    fn start(site: &Site) -> Self {
        let dir = site.path().join("dovecot");
        fs::create_dir(&dir).expect("a folder");
        let config = dir.join("dovecot.conf");
        let text = format!(
            "base_dir = {0}/run\nstate_dir = {0}/run\nlog_path = {0}/log\nprotocols =\nssl = no\n\
             passdb {{\n  driver = checkpassword\n  args = {GATEPOST} checkpassword -c {1}\n}}\n\
             userdb {{\n  driver = prefetch\n}}\nservice auth {{\n  user = root\n}}\n",
            dir.display(),
            site.config().display()
        );
        fs::write(&config, text).expect("written");
        // It goes on in the background, and would hold a pipe open.
        let mut start = Command::new("/usr/sbin/dovecot");
        let started = start.arg("-c").arg(&config).stdout(Stdio::null()).stderr(Stdio::null()).status();
        assert!(started.is_ok_and(|status| status.success()));
        let dovecot = Self { config };
        let (socket, deadline) = (dir.join("run/auth-client"), Instant::now() + Duration::from_secs(20));
        while !socket.exists() {
            assert!(Instant::now() < deadline, "Dovecot does not listen: {}", dovecot.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        dovecot
    }

    fn login(&self, user: &str, password: &str) -> Ended {
        let mut test = Command::new("/usr/bin/doveadm");
        test.arg("-c").arg(&self.config).args(["auth", "test", "-x", "service=imap", user, password]);
        run(&mut test, b"")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.config.with_file_name("log")).unwrap_or_default()
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        drop(Command::new("/usr/sbin/dovecot").arg("-c").arg(&self.config).arg("stop").status());
    }
}

#[test]
fn dovecot_asks_gatepost() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let site = Site::new();
    let dovecot = Dovecot::start(&site);
    let right = dovecot.login("brian@example.test", "right");
    assert!(right.code == 0 && right.out.contains("auth succeeded"), "{}{}{}", right.out, right.err, dovecot.log());
    let wrong = dovecot.login("brian@example.test", "wrong");
    assert!(wrong.code == 77 && wrong.out.contains("auth failed"), "{} {}{}", wrong.code, wrong.out, dovecot.log());
    // What could not be told is temporary for Dovecot, too.
    fs::remove_file(site.config()).expect("it was there");
    let down = dovecot.login("brian@example.test", "right");
    assert!(down.code != 0 && down.out.contains("code=temp_fail"), "{}{}", down.out, dovecot.log());
}
