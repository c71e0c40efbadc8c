//! `[auth.ldap]`

use std::path::PathBuf;

use crate::kinds::{choice, flag, list, optional, path, text};
use crate::section::section;

/// How the connection to the directory is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LdapTls {
    /// As the URL says: `ldaps://` is TLS, `ldap://` is not.
    Url,
    /// StartTLS on `ldap://`.
    StartTls,
}

section! {
    /// A directory: search for the user, then bind as the user or compare a stored password. The keys are those of
    /// Courier's `authldaprc`, with what they mean as names.
    pub struct Ldap = "auth.ldap" "[auth.ldap]" {
        /// The servers, asked in this order: `ldaps://host`, `ldap://host:389`, `ldapi://%2frun%2fslapd%2fldapi`.
        url: Vec<String> = Vec::new() => list(text("an LDAP URL"));
        /// How the connection is protected.
        tls: LdapTls = LdapTls::Url => choice(&[("url", LdapTls::Url), ("starttls", LdapTls::StartTls)]);
        /// PEM file of CAs to trust instead of the system's.
        ca_file: Option<PathBuf> = None => optional(path());
        /// Whom to bind as for the search; left out, the search is anonymous.
        bind_dn: Option<String> = None => optional(text("a distinguished name"));
        /// The file whose first line is that one's password. Only its owner should be able to read it.
        bind_password_file: Option<PathBuf> = None => optional(path());
        /// Where the search begins.
        base: Option<String> = None => optional(text("a distinguished name"));
        /// What is searched for: `%u` is the login name, `%n` its local part, `%d` its domain, each escaped (RFC 4515).
        filter: String = "(mail=%u)".to_owned() => text("an LDAP filter");
        /// The filter that finds all accounts, for the count of what they keep.
        all_filter: String = "(mail=*)".to_owned() => text("an LDAP filter");
        /// Whether the password is checked by binding as the user who was found (LDAP_AUTHBIND). Then no hash is read,
        /// and no CRAM-MD5 or SCRAM is possible.
        bind_as_user: bool = true => flag();
        /// The attribute with the address.
        mail: String = "mail".to_owned() => text("an attribute");
        /// The attribute with a hashed password (LDAP_CRYPTPW).
        crypt_password: String = "userPassword".to_owned() => text("an attribute");
        /// The attribute with a password in clear (LDAP_CLEARPW).
        clear_password: Option<String> = None => optional(text("an attribute"));
        /// The attribute with the home folder.
        home: String = "homeDirectory".to_owned() => text("an attribute");
        /// The attribute with the Maildir.
        maildir: Option<String> = None => optional(text("an attribute"));
        /// The attribute with the numeric user id.
        uid: String = "uidNumber".to_owned() => text("an attribute");
        /// The attribute with the numeric group id.
        gid: String = "gidNumber".to_owned() => text("an attribute");
        /// The attribute with the quota.
        quota: Option<String> = None => optional(text("an attribute"));
        /// The attribute with the full name.
        name: String = "cn".to_owned() => text("an attribute");
        /// The attribute with account options such as `disableimap=1`.
        options: Option<String> = None => optional(text("an attribute"));
    }
    with guard
}
