//! In what the three databases write the same thing differently.

/// A database's way of writing SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB, without the modes `ANSI_QUOTES` and `NO_BACKSLASH_ESCAPES`: [`super::mysql`] sets none.
    Mysql,
    /// SQLite.
    Sqlite,
}

impl Dialect {
    /// What stands for the `n`th value, counted from 1. Spaces keep it apart: `AND$1` would be a name in PostgreSQL.
    pub(super) fn placeholder(self, n: usize) -> String {
        match self {
            Self::Postgres => format!(" ${n} "),
            Self::Mysql => " ? ".to_owned(),
            Self::Sqlite => format!(" ?{n} "),
        }
    }

    /// A table or column as an operator writes it in the config. What looks like a name is quoted, so that `user` and
    /// `order` can be columns; `schema.table` is two names. The rest is an expression, as Courier's `_FIELD` settings may
    /// be (`5000`, `'/home/vmail'`, `CONCAT(domain, '/', id)`), and stays as it is. It comes from the config alone,
    /// never from a login.
    pub(super) fn name(self, text: &str) -> String {
        let text = text.trim();
        if !is_name(text) {
            return text.to_owned();
        }
        let quote = if self == Self::Mysql { '`' } else { '"' };
        let quoted: Vec<_> = text.split('.').map(|part| format!("{quote}{part}{quote}")).collect();
        quoted.join(".")
    }

    /// Whether `"` is around a text. Around a name elsewhere.
    pub(super) fn double_quotes_text(self) -> bool {
        self == Self::Mysql
    }

    /// Whether a backslash in `'…'` escapes.
    pub(super) fn backslash(self) -> bool {
        self == Self::Mysql
    }

    /// Whether a parameter can be written as `?`, which would be mistaken for one of ours.
    pub(super) fn question_mark(self) -> bool {
        self != Self::Postgres
    }
}

/// Letters, digits and what else is in names without being an operator between two: `e-mail` and `full name` are
/// columns that somebody has.
fn is_name(text: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '-' | ' '))
    };
    text.split('.').all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_and_expressions_are_not() {
        let of = |text| Dialect::Postgres.name(text);
        assert_eq!(of("user"), "\"user\"");
        assert_eq!(of(" mail.e-mail "), "\"mail\".\"e-mail\"");
        assert_eq!(of("5000"), "5000");
        assert_eq!(of("'/home/vmail'"), "'/home/vmail'");
        assert_eq!(of("home || '/Maildir'"), "home || '/Maildir'");
        assert_eq!(of("\"Id\""), "\"Id\"");
        assert_eq!(Dialect::Mysql.name("passwd"), "`passwd`");
        assert_eq!(Dialect::Mysql.name("a`b"), "a`b");
    }
}
