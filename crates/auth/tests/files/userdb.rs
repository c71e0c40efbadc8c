//! `userdb`, with files made by `userdb`, `userdbpw`, `makeuserdb` and `pw2userdb` of Debian's courier-authlib-userdb. With
//! `-f` they touch nothing but the file and what lies beside it.

use std::path::Path;

use auth::{Rejection, Resolution, Service, Verdict};
use message::{Address, Domain};

use crate::stage::{Stage, chmod, plain, response, run, trail};

/// `userdb -f FILE name set field=value…`
fn set(file: &Path, name: &str, fields: &[&str]) {
    let file = file.to_str().expect("a path");
    run("/usr/sbin/userdb", &[&["-f", file, name, "set"], fields].concat(), "");
}

/// `userdbpw HOW | userdb -f FILE name set FIELD`
fn password(file: &Path, name: &str, (how, field): (&[&str], &str), password: &str) {
    let kept = run("/usr/sbin/userdbpw", how, &format!("{password}\n"));
    run("/usr/sbin/userdb", &["-f", file.to_str().expect("a path"), name, "set", field], &format!("{kept}\n"));
}

/// A userdb that `fill` makes with the tools. Courier's own compiler has to take it, too.
fn stage(fill: impl FnOnce(&Path)) -> Stage {
    Stage::new("userdb", |dir, config| {
        let file = dir.join("userdb");
        fill(&file);
        run("/usr/sbin/makeuserdb", &["-f", file.to_str().expect("a path")], "");
        config.modules.userdb.path = file;
        config.auth.default_domain = config.domains.first().cloned();
    })
}

const MD5: (&[&str], &str) = (&["-md5"], "systempw");
const HMAC: (&[&str], &str) = (&["-hmac-md5"], "hmac-md5pw");

/// Every form that `userdbpw` writes, and every field.
#[tokio::test]
async fn accounts_made_by_couriers_tools_log_in() {
    let s = stage(|file| {
        let fields = [
            "uid=1000",
            "gid=1001",
            "home=/home/brian",
            "mail=/var/mail/brian",
            "quota=1000S,2C",
            "gecos=Brian Candler",
            "shell=/bin/sh",
            "options=disablepop3=1,group=staff",
        ];
        set(file, "brian", &fields);
        password(file, "brian", MD5, "secret");
        set(file, "des", &["home=/home/des"]);
        password(file, "des", (&[], "systempw"), "secret");
        set(file, "hmac@example.test", &["home=/home/hmac"]);
        password(file, "hmac@example.test", HMAC, "secret");
        password(file, "hmac@example.test", (&["-hmac-sha1"], "hmac-sha1pw"), "other");
        password(file, "hmac@example.test", (&["-hmac-sha256"], "hmac-sha256pw"), "other");
    });
    let account = s.account(Service::Imap, "brian", "secret").await;
    assert_eq!(account.address.to_string(), "brian@example.test");
    assert_eq!((account.uid, account.gid), (Some(1000), Some(1001)));
    assert_eq!(
        (account.home.as_deref(), account.maildir.as_path()),
        (Some(Path::new("/home/brian")), Path::new("/var/mail/brian"))
    );
    assert_eq!((account.quota.as_deref(), account.name.as_deref()), (Some("1000S,2C"), Some("Brian Candler")));
    assert_eq!(account.options.get("group"), Some("staff"));
    assert_eq!(s.refused(Service::Pop3, "brian", "secret").await, Rejection::Disabled);
    for name in ["Brian@Example.test", "des", "hmac", "hmac@example.test"] {
        s.account(Service::Smtp, name, "secret").await;
        assert_eq!(s.refused(Service::Smtp, name, "other").await, Rejection::WrongPassword, "{name}");
    }
    assert_eq!(s.refused(Service::Imap, "nobody", "secret").await, Rejection::UnknownUser);
    // Mail to the address finds the name without a domain.
    let found = s.auth.resolve(&Address::parse("brian@example.test").expect("an address")).await;
    assert!(matches!(found, Resolution::Account(account) if account.maildir == Path::new("/var/mail/brian")));
}

/// `imappw` and `esmtppw` win over `systempw`, and who has only `pop3pw` reads mail by POP3 only.
#[tokio::test]
async fn a_service_has_its_own_password() {
    let s = stage(|file| {
        set(file, "brian", &["home=/home/brian"]);
        password(file, "brian", MD5, "general");
        password(file, "brian", (&["-md5"], "imappw"), "for imap");
        password(file, "brian", (&["-md5"], "esmtppw"), "for smtp");
        set(file, "pop", &["home=/home/pop"]);
        password(file, "pop", (&["-md5"], "pop3pw"), "secret");
        set(file, "locked", &["home=/home/locked", "imappw=*"]);
        password(file, "locked", MD5, "secret");
    });
    for (service, right) in [(Service::Imap, "for imap"), (Service::Smtp, "for smtp"), (Service::Pop3, "general")] {
        for word in ["general", "for imap", "for smtp"] {
            let accepted = matches!(s.login(service, "brian", word).await, Verdict::Accept(_));
            assert_eq!(accepted, word == right, "{service:?} by {word:?}");
        }
    }
    s.account(Service::Pop3, "pop", "secret").await;
    s.account(Service::Pop3, "locked", "secret").await;
    for name in ["pop", "locked"] {
        assert_eq!(s.refused(Service::Imap, name, "secret").await, Rejection::MechanismNotPossible, "{name}");
    }
}

/// MISSION 000-09: CRAM-MD5 is offered when every account could use it, and else the reason has numbers.
#[tokio::test]
async fn cram_md5_is_offered_when_all_accounts_have_its_keys() {
    let s = stage(|file| {
        for name in ["brian", "alice"] {
            set(file, name, &["home=/home/x"]);
            password(file, name, MD5, "secret");
            password(file, name, HMAC, "secret");
        }
        // Nobody can log in to it, so it lacks nothing.
        set(file, "daemon", &["home=/", "systempw=*"]);
    });
    let (offered, why) = s.cram_offer().await;
    assert!(offered, "{why}");
    assert!(matches!(s.told(Service::Imap, response("brian", "secret")).await.verdict, Verdict::Accept(_)));
    let wrong = s.told(Service::Imap, response("brian", "wrong")).await.verdict;
    assert_eq!(wrong, Verdict::Reject(Rejection::WrongPassword));
    let file = s.path("userdb");
    run("/usr/sbin/userdb", &["-f", file.to_str().expect("a path"), "alice", "unset", "hmac-md5pw"], "");
    let (offered, why) = s.cram_offer().await;
    assert!(!offered && why.contains("1 of 2 active accounts do not keep"), "{why}");
}

/// The service's own password is another one, so the general key does not count for it; its own key does.
#[tokio::test]
async fn a_service_has_its_own_cram_key() {
    let s = stage(|file| {
        set(file, "brian", &["home=/home/x"]);
        password(file, "brian", HMAC, "general");
        password(file, "brian", (&["-hmac-md5"], "imap-hmac-md5pw"), "for imap");
        password(file, "brian", (&["-md5"], "pop3pw"), "for pop3");
    });
    for (service, word, right) in [
        (Service::Imap, "for imap", true),
        (Service::Imap, "general", false),
        (Service::Smtp, "general", true),
        (Service::Pop3, "general", false),
    ] {
        let verdict = s.told(service, response("brian", word)).await.verdict;
        assert_eq!(matches!(verdict, Verdict::Accept(_)), right, "{service:?} {word}: {verdict:?}");
    }
    assert!(!s.cram_offer().await.0, "POP3 has no key");
}

/// `pw2userdb` of a passwd and a shadow: locked accounts and entries by uid are no hindrance.
#[tokio::test]
async fn what_pw2userdb_makes_of_system_accounts() {
    let s = Stage::new("userdb", |dir, config| {
        let kept = run("/usr/sbin/userdbpw", &["-md5"], "secret\n");
        let (passwd, shadow) = (dir.join("passwd"), dir.join("shadow"));
        std::fs::write(&passwd, "root:x:0:0:root:/root:/bin/sh\nbrian:x:1000:1000:Brian:/home/brian:/bin/sh\n")
            .expect("written");
        std::fs::write(&shadow, format!("root:!:19000::::::\nbrian:{kept}:19000::::::\n")).expect("written");
        let (passwd, shadow) = (format!("--passwd={}", passwd.display()), format!("--shadow={}", shadow.display()));
        let text = run("/usr/sbin/pw2userdb", &[&passwd, &shadow], "");
        config.modules.userdb.path = dir.join("userdb");
        std::fs::write(&config.modules.userdb.path, format!("{text}\n")).expect("written");
        chmod(&config.modules.userdb.path, 0o600);
    });
    let account = s.account(Service::Imap, "brian", "secret").await;
    // Without a default domain it is one of this host.
    assert_eq!((account.address.to_string().as_str(), account.uid), ("brian@mail.example.test", Some(1000)));
    assert_eq!(s.refused(Service::Imap, "root", "!").await, Rejection::MechanismNotPossible);
    assert_eq!(s.refused(Service::Imap, "1000=", "secret").await, Rejection::UnknownUser);
}

/// MISSION 004-25: the lines that administrators know.
#[tokio::test]
async fn the_trail_tells_what_was_looked_up() {
    let s = stage(|file| set(file, "alice", &["home=/home/alice", "systempw=x"]));
    let told = s.told(Service::Pop3, plain("brian", "secret")).await;
    let text = trail(&told);
    let opened = format!("userdb: opened {} (1 accounts)\n", s.path("userdb").display());
    for line in [
        opened.as_str(),
        "userdb: looking up 'brian'\n",
        "userdb: looking up 'brian@example.test'\n",
        "userdb: entry not found\n",
    ] {
        assert!(text.contains(line), "{line:?} is missing in\n{text}");
    }
}

/// MISSION 002-09: what keeps us from reading is no wrong password. Courier refuses such a file, too.
#[tokio::test]
async fn a_file_that_others_can_read_is_refused_with_the_cure() {
    let s = stage(|file| set(file, "brian", &["home=/home/brian"]));
    let file = s.path("userdb");
    for mode in [0o644, 0o640, 0o602] {
        chmod(&file, mode);
        let cause = s.trouble("brian").await;
        assert!(
            cause.contains(&format!("has mode {mode:04o}")) && cause.contains(&format!("chmod 600 {}", file.display())),
            "{cause}"
        );
    }
    chmod(&file, 0o600);
    std::fs::remove_file(&file).expect("removed");
    let cause = s.trouble("brian").await;
    assert!(cause.contains(&*file.to_string_lossy()) && cause.contains("os error 2"), "{cause}");
}

/// A change counts at the next login, without `makeuserdb`. A line that breaks is told with its place; who is on another
/// line is not kept out by it, however often somebody asks for those who may be on it.
#[tokio::test]
async fn changes_count_at_once_and_a_broken_line_is_told() {
    let s = stage(|file| {
        set(file, "brian", &["home=/home/brian", "uid=1000"]);
        password(file, "brian", MD5, "secret");
    });
    let file = s.path("userdb");
    s.account(Service::Imap, "brian", "secret").await;
    password(&file, "brian", MD5, "new");
    assert_eq!(s.refused(Service::Imap, "brian", "secret").await, Rejection::WrongPassword);
    s.account(Service::Imap, "brian", "new").await;
    let whole = std::fs::read_to_string(&file).expect("text");
    std::fs::write(&file, format!("{whole}alice home=/home/alice|uid=1\n")).expect("written");
    for _ in 0..20 {
        let cause = s.trouble("alice").await;
        assert!(cause.starts_with(&format!("{}:2: there is no TAB", file.display())), "{cause}");
    }
    s.account(Service::Imap, "brian", "new").await;
    set(&file, "brian", &["uid=one"]);
    let cause = s.trouble("brian").await;
    assert!(cause.starts_with(&format!("{}:1: uid=\"one\" is not a number", file.display())), "{cause}");
}

/// A folder is read as one file; what editors and package managers leave there is not taken for accounts.
#[tokio::test]
async fn a_folder_of_files() {
    let s = Stage::new("userdb", |dir, config| {
        let folder = dir.join("userdb");
        std::fs::create_dir_all(folder.join("domains")).expect("folders");
        chmod(&folder, 0o700);
        for (name, user) in [("one", "brian"), ("domains/two", "alice@b.test"), ("one~", "old"), (".tmp.one", "hidden")]
        {
            set(&folder.join(name), user, &["home=/home/x"]);
            password(&folder.join(name), user, MD5, "secret");
        }
        std::os::unix::fs::symlink("/dev/null", folder.join("three")).expect("a link");
        config.auth.default_domain = Domain::parse("example.test").ok();
        config.modules.userdb.path = folder;
    });
    for name in ["brian", "alice@b.test"] {
        s.account(Service::Imap, name, "secret").await;
    }
    for name in ["old", "hidden"] {
        assert_eq!(s.refused(Service::Imap, name, "secret").await, Rejection::UnknownUser, "{name}");
    }
    set(&s.path("userdb/domains/two"), "brian", &["home=/home/y"]);
    let cause = s.trouble("brian").await;
    assert!(cause.contains("is also at") && cause.contains("one:1"), "{cause}");
    std::fs::write(s.path("userdb/one.rpmsave"), "").expect("written");
    let cause = s.trouble("alice@b.test").await;
    assert!(cause.contains("one.rpmsave") && cause.contains("move it away"), "{cause}");
}
