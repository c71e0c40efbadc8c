//! The parameters behind a path (RFC 5321 §4.1.2 `Mail-parameters`).

/// One parameter: its keyword as sent, and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter<'a> {
    /// In any case.
    pub keyword: &'a str,
    /// Behind the `=`; never empty.
    pub value: Option<&'a str>,
}

/// A word that is no parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// `esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")`
    #[error("a parameter's name has letters, digits and hyphens only")]
    Keyword,
    /// `esmtp-value = 1*(%d33-60 / %d62-126)`, with UTF-8 since RFC 6531 §3.3.
    #[error("a parameter's value is empty, or has a control character or a second =")]
    Value,
}

/// Reads parameters, which spaces divide.
pub fn parameters(text: &str) -> impl Iterator<Item = Result<Parameter<'_>, ParameterError>> {
    text.split(' ').filter(|word| !word.is_empty()).map(parameter)
}

fn parameter(word: &str) -> Result<Parameter<'_>, ParameterError> {
    let (keyword, value) = match word.split_once('=') {
        Some((keyword, value)) => (keyword, Some(value)),
        None => (word, None),
    };
    let named = keyword.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') && !keyword.starts_with('-');
    if keyword.is_empty() || !named {
        return Err(ParameterError::Keyword);
    }
    match value {
        Some(v) if v.is_empty() || v.contains('=') || v.chars().any(char::is_control) => Err(ParameterError::Value),
        value => Ok(Parameter { keyword, value }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_values() {
        let read = |text| parameters(text).collect::<Result<Vec<_>, _>>();
        let size = Parameter { keyword: "SIZE", value: Some("10") };
        assert_eq!(read("SIZE=10  SMTPUTF8"), Ok(vec![size, Parameter { keyword: "SMTPUTF8", value: None }]));
        assert_eq!(read(""), Ok(vec![]));
        assert_eq!(read("SIZE="), Err(ParameterError::Value));
        assert_eq!(read("SIZE=1=2"), Err(ParameterError::Value));
        assert_eq!(read("=1"), Err(ParameterError::Keyword));
        assert_eq!(read("-a"), Err(ParameterError::Keyword));
        assert_eq!(read("<b@c>"), Err(ParameterError::Keyword));
    }
}
