//! A row of the answer, and the fields of an account in it.

use std::sync::Arc;

/// Octets of a field. More is no password, and no path.
pub(super) const MAX_FIELD: usize = 64 * 1024;

/// Columns that an answer in Courier's order has at least: up to the home folder.
const FEWEST: usize = 6;

/// A value, as far as an account needs any. It may be a password, so it cannot be printed.
pub(super) enum Value {
    /// NULL.
    Null,
    /// A whole number.
    Int(i64),
    /// A text, which may turn out to be none.
    Bytes(Vec<u8>),
}

/// A row.
pub(super) struct Row {
    /// The names of the columns.
    pub(super) columns: Arc<[String]>,
    /// As many values.
    pub(super) values: Vec<Value>,
}

/// What a row says of an account, in Courier's order. Empty texts are as good as NULL, as they are for Courier.
#[derive(Default)]
#[cfg_attr(test, derive(PartialEq, Eq, Debug))]
pub(super) struct Fields {
    pub(super) address: Option<String>,
    pub(super) crypt_password: Option<String>,
    pub(super) clear_password: Option<String>,
    pub(super) uid: Option<String>,
    pub(super) gid: Option<String>,
    pub(super) home: Option<String>,
    pub(super) maildir: Option<String>,
    pub(super) quota: Option<String>,
    pub(super) name: Option<String>,
    pub(super) options: Option<String>,
}

/// The names of the columns, in the order in which Courier expects them.
const NAMES: [&str; 10] =
    ["address", "crypt_password", "clear_password", "uid", "gid", "home", "maildir", "quota", "name", "options"];

/// Why a row is no account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum RowError {
    /// The columns mean nothing.
    #[error(
        "the query yields the columns {0}: none is called address, crypt_password or clear_password, and they are fewer \
         than Courier's ten"
    )]
    Columns(String),
    /// Octets that are no text.
    #[error("column {0} is not UTF-8")]
    NotText(String),
    /// Too long.
    #[error("column {0} is longer than {MAX_FIELD} octets")]
    TooLong(String),
    /// Of a type that nobody expects there.
    #[error("column {column} is of the type {of}; cast it to text in the query")]
    Type {
        /// Which.
        column: String,
        /// Its type.
        of: String,
    },
}

impl Row {
    /// What it says. By the names of its columns, if they have names; else in Courier's order. `courier`: the query is
    /// written in Courier's way, whose answers may lack the last columns.
    pub(super) fn fields(self, courier: bool) -> Result<Fields, RowError> {
        let known = |column: &str| NAMES.iter().position(|name| name.eq_ignore_ascii_case(column));
        // Courier's own example selects columns called `uid` and `gid`: those alone do not tell.
        let named = self.columns.iter().any(|column| known(column).is_some_and(|field| field < 3));
        let count = self.columns.len();
        if !named && count < NAMES.len() && !(courier && count >= FEWEST) {
            return Err(RowError::Columns(self.columns.join(", ")));
        }
        let mut fields = Fields::default();
        for (n, (column, value)) in self.columns.iter().zip(self.values).enumerate() {
            if let Some(place) = (if named { known(column) } else { Some(n) }).and_then(|at| fields.at(at)) {
                *place = value.text(column)?;
            }
        }
        Ok(fields)
    }
}

impl Fields {
    fn at(&mut self, field: usize) -> Option<&mut Option<String>> {
        Some(match field {
            0 => &mut self.address,
            1 => &mut self.crypt_password,
            2 => &mut self.clear_password,
            3 => &mut self.uid,
            4 => &mut self.gid,
            5 => &mut self.home,
            6 => &mut self.maildir,
            7 => &mut self.quota,
            8 => &mut self.name,
            9 => &mut self.options,
            _ => return None,
        })
    }
}

impl Value {
    fn text(self, column: &str) -> Result<Option<String>, RowError> {
        let text = match self {
            Self::Null => return Ok(None),
            Self::Int(number) => number.to_string(),
            Self::Bytes(octets) => String::from_utf8(octets).map_err(|_| RowError::NotText(column.to_owned()))?,
        };
        if text.len() > MAX_FIELD {
            return Err(RowError::TooLong(column.to_owned()));
        }
        Ok(Some(text).filter(|text| !text.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(columns: &[&str], values: Vec<Value>) -> Row {
        Row { columns: columns.iter().map(|column| (*column).to_owned()).collect(), values }
    }

    fn text(text: &str) -> Value {
        Value::Bytes(text.into())
    }

    #[test]
    fn by_name_or_in_couriers_order() {
        let values = || vec![text("h"), Value::Int(5000), Value::Bytes(b"brian".to_vec()), text(""), Value::Null];
        let named = row(&["CRYPT_PASSWORD", "uid", "address", "home", "quota"], values()).fields(false);
        let fields = Fields {
            address: Some("brian".to_owned()),
            crypt_password: Some("h".to_owned()),
            uid: Some("5000".to_owned()),
            ..Fields::default()
        };
        assert_eq!(named, Ok(fields));
        let unnamed = ["local_part", "pw", "clear", "uid", "gid", "path"];
        let values = || vec![text("brian"), text("h"), Value::Null, Value::Int(1), Value::Int(2), text("/h")];
        let fields = row(&unnamed, values()).fields(true).ok();
        assert_eq!(fields.and_then(|fields| fields.home).as_deref(), Some("/h"));
        assert!(matches!(row(&unnamed, values()).fields(false), Err(RowError::Columns(_))));
    }

    #[test]
    fn what_is_no_text_is_told_by_its_column() {
        let error = |value| row(&["address"], vec![value]).fields(false).err();
        assert_eq!(error(Value::Bytes(vec![0xff])), Some(RowError::NotText("address".to_owned())));
        assert_eq!(error(text(&"x".repeat(MAX_FIELD + 1))), Some(RowError::TooLong("address".to_owned())));
    }
}
