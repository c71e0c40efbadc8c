//! Values as TOML writes them: where a string ends, what is a comment, and whether a value goes on in the next line. A broken file
//! must be read, too, so nothing here is strict.

/// Whether brackets or three quotes are still open at the end.
pub(super) fn open(value: &str) -> bool {
    let (mut depth, mut quote): (usize, Option<&str>) = (0, None);
    let mut at = 0;
    while let Some(rest) = value.get(at..).filter(|rest| !rest.is_empty()) {
        let step = match quote {
            Some(mark) if rest.starts_with(mark) => {
                quote = None;
                mark.len()
            }
            // A string of one line ends with it, whether or not somebody closed it.
            Some(mark) if mark.len() == 1 && rest.starts_with('\n') => {
                quote = None;
                1
            }
            Some(mark) if mark.starts_with('"') && rest.starts_with('\\') => {
                1 + rest.chars().nth(1).map_or(0, char::len_utf8)
            }
            Some(_) => rest.chars().next().map_or(1, char::len_utf8),
            None => {
                let mark = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|mark| rest.starts_with(mark));
                quote = mark;
                match rest.chars().next() {
                    Some('[' | '{') => depth += 1,
                    Some(']' | '}') => depth = depth.saturating_sub(1),
                    Some('#') => {
                        return depth > 0 && rest.find('\n').is_none_or(|end| open_behind(value, at + end, depth));
                    }
                    _ => {}
                }
                mark.map_or_else(|| rest.chars().next().map_or(1, char::len_utf8), str::len)
            }
        };
        at += step;
    }
    depth > 0 || quote.is_some_and(|mark| mark.len() == 3)
}

/// Behind a comment inside of brackets: the rest is looked at as if it were a value with as many open.
fn open_behind(value: &str, at: usize, depth: usize) -> bool {
    open(&format!("{}{}", "[".repeat(depth), value.get(at..).unwrap_or_default()))
}

/// The strings in a value, as they are written, without their quotes.
pub(super) fn strings(value: &str) -> Vec<&str> {
    let (mut found, mut rest) = (Vec::new(), value);
    while let Some(at) = rest.find(['"', '\'']) {
        let behind = rest.get(at..).unwrap_or_default();
        let mark = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|mark| behind.starts_with(mark)).unwrap_or("\"");
        let inner = behind.get(mark.len()..).unwrap_or_default();
        let end = end_of_string(inner, mark);
        found.push(inner.get(..end).unwrap_or_default());
        rest = inner.get(end + mark.len()..).unwrap_or_default();
    }
    found
}

fn end_of_string(inner: &str, mark: &str) -> usize {
    let mut at = 0;
    while let Some(rest) = inner.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(mark) {
            return at;
        }
        let escaped = mark.starts_with('"') && rest.starts_with('\\');
        let first = rest.chars().next().map_or(1, char::len_utf8);
        at += if escaped { 1 + rest.chars().nth(1).map_or(0, char::len_utf8) } else { first };
    }
    inner.len()
}

/// A value without the comments behind and inside of it.
pub(super) fn without_comments(value: &str) -> String {
    if value.contains("\"\"\"") || value.contains("'''") {
        return value.to_owned();
    }
    value.split('\n').map(without_comment).collect::<Vec<_>>().join("\n")
}

/// A line without the comment behind it. Of a string that nobody closed all is kept: it is the value's matter.
pub(super) fn without_comment(line: &str) -> &str {
    let (mut quote, mut escaped) = (None, false);
    for (at, c) in line.char_indices() {
        match quote {
            _ if escaped => escaped = false,
            Some('"') if c == '\\' => escaped = true,
            Some(mark) if c == mark => quote = None,
            Some(_) => {}
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c == '#' => return line.get(..at).unwrap_or_default(),
            None => {}
        }
    }
    line
}
