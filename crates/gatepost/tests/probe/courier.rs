//! Debian's Courier: its login servers for IMAP and POP3 under its own `couriertcpd`, with its own authdaemond and a userdb.
//! (POP3's package cannot stand beside Dovecot's, so `./test` unpacks it.) The paths of its config and its socket are
//! compiled in, so it runs in a mount namespace where those folders are the test's.

use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use harness::{PATIENCE, Papers, Ports};
use tempfile::TempDir;

use crate::{PASSWORD, Probe, USER};

const DAEMON: &str = "authmodulelist=\"authuserdb\"\nauthmodulelistorig=\"authuserdb\"\ndaemons=2\n\
                      authdaemonvar=/run/courier/authdaemon\nDEBUG_LOGIN=0\nDEFAULTOPTIONS=\"\"\nLOGGEROPTS=\"\"\n";

/// alice has a hash of her password, and what CRAM-MD5 needs only where the test says so. The rest is the login server.
const SCRIPT: &str = r#"set -e
folder="$1" name="$2" password="$3" keys="$4"
shift 4
mkdir -p /run/courier
mount --bind "$folder/etc" /etc/courier
mount --bind "$folder/run" /run/courier
userdb "$name" set uid=65534 gid=65534 home="$folder/home" mail="$folder/home/Maildir"
printf '%s\n%s\n' "$password" "$password" | userdbpw -md5 | userdb "$name" set systempw
[ -z "$keys" ] || printf '%s\n%s\n' "$password" "$password" | userdbpw -hmac-md5 | userdb "$name" set hmac-md5pw
chmod 700 /etc/courier/userdb
makeuserdb
(set -a; . /etc/courier/authdaemonrc; exec /usr/lib/courier/courier-authlib/authdaemond) &
while ! [ -S /run/courier/authdaemon/socket ]; do sleep 0.05; done
exec "$@"
"#;

/// What is kept of alice.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    Hash,
    HashAndKeys,
}

/// A running Courier of one protocol; it ends with this value.
struct Courier {
    papers: Papers,
    ports: Ports,
    child: Child,
    protocol: &'static str,
    folder: TempDir,
}

impl Courier {
    /// With these variables, which Courier's own scripts would read from `/etc/courier`.
    fn start(protocol: &'static str, variables: &[(&str, &str)]) -> Self {
        Self::start_with(protocol, variables, Kept::HashAndKeys)
    }

    fn start_with(protocol: &'static str, variables: &[(&str, &str)], kept: Kept) -> Self {
        let folder = site();
        let (papers, ports) = (Papers::new(), Ports::claim());
        let log = std::fs::File::create(folder.path().join("log")).expect("a log");
        let (certificate, key) = papers.good();
        let both = folder.path().join("both.pem");
        let read = |path| std::fs::read_to_string(path).expect("PEM");
        std::fs::write(&both, format!("{}{}", read(key), read(certificate))).expect("written");
        let mut command = Command::new("unshare");
        // Whatever is started in there ends with `unshare`.
        command.args(["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", SCRIPT, "sh"]).arg(folder.path());
        command.args([USER, PASSWORD, if kept == Kept::HashAndKeys { "yes" } else { "" }, "/usr/sbin/couriertcpd"]);
        command.args(["-nodnslookup", "-noidentlookup", "-address=127.0.0.1"]).arg(port(&ports, protocol).to_string());
        match protocol {
            "imap" => command.args(["/usr/lib/courier/courier/imaplogin", "/usr/bin/imapd", "Maildir"]),
            _ => command.arg(unpacked("courierpop3login")).arg(unpacked("courierpop3d")).arg("Maildir"),
        };
        let usual = [
            ("IMAP_CAPABILITY", "IMAP4rev1 UIDPLUS CHILDREN NAMESPACE SORT QUOTA IDLE"),
            ("IMAP_CAPABILITY_TLS", "IMAP4rev1 UIDPLUS CHILDREN NAMESPACE SORT QUOTA IDLE AUTH=PLAIN"),
            ("IMAP_STARTTLS", "YES"),
            ("IMAP_TLS_REQUIRED", "1"),
            ("IMAP_IDLE_TIMEOUT", "60"),
            ("POP3AUTH", ""),
            ("POP3AUTH_TLS", "LOGIN PLAIN"),
            ("POP3_STARTTLS", "YES"),
            ("POP3_TLS_REQUIRED", "1"),
            ("COURIERTLS", "/usr/bin/couriertls"),
            ("TLS_PROTOCOL", "TLS1.2+"),
            ("TLS_VERIFYPEER", "NONE"),
        ];
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("TLS_CERTFILE", &both);
        command.envs(usual).envs(variables.iter().copied()).current_dir(folder.path());
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
        let courier = Self { papers, ports, child: child.expect("unshare"), protocol, folder };
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", courier.port())).is_err() {
            assert!(Instant::now() < deadline, "Courier does not listen:\n{}", courier.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        courier
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn port(&self) -> u16 {
        port(&self.ports, self.protocol)
    }

    fn probe(&self) -> Probe {
        let probe = Probe::new(format!("127.0.0.1:{}", self.port()), self.protocol, &self.papers.ca());
        // Each one is answered after five seconds, whoever it is for.
        probe.with(&["--no-wrong-logins"])
    }
}

fn port(ports: &Ports, protocol: &str) -> u16 {
    ports.port(if protocol == "imap" { 143 } else { 110 })
}

fn unpacked(name: &str) -> PathBuf {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/courier/usr/lib/courier/courier"));
    let path = path.join(name);
    assert!(path.exists(), "{} is missing: ./test unpacks it", path.display());
    path
}

/// The folders: config, sockets, and a home that belongs to nobody.
fn site() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let all = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o755);
    std::fs::set_permissions(folder.path(), all).expect("permissions");
    for name in ["etc", "run/authdaemon", "home/Maildir/cur", "home/Maildir/new", "home/Maildir/tmp"] {
        std::fs::create_dir_all(folder.path().join(name)).expect("a folder");
    }
    for name in ["home", "home/Maildir", "home/Maildir/cur", "home/Maildir/new", "home/Maildir/tmp"] {
        std::os::unix::fs::chown(folder.path().join(name), Some(65_534), Some(65_534)).expect("it takes root");
    }
    std::fs::write(folder.path().join("etc/authdaemonrc"), DAEMON).expect("written");
    folder
}

impl Drop for Courier {
    fn drop(&mut self) {
        // It may be gone already.
        drop(self.child.kill());
        drop(self.child.wait());
        if std::thread::panicking() {
            drop(std::io::Write::write_all(&mut std::io::stderr(), self.log().as_bytes()));
        }
    }
}

/// The capabilities of IMAP inside TLS with a mechanism more.
const WITH_CRAM: (&str, &str) = ("IMAP_CAPABILITY_TLS", "IMAP4rev1 UIDPLUS IDLE AUTH=CRAM-MD5 AUTH=PLAIN");

#[test]
fn a_right_courier() {
    let probed = Courier::start("imap", &[WITH_CRAM]).probe().with_alice().run();
    probed.is_right();
    assert_eq!(probed.skipped("timing"), "no wrong logins are wanted");
    let accepted = probed.finding("logins");
    assert!(accepted.contains("CRAM-MD5") && accepted.contains("the LOGIN command"), "{accepted}");
}

/// MISSION 000-09, on one of the systems that we replace: a userdb with `systempw` alone.
#[test]
fn cram_md5_without_its_keys() {
    let probed = Courier::start_with("imap", &[WITH_CRAM], Kept::Hash).probe().with_alice().run();
    probed.has_wrong(&["error mechanism-fails"]);
    assert!(
        probed.finding("mechanism-fails").starts_with("CRAM-MD5 is offered"),
        "{}",
        probed.finding("mechanism-fails")
    );
}

/// MISSION 004-29: the password is right, and the Maildir is not there.
#[test]
fn a_maildir_that_is_missing() {
    let courier = Courier::start("imap", &[]);
    std::fs::remove_dir_all(courier.folder.path().join("home")).expect("it is there");
    let probed = courier.probe().with_alice().run();
    probed.has_wrong(&["error login-breaks"]);
    let said = probed.finding("login-breaks");
    assert!(said.contains("S: * BYE Temporary problem, please try again later"), "{said}");
}

/// MISSION 000-02.
#[test]
fn passwords_in_clear() {
    Courier::start("imap", &[("IMAP_TLS_REQUIRED", "0")]).probe().run().has_wrong(&["error login-in-clear"]);
}

#[test]
fn no_tls() {
    let courier = Courier::start("imap", &[("IMAP_STARTTLS", "NO"), ("IMAP_TLS_REQUIRED", "0")]);
    courier.probe().run().has_wrong(&["error no-tls", "error login-in-clear"]);
}

/// CVE-2021-38084: Debian 12's POP3 obeys inside TLS what came in clear behind STLS; its IMAP does not.
#[test]
fn stls_that_keeps_its_input() {
    let courier = Courier::start("pop3", &[]);
    let probed = courier.probe().run();
    probed.has_wrong(&["critical starttls-injection"]);
    let said = probed.finding("starttls-injection");
    assert!(
        said.contains("C: STLS | XPROBE   (one packet)") && said.contains("C: QUIT\nS: -ERR Invalid command."),
        "{said}"
    );
    let probed = Courier::start("pop3", &[("POP3_TLS_REQUIRED", "0")]).probe().run();
    probed.has_wrong(&["critical starttls-injection", "error login-in-clear"]);
    assert!(probed.finding("login-in-clear").contains("C: USER probe"), "{}", probed.finding("login-in-clear"));
}
