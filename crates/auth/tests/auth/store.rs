//! The account store and what deliveries get from it.

use std::process::Command;

use crate::fixture::{Fixture, address, fixture};
use auth::Resolution;
use auth::accounts::{AliasName, Services, Store, StoreError};
use proptest::prelude::*;
use sasl::Secret;

fn alias(text: &str) -> AliasName {
    text.parse().expect("an alias")
}

/// `account a@x`, `alias b@x c@y`, `unknown`.
async fn resolved(f: &Fixture, text: &str) -> String {
    match f.auth.resolve(&address(text)).await {
        Resolution::Account(account) => format!("account {}", account.address),
        Resolution::Alias(targets) => {
            let targets: Vec<_> = targets.iter().map(ToString::to_string).collect();
            format!("alias {}", targets.join(" "))
        }
        Resolution::Unknown => "unknown".to_owned(),
        Resolution::TempFail(tempfail) => format!("tempfail {tempfail}"),
    }
}

#[tokio::test]
async fn who_receives() {
    let f = fixture(|config| config.postmaster = Some(address("alice@example.test")));
    let add = |name: &str, target: &str| f.store.add_alias(&alias(name), &address(target)).expect("added");
    add("info@example.test", "alice@example.test");
    add("info@example.test", "bob@elsewhere.example");
    add("all@example.test", "info@example.test");
    add("all@example.test", "missing@example.test");
    add("sales+de@example.test", "alice@example.test");
    for (recipient, expected) in [
        ("alice@example.test", "account alice@example.test"),
        ("ALICE+news@example.test", "account alice@example.test"),
        ("info@example.test", "alias alice@example.test bob@elsewhere.example"),
        ("info+x@example.test", "alias alice@example.test bob@elsewhere.example"),
        ("all@example.test", "alias alice@example.test bob@elsewhere.example missing@example.test"),
        ("sales+de@example.test", "alias alice@example.test"),
        ("sales+fr@example.test", "unknown"),
        ("missing@example.test", "unknown"),
        ("Postmaster@example.test", "alias alice@example.test"),
        ("alice@elsewhere.example", "unknown"),
    ] {
        assert_eq!(resolved(&f, recipient).await, expected, "{recipient}");
    }
    add("@example.test", "alice@example.test");
    assert_eq!(resolved(&f, "missing@example.test").await, "alias alice@example.test");
    assert_eq!(resolved(&f, "info@example.test").await, "alias alice@example.test bob@elsewhere.example");
}

#[tokio::test]
async fn loops_and_bombs_end() {
    let f = fixture(|_| ());
    let add = |name: &str, target: &str| f.store.add_alias(&alias(name), &address(target)).expect("added");
    add("a@example.test", "b@example.test");
    add("b@example.test", "a@example.test");
    assert_eq!(resolved(&f, "a@example.test").await, "unknown");
    add("b@example.test", "alice@example.test");
    assert_eq!(resolved(&f, "a@example.test").await, "alias alice@example.test");
    // Two levels of 40 are 1600 ends: more than are followed.
    let lines = (0..40).map(|n| format!("INSERT INTO alias VALUES ('bomb@example.test', 'bomb{n}@example.test');"));
    let more = (0..1600)
        .map(|n| format!("INSERT INTO alias VALUES ('bomb{}@example.test', 'x{n}@elsewhere.example');", n % 40));
    let sql: String = lines.chain(more).collect();
    let db = rusqlite::Connection::open(Store::path(f.dir.path())).expect("the store");
    db.execute_batch(&format!("BEGIN; {sql} COMMIT;")).expect("many aliases");
    let Resolution::Alias(ends) = f.auth.resolve(&address("bomb@example.test")).await else { panic!("no alias") };
    assert!((900..=1000).contains(&ends.len()), "{}", ends.len());
}

#[test]
fn accounts_and_aliases_do_not_mix() {
    let f = fixture(|_| ());
    let (alice, secret) = (address("alice@example.test"), Secret::new("x"));
    let info = alias("info@example.test");
    assert!(matches!(f.store.add(&address("Alice@EXAMPLE.test"), &secret), Err(StoreError::AccountExists(_))));
    assert!(matches!(
        f.store.add_alias(&alias("alice@example.test"), &address("b@x.example")),
        Err(StoreError::AccountExists(_))
    ));
    f.store.add_alias(&info, &alice).expect("added");
    assert!(matches!(f.store.add_alias(&info, &alice), Err(StoreError::AliasExists { .. })));
    assert!(matches!(f.store.add(&address("info@example.test"), &secret), Err(StoreError::IsAlias(_))));
    assert!(matches!(f.store.add_alias(&alias("a@x.example"), &address("A@x.example")), Err(StoreError::Itself(_))));
    assert!(matches!(f.store.remove_alias(&info, Some(&address("b@x.example"))), Err(StoreError::NoAlias(_))));
    f.store.remove_alias(&info, None).expect("removed");
    assert_eq!(f.store.aliases().expect("a list"), []);
    assert!(matches!(f.store.remove(&address("info@example.test")), Err(StoreError::NoAccount(_))));
    assert!(matches!(f.store.add(&address("c@example.test"), &Secret::new("")), Err(StoreError::Password(_))));
    let user = f.store.user(&alice).expect("alice");
    assert!(user.services == Services::ALL && user.active && user.scram && user.created > 0);
    assert_eq!(f.store.users().expect("a list"), [user]);
}

#[test]
fn a_store_of_a_later_version_is_left_alone() {
    let f = fixture(|_| ());
    let path = Store::path(f.dir.path());
    rusqlite::Connection::open(&path).and_then(|db| db.pragma_update(None, "user_version", 2)).expect("as if");
    assert!(matches!(Store::open(&path), Err(StoreError::Newer { found: 2, known: 1, .. })));
}

/// In the environment of the second process: the store to write to.
const STORE: &str = "GATEPOST_TEST_STORE";

/// Two processes make accounts and aliases at once; a chain beside them sees every one.
#[tokio::test]
async fn two_processes_share_a_store() {
    let f = fixture(|_| ());
    let path = Store::path(f.dir.path());
    assert_eq!(resolved(&f, "child19@example.test").await, "unknown");
    let child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "store::the_second_process", "--nocapture"])
        .env(STORE, &path)
        .spawn();
    let mut child = child.expect("a second process");
    write(&f.store, "parent");
    assert!(child.wait().expect("its end").success());
    for n in 0..20 {
        assert_eq!(resolved(&f, &format!("parent{n}@example.test")).await, "alias alice@example.test");
        assert_eq!(resolved(&f, &format!("child{n}@example.test")).await, "alias alice@example.test");
    }
    assert_eq!(f.store.users().expect("a list").len(), 3);
}

/// Alone it has no store to write to, and shows that there is none by chance.
#[test]
fn the_second_process() {
    match std::env::var_os(STORE) {
        Some(path) => write(&Store::open(path.as_ref()).expect("the store"), "child"),
        None => assert!(Store::open("/nonexistent/accounts.sqlite".as_ref()).is_err()),
    }
}

fn write(store: &Store, who: &str) {
    store.add(&address(&format!("{who}@example.test")), &Secret::new("x")).expect("added");
    for n in 0..20 {
        let name = alias(&format!("{who}{n}@example.test"));
        store.add_alias(&name, &address("alice@example.test")).expect("added");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// Whatever the aliases, following them ends, and yields no alias and nothing twice.
    #[test]
    fn any_net_of_aliases_has_ends(edges in prop::collection::btree_set((0..8u8, 0..10u8), 0..30)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let f = fixture(|_| ());
        // 8 and 9 are no aliases: one is an account, one is elsewhere.
        let name = |n: u8| match n {
            8 => "alice@example.test".to_owned(),
            9 => "bob@elsewhere.example".to_owned(),
            n => format!("a{n}@example.test"),
        };
        for (from, to) in edges.iter().filter(|(from, to)| from != to) {
            f.store.add_alias(&alias(&name(*from)), &address(&name(*to))).expect("added");
        }
        for n in 0..8 {
            if let Resolution::Alias(ends) = runtime.block_on(f.auth.resolve(&address(&name(n)))) {
                let mut once = ends.clone();
                once.dedup();
                prop_assert!(!ends.is_empty() && once == ends);
                let is_alias = |end: &message::Address| edges.iter().any(|(a, b)| a != b && address(&name(*a)) == *end);
                prop_assert!(!ends.iter().any(is_alias));
            }
        }
    }
}
