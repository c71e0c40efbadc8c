//! Debian's slapd, in a folder of the test's own.

use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use net::ca::PrivateCa;
use tempfile::TempDir;

/// The password of everybody who has one.
pub(crate) const RIGHT: &str = "right";

/// The password of `cn=gatepost`, who may read all.
pub(crate) const SERVICE: &str = "service secret";

pub(crate) struct Slapd {
    pub(crate) dir: TempDir,
    pub(crate) ca: PrivateCa,
    clear: u16,
    tls: u16,
    running: Option<Child>,
}

impl Slapd {
    /// With the users of [`people`] and `more` of them.
    pub(crate) fn start(more: usize) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let ca = net::ca::create(dir.path(), "localhost", &[]).expect("an authority");
        let mut slapd = Self { dir, ca, clear: free_port(), tls: free_port(), running: None };
        slapd.write("slapd.conf", &slapd.config());
        slapd.write("service", SERVICE);
        std::fs::create_dir(slapd.path("db")).expect("a folder");
        slapd.write("people.ldif", &people(more));
        let (config, people) = (slapd.path("slapd.conf"), slapd.path("people.ldif"));
        let added = Command::new("/usr/sbin/slapadd").arg("-q").arg("-f").arg(config).arg("-l").arg(people).output();
        let added = added.expect("slapadd (Debian's package slapd)");
        assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
        slapd.run();
        slapd
    }

    /// Starts it, once more if it was stopped; the ports stay the same.
    pub(crate) fn run(&mut self) {
        let urls = format!("{} {} {}", self.url("ldap"), self.url("ldaps"), self.url("ldapi"));
        let mut slapd = Command::new("/usr/sbin/slapd");
        slapd.args(["-d", "0", "-h", &urls, "-f"]).arg(self.path("slapd.conf"));
        let started = slapd.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.running = Some(started.expect("slapd (Debian's package slapd)"));
        let deadline = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.tls)).is_err() {
            assert!(Instant::now() < deadline, "slapd does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub(crate) fn stop(&mut self) {
        if let Some(mut slapd) = self.running.take() {
            slapd.kill().expect("it is ours");
            slapd.wait().expect("it ended");
        }
    }

    pub(crate) fn url(&self, scheme: &str) -> String {
        match scheme {
            "ldapi" => format!("ldapi://{}", self.path("socket").display().to_string().replace('/', "%2f")),
            "ldaps" => format!("ldaps://localhost:{}", self.tls),
            _ => format!("ldap://localhost:{}", self.clear),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let mut file = std::fs::File::create(self.path(name)).expect("a file");
        file.write_all(text.as_bytes()).expect("written");
    }

    fn config(&self) -> String {
        let (dir, ca) = (self.dir.path().display(), &self.ca);
        let (certificate, key, authority) = (ca.certificate.display(), ca.key.display(), ca.ca.display());
        format!(
            "include /etc/ldap/schema/core.schema\n\
             include /etc/ldap/schema/cosine.schema\n\
             include /etc/ldap/schema/nis.schema\n\
             include /etc/ldap/schema/inetorgperson.schema\n\
             pidfile {dir}/slapd.pid\n\
             modulepath /usr/lib/ldap\n\
             moduleload back_mdb\n\
             TLSCACertificateFile {authority}\n\
             TLSCertificateFile {certificate}\n\
             TLSCertificateKeyFile {key}\n\
             database mdb\n\
             maxsize 104857600\n\
             suffix \"dc=example,dc=test\"\n\
             rootdn \"cn=admin,dc=example,dc=test\"\n\
             directory {dir}/db\n\
             limits dn.exact=\"cn=gatepost,dc=example,dc=test\" size.soft=2 size.hard=2 size.prtotal=unlimited\n\
             limits dn.exact=\"cn=poor,dc=example,dc=test\" size.prtotal=100\n\
             access to attrs=userPassword by dn.exact=\"cn=gatepost,dc=example,dc=test\" read by anonymous auth\n\
             access to dn.base=\"dc=example,dc=test\" by * read\n\
             access to * by users read\n"
        )
    }
}

impl Drop for Slapd {
    fn drop(&mut self) {
        self.stop();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("an address").port()
}

/// A hash as OpenLDAP's own tool makes it.
fn slappasswd(scheme: &str) -> String {
    let mut tool = Command::new("/usr/sbin/slappasswd");
    tool.args(["-n", "-h", scheme, "-c", "$6$rounds=5000$%.12s", "-s", RIGHT]);
    let made = tool.output().expect("slappasswd (Debian's package slapd)");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    String::from_utf8(made.stdout).expect("text")
}

/// Users with each form of a password, one without any, two with one address, and `more` with a hash.
fn people(more: usize) -> String {
    let ssha = slappasswd("{SSHA}");
    let mut text = format!(
        "dn: dc=example,dc=test\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: Example\n\n\
         dn: cn=gatepost,dc=example,dc=test\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\n\
         cn: gatepost\nuserPassword: {SERVICE}\n\n\
         dn: cn=poor,dc=example,dc=test\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\n\
         cn: poor\nuserPassword: {SERVICE}\n\n\
         dn: ou=people,dc=example,dc=test\nobjectClass: organizationalUnit\nou: people\n\n"
    );
    let crypt = slappasswd("{CRYPT}");
    let mut one = |uid: &str, mail: &str, password: Option<&str>| {
        text.push_str(&format!(
            "dn: uid={uid},ou=people,dc=example,dc=test\nobjectClass: inetOrgPerson\nobjectClass: posixAccount\n\
             uid: {uid}\ncn: {uid} Person\nsn: Person\nmail: {mail}\nuidNumber: 1000\ngidNumber: 100\n\
             homeDirectory: /home/{uid}\nemployeeType: disableimap=1\n"
        ));
        password.into_iter().for_each(|password| text.push_str(&format!("userPassword: {password}\n")));
        text.push('\n');
    };
    one("ssha", "ssha@example.test", Some(&ssha));
    one("crypt", "crypt@example.test", Some(&crypt));
    one("clear", "clear@example.test", Some(RIGHT));
    one("none", "none@example.test", None);
    one("twin1", "twin@example.test", Some(&ssha));
    one("twin2", "twin@example.test", Some(&ssha));
    (0..more).for_each(|n| one(&format!("m{n}"), &format!("m{n}@example.test"), Some(&ssha)));
    text
}
