//! `[auth.oauth]`

use std::path::PathBuf;
use std::time::Duration;

use crate::kinds::{DAY, HOUR, MINUTE, duration, list, optional, path, text};
use crate::section::section;

section! {
    /// Tokens instead of passwords: OAUTHBEARER (RFC 7628) and XOAUTH2. A token is asked about at the issuer (RFC 7662), or is
    /// a JWT whose signature is checked against the issuer's keys.
    pub struct Oauth = "auth.oauth" "[auth.oauth]" {
        /// The introspection endpoint (RFC 7662).
        introspection_url: Option<String> = None => optional(text("a URL"));
        /// Who we are at that endpoint.
        client_id: Option<String> = None => optional(text("a client id"));
        /// The file whose first line is the secret for it.
        client_secret_file: Option<PathBuf> = None => optional(path());
        /// The keys of the issuer (a JWK set, RFC 7517): a URL…
        jwks_url: Option<String> = None => optional(text("a URL"));
        /// … or a file.
        jwks_file: Option<PathBuf> = None => optional(path());
        /// How long keys from `jwks_url` are used before they are fetched again.
        jwks_lifetime: Duration = HOUR => duration(MINUTE..=DAY);
        /// The issuer that a token must name (`iss`).
        issuer: Option<String> = None => optional(text("an issuer"));
        /// The audiences of which a token must name one (`aud`).
        audience: Vec<String> = Vec::new() => list(text("an audience"));
        /// The scopes that a token must have.
        scope: Vec<String> = Vec::new() => list(text("a scope"));
        /// The claim that holds the login name.
        user_claim: String = "email".to_owned() => text("the name of a claim");
        /// PEM file of CAs to trust instead of the system's.
        ca_file: Option<PathBuf> = None => optional(path());
    }
    with guard
}
