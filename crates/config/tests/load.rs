//! Whole configs, right and wrong.

use std::path::Path;
use std::time::Duration;

use config::{Cause, Color, Config, Errors, RouteTls, Service, Severity};

const SMALLEST: &str = "hostname = \"mail.example.org\"\ndata = \"data\"\ndomains = [\"example.org\"]\n";

fn parse(more: &str) -> Result<Config, Errors> {
    let text = format!("{SMALLEST}{more}");
    config::parse(Path::new("/etc/gatepost/gatepost.toml"), &text).map(|loaded| loaded.config)
}

/// `line:column what`, for each finding.
fn wrong(text: &str) -> Vec<String> {
    let report = match config::parse(Path::new("gatepost.toml"), text) {
        Ok(loaded) => loaded.warnings,
        Err(errors) => errors.0,
    };
    let line = |finding| {
        let (line, column) = report.place(finding).unwrap_or_default();
        let near = finding.nearest.as_ref().map(|n| format!(" -> {n}")).unwrap_or_default();
        format!("{line}:{column} {}{near}", finding.cause)
    };
    report.findings().iter().map(line).collect()
}

#[test]
fn the_smallest_config_has_safe_defaults() {
    let config = parse("").expect("it is right");
    assert_eq!(config.data, Path::new("/etc/gatepost/data"));
    assert_eq!(config.listen.len(), 14);
    assert!(config.auth.require_tls);
    assert_eq!(config.limits.message_size, 50 << 20);
    let mut same = Config::new(config.hostname.clone(), config.data.clone());
    same.domains = config.domains.clone();
    assert_eq!(config, same);
}

#[test]
fn paths_are_absolute_even_if_the_configs_is_not() {
    let loaded = config::parse(Path::new("gatepost.toml"), SMALLEST).expect("it is right");
    assert_eq!(loaded.config.data, std::env::current_dir().expect("a folder").join("data"));
}

#[test]
fn values_of_every_kind() {
    let text = r#"
[listen]
smtp = ["127.0.0.1:2525", "::1"]
submission = 5870
submissions = []
pop3 = "192.0.2.7"
[queue]
retry = ["1m", "1h30m"]
segment_size = "10 MB"
lifetime = "7d"
[[route]]
to = ".Example.NET"
via = "[2001:db8::1]"
[[route]]
to = "*"
via = "smtp.provider.example:465"
user = "kunde0815@example.org"
password_file = "provider.pass"
[relay]
resolvers = ["192.0.2.53", "[::1]:5353"]
[smtp]
received_user = "none"
"#;
    let config = parse(text).expect("it is right");
    let of = |service| config.listen.iter().filter(move |l| l.service == service).map(|l| l.address.to_string());
    assert_eq!(of(Service::Smtp).collect::<Vec<_>>(), ["127.0.0.1:2525", "[::1]:25"]);
    assert_eq!(of(Service::Submission).collect::<Vec<_>>(), ["0.0.0.0:5870", "[::]:5870"]);
    assert_eq!((of(Service::Submissions).count(), of(Service::Imaps).count()), (0, 2));
    assert_eq!(of(Service::Pop3).collect::<Vec<_>>(), ["192.0.2.7:110"]);
    assert_eq!(config.queue.retry, [Duration::from_secs(60), Duration::from_secs(5400)]);
    assert_eq!(config.queue.segment_size, 10_000_000);
    let [first, second] = config.routes.as_slice() else { panic!("two routes") };
    assert_eq!((first.to.as_str(), first.host.as_str(), first.port), (".example.net", "[IPv6:2001:db8::1]", 587));
    assert_eq!((first.tls, second.tls), (RouteTls::Opportunistic, RouteTls::Implicit));
    assert_eq!(second.password_file.as_deref(), Some(Path::new("/etc/gatepost/provider.pass")));
    assert_eq!(config.relay.resolvers.map_to_strings(), ["192.0.2.53:53", "[::1]:5353"]);
    assert_eq!(config.smtp.received_user, config::ReceivedUser::None);
}

trait Strings {
    fn map_to_strings(&self) -> Vec<String>;
}

impl<T: ToString> Strings for Vec<T> {
    fn map_to_strings(&self) -> Vec<String> {
        self.iter().map(ToString::to_string).collect()
    }
}

#[test]
fn everything_wrong_is_found_at_once() {
    let text = r#"hostnmae = "mail.example.org"
data = 7
domains = ["example.org", "not a domain"]
message_size = "1 MiB"

[limit]

[auth]
require-tls = "yes"
chain = ["acounts"]

[smtp]
received_user = "tokn"
max_hops = 5000

[queue]
retry = ["1m", "soon", 5]
"#;
    assert_eq!(
        wrong(text),
        [
            "0:0 `hostname` is not set",
            "1:1 there is no `hostnmae` -> `hostname`",
            "2:8 `data` is a number",
            "3:27 `domains` cannot be that: domain is not a host name",
            "4:1 there is no `message_size` -> `message_size` in `[limits]`",
            "6:2 there is no `limit` -> `limits`",
            "9:1 there is no `require-tls` in `[auth]` -> `require_tls`",
            "10:10 there is no module `acounts`: it is left out of the chain -> \"accounts\"",
            "13:17 `received_user` cannot be that: there is no choice \"tokn\" -> \"token\"",
            "14:12 `max_hops` is out of range",
            "17:16 `retry` cannot be that: a time is a number with a unit",
            "17:24 `retry` cannot be that: a time needs its unit: ms, s, m, h or d",
        ]
    );
}

/// What a module of the chain needs is asked for; what the others lack is nobody's concern.
#[test]
fn modules_that_are_told_too_little() {
    let chain = |modules: &str, more: &str| wrong(&format!("{SMALLEST}[auth]\nchain = [{modules}]\n{more}"));
    let of_modules = |findings: Vec<String>| -> Vec<_> {
        let ours = |finding: &String| !finding.contains("certificate") && !finding.contains("postmaster");
        findings.into_iter().filter(ours).collect()
    };
    assert_eq!(of_modules(chain("\"accounts\"", "[auth.ldap]\nbind_dn = \"cn=a\"")), Vec::<String>::new());
    let ldap = "[auth.ldap]\nbind_dn = \"cn=a\"\nbase = \"dc=a\"\nurl = \"ldap://ldap.example.org\"";
    assert_eq!(
        of_modules(chain("\"ldap\"", ldap)),
        [
            "7:11 `bind_dn` is set, but `bind_password_file` is not",
            "9:7 an ldap:// server elsewhere without `tls = \"starttls\"`: passwords travel in clear",
        ]
    );
    let none = of_modules(chain("\"ldap\", \"http\", \"oauth\"", ""));
    let none: Vec<_> = none.iter().filter_map(|finding| finding.split_once(' ')).map(|(_, what)| what).collect();
    assert_eq!(
        none,
        [
            "`url` is empty",
            "`base` is not set",
            "`url` is not set",
            "`introspection_url` is not set",
            "`issuer` is not set",
            "no `audience`: a token that the issuer made for any other program opens the mail, too",
        ]
    );
    let two = "[auth.oauth]\njwks_url = \"https://a\"\nintrospection_url = \"https://a\"\naudience = \"mail\"";
    let two = of_modules(chain("\"oauth\"", two));
    assert!(two.len() == 1 && two[0].contains("only one of `introspection_url`"), "{two:?}");
}

#[test]
fn broken_toml_is_told_by_line() {
    assert_eq!(wrong("hostname = \ndata = \"x\"\n[limits\n").len(), 2);
    assert!(wrong("a = 1\na = 2\n")[0].starts_with("2:1 not TOML: duplicate key"), "{:?}", wrong("a = 1\na = 2\n"));
    assert_eq!(
        wrong(""),
        ["`hostname` is not set", "`data` is not set", "`domains` is not set"].map(|m| format!("0:0 {m}"))
    );
}

#[test]
fn routes_make_sense() {
    let text = format!(
        "{SMALLEST}postmaster = \"p@example.org\"
[tls]
certificate = \"c\"
[[route]]
to = \"a.example\"
via = \"h\"
user = \"u\"
[[route]]
to = \"b.example\"
via = \"h\"
user = \"u\"
password_file = \"p\"
tls = \"opportunistic\"
[[route]]
to = \"c.example\"
cleartext = \"allow\"
[[route]]
to = \"*\"
via = \"h\"
ca_file = \"x\"
[[route]]
to = \"c.example\"
via = \"h\"
"
    );
    assert_eq!(
        wrong(&text),
        [
            "6:15 `certificate` is set, but `key` is not",
            "10:8 `user` is set, but `password_file` is not",
            "16:7 the password would leave without verified TLS",
            "17:1 `route.via` is not set",
            "19:13 `cleartext` is set, but `user` is not",
            "23:11 `ca_file` is not used: this route verifies no certificate",
            "25:6 this route is never used: one above it is for \"*\"",
        ]
    );
}

#[test]
fn a_login_has_a_password_or_a_token() {
    let route = |keys: &str| format!("[[route]]\nto = \"*\"\nvia = \"h\"\n{keys}");
    let found = |keys: &str, finding: &str| {
        let all = wrong(&format!("{SMALLEST}{}", route(keys)));
        assert!(all.iter().any(|one| one == finding), "{all:#?}");
    };
    let config = parse(&route("user = \"u\"\ntoken_file = \"t\"")).expect("it is right");
    assert_eq!(config.routes[0].token_file.as_deref(), Some(Path::new("/etc/gatepost/t")));
    found("token_file = \"t\"\n", "7:14 `token_file` is set, but `user` is not");
    let both = "user = \"u\"\ntoken_file = \"t\"\npassword_file = \"p\"\n";
    found(both, "8:14 a login has a password or a token");
}

#[test]
fn databases_make_sense() {
    let text = format!(
        "{SMALLEST}postmaster = \"p@example.org\"
[auth]
chain = [\"sqlite\", \"mysql\"]
[auth.mysql]
host = \"/run/mysqld/mysqld.sock\"
tls = \"verify\"
"
    );
    assert_eq!(
        wrong(&text),
        [
            "0:0 no certificate: no TLS, and so nobody can log in",
            "0:0 `path` is not set",
            "9:7 `host` is a socket of this machine: there is no TLS on it",
        ]
    );
}

#[test]
fn a_module_that_reads_a_file_is_told_which() {
    let chain = "[auth]\nchain = [\"passwd-file\"]\n";
    let told = "5:9 `passwd-file` is set, but `path` is not";
    let found = wrong(&format!("{SMALLEST}{chain}"));
    assert!(found.iter().any(|finding| finding == told), "{found:#?}");
    parse("[auth]\nchain = [\"passwd-file\"]\n[auth.passwd-file]\npath = \"/etc/auth/%d/passwd\"")
        .expect("it is right");
}

/// MISSION 002-07: a checker that is missing, and what stands in its place.
#[test]
fn a_module_that_runs_a_program_is_told_which() {
    for module in ["checkpassword", "exec"] {
        let found = wrong(&format!("{SMALLEST}[auth]\nchain = [{module:?}]\n"));
        let told = format!("5:9 `{module}` is set, but `command` is not");
        assert!(found.contains(&told), "{found:#?}");
        parse(&format!("[auth]\nchain = [{module:?}]\n[auth.{module}]\ncommand = [\"/usr/local/bin/judge\"]"))
            .expect("it is right");
    }
    let found = wrong(&format!("{SMALLEST}[auth.checkpassword]\ncommand = [\"/bin/true\"]\n"));
    assert!(found.iter().any(|finding| finding.contains("this accepts everybody")), "{found:#?}");
}

#[test]
fn doubts_are_no_errors() {
    let text = format!("{SMALLEST}[limits]\nrecipients = 10\nimap_idle = \"1m\"\n[listen]\nsmtp = 25\n");
    let loaded = config::parse(Path::new("gatepost.toml"), &text).expect("only doubts");
    let severities: Vec<_> = loaded.warnings.findings().iter().map(|f| f.cause.severity()).collect();
    assert_eq!(severities, [Severity::Warning; 4]);
    assert_eq!(wrong(&format!("{SMALLEST}[listen]\nsmtp = 25\nimap = [\"[::]:25\"]\n")).len(), 3);
}

/// MISSION 004-21: five workers, if nobody says otherwise.
#[test]
fn sockets_of_the_auth_daemon() {
    let authd = |text: &str| format!("{SMALLEST}[authd]\n{text}\n");
    let config = config::parse(Path::new("gatepost.toml"), &authd("client_mode = \"0777\"")).expect("right").config;
    assert_eq!((config.authd.workers, config.authd.socket_mode, config.authd.client_mode), (5, 0o600, 0o777));
    for wrong_mode in ["660", "\"8\"", "\"1777\"", "\"rw-\""] {
        assert!(
            wrong(&authd(&format!("socket_mode = {wrong_mode}"))).concat().contains("`socket_mode`"),
            "{wrong_mode}"
        );
    }
    let twice = authd("courier_sockets = [\"a\", \"b\"]\ndovecot_sockets = \"a\"");
    assert!(wrong(&twice).concat().contains("/a"), "{:?}", wrong(&twice));
    let open = config::parse(Path::new("gatepost.toml"), &authd("socket_mode = \"0666\"")).expect("only a doubt");
    assert!(open.warnings.to_string().contains("SCRAM keys"), "{}", open.warnings);
}

#[test]
fn a_drawing_shows_the_line_and_what_is_right() {
    let errors = parse("[limits]\nmesage_size = \"5 MiB\"\n").expect_err("misspelt");
    let drawn = errors.render(Color::Plain);
    for piece in
        ["error: there is no `mesage_size` in `[limits]`", "gatepost.toml:5:1", "^^^^", "did you mean `message_size`?"]
    {
        assert!(drawn.contains(piece), "{piece} is missing in\n{drawn}");
    }
    assert!(errors.render(Color::Ansi).contains("\u{1b}["));
    assert!(errors.to_string().contains("gatepost.toml:5:1: there is no `mesage_size`"));
}

#[test]
fn files_are_looked_at() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str, mode| {
        std::fs::write(dir.path().join(name), text).expect("a file");
        std::fs::set_permissions(dir.path().join(name), PermissionsExt::from_mode(mode)).expect("a mode");
    };
    write("cert.pem", "", 0o644);
    write("key.pem", "", 0o644);
    write("data", "", 0o644);
    write(
        "gatepost.toml",
        &format!("{SMALLEST}[tls]\ncertificate = \"cert.pem\"\nkey = \"key.pem\"\n[relay]\nca_file = \"none.pem\"\n"),
        0o644,
    );
    let errors = config::load(&dir.path().join("gatepost.toml")).expect_err("three of them");
    let causes: Vec<_> =
        errors.findings().iter().map(|f| &f.cause).filter(|c| c.severity() == Severity::Error).collect();
    assert!(
        matches!(
            causes[..],
            [Cause::NotAFolder(_), Cause::SecretExposed { mode: 0o644, .. }, Cause::FileUnreadable { .. }]
        ),
        "{causes:?}"
    );
}

#[test]
fn a_missing_file_says_who_looked() {
    let errors = config::load(Path::new("/nonexistent/gatepost.toml")).expect_err("missing");
    assert!(matches!(errors.findings()[0].cause, Cause::Unreadable { .. }));
    assert!(errors.to_string().starts_with("/nonexistent/gatepost.toml: cannot read it as uid "), "{errors}");
}

proptest::proptest! {
    /// Whatever the file holds, there is an answer, and it can be drawn.
    #[test]
    fn nothing_hostile_panics(pieces in proptest::collection::vec(proptest::sample::select(vec![
        "[auth]\n", "[[route]]\n", "[route]\n", "via", "to", " = ", "\"", "'", "\n", "0x7f", "-1", "[", "]", "{", "}", ",",
        "\"1d1d\"", "\"é:1\"", "hostname", "data", "domains", "limits", ".", "recipients", "1979-05-27", "\u{202e}", "\"\"",
    ]), 0..30)) {
        let text = pieces.concat();
        if let Err(errors) = config::parse(Path::new("gatepost.toml"), &text) {
            let drawn = errors.render(Color::Plain);
            proptest::prop_assert!(!errors.is_empty() && !drawn.is_empty());
        }
    }
}

/// MISSION 000-15.
#[test]
fn rules_that_hide_mechanisms() {
    let rule = "[auth]\nchain = [\"accounts\"]\n[[auth.hide]]\nfrom = \"192.0.2.0/24\"\nehlo = \"Nokia*\"\nmechanisms = [\"CRAM-MD5\"]";
    let config = parse(rule).expect("it is right");
    assert_eq!((config.hide.len(), &config.hide[0].mechanisms), (1, &vec!["CRAM-MD5"]));
    assert!(config.hide[0].ehlo.as_ref().is_some_and(|glob| glob.fits("nokia e51")));
    let found = |rules: &str| wrong(&format!("{SMALLEST}{rules}")).join("\n");
    assert!(found("[[auth.hide]]\nmechanisms = \"CRAM-MD4\"").contains("-> \"CRAM-MD5\""));
    assert!(found("[[auth.hide]]\nfrom = \"192.0.2.0/24\"").contains("auth.hide.mechanisms"));
    assert!(found("[[auth.hide]]\nfrom = \"192.0.2.0/33\"\nmechanisms = \"PLAIN\"").contains("no network"));
    assert!(found("[[auth.hide]]\nmechanisms = \"PLAIN\"").contains("this rule is for everybody"));
    assert!(found("[auth]\nhide = 1").contains("a section stands here as a key"));
}
