//! What TLS underneath knows of itself: channel bindings (RFC 5056), and who showed a certificate.

use std::fmt;

/// A type of channel binding. `tls-unique` (RFC 5929 §3) is left out: TLS 1.3 has none, and in TLS 1.2 it was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// `tls-exporter` (RFC 9266).
    Exporter,
    /// `tls-server-end-point` (RFC 5929 §4).
    ServerEndPoint,
}

impl Binding {
    /// The better first: the exporter is of this very connection, the certificate of all of them.
    pub const ALL: [Self; 2] = [Self::Exporter, Self::ServerEndPoint];

    /// The registered name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exporter => "tls-exporter",
            Self::ServerEndPoint => "tls-server-end-point",
        }
    }

    /// Reads a name; they are in lower case (RFC 5056 §7).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|binding| binding.name() == name)
    }
}

/// What both ends of one TLS connection know alike, and nobody between two connections does.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Bindings {
    /// RFC 9266 §2: from TLS 1.3.
    pub exporter: Option<[u8; 32]>,
    /// RFC 5929 §4.1: a hash of the server's certificate.
    pub server_end_point: Option<Vec<u8>>,
}

impl Bindings {
    /// In clear there are none.
    pub const NONE: Self = Self { exporter: None, server_end_point: None };

    /// The data of a type.
    pub fn get(&self, binding: Binding) -> Option<&[u8]> {
        match binding {
            Binding::Exporter => self.exporter.as_ref().map(<[u8; 32]>::as_slice),
            Binding::ServerEndPoint => self.server_end_point.as_deref(),
        }
    }

    /// The best type that there is.
    pub fn best(&self) -> Option<Binding> {
        Binding::ALL.into_iter().find(|binding| self.get(*binding).is_some())
    }

    /// Whether there are none, so that no -PLUS can be used.
    pub fn is_empty(&self) -> bool {
        self.best().is_none()
    }
}

impl fmt::Debug for Bindings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Binding::ALL.into_iter().filter(|binding| self.get(*binding).is_some()).map(Binding::name);
        f.debug_list().entries(names).finish()
    }
}

/// A client's certificate that TLS has verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Mail addresses that it is for: its rfc822 names, else the common name if that looks like one.
    pub names: Vec<String>,
    /// SHA-256 of the certificate.
    pub fingerprint: [u8; 32],
}

/// What a server knows of the channel to its client. The default is a connection in clear.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Channel {
    /// For SCRAM's -PLUS.
    pub bindings: Bindings,
    /// For EXTERNAL.
    pub certificate: Option<Certificate>,
}

impl Channel {
    /// A connection in clear.
    pub const CLEAR: Self = Self { bindings: Bindings::NONE, certificate: None };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exporter_is_preferred_and_nothing_prints() {
        let end_point = Bindings { server_end_point: Some(vec![1; 32]), ..Bindings::NONE };
        let both = Bindings { exporter: Some([7; 32]), ..end_point.clone() };
        let best = |bindings: &Bindings| bindings.best().map(Binding::name);
        assert_eq!((best(&both), best(&end_point)), (Some("tls-exporter"), Some("tls-server-end-point")));
        assert!(Bindings::NONE.is_empty());
        assert_eq!(format!("{both:?}"), r#"["tls-exporter", "tls-server-end-point"]"#);
    }
}
