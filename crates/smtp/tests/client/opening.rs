//! From the greeting to the point where mail can be sent.

use sasl::client::Credentials;
use sasl::{Mechanism, Secret};
use smtp::client::{Hello, Login, Opening, TlsWish};

use crate::play::play;

fn login() -> Login {
    let credentials = Credentials::password("user", Secret::new("pass"));
    Login { credentials, preferred: None, cleartext: false }
}

fn opens(tls: TlsWish, login: Option<Login>, dialogue: &str) {
    let mut opening = Opening::new(Hello { name: "me.example".into(), tls, login });
    play(&mut opening, "", dialogue);
}

/// Inside TLS, with a login; `auth` is the server's AUTH line, `rest` what follows it.
fn logs_in(login: Login, auth: &str, rest: &str) {
    let dialogue = format!("S: 220 mx\n C: EHLO me.example\n S: 250-mx\n S: 250 {auth}\n {rest}");
    opens(TlsWish::Active, Some(login), &dialogue);
}

#[test]
fn plain_and_simple() {
    let dialogue = "
        S: 220-mx.example
        S: 220 ready
        C: EHLO me.example
        S: 250-mx.example
        S: 250 STARTTLS
        -- ready";
    opens(TlsWish::Never, None, dialogue);
}

#[test]
fn an_old_server_gets_helo() {
    for code in ["500", "501", "502", "504", "550"] {
        let dialogue = format!(
            "S: 220 mx
            C: EHLO me.example
            S: {code} what?
            C: HELO me.example
            S: 250 mx
            -- ready"
        );
        opens(TlsWish::IfOffered, None, &dialogue);
    }
}

#[test]
fn a_server_that_does_not_want_us() {
    opens(TlsWish::Never, None, "S: 554 5.7.1 go away\n -- failed: refused at greeting: 554 5.7.1 go away");
    opens(TlsWish::Never, None, "S: 421 busy\n -- failed: refused at greeting: 421 busy");
    let hello = "S: 220 mx\n C: EHLO me.example\n";
    opens(TlsWish::Never, None, &format!("{hello} S: 421 busy\n -- failed: refused at EHLO: 421 busy"));
    opens(TlsWish::Never, None, &format!("{hello} S: 521 no mail\n -- failed: refused at EHLO: 521 no mail"));
}

/// RFC 3207 §4.2, MISSION 001-16: what was offered before TLS counts for nothing afterwards.
#[test]
fn offers_before_and_after_tls_are_kept_apart() {
    let dialogue = "
        S: 220 mx
        C: EHLO me.example
        S: 250-mx
        S: 250-AUTH LOGIN CRAM-MD5
        S: 250 STARTTLS
        C: STARTTLS
        S: 220 go
        -- TLS
        C: EHLO me.example
        S: 250-mx
        S: 250 auth=plain
        C: AUTH PLAIN {\\0user\\0pass}
        S: 235 2.7.0 welcome
        -- ready, PLAIN";
    opens(TlsWish::Required, Some(login()), dialogue);
}

const REFUSED_STARTTLS: &str = "
    S: 220 mx
    C: EHLO me.example
    S: 250-mx
    S: 250-AUTH PLAIN
    S: 250 STARTTLS
    C: STARTTLS
    S: 454 4.7.0 not now";

#[test]
fn tls_that_is_required_is_not_given_up() {
    let none = "S: 220 mx\n C: EHLO me.example\n S: 250 mx\n -- failed: the server does not offer STARTTLS";
    opens(TlsWish::Required, None, none);
    let refused = format!("{REFUSED_STARTTLS}\n -- failed: refused at STARTTLS: 454 4.7.0 not now");
    opens(TlsWish::Required, None, &refused);
}

#[test]
fn opportunistic_tls_is_given_up_but_not_the_login() {
    opens(TlsWish::IfOffered, None, &format!("{REFUSED_STARTTLS}\n -- ready"));
    let refused = format!("{REFUSED_STARTTLS}\n -- failed: without TLS the login would be in clear");
    opens(TlsWish::IfOffered, Some(login()), &refused);
}

/// MISSION 000-16, 001-16: a refusal leads to the next mechanism.
#[test]
fn the_next_mechanism_follows_a_refusal() {
    for code in ["500", "502", "504", "534", "535", "538"] {
        let dialogue = format!(
            "C: AUTH PLAIN {{\\0user\\0pass}}
            S: {code} no
            C: AUTH LOGIN
            S: 334 {{Username:}}
            C: {{user}}
            S: 334 {{Password:}}
            C: {{pass}}
            S: 235 yes
            -- ready, LOGIN"
        );
        logs_in(login(), "AUTH LOGIN PLAIN", &dialogue);
    }
}

#[test]
fn three_attempts_and_no_more() {
    let dialogue = "
        C: AUTH CRAM-MD5
        S: 504 not really
        C: AUTH PLAIN {\\0user\\0pass}
        S: 535 no
        C: AUTH LOGIN
        S: 535 no
        -- failed: the login was refused (the server offers CRAM-MD5 XOAUTH2 PLAIN LOGIN)";
    logs_in(login(), "AUTH LOGIN PLAIN CRAM-MD5 XOAUTH2", dialogue);
}

#[test]
fn temporary_trouble_ends_the_login() {
    for code in ["421", "432", "454"] {
        let dialogue =
            format!("C: AUTH PLAIN {{\\0user\\0pass}}\n S: {code} later\n -- failed: temporary, {code} later");
        logs_in(login(), "AUTH LOGIN PLAIN", &dialogue);
    }
}

/// MISSION 001-14: nothing usable is a failure that names the list, not a session without a login.
#[test]
fn nothing_usable_names_the_list() {
    let failed = "-- failed: the server offers no mechanism that can be used (it offers";
    logs_in(login(), "AUTH NTLM XOAUTH2", &format!("{failed} XOAUTH2 NTLM)"));
    logs_in(login(), "HELP", &format!("{failed} nothing)"));
}

#[test]
fn cleartext_only_where_the_route_says_so() {
    let hello = "S: 220 mx\n C: EHLO me.example\n S: 250-mx\n S: 250 AUTH PLAIN\n";
    let refused = format!("{hello} -- failed: without TLS the login would be in clear");
    opens(TlsWish::Never, Some(login()), &refused);
    let allowed = format!("{hello} C: AUTH PLAIN {{\\0user\\0pass}}\n S: 235 ok\n -- ready, PLAIN");
    opens(TlsWish::Never, Some(Login { cleartext: true, ..login() }), &allowed);
}

#[test]
fn what_worked_is_tried_first() {
    let dialogue = "
        C: AUTH LOGIN
        S: 334 Username:
        C: {user}
        S: 334 {Password:}
        C: {pass}
        S: 235 yes
        -- ready, LOGIN";
    let preferred = Login { preferred: Some(Mechanism::Login), ..login() };
    logs_in(preferred, "AUTH PLAIN LOGIN SCRAM-SHA-256", dialogue);
}

#[test]
fn a_server_that_breaks_the_exchange_is_cancelled() {
    let dialogue = "
        C: AUTH CRAM-MD5
        S: 334 not base64!
        C: *
        S: 501 cancelled
        C: AUTH PLAIN {\\0user\\0pass}
        S: 235 ok
        -- ready, PLAIN";
    logs_in(login(), "AUTH CRAM-MD5 PLAIN", dialogue);
}

#[test]
fn a_long_initial_response_waits_for_its_challenge() {
    let password = "p".repeat(500);
    let credentials = Credentials::password("user", Secret::new(password.clone()));
    let dialogue = format!(
        "C: AUTH PLAIN
        S: 334 {{}}
        C: {{\\0user\\0{password}}}
        S: 235 ok
        -- ready, PLAIN"
    );
    logs_in(Login { credentials, ..login() }, "AUTH PLAIN", &dialogue);
}

/// XOAUTH2 and OAUTHBEARER are for tokens alone, and passwords for the others alone; EXTERNAL is for neither.
#[test]
fn a_token_is_used_where_it_fits() {
    let token = || Login { credentials: Credentials::token("user", Secret::new("t0ken")), ..login() };
    let dialogue = "
        C: AUTH OAUTHBEARER {n,a=user,^Aauth=Bearer t0ken^A^A}
        S: 334 e30=
        C: {^A}
        S: 535 5.7.8 no
        C: AUTH XOAUTH2 {user=user^Aauth=Bearer t0ken^A^A}
        S: 235 ok
        -- ready, XOAUTH2";
    logs_in(token(), "AUTH EXTERNAL SCRAM-SHA-256 XOAUTH2 OAUTHBEARER PLAIN", dialogue);
    let dialogue = "
        C: AUTH PLAIN {\\0user\\0pass}
        S: 235 ok
        -- ready, PLAIN";
    logs_in(login(), "AUTH EXTERNAL XOAUTH2 OAUTHBEARER SCRAM-SHA-256-PLUS PLAIN", dialogue);
}
