//! Certificate, clock and disk.

use std::fs::{self, File};

use std::process::Command;
use std::time::{Duration, SystemTime};

use harness::{Dns, Gatepost};

use crate::{Deep, ZONE, scenario};

/// A certificate for these names and days in the place of the server's, signed by its private CA.
fn certify(server: &Gatepost, names: &str, days: &str) {
    let tls = server.data().join("tls");
    let file = |name: &str| tls.join(name);
    let request =
        ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-batch", "-subj", "/CN=x"];
    openssl(Command::new("openssl").args(request).arg("-keyout").arg(file("key.pem")).arg("-out").arg(file("request")));
    fs::write(file("extensions"), format!("subjectAltName={names}\n")).expect("written");
    let mut sign = Command::new("openssl");
    sign.args(["x509", "-req", "-days", days, "-in"]).arg(file("request")).arg("-CA").arg(file("ca.pem"));
    sign.arg("-CAkey").arg(file("ca-key.pem")).arg("-extfile").arg(file("extensions"));
    openssl(sign.arg("-out").arg(file("cert.pem")));
}

fn openssl(command: &mut Command) {
    let output = command.output().expect("openssl is installed");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_certificate_that_is_over_soon_or_for_another() {
    let dns = Dns::start(ZONE);
    let server = scenario(&dns).prepare();
    certify(&server, "DNS:mail.example.test", "-1");
    let deep = Deep::of(&server);
    deep.has(("error", "certificate-expired"), "cert.pem", &["expired", "gatepost reload"]);
    assert_eq!(deep.code, 1);
    certify(&server, "DNS:mail.example.test", "7");
    Deep::of(&server).has(("warning", "certificate-soon"), "cert.pem", &[" days left"]);
    certify(&server, "DNS:other.example.test", "90");
    let words = ["good for other.example.test, and not for mail.example.test"];
    Deep::of(&server).has(("error", "certificate-names"), "cert.pem", &words);
}

/// The running server goes on with the old one until it is told.
#[test]
fn a_new_certificate_that_is_not_loaded_yet() {
    let dns = Dns::start(ZONE);
    let server = scenario(&dns).start();
    certify(&server, "DNS:mail.example.test,IP:127.0.0.1", "200");
    let deep = Deep::of(&server);
    deep.has(
        ("warning", "certificate-not-loaded"),
        "cert.pem",
        &["the running server uses another one", "gatepost reload"],
    );
    server.run(&["reload"], "");
    assert_eq!(Deep::of(&server).all("certificate-not-loaded").len(), 0);
}

#[test]
fn a_key_of_another_certificate() {
    let dns = Dns::start(ZONE);
    let (server, other) = (scenario(&dns).prepare(), scenario(&dns).prepare());
    fs::copy(other.data().join("tls/key.pem"), server.data().join("tls/key.pem")).expect("copied");
    let deep = Deep::of(&server);
    deep.has(("error", "key-mismatch"), "cert.pem", &["does not belong to the first certificate"]);
    assert_eq!(deep.code, 78, "the server would not start");
}

/// A file of the future: the clock was set back meanwhile.
#[test]
fn a_file_of_the_future_is_the_clocks_fault() {
    let dns = Dns::start(ZONE);
    let server = scenario(&dns).prepare();
    let queue = server.data().join("queue");
    fs::create_dir(&queue).expect("made");
    let file = File::create(queue.join("journal-1")).expect("made");
    file.set_modified(SystemTime::now() + Duration::from_secs(3 * 86_400)).expect("a time");
    let deep = Deep::of(&server);
    deep.has(("error", "clock-back"), "/queue/journal-1", &["2 days in the future", "timedatectl set-ntp true"]);
    assert_eq!(
        deep.all("clock-synchronised").len() + deep.all("clock-unsynchronised").len() + deep.all("clock-unknown").len(),
        1
    );
}

/// Less room than the config wants free is what makes the server put mail off.
#[test]
fn a_disk_with_less_room_than_the_limit() {
    let dns = Dns::start(ZONE);
    let server = scenario(&dns).config("[queue]\nmin_free = \"1024 GiB\"").prepare();
    let deep = Deep::of(&server);
    deep.has(("error", "disk-full"), "(data, queue", &["queue.min_free = 1024 GiB", "452"]);
    deep.has(("ok", "disk-inodes"), "(data, queue", &[]);
}
