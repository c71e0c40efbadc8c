use proptest::prelude::*;

use super::*;

fn masked(text: &str) -> String {
    config(text, Path::new("/nowhere")).text
}

/// What is no secret stays as it was.
#[test]
fn an_ordinary_config_is_kept() {
    let text = "hostname = \"mail.example.org\"\n\n[tls]\ncertificate = \"/etc/x.pem\"\nkey = \"tls/key.pem\"\n\n\
                [auth.postgres]\nclear_password = \"clear\"\n[[route]]\nto = \"*\"\nretry = [\n  \"1m\",\n  \"5m\"\n]\n# data = \"x\"\n#\n";
    assert_eq!(masked(text), text);
}

#[test]
fn values_of_secret_keys_are_masked_however_they_are_written() {
    for text in [
        "password = \"HUNTER2\"",
        "password=HUNTER2",
        "db.password = 'HUNTER2'",
        "\"password\" = \"HUNTER2\" # HUNTER2",
        "password = \"\"\"\nHUNTER2\nHUNTER2\n\"\"\"",
        "tokens = [\n  \"HUNTER2\", # HUNTER2\n  'HUNTER2'\n]",
        "route = [{ to = \"*\", password = \"HUNTER2\" }]",
        "password: HUNTER2",
        "password = \"HUNT\\\"ER2 HUNTER2\"",
        "password = \"HUNTER2",
        "password_file = \"HUNTER2\"",
        "token_file = HUNTER2",
        "command = [\"/bin/x\", \"-p\", \"HUNTER2\"]",
        "command = [\n  '/bin/x',\n  '--pw=HUNTER2', # HUNTER2\n]",
        "query = \"SELECT 1 WHERE k = 'HUNTER2'\"",
        "all_query = \"\"\"\nSELECT 1\nWHERE k = 'HUNTER2'\n\"\"\"",
        "url = \"http://me:HUNTER2@host.test/\"",
        "url = [\"ldap://x?HUNTER2\"]",
        "via = \"me:HUNTER2@smtp.test:587\"",
        "url = [\"ldap://me:HUNTER2@a.test\", 'ldap://b:HUNTER2@b.test']",
        "# the old one was HUNTER2",
        "# password = \"HUNTER2\"",
        "# password: HUNTER2",
        "  HUNTER2",
        "hostname = \"x\" # HUNTER2",
        "[tls] # HUNTER2",
        "x = \"{SSHA}HUNTER2\"",
        "pass = \"HUNTER2\"",
        "hint = \"HUNTER2\"",
        "# hint = \"HUNTER2\"",
        "# hint: HUNTER2",
        "credential = { a = \"HUNTER2\" }",
    ] {
        let shown = masked(&format!("hostname = \"a\"\n{text}\ndata = \"d\"\n"));
        assert!(!shown.contains("HUNTER2"), "{text:?} became\n{shown}");
        assert!(shown.starts_with("hostname = \"a\"\n"), "{shown}");
    }
}

/// What follows a masked value is still read.
#[test]
fn the_next_setting_is_kept() {
    for value in ["\"x\"", "[\n\"x\", # [ not open\n]", "\"\"\"\nx # \"\n\"\"\"", "'it # is'", "{ a = [1] }", "\"x"] {
        let shown = masked(&format!("password = {value}\nhostname = \"h.test\"\n"));
        assert!(shown.ends_with("hostname = \"h.test\"\n"), "{value:?}: {shown}");
    }
}

#[test]
fn a_file_that_is_there_keeps_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("pass"), "x").expect("written");
    let shown = |text: &str| config(text, folder.path()).text;
    assert_eq!(shown("password_file = \"pass\"\n"), "password_file = \"pass\"\n");
    assert_eq!(shown("password_file = \"geheim\"\n"), "password_file = \"[masked]\" # no such file\n");
    assert_eq!(shown("command = [\"/bin/x\", \"-v\"]\n"), "command = [\"/bin/x\", \"[masked]\"]\n");
    assert_eq!(
        shown("query = \"SELECT a FROM t WHERE u = '$(local_part)'\"\n"),
        "query = \"SELECT a FROM t WHERE u = '$(local_part)'\"\n"
    );
}

/// What people forget to close, and what follows it.
const PIECES: [&str; 22] = [
    "domains = [\"a.test\",",
    "domains = [",
    "hostname = \"\"\"",
    "hostname = '''",
    "hostname = \"x",
    "hostname = 'x",
    "]",
    "}",
    "\"\"\"",
    "'''",
    "\"",
    "[tls]",
    "[tls",
    "# x \"\"\" y [",
    "query = \"\"\"",
    "via = {",
    "retry = [ # [",
    "=",
    "a.b = [[",
    "\\",
    "\t",
    "key = ü",
];

proptest! {
    /// However broken the file is around it, a secret of a key, of an argument or of a comment is not shown.
    #[test]
    fn a_broken_file_hides_its_secrets(
        before in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..8),
        after in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..4),
        secret in prop::sample::select(&["password = \"HUNTER2\"", "# HUNTER2", "command = [\"/bin/x\", \"HUNTER2\"]", "hint = \"HUNTER2\"", "url = \"http://u:HUNTER2@h\""][..]),
    ) {
        let text = format!("{}\n{secret}\n{}", before.join("\n"), after.join("\n"));
        let shown = masked(&text);
        prop_assert!(!shown.contains("HUNTER2"), "{text}\n=====\n{shown}");
    }

    #[test]
    fn any_text_is_taken(text in "[\\[\\]{}\"'#=:@$\\\\\n a-z0-9ü./-]{0,200}") {
        let shown = masked(&text);
        prop_assert!(shown.lines().count() <= text.lines().count());
    }
}
