//! The queries: the operator's own, or made from the names of a table and its columns.

use config::SqlLayout;

use super::dialect::Dialect;
use super::statement::{Statement, StatementError};

/// The column that is read if none is named for a password.
const CRYPT: &str = "crypt";

/// What the database is asked.
#[derive(Debug)]
pub(super) struct Queries {
    /// For one account.
    pub(super) one: Result<Statement, StatementError>,
    /// For all of them; `None` if the operator's query is for one, and there is no other.
    pub(super) all: Option<Result<Statement, StatementError>>,
}

impl Queries {
    pub(super) fn new(layout: &SqlLayout, dialect: Dialect) -> Self {
        let one = layout.query.clone().unwrap_or_else(|| select(layout, dialect, Some("= :user")));
        let by_table = || layout.query.is_none().then(|| select(layout, dialect, None));
        let all = layout.all_query.clone().or_else(by_table);
        Self { one: Statement::parse(&one, dialect), all: all.map(|all| Statement::for_all(&all, dialect)) }
    }
}

/// `whose`: a condition for the column with the login name.
fn select(layout: &SqlLayout, dialect: Dialect, whose: Option<&str>) -> String {
    let default = layout.clear_password.is_none().then(|| CRYPT.to_owned());
    let crypt = layout.crypt_password.clone().or(default);
    let columns = [
        ("address", &Some(layout.login.clone())),
        ("crypt_password", &crypt),
        ("clear_password", &layout.clear_password),
        ("uid", &layout.uid),
        ("gid", &layout.gid),
        ("home", &layout.home),
        ("maildir", &layout.maildir),
        ("quota", &layout.quota),
        ("name", &layout.name),
        ("options", &layout.options),
    ];
    let column = |(field, column): (&str, &Option<String>)| {
        column.as_ref().map(|column| format!("{} AS {}", dialect.name(column), dialect.name(field)))
    };
    let columns: Vec<_> = columns.into_iter().filter_map(column).collect();
    let mut query = format!("SELECT {} FROM {}", columns.join(", "), dialect.name(&layout.table));
    let login = whose.map(|whose| format!("{} {whose}", dialect.name(&layout.login)));
    // On lines of its own, so that a comment in it ends there.
    let condition = layout.condition.as_ref().map(|condition| format!("(\n{condition}\n)"));
    let conditions: Vec<_> = login.into_iter().chain(condition).collect();
    if !conditions.is_empty() {
        query.push_str(" WHERE ");
        query.push_str(&conditions.join(" AND "));
    }
    query
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_asked_for_what_it_is_told_to_have() {
        let layout = SqlLayout {
            table: "users".to_owned(),
            login: "email".to_owned(),
            clear_password: Some("clear".to_owned()),
            uid: Some("5000".to_owned()),
            condition: Some("active = 1".to_owned()),
            ..SqlLayout::default()
        };
        let queries = Queries::new(&layout, Dialect::Mysql);
        let columns = "SELECT `email` AS `address`, `clear` AS `clear_password`, 5000 AS `uid` FROM `users`";
        let sql = |statement: Result<Statement, _>| statement.expect("a query").sql;
        assert_eq!(sql(queries.one), format!("{columns} WHERE `email` =  ?  AND (\nactive = 1\n)"));
        assert_eq!(sql(queries.all.expect("one")), format!("{columns} WHERE (\nactive = 1\n)"));
    }

    #[test]
    fn a_query_for_one_does_not_tell_how_to_find_all() {
        let layout = SqlLayout { query: Some("SELECT 1".to_owned()), ..SqlLayout::default() };
        assert!(Queries::new(&layout, Dialect::Sqlite).all.is_none());
    }
}
