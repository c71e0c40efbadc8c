//! OAUTHBEARER and XOAUTH2, with tokens that the openssl command signs.

use std::process::Command;

use harness::{Gatepost, Issuer, fail_with, succeed};

use super::{ALICE, CURL_DENIED, MSMTP_NOT_PERMITTED, PASSWORD, assert_noted, curl, msmtp, prepare};

fn with(server: &Gatepost, standard: u16, token: &str) -> Command {
    let mut command = curl(server, standard, "OAUTHBEARER", "");
    command.args(["--oauth2-bearer", token]);
    command
}

/// A token of the issuer is a login in every protocol, beside passwords that another module of the chain judges; one
/// that is too old or of another issuer is none.
#[test]
fn tokens_log_in_beside_passwords() {
    let tables =
        format!("[auth.oauth]\njwks_file = \"jwks.json\"\nissuer = \"{}\"\naudience = [\"mail\"]", Issuer::NAME);
    let (mut server, _) = prepare("\"oauth\", \"passwd-file\"", &tables);
    let issuer = Issuer::new(server.folder(), "issuer.key");
    std::fs::write(server.data().join("jwks.json"), issuer.keys()).expect("written");
    server.start();
    let good = issuer.token(ALICE, 0..600);
    let mut wanted = Vec::new();
    for (port, listener) in [(465, "submissions"), (993, "imaps"), (995, "pop3s")] {
        succeed(&mut with(&server, port, &good));
        succeed(&mut curl(&server, port, "CRAM-MD5", PASSWORD));
        wanted.extend(["OAUTHBEARER", "CRAM-MD5"].map(|mechanism| format!("{listener} {mechanism} ok")));
    }
    for mechanism in ["oauthbearer", "xoauth2"] {
        succeed(&mut msmtp(&server, mechanism, &good, ""));
        wanted.push(format!("submission {} ok", mechanism.to_ascii_uppercase()));
    }
    let stranger = Issuer::new(server.folder(), "stranger.key");
    for (token, outcome) in
        [(issuer.token(ALICE, -1200..-600), "expired"), (stranger.token(ALICE, 0..600), "wrong password")]
    {
        fail_with(&mut with(&server, 993, &token), CURL_DENIED);
        fail_with(&mut msmtp(&server, "xoauth2", &token, ""), MSMTP_NOT_PERMITTED);
        wanted.extend([format!("imaps OAUTHBEARER {outcome}"), format!("submission XOAUTH2 {outcome}")]);
    }
    server.maildir(ALICE).wait_for(4);
    assert_noted(&server, &wanted);
    assert!(!server.log().contains(&good), "no token in the log");
}
