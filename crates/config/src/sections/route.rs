//! `[[route]]`

use std::path::PathBuf;

use crate::finding::Cause;
use crate::kinds::{Via, choice, optional, path, pattern, user, via};
use crate::model::Route;
use crate::reading::Reading;
use crate::section::section;

/// How a route protects its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteTls {
    /// STARTTLS with a verified certificate, or no delivery.
    Starttls,
    /// TLS from the first octet (465), verified.
    Implicit,
    /// TLS where offered, certificate not verified. The default for MX; with credentials it must be asked for.
    Opportunistic,
    /// Never TLS.
    None,
}

impl RouteTls {
    /// Whether a password may travel over it.
    fn is_safe(self) -> bool {
        matches!(self, Self::Starttls | Self::Implicit)
    }
}

const TLS: &[(&str, RouteTls)] = &[
    ("starttls", RouteTls::Starttls),
    ("implicit", RouteTls::Implicit),
    ("opportunistic", RouteTls::Opportunistic),
    ("none", RouteTls::None),
];

section! {
    /// Where mail for a domain goes instead of its MX. Of several routes that fit, the nearest counts: the one with the
    /// very name, else the longest suffix, else `*`.
    pub(crate) struct Entry = "route" "[[route]]" {
        /// What the route is for: `"example.org"`, `".example.org"` (all subdomains) or `"*"` (everything).
        to: Option<String> = None => optional(pattern());
        /// The smarthost. Without a port it is 465 with `tls = "implicit"`, and else 587.
        via: Option<Via> = None => optional(via());
        /// How the connection is protected. `"starttls"` and `"implicit"` verify the certificate; `"opportunistic"`
        /// takes TLS where it is offered and verifies nothing. Left out, it is `"implicit"` for port 465, else
        /// `"starttls"` with a `user`, else `"opportunistic"`.
        tls: Option<RouteTls> = None => optional(choice(TLS));
        /// The login name there.
        user: Option<String> = None => optional(user());
        /// The file whose first line is the password. Only its owner should be able to read it (mode 0600).
        password_file: Option<PathBuf> = None => optional(path());
        /// The file whose first line is an OAuth access token, instead of `password_file`: for OAUTHBEARER or XOAUTH2. Only
        /// its owner should be able to read it (mode 0600). It is read for each login, so that whatever renews the token
        /// just writes the file.
        token_file: Option<PathBuf> = None => optional(path());
        /// Whether the password may leave without verified TLS.
        cleartext: bool = false => choice(&[("refuse", false), ("allow", true)]);
        /// PEM file of CAs to trust instead of the system's.
        ca_file: Option<PathBuf> = None => optional(path());
    }
}

impl Entry {
    /// The route, if its keys make sense together. `prefix` is where its keys stand: `route.0.`
    pub(crate) fn into_route(self, prefix: &str, reading: &mut Reading<'_>) -> Option<Route> {
        let port = self.via.as_ref().and_then(|via| via.port);
        let tls = self.tls.unwrap_or_else(|| self.default_tls(port));
        self.check(tls, prefix, reading);
        let via = self.via?;
        Some(Route {
            to: self.to?,
            host: via.host,
            port: port.unwrap_or(if tls == RouteTls::Implicit { 465 } else { 587 }),
            tls,
            user: self.user,
            password_file: self.password_file,
            token_file: self.token_file,
            cleartext: self.cleartext,
            ca_file: self.ca_file,
        })
    }

    fn default_tls(&self, port: Option<u16>) -> RouteTls {
        match port {
            Some(465) => RouteTls::Implicit,
            _ if self.user.is_some() => RouteTls::Starttls,
            _ => RouteTls::Opportunistic,
        }
    }

    fn check(&self, tls: RouteTls, prefix: &str, reading: &mut Reading<'_>) {
        let key = |name: &str| format!("{prefix}{name}");
        let token = reading.is_set(&key("token_file"));
        let secret = if token { "token_file" } else { "password_file" };
        let pairs = [("user", secret), (secret, "user"), ("cleartext", "user")];
        for (given, needed) in pairs {
            if reading.is_set(&key(given)) && !reading.is_set(&key(needed)) {
                let cause = Cause::Without { key: given.to_owned(), other: needed.to_owned() };
                reading.at(&key(given), cause, "set both, or neither");
            }
        }
        if token && reading.is_set(&key("password_file")) {
            let cause = Cause::Contradiction("a login has a password or a token");
            reading.at(&key("token_file"), cause, "`password_file` or `token_file`, not both");
        }
        if self.user.is_some() && !tls.is_safe() && !self.cleartext {
            let cause = Cause::Contradiction("the password would leave without verified TLS");
            let allowed = "tls = \"starttls\" or \"implicit\"; or cleartext = \"allow\" if that is what you want";
            reading.at(&key("tls"), cause, allowed);
        }
        if self.ca_file.is_some() && !tls.is_safe() {
            let cause = Cause::Doubtful("`ca_file` is not used: this route verifies no certificate");
            reading.at(&key("ca_file"), cause, "tls = \"starttls\" or \"implicit\"");
        }
    }
}
