//! A password on its way to the process that tries it.

use sasl::{Secret, wire};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// It goes over the control socket, which only its owner may open, and is never shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Password(pub Secret);

// Secret's comparison is one.
impl Eq for Password {}

impl Serialize for Password {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        // Octets need not be text.
        to.serialize_str(&wire::encode(self.0.expose()))
    }
}

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let octets = wire::response(text.as_bytes()).map_err(|_| de::Error::custom("a password in base64"))?;
        Ok(Self(Secret::new(octets)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_comes_through_and_is_never_shown() {
        let password = Password(Secret::new(b"sec\xffret".to_vec()));
        let text = serde_json::to_string(&password).expect("JSON");
        assert!(serde_json::from_str::<Password>(&text).expect("read") == password);
        assert!(!format!("{password:?}").contains("sec"));
    }
}
