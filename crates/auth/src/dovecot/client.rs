//! What a client says.

use sasl::Secret;
use zeroize::Zeroizing;

use super::field::{Fields, Line, Malformed, Params};

/// A line of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientSays {
    /// `VERSION major minor`
    Version(u32, u32),
    /// `CPID pid`
    Cpid(u32),
    /// `AUTH`: an exchange begins.
    Auth(Auth),
    /// `CONT id data`: an exchange goes on.
    Cont(u32, Secret),
    /// `CANCEL id`: it is given up.
    Cancel(u32),
    /// A word of another version: passed over.
    Other,
}

/// The beginning of an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auth {
    /// Its number, which the client chooses.
    pub id: u32,
    /// The mechanism, as it was written.
    pub mechanism: String,
    /// `service=`, `rip=`, `secured`, `nologin`…
    pub params: Params,
    /// The initial response, if there is one.
    pub response: Option<Secret>,
}

impl ClientSays {
    /// Reads a line, without its end.
    ///
    /// # Errors
    /// [`Malformed`]: the connection is to be closed.
    pub fn decode(line: &[u8]) -> Result<Self, Malformed> {
        let mut fields = Fields::of(line)?;
        Ok(match fields.raw("the command")? {
            b"VERSION" => Self::Version(fields.number("the version")?, fields.number("the version")?),
            b"CPID" => Self::Cpid(fields.number("the process")?),
            b"AUTH" => {
                let (id, mechanism) = (fields.number("the id")?, fields.text("the mechanism")?);
                let (params, response) = fields.params_and_response()?;
                Self::Auth(Auth { id, mechanism, params, response })
            }
            b"CONT" => Self::Cont(fields.number("the id")?, fields.data()?),
            b"CANCEL" => Self::Cancel(fields.number("the id")?),
            _ => Self::Other,
        })
    }

    /// As it is sent, with its end; nothing for [`Self::Other`].
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        match self {
            Self::Version(major, minor) => Line::new("VERSION").number(*major).number(*minor).done(),
            Self::Cpid(pid) => Line::new("CPID").number(*pid).done(),
            Self::Auth(auth) => {
                let line = Line::new("AUTH").number(auth.id).field(&auth.mechanism).params(&auth.params);
                match &auth.response {
                    Some(response) => line.data("resp=", response).done(),
                    None => line.done(),
                }
            }
            Self::Cont(id, data) => Line::new("CONT").number(*id).data("", data).done(),
            Self::Cancel(id) => Line::new("CANCEL").number(*id).done(),
            Self::Other => Zeroizing::default(),
        }
    }
}
