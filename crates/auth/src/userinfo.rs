//! Names and passwords in URLs: there are keys for them, and a URL is shown to operators and logs.

/// A URL without them (RFC 3986 §3.2.1).
pub(crate) fn without_userinfo(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    // A password may have any of these characters in it, against the RFC.
    let port = authority.rsplit_once(':').map_or("", |(_, port)| port);
    let odd = !authority.contains('@') && !port.bytes().all(|octet| octet.is_ascii_digit() || octet == b']');
    let (authority, path) = if odd { (rest, "") } else { (authority, path) };
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_left() {
        for (url, shown) in [
            ("ldap://ldap.example.org:389", "ldap://ldap.example.org:389"),
            ("https://[2001:db8::1]/x@y", "https://[2001:db8::1]/x@y"),
            ("https://[2001:db8::1]:443/x", "https://[2001:db8::1]:443/x"),
            ("ldapi://%2frun%2fslapd%2fldapi", "ldapi://%2frun%2fslapd%2fldapi"),
            ("ldap://me:secret@host:389/base", "ldap://host:389/base"),
            ("https://me:s@cret@host/x", "https://host/x"),
            ("https://me:sec/ret@host/x", "https://host/x"),
            ("https://me:sec?ret@host/x", "https://host/x"),
            ("no URL", "no URL"),
        ] {
            assert_eq!(without_userinfo(url), shown);
        }
    }
}
