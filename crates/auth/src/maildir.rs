//! Where an account's mail lies.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use message::Address;

/// `<data>/mail/<domain>/<local part>`. What could leave that folder or hide in it (`/`, a leading dot, controls) is
/// written as `%2F`, so that no address can name a foreign path.
pub(crate) fn of(data: &Path, address: &Address) -> PathBuf {
    data.join("mail").join(safe(address.domain().as_ascii())).join(safe(&address.local().to_lowercase()))
}

fn safe(name: &str) -> String {
    let mut safe = String::with_capacity(name.len());
    for (at, c) in name.char_indices() {
        let plain = c.is_alphanumeric() || matches!(c, '-' | '_' | '+' | '=') || (c == '.' && at > 0);
        if plain {
            safe.push(c);
            continue;
        }
        let mut octets = [0; 4];
        for octet in c.encode_utf8(&mut octets).bytes() {
            write!(safe, "%{octet:02X}").expect("a String takes all that is written");
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(address: &str) -> String {
        of(Path::new("/d"), &Address::parse(address).expect("an address")).display().to_string()
    }

    #[test]
    fn plain_names_stay_readable() {
        assert_eq!(shown("Alice.B+x@Example.test"), "/d/mail/example.test/alice.b+x");
        assert_eq!(shown("\"../../etc\"@example.test"), "/d/mail/example.test/%2E.%2F..%2Fetc");
        assert_eq!(shown("a%2F@example.test"), "/d/mail/example.test/a%252f");
    }

    proptest! {
        #[test]
        fn no_address_leaves_the_folder(local in "[ -~ü]{1,30}") {
            let quoted = format!("\"{}\"@example.test", local.replace('\\', "\\\\").replace('"', "\\\""));
            if let Ok(address) = Address::parse(&quoted) {
                let path = of(Path::new("/d"), &address);
                prop_assert_eq!(path.parent(), Some(Path::new("/d/mail/example.test")));
                prop_assert!(!path.file_name().expect("a name").to_string_lossy().starts_with('.'));
            }
        }
    }
}
