//! When it writes, and where.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use harness::{Gatepost, client, succeed};
use serde_json::Value;

use crate::{ALICE, fail_to_log_in, scenario};

fn archives(server: &Gatepost) -> Vec<PathBuf> {
    let entries = fs::read_dir(server.folder()).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.filter(|path| path.to_string_lossy().contains("gatepost-support-")).collect()
}

fn failed(server: &Gatepost, arguments: &[&str]) -> (i32, String) {
    let output = server.command(arguments).output().expect("the binary");
    (output.status.code().expect("no signal"), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_list_is_only_a_list() {
    let server = scenario().start();
    let id = fail_to_log_in(&server, &format!("LOGIN {ALICE} wrong"));
    let text = server.run(&["support-bundle", "--list", &id], "");
    for words in
        [" will hold ", "gatepost.toml ", "masked: ", &format!("sessions/{id}.txt"), "octets before they are packed"]
    {
        assert!(text.contains(words), "{words:?} is not in {text}");
    }
    let json: Value = serde_json::from_str(&server.run(&["support-bundle", "--list", "--json"], "")).expect("JSON");
    let items = json["items"].as_array().expect("items");
    assert!(
        items.iter().all(|item| item["size"].as_u64().is_some_and(|size| size > 0) && item["why"].is_string()),
        "{items:?}"
    );
    assert!(items.iter().any(|item| item["name"] == "gatepost.toml" && item["masked"].is_string()));
    assert_eq!(json["writes"], false);
    assert_eq!(archives(&server), Vec::<PathBuf>::new());
}

#[test]
fn by_default_it_is_written_here_for_its_owner_alone() {
    let server = scenario().start();
    let id = fail_to_log_in(&server, &format!("LOGIN {ALICE} wrong"));
    let json: Value = serde_json::from_str(&server.run(&["support-bundle", "--yes", "--json", &id], "")).expect("JSON");
    let [archive] = archives(&server).try_into().expect("one archive");
    let name = archive.file_name().expect("a name").to_str().expect("UTF-8").to_owned();
    assert_eq!(json["output"], name.as_str());
    assert!(name.starts_with("gatepost-support-20") && name.ends_with(&format!("-{id}.tar.gz")), "{name}");
    assert_eq!(fs::metadata(&archive).expect("there").permissions().mode() & 0o7777, 0o600);
    let names = succeed(client("tar").arg("-tzf").arg(&archive));
    let folder = name.trim_end_matches(".tar.gz");
    assert!(names.lines().all(|line| line.starts_with(&format!("{folder}/"))), "{names}");
    assert_eq!(names.lines().next(), Some(format!("{folder}/README.txt").as_str()), "first what is read first");
}

/// Nothing is written over, and nothing without a yes.
#[test]
fn what_is_there_stays_and_nobody_is_not_asked() {
    let server = scenario().prepare();
    let path = server.folder().join("mine.tar.gz");
    fs::write(&path, "mine").expect("written");
    let (code, text) = failed(&server, &["support-bundle", "--yes", "--output", path.to_str().expect("UTF-8")]);
    assert!(code == 73 && text.contains("is there already"), "{code} {text}");
    assert_eq!(fs::read_to_string(&path).expect("there"), "mine");
    let (code, text) = failed(&server, &["support-bundle"]);
    assert!(code == 65 && text.contains("--yes"), "{code} {text}");
    let (code, text) = failed(&server, &["support-bundle", "--yes", "ZZZZZZZZ"]);
    assert!(code == 67 && text.contains("nothing is known of ZZZZZZZZ"), "{code} {text}");
    assert_eq!(archives(&server), Vec::<PathBuf>::new());
}

/// On a terminal it asks, behind the list; only a yes is a yes.
#[test]
fn on_a_terminal_it_asks() {
    let server = scenario().prepare();
    let answer = |answer: &str| {
        // Python has a terminal to give away.
        let script = "import os, pty, sys\n\
                      pid, fd = pty.fork()\n\
                      if pid == 0: os.execv(sys.argv[1], sys.argv[1:-1])\n\
                      said, asked = b'', False\n\
                      while True:\n\
                      \x20   try: piece = os.read(fd, 4096)\n\
                      \x20   except OSError: break\n\
                      \x20   if not piece: break\n\
                      \x20   said += piece\n\
                      \x20   if b'Write it?' in said and not asked: asked = True; os.write(fd, sys.argv[-1].encode() + b'\\n')\n\
                      os.waitpid(pid, 0)\n\
                      sys.stdout.buffer.write(said)\n";
        let mut python = client("python3");
        python.args(["-c", script, crate::BINARY, "support-bundle", answer]);
        succeed(python.env("GATEPOST_CONFIG", server.config()).current_dir(server.folder()))
    };
    let said = answer("n");
    assert!(
        said.find("will hold").is_some_and(|list| said.find("Write it? [y/N]").is_some_and(|asked| list < asked)),
        "{said}"
    );
    assert!(said.contains("Nothing was written."), "{said}");
    assert_eq!(archives(&server).len(), 0);
    assert!(answer("y").contains("mode 0600"));
    assert_eq!(archives(&server).len(), 1);
}
