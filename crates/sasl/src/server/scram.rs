//! SCRAM (RFC 5802, RFC 7677), the server's side, with and without channel binding.

use super::{Broken, Context, Step};
use crate::scram::message::{base64, from_saslname, gs2, nonce, take, to_base64};
use crate::scram::{self, Hash, Key, Keys};
use crate::{Binding, Bindings, Evidence, Mechanism, ScramEvidence, field};

/// One exchange; each state owns what is valid in it.
#[derive(Debug)]
pub(super) enum Scram {
    /// Waits for the client's first message.
    First(Box<Start>),
    /// Waits for the account's keys.
    Keys(Box<ClientFirst>),
    /// Waits for the client's final message.
    Final(Box<ServerFirst>),
    /// The chain judges the proof; our signature is ready.
    Judged(Key),
    /// The signature went out; the client answers it with nothing.
    Signed,
    /// Out of order.
    Over,
}

/// What is known before the client has spoken.
#[derive(Debug)]
pub(super) struct Start {
    mechanism: Mechanism,
    hash: Hash,
    /// Our part of the nonce.
    nonce: String,
    bindings: Bindings,
    plus_offered: bool,
}

/// What the client's first message said.
#[derive(Debug)]
pub(super) struct ClientFirst {
    mechanism: Mechanism,
    hash: Hash,
    /// What must come again in base64 as `c=`: the GS2 header, with -PLUS the channel's data behind it.
    binding: Vec<u8>,
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
    keys: Keys,
}

impl Scram {
    /// Begins.
    pub(super) fn new(mechanism: Mechanism, context: &Context<'_>) -> Self {
        Self::with_nonce(mechanism, context, scram::nonce::fresh())
    }

    fn with_nonce(mechanism: Mechanism, context: &Context<'_>, nonce: String) -> Self {
        // Nothing but SCRAM's mechanisms comes here.
        let Some(hash) = mechanism.scram_hash() else { return Self::Over };
        let bindings = if mechanism.is_plus() { context.channel.bindings.clone() } else { Bindings::NONE };
        let plus_offered = context.plus_offered;
        Self::First(Box::new(Start { mechanism, hash, nonce, bindings, plus_offered }))
    }

    /// Takes the client's next message.
    pub(super) fn read(&mut self, message: &[u8]) -> Result<Step, Broken> {
        let text = std::str::from_utf8(message).map_err(|_| Broken::Syntax("the message is not UTF-8"))?;
        match std::mem::replace(self, Self::Over) {
            Self::First(start) => self.client_first(text, &start),
            Self::Final(server) => self.client_final(text, *server),
            Self::Signed if text.is_empty() => Ok(Step::Done),
            _ => Err(Broken::Syntax("nothing more was expected")),
        }
    }

    /// Takes the account's keys: the server's first message.
    pub(super) fn keys(&mut self, keys: Keys) -> Result<Step, Broken> {
        let Self::Keys(client) = std::mem::replace(self, Self::Over) else {
            return Err(Broken::Syntax("no keys were expected"));
        };
        if keys.hash != client.hash || keys.server_key.hash() != client.hash {
            return Err(Broken::Syntax("the keys are those of another mechanism"));
        }
        // RFC 5802 §7: server-first-message = [reserved-mext ","] nonce "," salt "," iteration-count ["," extensions]
        let message = format!("r={},s={},i={}", client.nonce, to_base64(&keys.salt), keys.iterations);
        let step = Step::Challenge(message.clone().into_bytes());
        *self = Self::Final(Box::new(ServerFirst { client: *client, message, keys }));
        Ok(step)
    }

    /// The proof was right: our own, the server's final message.
    pub(super) fn accepted(&mut self) -> Result<Step, Broken> {
        let Self::Judged(signature) = std::mem::replace(self, Self::Over) else {
            return Err(Broken::Syntax("nothing was judged"));
        };
        *self = Self::Signed;
        Ok(Step::Challenge(format!("v={}", to_base64(signature.expose())).into_bytes()))
    }

    /// Whether the chain has the proof.
    pub(super) fn is_judged(&self) -> bool {
        matches!(self, Self::Judged(_))
    }

    fn client_first(&mut self, text: &str, start: &Start) -> Result<Step, Broken> {
        let client = ClientFirst::parse(text, start)?;
        let step = Step::NeedKeys { identity: client.identity.clone(), hash: client.hash };
        *self = Self::Keys(Box::new(client));
        Ok(step)
    }

    /// RFC 5802 §7: client-final-message-without-proof = channel-binding "," nonce ["," extensions],
    /// then "," proof.
    fn client_final(&mut self, text: &str, server: ServerFirst) -> Result<Step, Broken> {
        let ServerFirst { client, message, keys } = server;
        let (without_proof, proof) = text.rsplit_once(",p=").ok_or(Broken::Syntax("the proof is missing"))?;
        let mut rest = without_proof;
        // RFC 5802 §6: this shows that nobody in between changed the flag of channel binding, and with -PLUS that there
        // is nobody in between.
        if take(&mut rest, 'c').and_then(base64).as_deref() != Some(client.binding.as_slice()) {
            return Err(Broken::Syntax("the channel binding does not match"));
        }
        // RFC 5802 §5.1: without this an old proof could be played again.
        if take(&mut rest, 'r') != Some(client.nonce.as_str()) {
            return Err(Broken::Syntax("the nonce does not match"));
        }
        let proof = base64(proof).and_then(|octets| Key::new(client.hash, &octets));
        let proof = proof.ok_or(Broken::Syntax("malformed proof"))?;
        let auth_message = format!("{},{message},{without_proof}", client.bare).into_bytes();
        *self = Self::Judged(scram::server_signature(&keys.server_key, &auth_message));
        let (ClientFirst { mechanism, identity, authzid, .. }, Keys { salt, iterations, .. }) = (client, keys);
        let evidence = ScramEvidence { identity, authzid, mechanism, salt, iterations, auth_message, proof };
        Ok(Step::Judge(Evidence::Scram(evidence)))
    }
}

impl ClientFirst {
    /// RFC 5802 §7: gs2-header, then [reserved-mext ","] username "," nonce ["," extensions]
    fn parse(text: &str, start: &Start) -> Result<Self, Broken> {
        let (flag, authzid, bare) = gs2(text)?;
        let header = text.strip_suffix(bare).unwrap_or_default();
        let mut rest = bare;
        let name = take(&mut rest, 'n').and_then(from_saslname).ok_or(Broken::Syntax("malformed user name"))?;
        let theirs = take(&mut rest, 'r').and_then(nonce).ok_or(Broken::Syntax("malformed nonce"))?;
        Ok(Self {
            mechanism: start.mechanism,
            hash: start.hash,
            binding: [header.as_bytes(), start.channel_data(flag)?].concat(),
            bare: bare.to_owned(),
            identity: field::identity(name.as_bytes())?,
            authzid,
            nonce: format!("{theirs}{}", start.nonce),
        })
    }
}

impl Start {
    /// What the flag of channel binding asks for: the channel's data, nothing, or a refusal.
    fn channel_data(&self, flag: &str) -> Result<&[u8], Broken> {
        match (flag.strip_prefix("p="), self.mechanism.is_plus()) {
            (Some(name), true) => Binding::from_name(name)
                .and_then(|binding| self.bindings.get(binding))
                .ok_or(Broken::Syntax("this type of channel binding is not supported here")),
            (Some(_), false) => Err(Broken::Syntax("channel binding needs the -PLUS form of the mechanism")),
            (None, true) => Err(Broken::Syntax("the -PLUS form of the mechanism needs channel binding")),
            (None, false) => self.unbound(flag),
        }
    }

    /// RFC 5802 §6: with `y` the client would bind but was told that we cannot. If we can, somebody in between took our
    /// -PLUS out of the list.
    fn unbound(&self, flag: &str) -> Result<&[u8], Broken> {
        match flag {
            "n" => Ok(&[]),
            "y" if !self.plus_offered => Ok(&[]),
            "y" => Err(Broken::Syntax("the server offers channel binding, and the client was told that it does not")),
            _ => Err(Broken::Syntax("malformed flag of channel binding")),
        }
    }
}

#[cfg(test)]
mod tests;
