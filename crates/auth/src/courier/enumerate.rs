//! The answer to `ENUMERATE`, line by line: it has no bound of its own.

use zeroize::Zeroizing;

use super::Malformed;
use super::text::{Writer, number, text};

/// A line of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed {
    /// `# module`: whose accounts follow.
    Module(String),
    /// An account.
    Account(Row),
    /// An empty line.
    Empty,
    /// `.`: that were all. An end without it is a list that is not complete.
    End,
}

/// An account in the list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// Its name.
    pub user: String,
    /// Its uid; `None` if it was not told.
    pub uid: Option<u32>,
    /// Its group.
    pub gid: Option<u32>,
    /// Its home.
    pub home: String,
    /// Its Maildir, relative to the home.
    pub maildir: String,
    /// `disableimap=1,…`
    pub options: String,
}

impl Listed {
    /// Reads a line, without its end.
    ///
    /// # Errors
    /// [`Malformed`]: the list cannot be read.
    pub fn decode(line: &[u8]) -> Result<Self, Malformed> {
        match line {
            b"." => Ok(Self::End),
            [b'#', module @ ..] => Ok(Self::Module(text(module.trim_ascii(), "the module")?)),
            blank if blank.trim_ascii().is_empty() => Ok(Self::Empty),
            row => Row::decode(row).map(Self::Account),
        }
    }

    /// As it is sent, with its end.
    ///
    /// # Errors
    /// A value that the protocol cannot carry.
    pub fn encode(&self) -> Result<Zeroizing<Vec<u8>>, Malformed> {
        let mut out = Writer::default();
        match self {
            Self::Module(module) => drop(out.put("# ").value(module.as_bytes(), "the module")?.put("\n\n")),
            Self::Account(row) => row.write(&mut out)?,
            Self::Empty => drop(out.put("\n")),
            Self::End => drop(out.put(".\n")),
        }
        Ok(out.done())
    }
}

impl Row {
    fn decode(line: &[u8]) -> Result<Self, Malformed> {
        let mut fields = line.split(|octet| *octet == b'\t');
        let mut next = || fields.next().unwrap_or_default();
        let id = |field: &[u8], name| if field.is_empty() { Ok(None) } else { number(field, name).map(Some) };
        let user = text(next(), "the user")?;
        if user.is_empty() {
            return Err(Malformed::Missing("the user"));
        }
        let (uid, gid) = (id(next(), "the uid")?, id(next(), "the gid")?);
        let (home, maildir) = (text(next(), "the home")?, text(next(), "the maildir")?);
        Ok(Self { user, uid, gid, home, maildir, options: text(next(), "the options")? })
    }

    fn write(&self, out: &mut Writer) -> Result<(), Malformed> {
        let id = |id: Option<u32>| id.map(|id| id.to_string()).unwrap_or_default();
        let tab = &[b'\t', b'\n', 0];
        let fields = [&self.user, &id(self.uid), &id(self.gid), &self.home, &self.maildir, &self.options];
        for (n, field) in fields.into_iter().enumerate() {
            out.put(if n > 0 { "\t" } else { "" }).field(field.as_bytes(), "a field", tab)?;
        }
        out.put("\n");
        Ok(())
    }
}
