//! Debian's Exim in a folder and on a port of its own. Its package cannot stand beside Postfix's, so `./test` unpacks it into
//! a folder; the user that it insists on is there in a mount namespace only. It takes root, as Exim itself does.

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::{PATIENCE, Ports};

/// What is the same whatever the test wants.
const CONFIG: &str = "spool_directory = FOLDER/spool
log_file_path = FOLDER/spool/log/%slog
exim_user = mail
exim_group = mail
never_users =
local_interfaces = 127.0.0.1
daemon_smtp_ports = PORT
pid_file_path =
tls_certificate = FOLDER/cert.pem
tls_privatekey = FOLDER/key.pem
keep_environment =
";

const SCRIPT: &str = "set -e
cp /etc/passwd /etc/group \"$0\"
echo 'Debian-exim:x:8:8::/nonexistent:/usr/sbin/nologin' >> \"$0/passwd\"
echo 'Debian-exim:x:8:' >> \"$0/group\"
mount --bind \"$0/passwd\" /etc/passwd
mount --bind \"$0/group\" /etc/group
chmod 755 \"$0\"
chown -R mail \"$0/spool\" \"$0/cert.pem\" \"$0/key.pem\"
exec \"$1\" -C \"$0/config\" -bdf
";

/// A running Exim; it ends with this value.
#[derive(Debug)]
pub struct Exim {
    folder: TempDir,
    ports: Ports,
    child: Child,
}

impl Exim {
    /// Starts one with this certificate and key and these lines of config (`PORT` is its port), and waits until it
    /// listens.
    pub fn start(certificate: &Path, key: &Path, config: &str) -> Self {
        let binary = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/exim/usr/sbin/exim4"));
        assert!(binary.exists(), "{} is missing: ./test unpacks it", binary.display());
        let folder = tempfile::Builder::new().prefix("gatepost-exim-").tempdir().expect("a folder");
        let ports = Ports::claim();
        fs::create_dir_all(folder.path().join("spool/log")).expect("a folder");
        for (from, to) in [(certificate, "cert.pem"), (key, "key.pem")] {
            fs::copy(from, folder.path().join(to)).expect("the certificate");
        }
        let config = format!("{CONFIG}{config}")
            .replace("FOLDER", &folder.path().display().to_string())
            .replace("PORT", &ports.port(25).to_string());
        fs::write(folder.path().join("config"), config).expect("a config");
        let mut command = Command::new("unshare");
        command.args(["-m", "sh", "-c", SCRIPT]).arg(folder.path()).arg(binary);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("unshare");
        let exim = Self { folder, ports, child };
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", exim.port())).is_err() {
            assert!(Instant::now() < deadline, "Exim does not listen:\n{}", exim.log());
            std::thread::sleep(Duration::from_millis(50));
        }
        exim
    }

    /// Where it listens, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.ports.port(25)
    }

    /// Its main log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("spool/log/mainlog")).unwrap_or_default()
    }
}

impl Drop for Exim {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        drop(self.child.wait());
    }
}
