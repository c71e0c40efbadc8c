//! `vpopmail`, on trees in its layout, with cdb files made by Debian's `cdbmake` from what `qmail-newu` and vpopmail put in.

use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, SystemTime};

use auth::{Rejection, Service, Verdict};

use crate::stage::{Stage, response, run, trail};

const SECRET: &str = "secret";

fn hash(how: &str, password: &str) -> String {
    run("openssl", &["passwd", how, "-salt", "saltsalt", "-stdin"], &format!("{password}\n"))
}

/// Makes a cdb of records.
fn cdb(path: &Path, records: &[(String, String)]) {
    let mut text = String::new();
    for (key, value) in records {
        writeln!(text, "+{},{}:{key}->{value}", key.len(), value.len()).expect("written");
    }
    let (path, tmp) = (path.to_str().expect("a path"), path.with_extension("tmp"));
    run("cdbmake", &[path, tmp.to_str().expect("a path")], &format!("{text}\n"));
}

/// What `qmail-newu` makes of `users/assign`.
fn newu(users: &Path) {
    let text = std::fs::read_to_string(users.join("assign")).expect("assign");
    let record = |line: &str| {
        let (name, rest) = line.strip_prefix('+')?.split_once(':')?;
        let fields: Vec<_> = rest.split(':').take(6).collect();
        Some((format!("!{name}"), fields.join("\0")))
    };
    cdb(&users.join("cdb"), &text.lines().filter_map(record).collect::<Vec<_>>());
}

/// What vpopmail makes of a `vpasswd`.
fn vpasswd_cdb(folder: &Path) {
    let text = std::fs::read_to_string(folder.join("vpasswd")).expect("vpasswd");
    let record = |line: &str| line.split_once(':').map(|(name, rest)| (name.to_owned(), rest.to_owned()));
    cdb(&folder.join("vpasswd.cdb"), &text.lines().filter_map(record).collect::<Vec<_>>());
}

/// `example.test`, with `alias.test` as another name for it.
fn stage(accounts: &str, more: impl FnOnce(&Path)) -> Stage {
    Stage::new("vpopmail", |dir, config| {
        let (home, users) = (dir.join("vpopmail"), dir.join("users"));
        let folder = home.join("domains/example.test");
        std::fs::create_dir_all(&folder).expect("folders");
        std::fs::create_dir(&users).expect("a folder");
        std::fs::write(folder.join("vpasswd"), accounts.replace("HOME", folder.to_str().expect("a path")))
            .expect("written");
        let line = |domain: &str| format!("+{domain}-:example.test:89:90:{}:-::\n", folder.display());
        std::fs::write(users.join("assign"), format!("{}{}.\n", line("example.test"), line("alias.test")))
            .expect("written");
        config.modules.vpopmail.home = home;
        config.modules.vpopmail.users = users;
        more(dir);
    })
}

fn later(path: &Path, seconds: u64) {
    let file = std::fs::File::options().append(true).open(path).expect("there");
    file.set_modified(SystemTime::now() + Duration::from_secs(seconds)).expect("its time");
}

fn brian() -> String {
    format!("brian:{}:1:0:Brian Candler:HOME/brian:1000000S,10C:{SECRET}\n", hash("-6", SECRET))
}

fn all_in_cdb(dir: &Path) {
    newu(&dir.join("users"));
    vpasswd_cdb(&dir.join("vpopmail/domains/example.test"));
    std::fs::remove_file(dir.join("users/assign")).expect("removed");
    std::fs::remove_file(dir.join("vpopmail/domains/example.test/vpasswd")).expect("removed");
}

fn no_users(dir: &Path) {
    std::fs::remove_dir_all(dir.join("users")).expect("removed");
}

/// As text, as cdb, and without `users` at all: the same account.
#[tokio::test]
async fn accounts_in_text_and_in_cdb() {
    type Way = (&'static str, fn(&Path));
    let ways: [Way; 3] = [("text", |_| ()), ("cdb", all_in_cdb), ("folders", no_users)];
    for (way, more) in ways {
        let s = stage(&brian(), more);
        let account = s.account(Service::Imap, "Brian@Example.test", SECRET).await;
        assert_eq!(account.address.to_string(), "brian@example.test");
        let home = s.path("vpopmail/domains/example.test/brian");
        assert_eq!((account.maildir, account.home), (home.join("Maildir"), Some(home)), "{way}");
        assert_eq!((account.quota.as_deref(), account.name.as_deref()), (Some("1000000S,10C"), Some("Brian Candler")));
        if way != "folders" {
            assert_eq!((account.uid, account.gid), (Some(89), Some(90)), "{way}");
            let account = s.account(Service::Imap, "brian@alias.test", SECRET).await;
            assert_eq!(account.address.to_string(), "brian@example.test", "{way}");
        }
        assert_eq!(s.refused(Service::Imap, "brian@example.test", "wrong").await, Rejection::WrongPassword);
        for name in
            ["nobody@example.test", r#""a\"b"@example.test"#, "../brian@example.test", "brian@elsewhere.test", "brian"]
        {
            assert_eq!(s.refused(Service::Imap, name, SECRET).await, Rejection::UnknownUser, "{way} {name}");
        }
        let (listed, unlisted) = s.listed().await;
        assert!(unlisted.is_empty(), "{unlisted:?}");
        let home = s.path("vpopmail/domains/example.test/brian/Maildir");
        assert_eq!(listed, [Ok(("brian@example.test".to_owned(), home))], "an alias domain has the same accounts");
        let (offered, why) = s.cram_offer().await;
        assert!(offered && why.contains("all active accounts (1)"), "{way}: {why}");
        assert!(matches!(
            s.told(Service::Pop3, response("brian@example.test", SECRET)).await.verdict,
            Verdict::Accept(_)
        ));
    }
}

/// An alias domain may be a link to the folder of the real one.
#[tokio::test]
async fn an_alias_domain_by_a_link() {
    let s = stage(&brian(), |dir| {
        std::fs::remove_dir_all(dir.join("users")).expect("removed");
        std::os::unix::fs::symlink("example.test", dir.join("vpopmail/domains/link.test")).expect("a link");
    });
    let account = s.account(Service::Imap, "brian@link.test", SECRET).await;
    assert_eq!(account.address.to_string(), "brian@example.test");
    let (_, why) = s.cram_offer().await;
    assert!(why.contains("all active accounts (1)"), "counted once: {why}");
}

/// Of `vpasswd` and `vpasswd.cdb` the newer one is read, and which it is stands in the trail.
#[tokio::test]
async fn the_newer_of_both_is_read() {
    let s = stage(&brian(), |dir| vpasswd_cdb(&dir.join("vpopmail/domains/example.test")));
    let folder = s.path("vpopmail/domains/example.test");
    let changed = brian().replace(SECRET, "clear").replace(&hash("-6", SECRET), &hash("-1", "new"));
    std::fs::write(folder.join("vpasswd"), changed.replace("HOME", folder.to_str().expect("a path"))).expect("written");
    later(&folder.join("vpasswd.cdb"), 60);
    let told = s.told(Service::Imap, crate::stage::plain("brian@example.test", SECRET)).await;
    let line = format!("{0}/vpasswd.cdb is read: it is not older than {0}/vpasswd\n", folder.display());
    assert!(matches!(told.verdict, Verdict::Accept(_)) && trail(&told).contains(&line), "{}", trail(&told));
    later(&folder.join("vpasswd"), 120);
    s.account(Service::Imap, "brian@example.test", "new").await;
    assert_eq!(s.refused(Service::Imap, "brian@example.test", SECRET).await, Rejection::WrongPassword);
}

/// The flags in the gid, each for its service; told only to who knows the password. Lines of 7 fields have no password in
/// clear.
#[tokio::test]
async fn flags_keep_an_account_from_a_service() {
    let kept = hash("-1", SECRET);
    let lines: String = [("nopop", 0x02), ("noimap", 0x08), ("nosmtp", 0x800), ("nothing", 0x80a), ("other", 0x1005)]
        .map(|(name, flags)| format!("{name}:{kept}:1:{flags}:{name}:HOME/{name}:NOQUOTA\n"))
        .concat();
    let s = stage(&lines, |_| ());
    for (service, name, kept_from) in [
        (Service::Pop3, "nopop", true),
        (Service::Imap, "nopop", false),
        (Service::Imap, "noimap", true),
        (Service::Smtp, "noimap", false),
        (Service::Smtp, "nosmtp", true),
        (Service::Pop3, "nosmtp", false),
        (Service::Imap, "nothing", true),
        (Service::Imap, "other", false),
    ] {
        let name = format!("{name}@example.test");
        match kept_from {
            true => assert_eq!(s.refused(service, &name, SECRET).await, Rejection::Disabled, "{service:?} {name}"),
            false => assert_eq!(s.account(service, &name, SECRET).await.quota, None),
        }
        assert_eq!(s.refused(service, &name, "wrong").await, Rejection::WrongPassword);
    }
    let (offered, why) = s.cram_offer().await;
    assert!(!offered && why.contains("none of 4 active accounts"), "who may use nothing is not counted: {why}");
}

/// MISSION 002-09: a domain whose files are gone, broken or half written is a temporary failure with path and reason.
#[tokio::test]
async fn files_that_are_missing_or_broken_are_told() {
    let s = stage(&brian(), |_| ());
    let folder = s.path("vpopmail/domains/example.test");
    std::fs::write(folder.join("vpasswd.cdb"), vec![0xff; 3000]).expect("nonsense");
    later(&folder.join("vpasswd.cdb"), 60);
    let cause = s.trouble("brian@example.test").await;
    assert!(cause.contains("vpasswd.cdb: the cdb is damaged at octet"), "{cause}");
    std::fs::remove_file(folder.join("vpasswd.cdb")).expect("removed");
    std::fs::write(folder.join("vpasswd"), "brian:x\n").expect("written");
    let cause = s.trouble("brian@example.test").await;
    assert!(cause.contains("vpasswd:1: it has neither 7 nor 8 fields"), "{cause}");
    std::fs::remove_file(folder.join("vpasswd")).expect("removed");
    let cause = s.trouble("brian@example.test").await;
    assert!(cause.contains("example.test/vpasswd as uid") && cause.contains("mounted"), "{cause}");
    std::fs::write(s.path("users/assign"), "+example.test-:example.test:89:89:/x").expect("half");
    let cause = s.trouble("brian@example.test").await;
    assert!(cause.contains("assign:1: there is no dot"), "{cause}");
    std::fs::remove_dir_all(s.path("users")).expect("removed");
    std::fs::remove_dir_all(s.path("vpopmail")).expect("removed");
    let cause = s.trouble("brian@example.test").await;
    assert!(cause.contains("vpopmail/domains") && cause.contains("os error 2"), "{cause}");
}
