//! All accounts of a file, as `gatepost check --deep` walks them, and copies without secrets.

use std::os::unix::fs::PermissionsExt;

use auth::inventory::{Copied, Masked};

use crate::stage::Stage;

fn userdb(text: &'static str) -> Stage {
    Stage::new("userdb", |dir, config| {
        let path = dir.join("userdb");
        std::fs::write(&path, text).expect("written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("a mode");
        config.modules.userdb.path = path;
    })
}

/// What is no account is told with its place, and the others are listed.
#[tokio::test]
async fn each_account_and_each_broken_line() {
    let s = userdb("brian\thome=/home/brian|uid=1\nzoe@example.test\thome=/home/zoe|uid=many\nno tab here\n");
    let (listed, unlisted) = s.listed().await;
    assert!(unlisted.is_empty(), "{unlisted:?}");
    let maildir = std::path::PathBuf::from("/home/brian/Maildir");
    assert_eq!(listed[0], Ok(("brian@mail.example.test".to_owned(), maildir)));
    let broken: Vec<_> = listed[1..].iter().map(|one| one.as_ref().expect_err("broken").as_str()).collect();
    assert!(broken.iter().any(|why| why.contains("userdb:2") && why.contains("uid=\"many\"")), "{broken:?}");
    assert!(broken.iter().any(|why| why.contains("userdb:3")), "{broken:?}");
}

/// MISSION 004-28: the entry, and of its password no more than the kind.
#[tokio::test]
async fn a_copy_has_no_hash() {
    let s = userdb("brian\thome=/home/brian|uid=1|systempw=$1$abcdefgh$0123456789012345678901\n");
    let copies = s.auth.copies("brian").await;
    let [Copied { module: "userdb", entry: Ok(Some(Masked { account, forms, active })), says }] = copies.as_slice()
    else {
        panic!("{copies:?}")
    };
    assert_eq!((account.uid, *active, forms.len()), (Some(1), true, 1));
    assert!(!format!("{says:?}{forms:?}").contains("$1$") && !forms[0].is_empty(), "{forms:?}");
    let nobody = s.auth.copies("nobody").await;
    assert!(matches!(nobody.as_slice(), [Copied { entry: Ok(None), .. }]), "{nobody:?}");
}
