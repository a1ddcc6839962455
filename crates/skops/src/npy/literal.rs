//! The few Python literals that stand in the head of a `.npy` file.

use crate::Error;

/// A value of the dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Literal {
    Text(String),
    Bool(bool),
    /// A tuple of sizes.
    Tuple(Vec<usize>),
    /// A list: the fields of records. It is not read further.
    List,
}

/// Reads literals from the front of a text.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// `{'key': value, ...}`, a comma before the end allowed. Nothing is read behind a list.
    pub(super) fn dictionary(&mut self) -> Result<Vec<(String, Literal)>, Error> {
        self.need('{')?;
        let mut members = Vec::new();
        while !self.eat('}') {
            let key = self.text()?;
            self.need(':')?;
            let value = self.value()?;
            let ends = value == Literal::List;
            members.push((key, value));
            if ends {
                break;
            }
            if !self.eat(',') {
                self.need('}')?;
                break;
            }
        }
        Ok(members)
    }

    /// That nothing but white space is left.
    pub(super) fn end(&self) -> Result<(), Error> {
        match self.rest.trim().is_empty() {
            true => Ok(()),
            false => Err(Error::new("expected the end of the head")),
        }
    }

    fn value(&mut self) -> Result<Literal, Error> {
        self.skip_space();
        if self.rest.starts_with(['\'', '"']) {
            return Ok(Literal::Text(self.text()?));
        }
        for (word, value) in [("True", true), ("False", false)] {
            if let Some(rest) = self.rest.strip_prefix(word) {
                self.rest = rest;
                return Ok(Literal::Bool(value));
            }
        }
        if self.eat('[') {
            return Ok(Literal::List);
        }
        self.need('(')?;
        let mut sizes = Vec::new();
        while !self.eat(')') {
            sizes.push(self.size()?);
            if !self.eat(',') {
                // A pair of brackets around one number is the number, not a tuple.
                if sizes.len() == 1 {
                    return Err(Error::new("expected a comma behind the only size"));
                }
                self.need(')')?;
                break;
            }
        }
        Ok(Literal::Tuple(sizes))
    }

    fn size(&mut self) -> Result<usize, Error> {
        self.skip_space();
        let end = self.rest.find(|letter: char| !letter.is_ascii_digit());
        let (digits, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        let size = digits.parse();
        self.rest = rest;
        size.map_err(|_| Error::new("expected a size"))
    }

    /// A text in single or double quotes; numpy writes none with an escape.
    fn text(&mut self) -> Result<String, Error> {
        self.skip_space();
        let bad = || Error::new("expected a text in quotes");
        let quote = self.rest.chars().next();
        let quote = quote
            .filter(|letter| ['\'', '"'].contains(letter))
            .ok_or_else(bad)?;
        let inner = self.rest.strip_prefix(quote).ok_or_else(bad)?;
        let (text, rest) = inner.split_once(quote).ok_or_else(bad)?;
        if text.contains('\\') {
            return Err(Error::new("a text holds an escape"));
        }
        self.rest = rest;
        Ok(text.to_owned())
    }

    fn need(&mut self, letter: char) -> Result<(), Error> {
        match self.eat(letter) {
            true => Ok(()),
            false => Err(Error::new(format!("expected `{letter}`"))),
        }
    }

    fn eat(&mut self, letter: char) -> bool {
        self.skip_space();
        match self.rest.strip_prefix(letter) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }
}
