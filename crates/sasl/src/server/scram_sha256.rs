//! SCRAM-SHA-256 (RFC 5802, RFC 7677), the server's side, without channel binding.

use super::{Broken, Step};
use crate::scram::message::{base64, from_saslname, nonce, take, to_base64};
use crate::scram::{self, Keys};
use crate::{Evidence, ScramEvidence, field};

/// One exchange; each state owns what is valid in it.
#[derive(Debug)]
pub(super) enum Scram {
    /// Waits for the client's first message; holds our part of the nonce.
    First(String),
    /// Waits for the account's keys.
    Keys(Box<ClientFirst>),
    /// Waits for the client's final message.
    Final(Box<ServerFirst>),
    /// The chain judges the proof.
    Judged(Signature),
    /// The signature went out; the client answers it with nothing.
    Signed,
    /// Out of order.
    Over,
}

/// What the client's first message said.
#[derive(Debug)]
pub(super) struct ClientFirst {
    /// `gs2-header`, which must come again in base64 as `c=`.
    gs2_header: String,
    /// `client-first-message-bare`.
    bare: String,
    identity: String,
    authzid: Option<String>,
    /// Both parts.
    nonce: String,
}

/// What is known once our first message went out.
#[derive(Debug)]
pub(super) struct ServerFirst {
    client: ClientFirst,
    /// `server-first-message`.
    message: String,
    server_key: Signature,
}

/// 32 octets that never print: the server's key, then its signature.
pub(super) struct Signature([u8; 32]);

impl std::fmt::Debug for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signature(…)")
    }
}

impl Scram {
    /// Begins, with our part of the nonce.
    pub(super) fn new(nonce: String) -> Self {
        Self::First(nonce)
    }

    /// Takes the client's next message.
    pub(super) fn read(&mut self, message: &[u8]) -> Result<Step, Broken> {
        let text = std::str::from_utf8(message).map_err(|_| Broken::Syntax("the message is not UTF-8"))?;
        match std::mem::replace(self, Self::Over) {
            Self::First(nonce) => self.client_first(text, &nonce),
            Self::Final(server) => self.client_final(text, *server),
            Self::Signed if text.is_empty() => Ok(Step::Done),
            _ => Err(Broken::Syntax("nothing more was expected")),
        }
    }

    /// Takes the account's keys: the server's first message.
    pub(super) fn keys(&mut self, keys: &Keys) -> Result<Step, Broken> {
        let Self::Keys(client) = std::mem::replace(self, Self::Over) else {
            return Err(Broken::Syntax("no keys were expected"));
        };
        // RFC 5802 §7: server-first-message = [reserved-mext ","] nonce "," salt "," iteration-count ["," extensions]
        let message = format!("r={},s={},i={}", client.nonce, to_base64(&keys.salt), keys.iterations);
        let step = Step::Challenge(message.clone().into_bytes());
        *self = Self::Final(Box::new(ServerFirst { client: *client, message, server_key: Signature(keys.server_key) }));
        Ok(step)
    }

    /// The proof was right: our own, the server's final message.
    pub(super) fn accepted(&mut self) -> Result<Step, Broken> {
        let Self::Judged(Signature(signature)) = std::mem::replace(self, Self::Over) else {
            return Err(Broken::Syntax("nothing was judged"));
        };
        *self = Self::Signed;
        Ok(Step::Challenge(format!("v={}", to_base64(&signature)).into_bytes()))
    }

    fn client_first(&mut self, text: &str, ours: &str) -> Result<Step, Broken> {
        let client = ClientFirst::parse(text, ours)?;
        let step = Step::NeedKeys(client.identity.clone());
        *self = Self::Keys(Box::new(client));
        Ok(step)
    }

    /// RFC 5802 §7: client-final-message-without-proof = channel-binding "," nonce ["," extensions],
    /// then "," proof.
    fn client_final(&mut self, text: &str, server: ServerFirst) -> Result<Step, Broken> {
        let ServerFirst { client, message, server_key: Signature(server_key) } = server;
        let (without_proof, proof) = text.rsplit_once(",p=").ok_or(Broken::Syntax("the proof is missing"))?;
        let mut rest = without_proof;
        // RFC 5802 §6: this shows that nobody in between changed the flag of channel binding.
        if take(&mut rest, 'c').and_then(base64).as_deref() != Some(client.gs2_header.as_bytes()) {
            return Err(Broken::Syntax("the channel binding does not match"));
        }
        // RFC 5802 §5.1: without this an old proof could be played again.
        if take(&mut rest, 'r') != Some(client.nonce.as_str()) {
            return Err(Broken::Syntax("the nonce does not match"));
        }
        let proof = base64(proof).and_then(|octets| octets.try_into().ok()).ok_or(Broken::Syntax("malformed proof"))?;
        let auth_message = format!("{},{message},{without_proof}", client.bare).into_bytes();
        *self = Self::Judged(Signature(scram::server_signature(&server_key, &auth_message)));
        let ClientFirst { identity, authzid, .. } = client;
        Ok(Step::Judge(Evidence::Scram(ScramEvidence { identity, authzid, auth_message, proof })))
    }
}

impl ClientFirst {
    /// RFC 5802 §7: gs2-cbind-flag "," [authzid] "," [reserved-mext ","] username "," nonce ["," extensions]
    fn parse(text: &str, ours: &str) -> Result<Self, Broken> {
        let mut parts = text.splitn(3, ',');
        let (Some(flag), Some(authzid), Some(bare)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Broken::Syntax("malformed first message"));
        };
        match flag {
            // `y`: the client would bind but thinks that we cannot, which is true: no -PLUS is offered (RFC 5802 §6).
            "n" | "y" => {}
            _ => return Err(Broken::Syntax("channel binding is not supported")),
        }
        let mut rest = bare;
        let name = take(&mut rest, 'n').and_then(from_saslname).ok_or(Broken::Syntax("malformed user name"))?;
        let theirs = take(&mut rest, 'r').and_then(nonce).ok_or(Broken::Syntax("malformed nonce"))?;
        Ok(Self {
            gs2_header: format!("{flag},{authzid},"),
            bare: bare.to_owned(),
            identity: field::identity(name.as_bytes())?,
            authzid: Self::authzid(authzid)?,
            nonce: format!("{theirs}{ours}"),
        })
    }

    fn authzid(part: &str) -> Result<Option<String>, Broken> {
        match (part, part.strip_prefix("a=").and_then(from_saslname)) {
            ("", _) => Ok(None),
            (_, Some(name)) => field::authzid(name.as_bytes()),
            _ => Err(Broken::Syntax("malformed authorization identity")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
    const OURS: &str = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    const FINAL: &str = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                         p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";

    fn keys() -> Keys {
        Keys::derive(b"pencil", base64("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap(), 4096)
    }

    fn text(step: Step) -> String {
        match step {
            Step::Challenge(octets) => String::from_utf8(octets).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    fn until_final(first: &str) -> Scram {
        let mut scram = Scram::new(OURS.to_owned());
        assert!(matches!(scram.read(first.as_bytes()).unwrap(), Step::NeedKeys(_)));
        scram.keys(&keys()).unwrap();
        scram
    }

    /// RFC 7677 §3.
    #[test]
    fn the_example_of_the_rfc() {
        let mut scram = Scram::new(OURS.to_owned());
        assert!(matches!(scram.read(FIRST.as_bytes()).unwrap(), Step::NeedKeys(user) if user == "user"));
        let server_first = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        assert_eq!(text(scram.keys(&keys()).unwrap()), server_first);
        let Step::Judge(Evidence::Scram(evidence)) = scram.read(FINAL.as_bytes()).unwrap() else { panic!() };
        assert!(evidence.verify(&keys()));
        assert!(!evidence.verify(&Keys::derive(b"pen", keys().salt, 4096)));
        assert_eq!(text(scram.accepted().unwrap()), "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
        assert!(matches!(scram.read(b"").unwrap(), Step::Done));
    }

    #[test]
    fn authorization_identities_are_read() {
        let client = ClientFirst::parse("y,a=boss=2Cthe,n=us=3Der,r=abc,ext=1", "xyz").unwrap();
        assert_eq!((client.authzid.as_deref(), client.identity.as_str()), (Some("boss,the"), "us=er"));
        assert_eq!((client.gs2_header.as_str(), client.nonce.as_str()), ("y,a=boss=2Cthe,", "abcxyz"));
    }

    #[test]
    fn hostile_first_messages() {
        for first in [
            "",
            "n",
            "n,,",
            "p=tls-unique,,n=user,r=abc",
            "x,,n=user,r=abc",
            "n,user,n=user,r=abc",
            "n,,m=ext,n=user,r=abc",
            "n,,n=,r=abc",
            "n,,n=us=er,r=abc",
            "n,,n=user",
            "n,,n=user,r=",
            "n,,n=user,r=a\u{e9}",
            "n,,n=us\0er,r=abc",
        ] {
            assert!(Scram::new(OURS.to_owned()).read(first.as_bytes()).is_err(), "{first}");
        }
        assert!(Scram::new(OURS.to_owned()).read(b"n,,n=us\xffer,r=abc").is_err());
    }

    #[test]
    fn hostile_final_messages() {
        let other_nonce = FINAL.replace("k0,", "k1,");
        let other_binding = FINAL.replace("c=biws", "c=eSws");
        for last in
            ["", "p=abc", &other_nonce, &other_binding, &FINAL.replace("p=dHzb", "p="), &FINAL.replace(",p=", ",q=")]
        {
            let mut scram = until_final(FIRST);
            assert!(scram.read(last.as_bytes()).is_err(), "{last}");
            assert!(scram.accepted().is_err(), "a broken exchange stays broken");
        }
    }

    #[test]
    fn the_signature_is_not_given_before_the_proof_was_judged() {
        assert!(until_final(FIRST).accepted().is_err());
        assert!(Scram::new(OURS.to_owned()).keys(&keys()).is_err());
    }
}
