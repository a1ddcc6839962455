//! Walking over a value that nobody wants, without recursion.

use super::error::Error;
use super::keys::KeySet;
use super::scan::{Kind, Scanner};
use std::borrow::Cow;

/// A list or an object that is open.
enum Open<'a> {
    Array(usize),
    Object(KeySet<'a>, Cow<'a, str>),
}

impl<'a> Scanner<'a> {
    /// Skips one value. Its grammar is checked, and that no key is there twice.
    ///
    /// # Errors
    /// When it is no value, is too deep or has a key twice; the path of that key starts below
    /// the value.
    pub fn skip_value(&mut self) -> Result<(), Error> {
        self.skip(true)
    }

    /// Skips one value. Its grammar is checked, and nothing else.
    ///
    /// # Errors
    /// When it is no value or is too deep.
    pub fn skip_any_keys(&mut self) -> Result<(), Error> {
        self.skip(false)
    }

    fn skip(&mut self, unique: bool) -> Result<(), Error> {
        let mut open: Vec<Open<'a>> = Vec::new();
        loop {
            let entered = match self.peek()? {
                Kind::Null => self.null().map(|()| false)?,
                Kind::Bool => self.bool().map(|_| false)?,
                Kind::Number => self.number().map(|_| false)?,
                Kind::String => self.string().map(|_| false)?,
                Kind::Array => {
                    let more = self.open_array()?;
                    if more {
                        open.push(Open::Array(0));
                    }
                    more
                }
                Kind::Object => {
                    let more = self.open_object()?;
                    if more {
                        open.push(Open::Object(KeySet::new(), Cow::Borrowed("")));
                        self.enter_member(&mut open, unique)?;
                    }
                    more
                }
            };
            if entered {
                continue;
            }
            loop {
                let more = match open.last_mut() {
                    None => return Ok(()),
                    Some(Open::Array(index)) => {
                        *index += 1;
                        self.next_item()?
                    }
                    Some(Open::Object(..)) => {
                        let more = self.next_member()?;
                        if more {
                            self.enter_member(&mut open, unique)?;
                        }
                        more
                    }
                };
                if more {
                    break;
                }
                open.pop();
            }
        }
    }

    fn enter_member(&mut self, open: &mut [Open<'a>], unique: bool) -> Result<(), Error> {
        let key = self.key()?;
        if let Some(Open::Object(keys, current)) = open.last_mut() {
            *current = key.clone();
            if unique && !keys.insert(key) {
                return Err(self.duplicate(path(open)));
            }
        }
        Ok(())
    }
}

fn path(open: &[Open<'_>]) -> String {
    let mut path = String::new();
    for part in open {
        match part {
            Open::Array(index) => path.push_str(&format!("[{index}]")),
            Open::Object(_, key) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(key);
            }
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use crate::{Fault, Scanner};

    #[test]
    fn a_key_that_is_there_twice_is_told_with_its_path() {
        for (text, path) in [
            (r#"{"a": 1, "a": 2}"#, "a"),
            (r#"{"a": {"b": [0, {"c": 1, "\u0063": 2}]}}"#, "a.b[1].c"),
            (r#"[{"a": {}, "a": {}}]"#, "[0].a"),
        ] {
            let mut scanner = Scanner::new(text.as_bytes(), 64).expect("text");
            let error = scanner.skip_value().expect_err("a duplicate key");
            assert_eq!(
                error.fault(),
                &Fault::DuplicateKey(path.to_owned()),
                "{text}"
            );
        }
        let mut scanner = Scanner::new(br#"[{"a": 1}, {"a": {"a": 2}}]"#, 64).expect("text");
        assert_eq!(scanner.skip_value(), Ok(()));
    }

    #[test]
    fn a_million_keys_are_skipped() {
        let members: Vec<String> = (0..1_000_000)
            .map(|index| format!("\"k{index}\":0"))
            .collect();
        let text = format!("{{{}}}", members.join(","));
        let mut scanner = Scanner::new(text.as_bytes(), 64).expect("text");
        assert_eq!(scanner.skip_value().and_then(|()| scanner.end()), Ok(()));
    }
}
