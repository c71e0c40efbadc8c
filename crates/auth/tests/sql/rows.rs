//! The accounts that all databases have.

use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};

/// Whose names are nobody's: what an attacker types, and what a database may choke on.
pub(crate) const HOSTILE: [&str; 14] = [
    "' OR 1=1 --",
    "' OR '1'='1",
    "brian@example.test' --",
    "brian@example.test'; DROP TABLE passwd; --",
    "x' UNION SELECT 'brian@example.test','','right',1,1,'/','','','','' --",
    "\\' OR 1=1 -- ",
    "\" OR \"\"=\"",
    "`;--",
    "$(local_part)",
    ":user",
    "%",
    "brian_example.test",
    "\u{1F4A9}\u{202E}\u{FFFD}@example.test",
    "brian@example.test\\",
];

/// A hash that takes no time, for tests.
pub(crate) fn hash(password: &str) -> String {
    let params = Params::new(64, 1, 1, None).expect("few, but enough");
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password(password.as_bytes()).expect("a hash").to_string()
}

/// `passwd`, in Courier's layout, and `people`, who all have passwords in clear. `words`: the type of a text.
pub(crate) fn schema(words: &str) -> String {
    let hash = hash("right");
    format!(
        "CREATE TABLE passwd (id {words} PRIMARY KEY, crypt {words}, clear {words}, uid integer, gid integer,
            home {words}, maildir {words}, quota {words}, name {words}, options {words}, active integer NOT NULL);
         INSERT INTO passwd VALUES
            ('brian@example.test', '{hash}', '', 5000, 5001, '/home/vmail/brian', 'mail/', '10000000S', 'Brian',
                'disablepop3=1', 1),
            ('gone@example.test', '{hash}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0),
            ('o''brien@example.test', '{hash}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1),
            ('zoë@example.test', '{hash}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1),
            ('short', '{hash}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1);
         CREATE TABLE people (id {words} PRIMARY KEY, clear {words}, uid {words});
         INSERT INTO people VALUES ('carol@example.test', 'tanstaaf', '0'), ('dave@example.test', 'sesame', '0');
         CREATE TABLE twice (id {words}, crypt {words});
         INSERT INTO twice VALUES ('brian@example.test', '{hash}'), ('brian@example.test', '{hash}');"
    )
}
