use proptest::prelude::*;

use super::*;

const BRIAN: Login<'static> = Login { user: "brian@example.test", service: "imap" };

fn parsed(query: &str, dialect: Dialect) -> (String, Vec<String>) {
    let statement = Statement::parse(query, dialect).expect("a query");
    let values = statement.values(&BRIAN);
    (statement.sql.split_whitespace().collect::<Vec<_>>().join(" "), values)
}

#[test]
fn parameters_by_name() {
    let query = "SELECT a::text FROM t WHERE id = :user AND d=:domain -- not :this\nAND s = ':user'";
    let (sql, values) = parsed(query, Dialect::Postgres);
    assert_eq!(sql, "SELECT a::text FROM t WHERE id = $1 AND d= $2 AND s = ':user'");
    assert_eq!(values, ["brian@example.test", "example.test"]);
    assert_eq!(parsed("x = :local # y = :z", Dialect::Mysql).0, "x = ?");
    assert_eq!(parsed("x = :service AND \"a:b\"[c:d]", Dialect::Sqlite).0, "x = ?1 AND \"a:b\"[c:d]");
    assert_eq!(parsed("@a := 5--:user", Dialect::Mysql).0, "@a := 5-- ?");
    assert_eq!(parsed("/* a /* :b */ :c */ :user", Dialect::Postgres).0, "$1");
    assert_eq!(parsed("a = $x$':b$x$ AND c = $$:user$$", Dialect::Postgres).0, "a = $x$':b$x$ AND c = $$:user$$");
    assert_eq!(parsed("a ? 'b'", Dialect::Postgres).0, "a ? 'b'");
}

/// FORMATS 2.9: the variables of a SELECT_CLAUSE stand inside of quotes.
#[test]
fn couriers_variables() {
    let query = "WHERE l = '$(local_part)' AND u='it''s $(local_part)@$(domain)' AND s=$(service)AND'a'";
    let (sql, values) = parsed(query, Dialect::Postgres);
    assert_eq!(sql, "WHERE l = $1 AND u= $2 AND s= $3 AND'a'");
    assert_eq!(values, ["brian", "it's brian@example.test", "imap"]);
    let (sql, values) = parsed(r#"a = "\"$(domain)\"" and b = 'x\'y'"#, Dialect::Mysql);
    assert_eq!((sql.as_str(), values[0].as_str()), (r#"a = ? and b = 'x\'y'"#, "\"example.test\""));
    let (sql, values) = parsed(r"a = E'\'$(domain)' AND b = '\'", Dialect::Postgres);
    assert_eq!((sql.as_str(), values[0].as_str()), (r"a = $1 AND b = '\'", "'example.test"));
}

#[test]
fn what_cannot_be_used_says_why() {
    let error = |query, dialect| Statement::parse(query, dialect).expect_err("an error");
    assert_eq!(error("a = 'b", Dialect::Sqlite), StatementError::Unterminated("a quote"));
    assert_eq!(error("a = :usr", Dialect::Sqlite), StatementError::Unknown(":usr".to_owned()));
    assert_eq!(error("a = '$(newpass)'", Dialect::Mysql), StatementError::Unknown("$(newpass)".to_owned()));
    assert_eq!(error("a = ?", Dialect::Mysql), StatementError::Foreign("?".to_owned()));
    assert_eq!(error("a = $1", Dialect::Postgres), StatementError::Foreign("$1".to_owned()));
    assert_eq!(error("a = @b", Dialect::Sqlite), StatementError::Foreign("@b".to_owned()));
    assert!(matches!(error("\"$(domain)\"", Dialect::Postgres), StatementError::InName(_)));
    assert_eq!(Statement::for_all("a = :user", Dialect::Mysql), Err(StatementError::Whose));
}

proptest! {
    /// No query makes it panic, and no login changes the text that goes to the database.
    #[test]
    fn a_login_never_gets_into_the_text(query in "[a-z$():'\"`\\\\?@\\[\\]/*#é \n-]{0,40}", user in ".{0,20}") {
        for dialect in [Dialect::Postgres, Dialect::Mysql, Dialect::Sqlite] {
            if let Ok(statement) = Statement::parse(&query, dialect) {
                let before = statement.sql.clone();
                prop_assert_eq!(statement.values(&Login { user: &user, service: "imap" }).len(), statement.values.len());
                prop_assert_eq!(before, statement.sql);
            }
        }
    }
}
