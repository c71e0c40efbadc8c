//! `gatepost auth test`.

use std::io::Write;
use std::process::Stdio;

use harness::{Gatepost, Scenario};
use serde_json::Value;

use crate::BINARY;

/// Exit code and standard output of a trial.
fn trial(server: &Gatepost, arguments: &[&str], password: &str) -> (i32, String) {
    let mut all = vec!["auth", "test"];
    all.extend(arguments);
    all.push("--password-stdin");
    let mut command = server.command(&all);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the binary");
    writeln!(child.stdin.take().expect("a pipe"), "{password}").expect("written");
    let output = child.wait_with_output().expect("its end");
    (output.status.code().expect("no signal"), String::from_utf8(output.stdout).expect("UTF-8"))
}

const ALICE: &str = "alice@example.test";
const RIGHT: &str = "secret of alice";

/// MISSION 002-21, 004-12, 004-26: the very same chain, with and without a server; every mechanism; what to do.
#[test]
fn a_login_is_tried_beside_the_server_and_without_it() {
    let mut server = Scenario::new(BINARY).user(ALICE, RIGHT).prepare();
    for running in [false, true] {
        if running {
            server.start();
        }
        let (code, text) = trial(&server, &[ALICE, "--service", "pop3"], RIGHT);
        assert_eq!(code, 0, "{text}");
        assert_eq!(text.contains("asked: the running server"), running, "{text}");
        for line in
            ["accounts: trying this module", "accounts: ACCEPT, username alice@example.test", "accepted by PLAIN"]
        {
            assert!(text.contains(line), "{line}: {text}");
        }
        assert!(text.contains("mail/example.test/alice") && text.contains("(none)"), "{text}");
        for mechanism in ["LOGIN", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"] {
            assert_eq!(trial(&server, &[ALICE, "--mechanism", mechanism], RIGHT).0, 0, "{mechanism}");
            assert_eq!(trial(&server, &[ALICE, "--mechanism", mechanism], "wrong").0, 1, "{mechanism}");
        }
        let (code, text) = trial(&server, &[ALICE, "--mechanism", "CRAM-MD5", "--explain"], RIGHT);
        assert_eq!(code, 1);
        assert!(text.contains("mechanism not possible") && text.contains("what to do: another mechanism"), "{text}");
        assert!(text.contains("so accounts is the one that should have accepted the user"), "{text}");
        let (code, text) = trial(&server, &["nobody@example.test", "--explain"], RIGHT);
        assert!(code == 1 && text.contains("none of them knows the user"), "{text}");
    }
    assert!(!server.log().contains(RIGHT), "no password in the log");
    assert_eq!(server.run(&["auth", "log"], ""), "", "a trial is no attempt");
}

/// What keeps a module from looking is 75 and never a wrong password, with the path and what to do.
#[test]
fn a_store_that_is_not_there_is_temporary() {
    let server = Scenario::new(BINARY).user(ALICE, RIGHT).prepare();
    std::fs::remove_file(server.data().join("accounts.sqlite")).expect("removed");
    let (code, text) = trial(&server, &[ALICE, "--explain"], RIGHT);
    assert_eq!(code, 75, "{text}");
    assert!(text.contains("TEMPFAIL") && text.contains("accounts.sqlite"), "{text}");
    let (code, text) = trial(&server, &[ALICE, "--courier", "--service", "pop3"], RIGHT);
    assert_eq!(code, 75);
    assert!(text.starts_with("received auth request, service=pop3, authtype=login\n"), "{text}");
    assert!(text.ends_with("authaccounts: TEMPFAIL - no more modules will be tried\n"), "{text}");
}

/// Without a password the account is only looked up, as authtest with one argument does; aliases say where they lead.
#[test]
fn without_a_password_it_is_a_look_up() {
    let server = Scenario::new(BINARY).user(ALICE, RIGHT).prepare();
    server.run(&["alias", "add", "info@example.test", ALICE], "");
    let text = server.run(&["auth", "test", ALICE], "");
    assert!(text.contains("found: alice@example.test (no password was tried)"), "{text}");
    let text = server.run(&["auth", "test", ALICE, "--courier"], "");
    assert!(text.contains("Authenticated: sysusername=<null>, sysuserid=<null>"), "{text}");
    let output =
        server.command(&["auth", "test", "info@example.test", "--json"]).stdin(Stdio::null()).output().expect("run");
    assert_eq!(output.status.code(), Some(1));
    let value: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(value["report"]["targets"][0], ALICE);
    assert!(value["do"].as_str().is_some_and(|text| text.contains(ALICE)), "{value}");
}

/// MISSION 000-09, 004-25, 004-26: in a chain of two, the trace shows who rejected and who accepted; CRAM-MD5 and APOP are
/// really tried against the stored password.
#[test]
fn a_chain_of_two_is_followed_in_the_trace() {
    let config = "[auth]\nchain = [\"accounts\", \"passwd-file\"]\n[auth.passwd-file]\npath = \"users\"";
    let server = Scenario::new(BINARY).config(config).user(ALICE, RIGHT).prepare();
    let line = "brian@example.test:{PLAIN}tanstaaf:1000:1000:Brian:/home/brian::\n";
    std::fs::write(server.data().join("users"), line).expect("written");
    for mechanism in ["CRAM-MD5", "APOP", "SCRAM-SHA-1", "SCRAM-SHA-256", "PLAIN"] {
        let arguments = ["brian@example.test", "--mechanism", mechanism];
        let (code, text) = trial(&server, &arguments, "tanstaaf");
        assert_eq!(code, 0, "{mechanism}: {text}");
        assert_eq!(trial(&server, &arguments, "wrong").0, 1, "{mechanism}");
    }
    let (code, text) = trial(&server, &["brian@example.test", "--courier", "--service", "pop3"], "tanstaaf");
    let [received, trying, rest @ ..] = &text.lines().collect::<Vec<_>>()[..] else { panic!("{text}") };
    assert_eq!((code, *received), (0, "received auth request, service=pop3, authtype=login"));
    assert_eq!(*trying, "authaccounts: trying this module");
    assert!(rest.contains(&"authaccounts: REJECT - try next module"), "{text}");
    assert!(rest.contains(&"authpasswd-file: ACCEPT, username brian@example.test"), "{text}");
    assert!(
        text.contains("Authenticated: sysusername=<null>, sysuserid=1000, sysgroupid=1000, homedir=/home/brian"),
        "{text}"
    );
    let (_, text) = trial(&server, &["brian@example.test", "--explain"], "wrong");
    assert!(text.contains("so passwd-file is the one that should have accepted the user"), "{text}");
}

/// MISSION 000-10: what a checker can verify is found out, never assumed.
#[test]
fn a_checker_is_probed() {
    let config = "[auth]\nchain = [\"checkpassword\"]\n[auth.checkpassword]\ncommand = [\"./checker\"]";
    let server = Scenario::new(BINARY).config(config).prepare();
    let path = server.data().join("checker");
    let script = "#!/bin/sh\ngiven=$(tr '\\0' '\\n' <&3 | head -n 2)\n\
                  [ \"$given\" = \"brian\ntanstaaf\" ] || exit 1\nUSER=brian HOME=/home/brian exec \"$@\"\n";
    std::fs::write(&path, script).expect("written");
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("set");
    server.edit_config(|text| text.replace("./checker", &path.display().to_string()));
    let text = server.run(&["auth", "modules", "--probe", "brian", "--password-stdin"], "tanstaaf\n");
    assert!(text.ends_with("[auth.checkpassword]\ncram = \"none\"\napop = false\n"), "{text}");
    let output = server.command(&["auth", "modules", "--probe", "brian"]).stdin(Stdio::null()).output().expect("run");
    assert_eq!(output.status.code(), Some(65), "without a password");
}
