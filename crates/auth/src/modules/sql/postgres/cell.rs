//! Values on their way to and from PostgreSQL.

use std::error::Error;

use bytes::BytesMut;
use tokio_postgres::types::{Format, FromSql, IsNull, Kind, ToSql, Type, to_sql_checked};

use super::super::row::Value;

type Fallible<T> = Result<T, Box<dyn Error + Sync + Send>>;

/// A part of a login. It goes as a text, whatever type the server gives the place (`citext`, a domain, an enum): the
/// server reads it as it would read a literal, and the comparison is the column's own.
#[derive(Debug)]
pub(super) struct Parameter<'a>(pub(super) &'a str);

impl ToSql for Parameter<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Fallible<IsNull> {
        out.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

/// A value of a row.
pub(super) struct Cell(pub(super) Value);

impl<'a> FromSql<'a> for Cell {
    fn from_sql(of: &Type, raw: &'a [u8]) -> Fallible<Self> {
        decode(of, raw).map(Self)
    }

    fn from_sql_null(_: &Type) -> Fallible<Self> {
        Ok(Self(Value::Null))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

fn decode(of: &Type, raw: &[u8]) -> Fallible<Value> {
    let text = || Ok(Value::Bytes(raw.to_owned()));
    Ok(match *of {
        Type::INT2 => Value::Int(i64::from(i16::from_be_bytes(raw.try_into()?))),
        Type::INT4 => Value::Int(i64::from(i32::from_be_bytes(raw.try_into()?))),
        Type::INT8 => Value::Int(i64::from_be_bytes(raw.try_into()?)),
        Type::OID => Value::Int(i64::from(u32::from_be_bytes(raw.try_into()?))),
        Type::BOOL => Value::Int(i64::from(raw == [1])),
        // Padded with spaces that nobody wrote.
        Type::BPCHAR => Value::Bytes(std::str::from_utf8(raw)?.trim_end_matches(' ').into()),
        Type::BYTEA | Type::TEXT | Type::VARCHAR | Type::NAME | Type::CHAR | Type::UNKNOWN => return text(),
        _ => match of.kind() {
            Kind::Enum(_) => return text(),
            Kind::Domain(inner) => return decode(inner, raw),
            Kind::Simple if of.name() == "citext" => return text(),
            _ => return Err("not a type that an account has".into()),
        },
    })
}
