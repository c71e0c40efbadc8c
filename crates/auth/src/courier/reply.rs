//! What a server answers.

use sasl::Secret;
use zeroize::Zeroizing;

use super::Malformed;
use super::text::{Writer, line, number, text};

/// More lines than this no answer has.
const LINES: usize = 100;

/// An answer. That there is none, or one that ends before its end, means "could not tell".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// An account: to `PRE`, and to an `AUTH` that was right.
    Account(Box<Entry>),
    /// `OK`: a password was changed.
    Ok,
    /// `FAIL`: nobody knows the user, or it is wrong.
    Fail,
}

/// An account as it is told. A system user has a `username` instead of a uid.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry {
    /// `USERNAME`: the system's user.
    pub username: Option<String>,
    /// `UID`
    pub uid: Option<u32>,
    /// `GID`
    pub gid: Option<u32>,
    /// `HOME`
    pub home: Option<String>,
    /// `ADDRESS`: who was authenticated.
    pub address: Option<String>,
    /// `NAME`
    pub name: Option<String>,
    /// `MAILDIR`, relative to the home.
    pub maildir: Option<String>,
    /// `QUOTA`
    pub quota: Option<String>,
    /// `PASSWD`: its hash.
    pub passwd: Option<Secret>,
    /// `PASSWD2`: the password in clear.
    pub passwd2: Option<Secret>,
    /// `OPTIONS`: `disableimap=1,…`
    pub options: Option<String>,
}

impl Reply {
    /// Reads an answer out of all that has come so far, and how many octets it has; `None` if more is to come.
    ///
    /// # Errors
    /// [`Malformed`]: it is no answer. That is temporary too.
    pub fn decode(input: &[u8]) -> Result<Option<(Self, usize)>, Malformed> {
        let (mut entry, mut rest) = (Entry::default(), input);
        for n in 0..=LINES {
            let Some((line, more)) = line(rest)? else { return Ok(None) };
            rest = more;
            let reply = match (n, line) {
                (_, b".") => Self::Account(Box::new(entry)),
                (0, b"FAIL") => Self::Fail,
                (0, b"OK") => Self::Ok,
                _ => {
                    entry.take(line)?;
                    continue;
                }
            };
            return Ok(Some((reply, input.len() - rest.len())));
        }
        Err(Malformed::TooLong("the answer"))
    }

    /// As it is sent.
    ///
    /// # Errors
    /// A value that the protocol cannot carry.
    pub fn encode(&self) -> Result<Zeroizing<Vec<u8>>, Malformed> {
        let mut out = Writer::default();
        match self {
            Self::Account(entry) => entry.write(&mut out)?,
            Self::Ok => drop(out.put("OK\n")),
            Self::Fail => drop(out.put("FAIL\n")),
        }
        Ok(out.done())
    }
}

impl Entry {
    /// Takes a line in. A key that is not known belongs to a later version, and is passed over.
    fn take(&mut self, line: &[u8]) -> Result<(), Malformed> {
        let mut parts = line.splitn(2, |octet| *octet == b'=');
        let (key, value) = (parts.next().unwrap_or_default(), parts.next().ok_or(Malformed::Unknown)?);
        match key {
            b"USERNAME" => self.username = Some(text(value, "USERNAME")?),
            b"UID" => self.uid = Some(number(value, "UID")?),
            b"GID" => self.gid = Some(number(value, "GID")?),
            b"HOME" => self.home = Some(text(value, "HOME")?),
            b"ADDRESS" => self.address = Some(text(value, "ADDRESS")?),
            b"NAME" => self.name = Some(String::from_utf8_lossy(value).into_owned()),
            b"MAILDIR" => self.maildir = Some(text(value, "MAILDIR")?),
            b"QUOTA" => self.quota = Some(text(value, "QUOTA")?),
            b"PASSWD" => self.passwd = Some(Secret::new(value)),
            b"PASSWD2" => self.passwd2 = Some(Secret::new(value)),
            b"OPTIONS" => self.options = Some(text(value, "OPTIONS")?),
            _ => {}
        }
        Ok(())
    }

    fn write(&self, out: &mut Writer) -> Result<(), Malformed> {
        let (uid, gid) = (self.uid.map(|uid| uid.to_string()), self.gid.map(|gid| gid.to_string()));
        let fields: [(&'static str, Option<&[u8]>); 11] = [
            ("USERNAME", self.username.as_deref().map(str::as_bytes)),
            ("UID", uid.as_deref().map(str::as_bytes)),
            ("GID", gid.as_deref().map(str::as_bytes)),
            ("HOME", self.home.as_deref().map(str::as_bytes)),
            ("ADDRESS", self.address.as_deref().map(str::as_bytes)),
            ("NAME", self.name.as_deref().map(str::as_bytes)),
            ("MAILDIR", self.maildir.as_deref().map(str::as_bytes)),
            ("QUOTA", self.quota.as_deref().map(str::as_bytes)),
            ("PASSWD", self.passwd.as_ref().map(Secret::expose)),
            ("PASSWD2", self.passwd2.as_ref().map(Secret::expose)),
            ("OPTIONS", self.options.as_deref().map(str::as_bytes)),
        ];
        for (name, value) in fields {
            if let Some(value) = value {
                out.put(name).put("=").value(value, name)?.put("\n");
            }
        }
        out.put(".\n");
        Ok(())
    }
}
