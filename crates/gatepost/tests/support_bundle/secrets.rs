//! No secret leaves: each place where one can be has a marked one, and every octet of the archive, and of what is said, is
//! searched for it in every form.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use harness::dialogue::{Tcp, Wire};
use harness::{Gatepost, client, succeed};

use crate::{ALICE, PASSWORD, Unpacked, fail_to_log_in, scenario};

/// Where a marked secret is; each ends with the name of its place. Quotes and backslashes are what programs stumble over.
fn marked(place: &str) -> String {
    format!("Mk7\"q\\Zx-{place}")
}

/// The same without what an account file, a URL or a line of TOML would take for syntax.
fn plain(place: &str) -> String {
    format!("Mk7qZx-{place}")
}

/// All forms of a secret.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let mut forms = vec![
        secret.as_bytes().to_vec(),
        secret.bytes().rev().collect(),
        secret.bytes().map(|octet| format!("{octet:02x}")).collect::<String>().into_bytes(),
        secret.bytes().map(|octet| format!("{octet:02X}")).collect::<String>().into_bytes(),
        format!("{secret:?}").into_bytes(),
        serde_json::json!(secret).to_string().into_bytes(),
        secret.replace('\\', "\\\\").replace('"', "\\\"").into_bytes(),
    ];
    // At each of the three alignments, what does not depend on its neighbours.
    for shift in 0..3 {
        let encoded = STANDARD_NO_PAD.encode([&b"\0\0\0"[..shift], secret.as_bytes()].concat());
        let (from, end) = ([0, 2, 3][shift], (shift + secret.len()) / 3 * 4);
        forms.push(encoded.as_bytes()[from..end].to_vec());
    }
    forms
}

fn search(what: &str, octets: &[u8], secrets: &[String]) {
    for secret in secrets {
        for form in forms(secret) {
            let found = octets.windows(form.len()).position(|window| window == form);
            let around =
                found.map(|at| String::from_utf8_lossy(&octets[at.saturating_sub(80)..octets.len().min(at + 80)]));
            assert!(found.is_none(), "{secret} is in {what}: {around:?}");
        }
    }
}

fn secret_file(server: &Gatepost, name: &str, content: &str) {
    let path = server.data().join(name);
    fs::write(&path, format!("{content}\n")).expect("written");
    fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("a mode");
}

/// `[PLACE]` becomes a marked secret.
const TABLES: &str = "
[auth]
# the old password of the directory was [comment]
chain = [\"accounts\", \"userdb\", \"passwd-file\", \"ldap\", \"postgres\", \"mysql\", \"http\", \"oauth\", \"exec\", \"sqlite\"]
[auth.userdb]
path = \"userdb\"
[auth.passwd-file]
path = \"users\"
[auth.ldap]
url = [\"ldap://me:[ldapurl]@127.0.0.1:1\"]
bind_dn = \"cn=me\"
bind_password_file = \"ldap.pass\"
base = \"dc=x\"
# bind_password = \"[commented]\"
[auth.postgres]
host = \"127.0.0.1\"
port = 1
password_file = \"postgres.pass\"
condition = \"hint = '[sql]'\"
[auth.mysql]
host = \"127.0.0.1\"
port = 1
password_file = \"mysql.pass\"
[auth.http]
url = \"http://me:[httpurl]@127.0.0.1:1/x?key=[query]\"
token_file = \"http.pass\"
[auth.oauth]
introspection_url = \"http://127.0.0.1:1/\"
client_id = \"me\"
client_secret_file = \"oauth.pass\"
[auth.exec]
command = [\"/bin/false\", \"--password\", \"[argument]\"] # [behind]
[auth.sqlite]
path = \"none.db\"
[[route]]
to = \"one.test\"
via = \"127.0.0.1:1\"
user = \"me@one.test\"
password_file = \"route.pass\"
[[route]]
to = \"two.test\"
via = \"127.0.0.1:1\"
user = \"me@two.test\"
token_file = \"token.pass\"
";

/// Every place of the config and of its files.
fn plant(server: &Gatepost) -> Vec<String> {
    let files = ["route", "token", "ldap", "postgres", "mysql", "http", "oauth"];
    files.iter().for_each(|name| secret_file(server, &format!("{name}.pass"), &marked(name)));
    let brian = format!("brian\thome=/home/brian|uid=1|gid=1|systempw={{PLAIN}}{}|hmac-md5pw=x", plain("userdb"));
    secret_file(server, "userdb", &brian);
    secret_file(server, "users", &format!("carol@example.test:{{PLAIN}}{}:1:1::/home/carol::", plain("passwd")));
    let places = ["comment", "ldapurl", "commented", "sql", "httpurl", "query", "argument", "behind"];
    let filled = |text: String, place: &&str| text.replace(&format!("[{place}]"), &plain(place));
    let tables = places.iter().fold(TABLES.to_owned(), filled);
    server.edit_config(|config| format!("{config}{tables}"));
    let planted = places.into_iter().chain(["userdb", "passwd"]).map(plain);
    files.iter().map(|name| marked(name)).chain(planted).collect()
}

/// Logins with marked passwords, in several forms: the ids of the sessions, and the passwords.
fn log_in(server: &Gatepost) -> ([String; 4], [String; 4]) {
    let (imap, sasl, smtp, pop3) = (plain("imap"), plain("sasl"), plain("smtp"), plain("pop3"));
    let login = fail_to_log_in(server, &format!("LOGIN {ALICE} \"{imap}\""));
    let plain =
        fail_to_log_in(server, &format!("AUTHENTICATE PLAIN {}", STANDARD.encode(format!("\0{ALICE}\0{sasl}"))));
    let talk = |port: u16, lines: &[String]| {
        let mut wire = Tcp::connect_tls(server.port(port), server.ca());
        let greeting = wire.line();
        for line in lines {
            wire.send(format!("{line}\r\n").as_bytes());
            let mut said = wire.line();
            while said.as_bytes().get(3) == Some(&b'-') {
                said = wire.line();
            }
        }
        drop(wire);
        let id = greeting.rsplit_once('[').expect("an id").1.trim_end_matches([']', '>']);
        crate::wait_for_record(server, id);
        id.to_owned()
    };
    let coded = |text: &str| STANDARD.encode(text);
    let submission =
        talk(465, &["EHLO x".to_owned(), "AUTH LOGIN".to_owned(), coded(ALICE), coded(&smtp), "QUIT".to_owned()]);
    let reading = talk(995, &[format!("USER {ALICE}"), format!("PASS {pop3}"), "QUIT".to_owned()]);
    ([login, plain, submission, reading], [imap, sasl, smtp, pop3])
}

/// What the accounts keep, out of the store itself.
fn kept(data: &Path) -> Vec<String> {
    let script = "import sqlite3, sys\n\
                  for row in sqlite3.connect(sys.argv[1]).execute('SELECT hash, hex(scram_stored_key), hex(scram_server_key) FROM account'):\n\
                  \x20   print('\\n'.join(row))\n";
    let said = succeed(client("python3").args(["-c", script]).arg(data.join("accounts.sqlite")));
    said.lines().map(str::to_owned).collect()
}

#[test]
fn no_secret_leaves_in_any_form() {
    let mut server = scenario().prepare();
    let mut secrets = plant(&server);
    server.start();
    let (sessions, passwords) = log_in(&server);
    secrets.extend(passwords);
    secrets.extend(kept(&server.data()));
    secrets.push(PASSWORD.to_owned());
    let key = fs::read_to_string(server.data().join("tls/key.pem")).expect("the key");
    secrets.extend(key.lines().filter(|line| !line.starts_with('-')).map(str::to_owned));
    assert!(secrets.len() > 24, "{}", secrets.len());

    let bundle = Unpacked::of(&server, &[]);
    bundle.has(
        "gatepost.toml",
        &["command = [\"/bin/false\", \"[masked]\", \"[masked]\"]", "http://me:[masked]@127.0.0.1:1/x?[masked]"],
    );
    bundle.has(
        "gatepost.toml",
        &["condition = \"hint = '[masked]'\"", "# bind_password", "password_file = \"route.pass\""],
    );
    for (name, octets) in &bundle.files {
        search(name, octets, &secrets);
    }
    for id in &sessions {
        let about = Unpacked::of(&server, &[id]);
        about.has(&format!("sessions/{id}.txt"), &[id]);
        about.files.iter().for_each(|(name, octets)| search(name, octets, &secrets));
    }
    search("the log", server.log().as_bytes(), &secrets);
    search("what was said", bundle.said.as_bytes(), &secrets);
    let list = server.run(&["support-bundle", "--list", "--json"], "");
    search("the list", list.as_bytes(), &secrets);
}

/// A search that finds nothing must be able to find.
#[test]
fn the_search_finds_each_form() {
    let secret = marked("x");
    for form in forms(&secret) {
        let octets = [b"before ", &form[..], b" behind"].concat();
        assert!(std::panic::catch_unwind(|| search("it", &octets, std::slice::from_ref(&secret))).is_err());
    }
    search("it", b"nothing", &[secret]);
}
