//! Rust source with everything blanked that is not code, so that a word in a comment or a string
//! is not taken for code. No parser: it only knows where comments and literals end.

/// The source with comments and the inside of string and character literals replaced by spaces;
/// lines stay where they are.
pub(super) fn without_words(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let previous = code.chars().next_back();
        let length = comment(rest)
            .or_else(|| raw_string(rest).filter(|_| !previous.is_some_and(is_of_word)))
            .or_else(|| quoted(rest, '"'))
            .or_else(|| character(rest));
        match length {
            Some(length) => {
                let blank = |c| if c == '\n' { '\n' } else { ' ' };
                code.extend(rest[..length].chars().map(blank));
                rest = &rest[length..];
            }
            None => {
                code.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    code
}

/// Whether `word` stands in the code, not as a part of a longer name.
pub(super) fn has_word(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        !before.is_some_and(is_of_word) && !after.is_some_and(is_of_word)
    })
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of the comment that `rest` begins with; block comments nest.
fn comment(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if !rest.starts_with("/*") {
        return None;
    }
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                break;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    Some(at)
}

/// The length of `r"…"`, `r#"…"#` and so on, also with `b` or `c` before.
fn raw_string(rest: &str) -> Option<usize> {
    let after_prefix = rest
        .strip_prefix(['b', 'c'])
        .unwrap_or(rest)
        .strip_prefix('r')?;
    let hashes = after_prefix.len() - after_prefix.trim_start_matches('#').len();
    let inside = after_prefix[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let open = rest.len() - inside.len();
    Some(
        inside
            .find(&end)
            .map_or(rest.len(), |at| open + at + end.len()),
    )
}

/// The length of a literal between two of `quote`, with `\` before what would end it.
fn quoted(rest: &str, quote: char) -> Option<usize> {
    let mut chars = rest.strip_prefix(quote)?.char_indices();
    while let Some((at, c)) = chars.next() {
        if c == '\\' {
            chars.next();
        } else if c == quote {
            return Some(quote.len_utf8() + at + c.len_utf8());
        }
    }
    Some(rest.len())
}

/// The length of a character literal; a lifetime such as `'a` is none.
fn character(rest: &str) -> Option<usize> {
    let mut inside = rest.strip_prefix('\'')?.chars();
    let first = inside.next()?;
    if first == '\\' || inside.next() == Some('\'') {
        quoted(rest, '\'')
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, expected: &str) {
        assert_eq!(without_words(source), expected);
    }

    #[test]
    fn comments_are_blanked_and_lines_stay() {
        check("a // b\nc", "a     \nc");
        check("a /* b /* c */ d */ e", "a                   e");
        check("/* \n */x", "   \n   x");
        check("/// \"\nx", "     \nx");
        check("a /* é never closed", "a                  ");
    }

    #[test]
    fn strings_are_blanked_with_their_escapes() {
        check(r#"f("a // b", 1)"#, "f(        , 1)");
        check(r#"f("a\"b", x)"#, "f(      , x)");
        check(r##"f(r#"a"b"#, x)"##, "f(        , x)");
        check(r#"f(br"a\", x)"#, "f(      , x)");
        check("\"never closed", "             ");
    }

    #[test]
    fn a_character_is_blanked_and_a_lifetime_is_not() {
        check("f('\"', x)", "f(   , x)");
        check(r"f('\'', x)", "f(    , x)");
        check("fn f<'a>(x: &'a str)", "fn f<'a>(x: &'a str)");
        check("for\"a\"", "for   ");
    }

    #[test]
    fn a_word_is_found_only_whole() {
        assert!(has_word("unsafe { x }", "unsafe"));
        assert!(has_word("pub unsafe fn", "unsafe"));
        assert!(!has_word("#![forbid(unsafe_code)]", "unsafe"));
        assert!(!has_word("an_unsafe", "unsafe"));
    }
}
