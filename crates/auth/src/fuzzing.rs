//! The readers of files, for the fuzzer.

use std::path::Path;

use config::Config;

use crate::Service;
use crate::cdb::Cdb;
use crate::modules::{passwd_file, userdb, vpopmail};
use crate::roster::{Names, Roster};

/// Reads a userdb, and all accounts in it for all services.
pub fn userdb(text: &[u8]) {
    let names = Names::new(&Config::example("/data"));
    let mut roster = Roster::default();
    roster.add(Path::new("/userdb"), text, userdb::record::parse);
    for (name, known) in roster.iter() {
        let _ = known.record.account(name, &names);
        let _ = known.record.weakest();
        let _ = Service::ALL.map(|service| known.record.forms(service));
    }
}

/// Reads a passwd-file, and all accounts in it.
pub fn passwd_file(text: &[u8]) {
    let names = Names::new(&Config::example("/data"));
    let mut roster = Roster::default();
    roster.add(Path::new("/passwd"), text, passwd_file::line::parse);
    for (name, known) in roster.iter() {
        if let Ok(account) = known.record.account(name, &names) {
            assert!(account.maildir.is_absolute(), "mail lies somewhere");
        }
        let _ = known.record.forms();
    }
}

/// Takes octets as a cdb: every record, and the value of every key; and what vpopmail keeps in them.
pub fn cdb(file: &[u8]) {
    let Ok(cdb) = Cdb::new(file, file.len() as u64) else { return };
    let mut keys = Vec::new();
    let _ = cdb.each(|key, value| {
        let _ = vpopmail::mailbox::Mailbox::parse(&String::from_utf8_lossy(value));
        keys.push(key.to_vec());
        keys.len() < 100
    });
    for key in keys {
        let _ = cdb.get(&key);
    }
}

/// Takes octets as a token on the first line, and the issuer's keys on the others.
#[cfg(feature = "http")]
pub fn jwt(text: &[u8]) {
    let at = text.iter().position(|octet| *octet == b'\n').unwrap_or(text.len());
    let (token, keys) = text.split_at(at);
    crate::modules::oauth::try_token(token, keys);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// No octets harm the readers.
        #[test]
        fn any_octets(octets: Vec<u8>) {
            userdb(&octets);
            passwd_file(&octets);
            cdb(&octets);
            #[cfg(feature = "http")]
            jwt(&octets);
        }

        /// Nor what looks like the real thing.
        #[test]
        fn any_lines(
            lines in "(([a-z@.]{0,4}[\t:]?((uid|home|systempw|hmac-md5pw|imappw|options|[a-z]{1,3})=?[|:]?|\\{[A-Z0-9-]{0,9}\\}|%[hLund%]?|userdb_(mail|home|quota_rule)=(maildir:)?|[ /$*~0-9]){0,12})\n?){0,8}",
        ) {
            userdb(lines.as_bytes());
            passwd_file(lines.as_bytes());
            for line in lines.lines() {
                let _ = vpopmail::mailbox::parse(line);
            }
        }
    }
}
