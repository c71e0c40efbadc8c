//! What a client asks.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sasl::Secret;
use zeroize::Zeroizing;

use super::Malformed;
use super::text::{LINE, Writer, line, number, text};

/// A question, and from where the client's own client comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// `TCPREMOTEIP`; `None` if it was not told, or is no address.
    pub peer: Option<IpAddr>,
    /// The question.
    pub request: Request,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// `PRE module service user`: an account, without a password.
    Pre {
        /// Which module is asked; `None` (`.`): all.
        module: Option<String>,
        /// `imap`, `pop3`, `esmtp`, `login`…
        service: String,
        /// Whose.
        user: String,
    },
    /// `AUTH`: a login.
    Auth {
        /// For what.
        service: String,
        /// What was shown.
        proof: Proof,
    },
    /// `PASSWD`: a new password, by who knows the old one.
    Passwd {
        /// For what.
        service: String,
        /// Whose.
        user: String,
        /// The old one.
        old: Secret,
        /// The new one.
        new: Secret,
    },
    /// `ENUMERATE`: all accounts.
    Enumerate,
}

/// What a login shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// `login`
    Login {
        /// Whose.
        user: String,
        /// The password.
        password: Secret,
    },
    /// `cram-md5`, `cram-sha1`, `cram-sha256`
    Cram {
        /// Its name, `cram-` and all.
        kind: String,
        /// The challenge that the client was sent.
        challenge: Vec<u8>,
        /// Its response: `user SP digest`.
        response: Vec<u8>,
    },
    /// A type that is not known here: nobody can verify it.
    Other {
        /// Its name.
        kind: String,
    },
}

/// `AUTH` with more octets than this is not read.
const AUTH: usize = LINE;

impl Asked {
    /// Reads a question out of all that has come so far; `None` if more is to come. What is behind the question is not
    /// looked at: a connection has one.
    ///
    /// # Errors
    /// [`Malformed`]: the connection is to be closed.
    pub fn decode(input: &[u8]) -> Result<Option<Self>, Malformed> {
        let Some((first, rest)) = line(input)? else { return Ok(None) };
        let Some(peer) = first.strip_prefix(b"TCPREMOTEIP=") else {
            return Ok(request(first, rest)?.map(|request| Self { peer: None, request }));
        };
        let peer = std::str::from_utf8(peer).ok().and_then(|text| text.trim().parse().ok());
        let Some((first, rest)) = line(rest)? else { return Ok(None) };
        Ok(request(first, rest)?.map(|request| Self { peer, request }))
    }

    /// As it is sent.
    ///
    /// # Errors
    /// A value that the protocol cannot carry.
    pub fn encode(&self) -> Result<Zeroizing<Vec<u8>>, Malformed> {
        let mut out = Writer::default();
        if let Some(peer) = self.peer {
            out.put(&format!("TCPREMOTEIP={peer}\n"));
        }
        self.request.write(&mut out)?;
        Ok(out.done())
    }
}

impl Request {
    /// As it is sent, without a client's address: what an `authpipe` program reads.
    ///
    /// # Errors
    /// A value that the protocol cannot carry.
    pub fn encode(&self) -> Result<Zeroizing<Vec<u8>>, Malformed> {
        let mut out = Writer::default();
        self.write(&mut out)?;
        Ok(out.done())
    }

    fn write(&self, out: &mut Writer) -> Result<(), Malformed> {
        match self {
            Self::Pre { module, service, user } => {
                let blank = &[b'\n', 0, b' '];
                out.put("PRE ").field(module.as_deref().unwrap_or(".").as_bytes(), "the module", blank)?;
                out.put(" ").field(service.as_bytes(), "the service", blank)?;
                out.put(" ").value(user.as_bytes(), "the user")?.put("\n");
            }
            Self::Auth { service, proof } => {
                let data = auth_data(service, proof)?;
                out.put(&format!("AUTH {}\n", data.len())).octets(&data);
            }
            Self::Passwd { service, user, old, new } => {
                let tab = &[b'\n', 0, b'\t'];
                out.put("PASSWD ").field(service.as_bytes(), "the service", tab)?;
                out.put("\t").field(user.as_bytes(), "the user", tab)?;
                out.put("\t").field(old.expose(), "the old password", tab)?;
                out.put("\t").field(new.expose(), "the new password", tab)?.put("\n");
            }
            Self::Enumerate => drop(out.put("ENUMERATE\n")),
        }
        Ok(())
    }
}

fn auth_data(service: &str, proof: &Proof) -> Result<Zeroizing<Vec<u8>>, Malformed> {
    let mut out = Writer::default();
    out.value(service.as_bytes(), "the service")?.put("\n");
    match proof {
        Proof::Login { user, password } => {
            out.put("login\n").value(user.as_bytes(), "the user")?;
            out.put("\n").value(password.expose(), "the password")?.put("\n");
        }
        Proof::Cram { kind, challenge, response } => {
            out.value(kind.as_bytes(), "the type")?.put("\n");
            for part in [challenge, response] {
                out.value(STANDARD.encode(part).as_bytes(), "the challenge or the response")?.put("\n");
            }
        }
        Proof::Other { kind } => drop(out.value(kind.as_bytes(), "the type")?.put("\n")),
    }
    Ok(out.done())
}

/// The question that begins with this line.
fn request(first: &[u8], rest: &[u8]) -> Result<Option<Request>, Malformed> {
    let mut words = first.splitn(2, |octet| *octet == b' ');
    let (verb, arguments) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    match verb {
        b"PRE" => pre(arguments).map(Some),
        b"AUTH" => {
            let length = usize::try_from(number(arguments, "the length")?).unwrap_or(usize::MAX);
            if length > AUTH {
                return Err(Malformed::TooLong("AUTH"));
            }
            rest.get(..length).map(auth).transpose()
        }
        b"PASSWD" => passwd(arguments).map(Some),
        b"ENUMERATE" => Ok(Some(Request::Enumerate)),
        _ => Err(Malformed::Unknown),
    }
}

/// `module SP service SP user`; the user may have spaces.
fn pre(arguments: &[u8]) -> Result<Request, Malformed> {
    let mut parts = arguments.splitn(3, |octet| *octet == b' ');
    let mut part = |name| parts.next().filter(|part| !part.is_empty()).ok_or(Malformed::Missing(name));
    let (module, service, user) = (part("the module")?, part("the service")?, part("the user")?);
    let module = Some(text(module, "the module")?).filter(|module| module != ".");
    Ok(Request::Pre { module, service: text(service, "the service")?, user: text(user, "the user")? })
}

fn passwd(arguments: &[u8]) -> Result<Request, Malformed> {
    let mut parts = arguments.splitn(4, |octet| *octet == b'\t');
    let mut part = |name| parts.next().ok_or(Malformed::Missing(name));
    Ok(Request::Passwd {
        service: text(part("the service")?, "the service")?,
        user: text(part("the user")?, "the user")?,
        old: Secret::new(part("the old password")?),
        new: Secret::new(part("the new password")?),
    })
}

/// `service LF type LF data`
fn auth(data: &[u8]) -> Result<Request, Malformed> {
    let mut lines = data.split(|octet| *octet == b'\n');
    let mut next = |name| lines.next().ok_or(Malformed::Missing(name));
    let (service, kind) = (text(next("the service")?, "the service")?, text(next("the type")?, "the type")?);
    let proof = match kind.as_str() {
        "login" => {
            Proof::Login { user: text(next("the user")?, "the user")?, password: Secret::new(next("the password")?) }
        }
        cram if cram.starts_with("cram-") => {
            let (challenge, response) = (next("the challenge")?, next("the response")?);
            let (challenge, response) = (base64(challenge, "the challenge")?, base64(response, "the response")?);
            Proof::Cram { kind, challenge, response }
        }
        "" => return Err(Malformed::Missing("the type")),
        _ => Proof::Other { kind },
    };
    Ok(Request::Auth { service, proof })
}

fn base64(field: &[u8], name: &'static str) -> Result<Vec<u8>, Malformed> {
    STANDARD.decode(field.trim_ascii()).map_err(|_| Malformed::Unreadable(name))
}
