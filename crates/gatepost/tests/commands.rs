//! The commands as a script sees them: what they print, and their exit codes.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A folder with a config that `gatepost init` made.
struct Site(TempDir);

/// What a command said.
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Site {
    fn new() -> Self {
        let site = Self(tempfile::tempdir().expect("a folder"));
        let made = site.run(&["init", site.dir(), "--hostname", "mail.example.test", "--domain", "example.test"], "");
        assert_eq!(made.code, 0, "{}", made.err);
        site
    }

    fn dir(&self) -> &str {
        self.0.path().to_str().expect("a path of ASCII")
    }

    fn config(&self) -> PathBuf {
        self.0.path().join("gatepost.toml")
    }

    /// Runs a command with this text as its standard input.
    fn run(&self, arguments: &[&str], input: &str) -> Said {
        let mut child = Command::new(env!("CARGO_BIN_EXE_gatepost"))
            .args(arguments)
            .env("GATEPOST_CONFIG", self.config())
            .current_dir(self.0.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary");
        // A command that ends without reading closes the pipe; that is its right.
        drop(child.stdin.take().expect("a pipe").write_all(input.as_bytes()));
        let output = child.wait_with_output().expect("its end");
        let text = |octets| String::from_utf8(octets).expect("UTF-8");
        Said { code: output.status.code().expect("no signal"), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Runs a command that must succeed.
    fn ok(&self, arguments: &[&str], input: &str) -> String {
        let said = self.run(arguments, input);
        assert_eq!(said.code, 0, "{arguments:?}: {}{}", said.out, said.err);
        said.out
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.ok(arguments, "")).expect("JSON")
    }

    /// The exit code of a command.
    fn code(&self, arguments: &[&str]) -> i32 {
        self.run(arguments, "x\n").code
    }
}

#[test]
fn accounts_from_the_first_to_the_last() {
    let site = Site::new();
    assert!(site.ok(&["user", "list"], "").contains("no accounts yet"));
    let added = site.ok(&["user", "add", "Alice@example.test"], "");
    let password = added.split("password: ").nth(1).and_then(|rest| rest.split(' ').next()).expect("a password");
    assert_eq!(password.len(), 24, "{added}");
    assert_eq!(
        site.ok(&["user", "add", "bob@example.test", "--password-stdin"], "geheim\n"),
        "bob@example.test added\n"
    );
    site.ok(&["user", "deny", "bob@example.test", "imap", "pop3"], "");
    site.ok(&["user", "disable", "bob@example.test"], "");
    let users = site.json(&["user", "list", "--json"]);
    assert_eq!(users[1]["address"], "bob@example.test");
    assert_eq!(users[1]["services"], serde_json::json!({ "smtp": true, "imap": false, "pop3": false }));
    assert_eq!((&users[1]["active"], &users[0]["active"]), (&Value::Bool(false), &Value::Bool(true)));
    assert!(site.ok(&["user", "passwd", "alice@example.test", "--json"], "").contains("\"password\":\""));
    site.ok(&["user", "remove", "bob@example.test"], "");
    assert_eq!(site.ok(&["user", "list"], ""), "Alice@example.test  smtp imap pop3\n");
}

#[test]
fn aliases_from_the_first_to_the_last() {
    let site = Site::new();
    site.ok(&["alias", "add", "info@example.test", "a@example.test", "b@elsewhere.example"], "");
    site.ok(&["alias", "add", "@example.test", "a@example.test"], "");
    let list = site.ok(&["alias", "list"], "");
    let expected = "@example.test      a@example.test\ninfo@example.test  a@example.test\n\
                    info@example.test  b@elsewhere.example\n";
    assert_eq!(list, expected);
    site.ok(&["alias", "remove", "info@example.test", "b@elsewhere.example"], "");
    site.ok(&["alias", "remove", "@example.test"], "");
    let left = serde_json::json!([{ "alias": "info@example.test", "target": "a@example.test" }]);
    assert_eq!(site.json(&["alias", "list", "--json"]), left);
}

#[test]
fn exit_codes_tell_why() {
    let site = Site::new();
    site.ok(&["user", "add", "alice@example.test"], "");
    for (arguments, code) in [
        (&["user", "add", "alice@example.test"][..], 73),
        (&["alias", "add", "alice@example.test", "b@x.example"], 73),
        (&["user", "remove", "nobody@example.test"], 67),
        (&["user", "passwd", "nobody@example.test"], 67),
        (&["alias", "remove", "nobody@example.test"], 67),
        (&["alias", "add", "a@x.example", "A@x.example"], 65),
        (&["user", "add", "not an address"], 2),
        (&["user", "add"], 2),
        (&["user", "deny", "alice@example.test", "smpt"], 2),
        (&["user", "list", "--nonsense"], 2),
        (&["usr", "list"], 2),
        (&["check", "-c", "none.toml"], 78),
        (&["user", "list", "-c", "none.toml"], 78),
    ] {
        assert_eq!(site.code(arguments), code, "{arguments:?}");
    }
    assert_eq!(site.run(&["user", "add", "b@example.test", "--password-stdin"], "\n").code, 65);
    assert!(site.run(&["usr", "list"], "").err.contains("'user'"), "the nearest name is told");
    assert!(site.run(&["--help"], "").out.contains("Exit codes:"));
}

#[test]
fn a_domain_that_is_not_served_is_a_warning() {
    let said = Site::new().run(&["user", "add", "a@elsewhere.example"], "");
    assert!(said.code == 0 && said.err.contains("elsewhere.example is none of `domains`"), "{}", said.err);
}

#[test]
fn names_and_ports_that_cannot_be_are_malformed_input() {
    let site = Site::new();
    for arguments in [["--hostname", "a..b"], ["--domain", "x_y@z"], ["--port-offset", "65000"]] {
        let said = site.run(&[&["init", "other"], &arguments[..]].concat(), "");
        assert_eq!(said.code, 65, "{arguments:?}: {}", said.err);
        assert!(!site.0.path().join("other").exists());
    }
}

/// `sudo gatepost queue list` beside no server must not leave files that the server cannot open.
#[test]
fn root_does_not_open_the_queue_of_another_user() {
    use std::os::unix::fs::chown;
    let site = Site::new();
    // Only root may give files away.
    if chown(site.0.path(), Some(65534), Some(65534)).is_err() {
        return;
    }
    let said = site.run(&["queue", "list"], "");
    assert!(said.code == 77 && said.err.contains("belongs to uid 65534"), "{} {}", said.code, said.err);
    assert!(!site.0.path().join("queue").exists());
}

/// A server that is just starting has the queue, but no control socket yet.
#[test]
fn a_queue_that_is_locked_is_for_later() {
    let site = Site::new();
    site.ok(&["queue", "list"], "");
    let lock = fs::File::open(site.0.path().join("queue/lock")).expect("the lock file");
    lock.lock().expect("nobody has it");
    let said = site.run(&["queue", "list"], "");
    assert!(said.code == 75 && said.err.contains("try again"), "{} {}", said.code, said.err);
}

/// What cannot be written says who tried, and ends with 77 where that is a matter of rights.
#[test]
fn no_permission() {
    let site = Site::new();
    // Root may write anywhere, but to /proc nobody.
    let text =
        fs::read_to_string(site.config()).expect("the config").replacen("data = ", "data = \"/proc/gatepost\" #", 1);
    fs::write(site.config(), text).expect("the config");
    let said = site.run(&["user", "add", "alice@example.test"], "");
    assert!(said.code == 1 && said.err.contains("cannot make /proc/gatepost as uid "), "{} {}", said.code, said.err);
    if let Some(said) = as_nobody(&Site::new()) {
        assert!(said.code == 77 && said.err.contains("as uid 65534: Permission denied"), "{} {}", said.code, said.err);
    }
}

/// Lists accounts as a user who may read the config but not the store; `None` where the test is not root.
fn as_nobody(site: &Site) -> Option<Said> {
    use std::os::unix::process::CommandExt;
    site.ok(&["user", "add", "alice@example.test"], "");
    if fs::metadata("/proc/self").map(|meta| std::os::unix::fs::MetadataExt::uid(&meta)).ok()? != 0 {
        return None;
    }
    fs::set_permissions(site.0.path(), PermissionsExt::from_mode(0o755)).expect("root may");
    fs::set_permissions(site.0.path().join("tls"), PermissionsExt::from_mode(0o755)).expect("root may");
    fs::set_permissions(site.0.path().join("tls/key.pem"), PermissionsExt::from_mode(0o640)).expect("root may");
    std::os::unix::fs::chown(site.0.path().join("tls/key.pem"), None, Some(65534)).expect("root may");
    // The binary may lie where nobody may look: it is started through a copy.
    let binary = site.0.path().join("gatepost");
    fs::copy(env!("CARGO_BIN_EXE_gatepost"), &binary).expect("a copy");
    let output = Command::new(binary)
        .args(["user", "passwd", "alice@example.test", "-c"])
        .arg(site.config())
        .stdin(Stdio::null())
        .uid(65534)
        .gid(65534)
        .output()
        .expect("the binary");
    let text = |octets| String::from_utf8(octets).expect("UTF-8");
    Some(Said { code: output.status.code()?, out: text(output.stdout), err: text(output.stderr) })
}

const BROKEN: &str = "\
hostnmae = \"mail.example.test\"
data = \"data\"
domains = [\"example test\"]

[smtp]
bare_newline = \"rejct\"

[limits]
message_size = \"5 QB\"
recipients = 0
";

/// Five things are wrong (and a name is missing because of one): all are told at once, with place and nearest name.
#[test]
fn check_tells_everything_that_is_wrong_at_once() {
    let site = Site::new();
    fs::write(site.config(), BROKEN).expect("the config");
    let said = site.run(&["check"], "");
    assert_eq!(said.code, 78);
    for piece in [
        "error: `hostname` is not set",
        "gatepost.toml:1:1",
        "there is no `hostnmae`",
        "did you mean `hostname`?",
        "gatepost.toml:3:12",
        "gatepost.toml:6:16",
        "did you mean \"reject\"?",
        "gatepost.toml:9:16",
        "the unit of a size is one of",
        "gatepost.toml:10:14",
        "allowed: a number from 1 to 100000",
    ] {
        assert!(said.out.contains(piece), "{piece} is missing in\n{}", said.out);
    }
    assert!(said.err.contains("6 errors; the server would not start"), "{}", said.err);
    let found: Value = serde_json::from_str(&site.run(&["check", "--json"], "").out).expect("JSON");
    let size = &found["findings"][4];
    assert_eq!((&size["line"], &size["column"]), (&Value::from(9), &Value::from(16)));
    assert_eq!((&size["severity"], &size["text"]), (&Value::from("error"), &Value::from("\"5 QB\"")));
    // Every other command says the same, one line an error.
    let said = site.run(&["user", "list"], "");
    assert!(said.code == 78 && said.err.contains("gatepost.toml:6:16: `bare_newline`"), "{}", said.err);
}

/// MISSION 000-09, 000-12: what each listener would say, and why, without opening a port.
#[test]
fn check_tells_what_each_listener_would_offer_and_why() {
    let site = Site::new();
    site.ok(&["user", "add", "alice@example.test"], "");
    let text = site.ok(&["check"], "");
    for piece in [
        "SCRAM-SHA-256      offered because accounts: all active accounts (1) keep SCRAM-SHA-256 keys",
        "CRAM-MD5           not offered because accounts: none of 1 active accounts keeps the password in clear",
        "no mechanism is offered because no TLS yet, and auth.require_tls is true",
        "mechanisms as on smtp",
        "ENHANCEDSTATUSCODES, STARTTLS\n",
        "AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN\n",
        "STARTTLS, LOGINDISABLED\n",
    ] {
        assert!(text.contains(piece), "{piece} is missing in\n{text}");
    }
    let facts = site.json(&["check", "--json"]);
    assert!(facts["certificate"]["days_left"].as_i64().is_some_and(|days| days > 14), "{facts}");
    assert_eq!(facts["modules"][0]["name"], "accounts");
    assert_eq!(facts["listeners"][0]["service"], "smtp");
}

/// MISSION 004-31: without a certificate a TLS port is not opened, and that is told.
#[test]
fn check_tells_what_stays_closed() {
    let site = Site::new();
    let text = fs::read_to_string(site.config()).expect("the config");
    let kept = text.lines().filter(|line| !line.starts_with("certificate") && !line.starts_with("key"));
    fs::write(site.config(), kept.collect::<Vec<_>>().join("\n")).expect("the config");
    let said = site.run(&["check"], "");
    assert!(said.out.contains("no certificate: no TLS, and so nobody can log in"), "{}", said.out);
    assert_eq!(
        said.out.matches("not opened: it begins with TLS, and there is no certificate").count(),
        3,
        "{}",
        said.out
    );
}

#[test]
fn check_refuses_a_certificate_that_cannot_be_used() {
    let site = Site::new();
    fs::write(site.0.path().join("tls/cert.pem"), "no PEM").expect("the certificate");
    let said = site.run(&["check"], "");
    assert!(said.code == 78 && said.err.contains("cert.pem"), "{}", said.err);
}

/// MISSION 004-27: the man pages.
#[test]
fn pages_and_completions() {
    let site = Site::new();
    site.ok(&["man", "man1"], "");
    let page = fs::read_to_string(site.0.path().join("man1/gatepost-user-add.1")).expect("a page");
    assert!(page.contains(".TH"), "{page}");
    for shell in ["bash", "zsh", "fish"] {
        assert!(site.ok(&["completions", shell], "").contains("gatepost"));
    }
    assert_eq!(site.code(&["completions", "csh"]), 2);
}

/// `docs/commands.md` is what the program says of itself.
#[test]
fn the_page_of_the_commands_is_up_to_date() {
    let site = Site::new();
    let mut page = String::from(
        "# The commands\n\n<!-- Written by the program. Do not edit:\n     \
         UPDATE_DOCS=1 cargo test -p gatepost --test commands -->\n",
    );
    describe(&site, &mut Vec::new(), &mut page);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/commands.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &page).expect("docs/commands.md can be written");
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == page, "docs/commands.md is stale; run: UPDATE_DOCS=1 cargo test -p gatepost --test commands");
}

/// A command's help, and that of the commands below it.
fn describe(site: &Site, words: &mut Vec<String>, page: &mut String) {
    let mut arguments: Vec<&str> = words.iter().map(String::as_str).collect();
    arguments.push("--help");
    let help = site.ok(&arguments, "");
    let title = ["gatepost"].into_iter().chain(words.iter().map(String::as_str)).collect::<Vec<_>>().join(" ");
    page.push_str(&format!("\n## `{title}`\n\n```text\n{}\n```\n", help.trim_end()));
    let below = help.split("Commands:\n").nth(1).map(|rest| rest.split("\n\n").next().unwrap_or_default().to_owned());
    for name in below.iter().flat_map(|text| text.lines()).filter_map(|line| line.strip_prefix("  ")) {
        let Some(name) = name.split(' ').next().filter(|name| !name.is_empty() && *name != "help") else { continue };
        words.push(name.to_owned());
        describe(site, words, page);
        words.pop();
    }
}
