//! Debian's Exim as a submission server.

use std::process::Command;

use harness::{Exim, Papers};

use crate::{PASSWORD, Probe, Probed, USER};

/// Right in all that is looked for.
const RIGHT: &str = "primary_hostname = mail.example.test
tls_advertise_hosts = *
auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}
acl_smtp_mail = acl_mail
acl_smtp_rcpt = acl_rcpt
begin acl
acl_mail:
  deny !authenticated = *
       message = 530 5.7.0 Authentication required
  accept
acl_rcpt:
  accept authenticated = *
  deny message = relay not permitted
begin routers
nowhere:
  driver = redirect
  data = :blackhole:
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if and{{eq{$auth2}{USER}}{eq{$auth3}{PASSWORD}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${if and{{eq{$auth1}{USER}}{eq{$auth2}{PASSWORD}}}}
  server_set_id = $auth1
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = ${if eq{$auth1}{USER}{PASSWORD}fail}
  server_set_id = $auth1
";

/// Probes an Exim whose config differs in these places.
fn probed(papers: &Papers, changes: &[(&str, &str)]) -> Probed {
    let exim = start(papers, changes);
    Probe::new(format!("127.0.0.1:{}", exim.port()), "submission", &papers.ca()).with_alice().run()
}

fn start(papers: &Papers, changes: &[(&str, &str)]) -> Exim {
    let mut config = RIGHT.to_owned();
    for (from, to) in changes {
        assert!(config.contains(from), "{from}");
        config = config.replace(from, to);
    }
    let config = config.replace("USER", USER).replace("PASSWORD", PASSWORD);
    let (certificate, key) = papers.good();
    Exim::start(certificate, key, &config)
}

#[test]
fn a_right_exim() {
    let probed = probed(&Papers::new(), &[]);
    probed.is_right();
    let accepted = probed.finding("logins");
    assert!(accepted.contains("CRAM-MD5") && accepted.contains("LOGIN with an initial response"), "{accepted}");
}

/// MISSION 000-02.
#[test]
fn auth_in_clear() {
    let probed = probed(&Papers::new(), &[("${if eq{$tls_in_cipher}{}{}{*}}", "*")]);
    probed.has_wrong(&["error login-in-clear"]);
    assert!(probed.finding("login-in-clear").contains("AUTH PLAIN LOGIN"), "{}", probed.finding("login-in-clear"));
}

/// MISSION 000-09, 000-11: CRAM-MD5 has no secret that belongs to the account.
#[test]
fn cram_md5_without_its_secret() {
    let probed = probed(&Papers::new(), &[("{PASSWORD}fail}", "{another}fail}")]);
    probed.has_wrong(&["error mechanism-fails"]);
    assert!(probed.finding("mechanism-fails").starts_with("CRAM-MD5 "), "{}", probed.finding("mechanism-fails"));
}

/// A hash that takes long is reckoned for those who exist only.
#[test]
fn unknown_users_are_refused_faster() {
    let mut command = Command::new("/usr/bin/doveadm");
    let output = command.args(["-c", "/dev/null", "pw", "-s", "SHA512-CRYPT", "-r", "400000", "-p", PASSWORD]).output();
    let hash = String::from_utf8(output.expect("doveadm is installed").stdout).expect("UTF-8");
    let hash = hash.trim().trim_start_matches("{SHA512-CRYPT}").replace('$', "\\$");
    let slow = format!("{{crypteq{{$auth3}}{{\\{{crypt\\}}{hash}}}}}");
    let probed = probed(&Papers::new(), &[("{eq{$auth3}{PASSWORD}}", &slow)]);
    probed.has_wrong(&["warning timing"]);
    assert!(probed.finding("timing").contains("longer for users who exist"), "{}", probed.finding("timing"));
}

/// MISSION 003-17: 503 where 530 belongs.
#[test]
fn a_wrong_code_before_the_login() {
    let probed = probed(&Papers::new(), &[("530 5.7.0 Authentication required", "503 5.5.1 Bad sequence")]);
    probed.has_wrong(&["warning mail-before-login-code"]);
}

/// MISSION 003-16.
#[test]
fn another_name_in_the_greeting() {
    let probed = probed(&Papers::new(), &[("begin acl", "smtp_banner = wampir7.example.test ESMTP\nbegin acl")]);
    probed.has_wrong(&["warning names-differ"]);
    let said = probed.finding("names-differ");
    assert!(said.contains("the greeting says wampir7.example.test, EHLO says mail.example.test"), "{said}");
}

#[test]
fn a_relay_that_is_open() {
    let changes = [("deny message = relay not permitted", "accept"), ("deny !authenticated", "warn !authenticated")];
    let probed = probed(&Papers::new(), &changes);
    probed.has_wrong(&["critical open-relay"]);
    assert!(probed.finding("open-relay").contains("C: RCPT TO:<probe@relay-test.example>"));
}

/// MISSION 001-14: whoever wants to log in cannot.
#[test]
fn no_authenticators() {
    let (right, _) = RIGHT.split_once("begin authenticators").expect("it is there");
    let (_, authenticators) = RIGHT.split_at(right.len());
    let probed = probed(&Papers::new(), &[(authenticators, "")]);
    probed.has_wrong(&["error no-login"]);
    assert_eq!(probed.skipped("mechanisms"), "no login is offered");
}

/// MISSION 004-18: a port that begins with TLS, taken for one that does not, and the other way round.
#[test]
fn tls_at_the_wrong_moment() {
    let papers = Papers::new();
    let exim = start(&papers, &[("begin acl", "tls_on_connect_ports = PORT\nbegin acl")]);
    let place = format!("127.0.0.1:{}", exim.port());
    let probed = Probe::new(&place, "submission", &papers.ca()).with(&["--timeout", "2"]).run();
    probed.has_wrong(&["error tls-on-clear-port"]);
    assert!(probed.finding("tls-on-clear-port").contains("submissions"), "{}", probed.finding("tls-on-clear-port"));
    Probe::new(&place, "submissions", &papers.ca()).with_alice().run().is_right();
    let exim = start(&papers, &[]);
    let probed = Probe::new(format!("127.0.0.1:{}", exim.port()), "submissions", &papers.ca()).run();
    probed.has_wrong(&["error clear-on-tls-port"]);
    assert!(probed.finding("clear-on-tls-port").contains("S: 220 mail.example.test"));
}
