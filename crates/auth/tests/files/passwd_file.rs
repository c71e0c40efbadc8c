//! `passwd-file`, with hashes made by Debian's `doveadm pw`.

use std::fmt::Write;
use std::path::Path;

use auth::{Rejection, Service, Verdict};

use crate::stage::{Stage, response, run};

/// Without the machine's own configuration.
fn hash(scheme: &str, password: &str) -> String {
    run("doveadm", &["-O", "pw", "-s", scheme, "-p", password], "")
}

fn stage(text: &str) -> Stage {
    Stage::new("passwd-file", |dir, config| {
        std::fs::write(dir.join("passwd"), text).expect("written");
        config.modules.passwd_file.path = Some(dir.join("passwd"));
    })
}

/// Schemes that doveadm knows and we do not: a password of 8 characters at most, keys of one-time passwords, hashes that
/// hold the user's name, and MD4.
const BROKEN_BY_DESIGN: &[&str] = &["OTP", "PLAIN-TRUNC", "DIGEST-MD5", "PLAIN-MD4"];

/// A login by every scheme that `doveadm pw -l` lists, right and wrong.
#[tokio::test]
async fn every_scheme_of_doveadm_logs_in() {
    let list = run("doveadm", &["-O", "pw", "-l"], "");
    let schemes: Vec<_> = list.split_whitespace().filter(|scheme| !BROKEN_BY_DESIGN.contains(scheme)).collect();
    assert!(schemes.len() > 20, "{list}");
    let mut text = String::new();
    for scheme in &schemes {
        writeln!(text, "{scheme}@example.test:{}::::/home/x", hash(scheme, "secret")).expect("written");
    }
    let s = stage(&text);
    for scheme in schemes {
        let name = format!("{scheme}@example.test");
        s.account(Service::Imap, &name, "secret").await;
        assert_eq!(s.refused(Service::Imap, &name, "wrong").await, Rejection::WrongPassword, "{scheme}");
    }
}

/// A hash without a prefix is one of crypt(3).
#[tokio::test]
async fn a_bare_hash_is_one_of_crypt() {
    let hash = hash("SHA512-CRYPT", "secret");
    let bare = hash.strip_prefix("{SHA512-CRYPT}").expect("a prefix");
    let s = stage(&format!(
        "# a comment\n\n:nobody\nbrian@example.test:{bare}:1000:1001:Brian:/home/brian:/bin/sh:userdb_mail=maildir:~/mail userdb_quota_rule=*:storage=1M\n"
    ));
    let account = s.account(Service::Imap, "Brian@example.test", "secret").await;
    assert_eq!((account.maildir.as_path(), account.uid), (Path::new("/home/brian/mail"), Some(1000)));
    assert_eq!(account.quota.as_deref(), Some("1048576S"));
    assert_eq!(s.refused(Service::Imap, "nobody@example.test", "").await, Rejection::UnknownUser);
}

/// MISSION 000-09: what the schemes of the accounts allow.
#[tokio::test]
async fn cram_md5_is_offered_when_the_schemes_allow_it() {
    let text = format!(
        "a@example.test:{}\nb@example.test:{{PLAIN}}secret\nlocked@example.test:*\n",
        hash("CRAM-MD5", "secret")
    );
    let s = stage(&text);
    let (offered, why) = s.cram_offer().await;
    assert!(offered, "{why}");
    for name in ["a@example.test", "b@example.test"] {
        assert!(matches!(s.told(Service::Pop3, response(name, "secret")).await.verdict, Verdict::Accept(_)), "{name}");
    }
    std::fs::write(s.path("passwd"), format!("{text}c@example.test:{}\n", hash("SSHA512", "x"))).expect("written");
    let (offered, why) = s.cram_offer().await;
    assert!(!offered && why.contains("1 of 3 active accounts do not keep"), "{why}");
}

/// A file for each domain; no name leads out of the folder.
#[tokio::test]
async fn a_file_for_each_domain() {
    let s = Stage::new("passwd-file", |dir, config| {
        std::fs::create_dir_all(dir.join("auth/a.test")).expect("folders");
        let line = |name: &str| format!("{name}:{}::::/home/{name}\n", hash("SHA512-CRYPT", "secret"));
        std::fs::write(dir.join("auth/a.test/passwd"), line("brian")).expect("written");
        std::fs::write(dir.join("auth/passwd"), line("root")).expect("written");
        config.modules.passwd_file.path = Some(dir.join("auth/%d/passwd"));
    });
    let account = s.account(Service::Imap, "brian@A.test", "secret").await;
    assert_eq!(account.address.to_string(), "brian@a.test");
    for name in ["brian@b.test", "brian", "root@..", "root@.", "root@../auth", "root@a.test/.."] {
        assert_eq!(s.refused(Service::Imap, name, "secret").await, Rejection::UnknownUser, "{name}");
    }
    let (offered, why) = s.cram_offer().await;
    assert!(!offered && why.contains("none of 1 active account"), "{why}");
    std::fs::remove_dir_all(s.path("auth")).expect("removed");
    let cause = s.trouble("brian@a.test").await;
    assert!(cause.contains("auth/a.test/passwd") && cause.contains("os error 2"), "{cause}");
}

/// What would let in more than Dovecot does, or what hides a password, is told with its line, and never a wrong password.
#[tokio::test]
async fn lines_that_cannot_be_honoured_are_told() {
    let s = stage(
        "any@example.test:::::::nopassword=y\nnets@example.test:{PLAIN}secret::::::allow_nets=192.0.2.0/24\ncolon@example.test:{PLAIN}sec:ret:1000:1000::/home/x\noff@example.test:{PLAIN}secret::::::nologin\nnew@example.test:{FUTURE}x\n",
    );
    for (n, name, words) in
        [(1, "any", "nopassword"), (2, "nets", "allow_nets"), (3, "colon", "PLAIN.B64"), (5, "new", "FUTURE")]
    {
        let cause = s.trouble(&format!("{name}@example.test")).await;
        assert!(
            cause.starts_with(&format!("{}:{n}: ", s.path("passwd").display())) && cause.contains(words),
            "{cause}"
        );
    }
    assert_eq!(s.refused(Service::Imap, "off@example.test", "secret").await, Rejection::Disabled);
    assert_eq!(s.refused(Service::Imap, "off@example.test", "wrong").await, Rejection::WrongPassword);
}

/// Nothing is asked of a module that was not told where to look.
#[tokio::test]
async fn a_path_that_is_not_set_is_told() {
    let s = Stage::new("passwd-file", |_, _| ());
    let cause = s.trouble("brian@example.test").await;
    assert!(cause.contains("auth.passwd-file.path"), "{cause}");
}
