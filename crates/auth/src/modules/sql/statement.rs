//! A query of an operator, with its variables taken out: a login's name goes to the database as a value of its own,
//! beside the query, and never into its text. That is all there is against SQL injection, and it is enough.

use super::dialect::Dialect;
use super::login::{Login, Variable};
use super::tokens::{Token, Tokens};

/// A query as the database gets it, and what goes into its places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement {
    /// With the database's own places for values.
    pub(super) sql: String,
    /// The values in their order.
    values: Vec<Template>,
    /// Whether it is written in Courier's way.
    pub(super) courier: bool,
}

/// Why a query cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum StatementError {
    /// Something ends with the query.
    #[error("the query ends inside of {0}")]
    Unterminated(&'static str),
    /// A variable that is none.
    #[error(
        "the query asks for {0:?}; there are :user, :local, :domain, :service, $(local_part), $(domain), $(service)"
    )]
    Unknown(String),
    /// A variable where only a name can be.
    #[error("the query has a variable inside of the quoted name {0:?}; a text is written in '…'")]
    InName(String),
    /// An escape that is not understood.
    #[error("the query has \\{0} in a text with a variable; write the text without it")]
    Escape(char),
    /// A place for a value that nobody fills.
    #[error("the query has the place {0:?} for a value; write :user, :local, :domain or :service")]
    Foreign(String),
    /// A query for all accounts that asks whose.
    #[error("all_query is for all accounts, and cannot ask for the parts of a login")]
    Whose,
}

/// A value: texts and variables, one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Variable(Variable),
}

impl Statement {
    /// Takes a query apart.
    pub(super) fn parse(query: &str, dialect: Dialect) -> Result<Self, StatementError> {
        let mut statement = Self { sql: String::with_capacity(query.len() + 16), values: Vec::new(), courier: false };
        for token in Tokens::new(query, dialect) {
            match token? {
                Token::Code(code) => statement.sql.push_str(code),
                // A driver may look for its own places in comments.
                Token::Comment => statement.sql.push(' '),
                Token::Text(text) if !text.has_variable() => statement.sql.push_str(text.whole),
                Token::Text(text) => {
                    statement.courier = true;
                    statement.place(Template::parse(&text.decoded()?)?, dialect);
                }
                Token::Courier(name) => {
                    statement.courier = true;
                    statement.place(Template::of(courier(name)?), dialect);
                }
                Token::Named(name) => statement.place(Template::of(named(name)?), dialect),
                Token::Foreign(place) => return Err(StatementError::Foreign(place.to_owned())),
            }
        }
        Ok(statement)
    }

    /// The same for a query that is for nobody in particular.
    pub(super) fn for_all(query: &str, dialect: Dialect) -> Result<Self, StatementError> {
        let statement = Self::parse(query, dialect)?;
        if statement.values.is_empty() { Ok(statement) } else { Err(StatementError::Whose) }
    }

    /// What goes into the places.
    pub(super) fn values(&self, login: &Login<'_>) -> Vec<String> {
        self.values.iter().map(|template| template.value(login)).collect()
    }

    fn place(&mut self, template: Template, dialect: Dialect) {
        self.values.push(template);
        self.sql.push_str(&dialect.placeholder(self.values.len()));
    }
}

impl Template {
    fn of(variable: Variable) -> Self {
        Self(vec![Piece::Variable(variable)])
    }

    /// `$(local_part)@$(domain)`.
    fn parse(text: &str) -> Result<Self, StatementError> {
        let (mut pieces, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once("$(") {
            let (name, after) = after.split_once(')').ok_or(StatementError::Unterminated("$("))?;
            pieces.extend([Piece::Text(before.to_owned()), Piece::Variable(courier(name)?)]);
            rest = after;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Self(pieces))
    }

    fn value(&self, login: &Login<'_>) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Variable(variable) => login.value(*variable).to_owned(),
        };
        self.0.iter().map(piece).collect()
    }
}

fn named(name: &str) -> Result<Variable, StatementError> {
    match name {
        "user" => Ok(Variable::User),
        "local" => Ok(Variable::Local),
        "domain" => Ok(Variable::Domain),
        "service" => Ok(Variable::Service),
        _ => Err(StatementError::Unknown(format!(":{name}"))),
    }
}

fn courier(name: &str) -> Result<Variable, StatementError> {
    match name.trim() {
        "local_part" => Ok(Variable::Local),
        "domain" => Ok(Variable::Domain),
        "service" => Ok(Variable::Service),
        _ => Err(StatementError::Unknown(format!("$({name})"))),
    }
}

#[cfg(test)]
#[path = "statement_tests.rs"]
mod tests;
