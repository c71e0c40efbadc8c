//! What the keys of one module say about each other. Modules that the chain does not ask may be half told.

use crate::finding::Cause;
use crate::model::Config;
use crate::reading::Reading;
use crate::sections::LdapTls;

/// Looks at the modules of the chain.
pub(super) fn check(config: &Config, reading: &mut Reading<'_>) {
    sql(config, reading);
    ldap(config, reading);
    http(config, reading);
    oauth(config, reading);
}

/// Whether the chain asks a module. What the others are told is nobody's concern.
fn asked(config: &Config, module: &str) -> bool {
    config.auth.chain.iter().any(|name| name == module)
}

fn sql(config: &Config, reading: &mut Reading<'_>) {
    let modules = &config.modules;
    if modules.sqlite.path.is_none() && asked(config, "sqlite") {
        reading.at("auth.sqlite.path", Cause::Missing("path".to_owned()), "the file of the database");
    }
    let (postgres, mysql) = (&modules.postgres, &modules.mysql);
    for (key, tls, host) in
        [("auth.postgres.tls", postgres.tls, &postgres.host), ("auth.mysql.tls", mysql.tls, &mysql.host)]
    {
        if tls && host.starts_with('/') {
            let cause = Cause::Doubtful("`host` is a socket of this machine: there is no TLS on it");
            reading.at(key, cause, "\"none\", or the name of a host");
        }
    }
}

fn ldap(config: &Config, reading: &mut Reading<'_>) {
    let ldap = &config.modules.ldap;
    if !asked(config, "ldap") {
        return;
    }
    if ldap.url.is_empty() {
        reading.at("auth.ldap.url", Cause::Empty("url".to_owned()), "url = [\"ldaps://ldap.example.org\"]");
    }
    if ldap.base.is_none() {
        reading.at("auth.ldap.base", Cause::Missing("base".to_owned()), "base = \"dc=example,dc=org\"");
    }
    if ldap.bind_dn.is_some() != ldap.bind_password_file.is_some() {
        let cause = Cause::Without { key: "bind_dn".to_owned(), other: "bind_password_file".to_owned() };
        reading.at("auth.ldap.bind_dn", cause, "set both, or neither: then the search is anonymous");
    }
    let this_machine = |url: &str| {
        let host = url.trim_start_matches("ldap://");
        !url.starts_with("ldap://") || ["localhost", "127.", "[::1]"].iter().any(|local| host.starts_with(local))
    };
    if ldap.tls == LdapTls::Url && !ldap.url.iter().all(|url| this_machine(url)) {
        let cause =
            Cause::Doubtful("an ldap:// server elsewhere without `tls = \"starttls\"`: passwords travel in clear");
        reading.at("auth.ldap.url", cause, "ldaps://…, or tls = \"starttls\"");
    }
}

fn http(config: &Config, reading: &mut Reading<'_>) {
    if asked(config, "http") && config.modules.http.url.is_none() {
        reading.at("auth.http.url", Cause::Missing("url".to_owned()), "url = \"https://auth.example.org/judge\"");
    }
}

fn oauth(config: &Config, reading: &mut Reading<'_>) {
    let oauth = &config.modules.oauth;
    if !asked(config, "oauth") {
        return;
    }
    let judges = [oauth.introspection_url.is_some(), oauth.jwks_url.is_some(), oauth.jwks_file.is_some()];
    match judges.into_iter().filter(|set| *set).count() {
        0 => reading.at(
            "auth.oauth.introspection_url",
            Cause::Missing("introspection_url".to_owned()),
            "introspection_url, jwks_url or jwks_file: one of them judges the tokens",
        ),
        1 => {}
        _ => reading.at(
            "auth.oauth.introspection_url",
            Cause::Contradiction("only one of `introspection_url`, `jwks_url`, `jwks_file` can judge the tokens"),
            "one of them",
        ),
    }
    if oauth.introspection_url.is_none() && oauth.issuer.is_none() {
        reading.at(
            "auth.oauth.issuer",
            Cause::Missing("issuer".to_owned()),
            "issuer = \"https://id.example.org\" (RFC 8725 §3.8)",
        );
    }
    if oauth.audience.is_empty() {
        let cause =
            Cause::Doubtful("no `audience`: a token that the issuer made for any other program opens the mail, too");
        reading.at("auth.oauth.audience", cause, "audience = [\"mail\"] (RFC 8725 §3.9)");
    }
    if oauth.introspection_url.is_some() && oauth.client_id.is_some() != oauth.client_secret_file.is_some() {
        let cause = Cause::Without { key: "client_id".to_owned(), other: "client_secret_file".to_owned() };
        reading.at("auth.oauth.client_id", cause, "set both (RFC 7662 §2.1)");
    }
}
