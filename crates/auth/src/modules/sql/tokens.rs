//! A query cut into what is code, text, comment, and a place for a value. It knows no grammar beyond that.

use super::dialect::Dialect;
use super::statement::StatementError;

/// A piece of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'q> {
    /// Code, quoted names, texts of other forms: handed on as it is.
    Code(&'q str),
    /// A text in quotes.
    Text(Text<'q>),
    /// A comment.
    Comment,
    /// `:name`.
    Named(&'q str),
    /// `$(name)`, as Courier writes it.
    Courier(&'q str),
    /// A place for a value in the database's own form: nothing is known that would go there.
    Foreign(&'q str),
}

/// A text in quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Text<'q> {
    /// All of it, with prefix and quotes.
    pub(super) whole: &'q str,
    body: &'q str,
    quote: char,
    backslash: bool,
}

/// Cuts a query.
pub(super) struct Tokens<'q> {
    rest: &'q str,
    dialect: Dialect,
}

impl<'q> Tokens<'q> {
    pub(super) fn new(query: &'q str, dialect: Dialect) -> Self {
        Self { rest: query, dialect }
    }

    /// Takes `length` octets off.
    fn take(&mut self, length: usize) -> &'q str {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn code(&mut self, length: usize) -> Token<'q> {
        Token::Code(self.take(length))
    }

    fn cut(&mut self, first: char) -> Result<Token<'q>, StatementError> {
        let (rest, dialect) = (self.rest, self.dialect);
        let after = rest.get(first.len_utf8()..).unwrap_or_default();
        match first {
            '\'' => self.text(0, '\'', dialect.backslash()),
            '"' if dialect.double_quotes_text() => self.text(0, '"', true),
            // Only a text can have a variable in it; SQLite takes a quoted name that is none for a text as well.
            '"' if dialect == Dialect::Sqlite && quoted(after, '"', false).is_some_and(|body| body.contains("$(")) => {
                self.text(0, '"', false)
            }
            '"' | '`' => self.name(first),
            '[' if dialect == Dialect::Sqlite => self.name(']'),
            '-' if after.starts_with('-') && self.dashes_comment() => Ok(self.line()),
            '#' if dialect == Dialect::Mysql => Ok(self.line()),
            '/' if after.starts_with('*') => self.block(),
            '$' => self.dollar(after),
            ':' => Ok(self.colon(after)),
            '?' if dialect.question_mark() => Ok(self.foreign(after)),
            '@' if dialect == Dialect::Sqlite => Ok(self.foreign(after)),
            c if c.is_alphabetic() || c == '_' => self.word(),
            c => Ok(self.code(c.len_utf8())),
        }
    }

    /// A text after a prefix of so many octets.
    fn text(&mut self, prefix: usize, quote: char, backslash: bool) -> Result<Token<'q>, StatementError> {
        let after = self.rest.get(prefix + 1..).unwrap_or_default();
        let body = quoted(after, quote, backslash).ok_or(StatementError::Unterminated("a quote"))?;
        let whole = self.take(prefix + body.len() + 2);
        Ok(Token::Text(Text { whole, body, quote, backslash }))
    }

    /// A quoted name.
    fn name(&mut self, end: char) -> Result<Token<'q>, StatementError> {
        let body = quoted(self.rest.get(1..).unwrap_or_default(), end, false);
        let body = body.ok_or(StatementError::Unterminated("a quoted name"))?;
        if body.contains("$(") {
            return Err(StatementError::InName(body.to_owned()));
        }
        Ok(self.code(body.len() + 2))
    }

    /// MySQL wants a space after `--`: `5--1` is 6 there.
    fn dashes_comment(&self) -> bool {
        let next = self.rest.chars().nth(2);
        self.dialect != Dialect::Mysql || next.is_none_or(|c| c.is_whitespace() || c.is_control())
    }

    fn line(&mut self) -> Token<'q> {
        self.take(self.rest.find('\n').unwrap_or(self.rest.len()));
        Token::Comment
    }

    /// `/* … */`, nested in PostgreSQL. What MySQL reads in comments of its own (`/*! … */`, `/*+ … */`) is code.
    fn block(&mut self) -> Result<Token<'q>, StatementError> {
        let (mut depth, mut at) = (0, 0);
        loop {
            let rest = self.rest.get(at..).unwrap_or_default();
            if rest.starts_with("/*") && (depth == 0 || self.dialect == Dialect::Postgres) {
                (depth, at) = (depth + 1, at + 2);
            } else if rest.starts_with("*/") {
                (depth, at) = (depth - 1, at + 2);
            } else {
                at += rest.chars().next().ok_or(StatementError::Unterminated("a comment"))?.len_utf8();
            }
            if depth == 0 {
                break;
            }
        }
        let code = self.dialect == Dialect::Mysql && matches!(self.rest.as_bytes().get(2), Some(b'!' | b'+'));
        let block = self.take(at);
        Ok(if code { Token::Code(block) } else { Token::Comment })
    }

    fn dollar(&mut self, after: &'q str) -> Result<Token<'q>, StatementError> {
        if let Some(inside) = after.strip_prefix('(') {
            let end = inside.find(')').ok_or(StatementError::Unterminated("$("))?;
            let whole = self.take(end + 3);
            return Ok(Token::Courier(whole.get(2..end + 2).unwrap_or_default()));
        }
        match self.dialect {
            Dialect::Postgres if after.starts_with(|c: char| c.is_ascii_digit()) => Ok(self.foreign(after)),
            Dialect::Postgres => self.dollar_quoted(after),
            Dialect::Sqlite => Ok(self.foreign(after)),
            Dialect::Mysql => Ok(self.code(1)),
        }
    }

    /// `$tag$ … $tag$`.
    fn dollar_quoted(&mut self, after: &'q str) -> Result<Token<'q>, StatementError> {
        let tag = word(after);
        if !after.get(tag..).is_some_and(|rest| rest.starts_with('$')) {
            return Ok(self.code(1));
        }
        let (fence, body) = self.rest.split_at_checked(tag + 2).unwrap_or_default();
        let end = body.find(fence).ok_or(StatementError::Unterminated("a quote in dollars"))?;
        Ok(self.code(2 * fence.len() + end))
    }

    /// `:name`; but `::` is a cast, and `:=` an assignment.
    fn colon(&mut self, after: &'q str) -> Token<'q> {
        if after.starts_with([':', '=']) {
            return self.code(2);
        }
        match if after.starts_with(|c: char| c.is_ascii_digit()) { 0 } else { word(after) } {
            0 => self.code(1),
            length => {
                self.take(1);
                Token::Named(self.take(length))
            }
        }
    }

    fn foreign(&mut self, after: &'q str) -> Token<'q> {
        Token::Foreign(self.take(1 + word(after)))
    }

    /// A word, or a text with the prefix `E` or `N`.
    fn word(&mut self) -> Result<Token<'q>, StatementError> {
        let length = word(self.rest);
        let (word, after) = self.rest.split_at_checked(length).unwrap_or_default();
        match word {
            "E" | "e" if after.starts_with('\'') && self.dialect == Dialect::Postgres => self.text(1, '\'', true),
            "N" | "n" if after.starts_with('\'') => self.text(1, '\'', self.dialect.backslash()),
            _ => Ok(self.code(length)),
        }
    }
}

impl<'q> Iterator for Tokens<'q> {
    type Item = Result<Token<'q>, StatementError>;

    fn next(&mut self) -> Option<Self::Item> {
        let first = self.rest.chars().next()?;
        Some(self.cut(first))
    }
}

impl Text<'_> {
    /// What it says.
    pub(super) fn decoded(&self) -> Result<String, StatementError> {
        let mut decoded = String::with_capacity(self.body.len());
        let mut chars = self.body.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' if self.backslash => match chars.next() {
                    Some('n') => decoded.push('\n'),
                    Some('t') => decoded.push('\t'),
                    Some('r') => decoded.push('\r'),
                    // In patterns for LIKE these keep their backslash (MySQL).
                    Some(c @ ('%' | '_')) => decoded.extend(['\\', c]),
                    Some(c) if c.is_alphanumeric() => return Err(StatementError::Escape(c)),
                    Some(c) => decoded.push(c),
                    None => {}
                },
                c => {
                    decoded.push(c);
                    // The quote that is written twice.
                    if c == self.quote {
                        chars.next();
                    }
                }
            }
        }
        Ok(decoded)
    }

    /// Whether it may have a variable in it.
    pub(super) fn has_variable(&self) -> bool {
        self.body.contains("$(")
    }
}

/// What is before the closing quote; a quote that is written twice does not close. `None` without one.
fn quoted(text: &str, quote: char, backslash: bool) -> Option<&str> {
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\\' && backslash {
            chars.next();
        } else if c == quote && chars.next_if(|(_, next)| *next == quote).is_none() {
            return text.get(..at);
        }
    }
    None
}

/// The length of a word at the start.
fn word(text: &str) -> usize {
    text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len())
}
