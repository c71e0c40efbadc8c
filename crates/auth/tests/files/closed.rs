//! Files that our user may not read: the story of MISSION 002-09, where a checker that ran as the wrong user made every
//! password wrong.

use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use auth::{Service, Verdict};
use config::Config;

use crate::stage::{Stage, chmod, plain};

/// In the environment of the second process: the module, and the folder of its files.
const MODULE: &str = "GATEPOST_TEST_MODULE";
const FOLDER: &str = "GATEPOST_TEST_FOLDER";

/// Somebody who owns nothing.
const NOBODY: u32 = 65_534;

fn set(config: &mut Config, folder: &Path) {
    config.modules.userdb.path = folder.join("userdb");
    config.modules.passwd_file.path = Some(folder.join("passwd"));
    config.modules.vpopmail.home = folder.join("vpopmail");
    config.modules.vpopmail.users = folder.join("users");
}

/// MISSION 002-09: for each of the three modules, as another user: a temporary failure that names path, user, errno and
/// what to do.
#[test]
fn the_wrong_user_is_no_wrong_password() {
    let dir = tempfile::tempdir().expect("a folder");
    chmod(dir.path(), 0o755);
    let domain = dir.path().join("vpopmail/domains/example.test");
    std::fs::create_dir_all(&domain).expect("folders");
    std::fs::write(domain.join("vpasswd"), "").expect("written");
    for name in ["userdb", "passwd"] {
        std::fs::write(dir.path().join(name), "").expect("written");
        chmod(&dir.path().join(name), 0o000);
    }
    // As vpopmail keeps it.
    chmod(&domain, 0o000);
    let owner = dir.path().metadata().expect("there").uid();
    for module in ["userdb", "passwd-file", "vpopmail"] {
        let mut child = Command::new(std::env::current_exe().expect("this test"));
        child.args(["--exact", "closed::the_other_user", "--nocapture"]).env(MODULE, module).env(FOLDER, dir.path());
        if owner == 0 {
            child.uid(NOBODY).gid(NOBODY);
        }
        let output = child.output().expect("a second process");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{module}: {text}{}", String::from_utf8_lossy(&output.stderr));
        let path = match module {
            "userdb" => "userdb",
            "passwd-file" => "passwd",
            _ => "vpopmail/domains/example.test",
        };
        let uid = if owner == 0 { NOBODY } else { owner };
        let (path, user) = (dir.path().join(path).display().to_string(), format!("as uid {uid}"));
        let belongs = format!("belongs to uid {owner}");
        for piece in [path.as_str(), &user, "os error 13", &belongs, "run gatepost as uid"] {
            assert!(text.contains(piece), "{module}: {piece:?} is missing in {text}");
        }
    }
    chmod(&domain, 0o755);
}

/// Alone it has nothing to look at, and shows that the same chain tells an empty folder from a closed one.
#[tokio::test]
async fn the_other_user() {
    let (module, folder) = (std::env::var(MODULE), std::env::var_os(FOLDER));
    let module = module.as_deref().unwrap_or("vpopmail");
    let s = Stage::new(module, |dir, config| set(config, folder.as_deref().map_or(dir, Path::new)));
    let told = s.told(Service::Imap, plain("brian@example.test", "secret")).await;
    let Verdict::TempFail(tempfail) = told.verdict else { panic!("{:?}", told.verdict) };
    assert!(folder.is_some() || tempfail.cause.contains("os error 2"), "{tempfail}");
    writeln!(std::io::stdout(), "{tempfail}").expect("written");
    s.auth.survey().await;
    // Passwords are still taken, to be answered as temporary; nothing else could do more.
    let offered: Vec<_> = s.auth.offers(true).into_iter().filter(|offer| offer.offered).collect();
    assert!(offered.iter().all(|offer| offer.mechanism.sends_secret() && offer.why.contains("cannot tell now")));
}
