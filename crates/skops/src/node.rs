//! Objects of a file, by what skops says of them.

use crate::error::clipped;
use crate::tree::{Value, json};
use crate::{Error, Tree, npy, objects};
use flowgate_core::Tensor;
use flowgate_json::{Kind, Number, Scanner};

/// An object of a file.
///
/// Which methods have an answer depends on the loader that the file names for it: what is none of
/// what is asked for is an error, never a guess.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    tree: &'a Tree<'a>,
    at: u32,
}

impl<'a> Node<'a> {
    pub(crate) fn new(tree: &'a Tree<'a>, at: u32) -> Self {
        Self { tree, at }.resolved()
    }

    /// Its class with its module: `lightgbm.sklearn.LGBMRegressor`. Not to be trusted, as nothing
    /// in a file is: only to be compared.
    pub fn class(self) -> String {
        let part = |key| self.text_of(key).unwrap_or_default();
        clipped(&format!("{}.{}", part("__module__"), part("__class__")))
    }

    /// How skops would make it: `ObjectNode`, `DictNode`, `JsonNode`.
    pub fn loader(self) -> &'a str {
        self.text_of("__loader__").unwrap_or_default()
    }

    /// The attribute `key` of an object, or what a dictionary has under `key`; `None` where it is
    /// not there.
    ///
    /// # Errors
    /// When it is neither an object nor a dictionary.
    pub fn get(self, key: &str) -> Result<Option<Self>, Error> {
        let members = self.members()?;
        Ok(self.tree.member(members, key).map(|at| self.at(at)))
    }

    /// As [`Node::get`], for what must be there.
    ///
    /// # Errors
    /// Also when it is not there.
    pub fn need(self, key: &str) -> Result<Self, Error> {
        self.get(key)?
            .ok_or_else(|| Error::new("it is not there").inside(key))
    }

    /// The items of a list, a tuple or a set, in order.
    ///
    /// # Errors
    /// When it is something else.
    pub fn items(self) -> Result<impl ExactSizeIterator<Item = Self>, Error> {
        match (self.loader(), self.content()) {
            ("ListNode" | "TupleNode" | "SetNode", Some(Value::List(places))) => {
                Ok(self.all(places.clone()))
            }
            _ => Err(self.unlike("a list")),
        }
    }

    /// Whether it is Python's `None`.
    pub fn is_none(self) -> bool {
        self.json().is_ok_and(|text| text.trim() == "null")
    }

    /// A text.
    ///
    /// # Errors
    /// When it is something else.
    pub fn text(self) -> Result<String, Error> {
        self.read("a text", |scanner| match scanner.peek().ok()? {
            Kind::String => scanner.string().ok()?.ok().map(|text| text.into_owned()),
            _ => None,
        })
    }

    /// A whole number.
    ///
    /// # Errors
    /// When it is something else, or does not fit into 64 bits.
    pub fn integer(self) -> Result<i64, Error> {
        self.read("a whole number", |scanner| match scanner.number().ok()? {
            Number::Integer(digits) => digits.parse().ok(),
            _ => None,
        })
    }

    /// A number, to the nearest double.
    ///
    /// # Errors
    /// When it is something else.
    pub fn float(self) -> Result<f64, Error> {
        self.read("a number", |scanner| Some(scanner.number().ok()?.to_f64()))
    }

    /// A truth value.
    ///
    /// # Errors
    /// When it is something else.
    pub fn boolean(self) -> Result<bool, Error> {
        self.read("a truth value", |scanner| scanner.bool().ok())
    }

    /// A numpy array of numbers, truth values or texts. An array of objects is one of the type that
    /// all its items have.
    ///
    /// # Errors
    /// When it is something else, or an array of something else, or its file is broken.
    pub fn array(self) -> Result<Tensor, Error> {
        if self.loader() != "NdArrayNode" {
            return Err(self.unlike("an array"));
        }
        match (self.text_of("type"), self.content()) {
            (Some("numpy"), _) => {
                let file = self.text_of("file");
                let file = file.ok_or_else(|| Error::new("the array has no file"))?;
                let octets = self.tree.archive().read(file)?;
                npy::read(&octets).map_err(|error| error.inside(file))
            }
            (Some("json"), Some(Value::List(places))) => {
                let shape = self.member("shape");
                let shape = shape.ok_or_else(|| Error::new("the array has no shape"))?;
                objects::array(self.all(places.clone()), shape)
            }
            _ => Err(Error::new("the array is kept in no way that is known")),
        }
    }

    /// A number that is not written as a whole one.
    pub(crate) fn fraction(self) -> Result<f64, Error> {
        self.read("a number with a fraction", |scanner| {
            match scanner.number().ok()? {
                Number::Integer(_) => None,
                number => Some(number.to_f64()),
            }
        })
    }

    /// What kind of plain value it is.
    pub(crate) fn kind(self) -> Result<Kind, Error> {
        let text = self.json()?;
        let mut scanner = Scanner::new(text.as_bytes(), 1).map_err(|error| json(&error))?;
        scanner.peek().map_err(|error| json(&error))
    }

    /// What it is in JSON.
    pub(crate) fn json(self) -> Result<&'a str, Error> {
        match (self.loader(), self.content()) {
            ("JsonNode", Some(Value::Text(text))) => Ok(text),
            _ => Err(self.unlike("a plain value")),
        }
    }

    fn read<T>(
        self,
        expected: &str,
        read: impl FnOnce(&mut Scanner<'a>) -> Option<T>,
    ) -> Result<T, Error> {
        let text = self.json().map_err(|_| self.unlike(expected))?;
        let mut scanner = Scanner::new(text.as_bytes(), 1).map_err(|error| json(&error))?;
        let value = read(&mut scanner).filter(|_| scanner.end().is_ok());
        value.ok_or_else(|| self.unlike(expected))
    }

    /// The place of the object whose members are attributes, or entries.
    fn members(self) -> Result<u32, Error> {
        let dictionary = match self.loader() {
            "DictNode" => Some(self),
            // What `__getstate__` gave, or the second part of what `__reduce__` gave.
            "ObjectNode" | "TreeNode" | "LossNode" => self.member("content"),
            // `main` is the dictionary.
            "DefaultDictNode" => {
                let content = self.tree.member(self.at, "content");
                content.and_then(|at| Some(self.at(self.tree.member(at, "main")?)))
            }
            _ => None,
        };
        dictionary
            .filter(|dictionary| dictionary.loader() == "DictNode")
            .and_then(|dictionary| self.tree.member(dictionary.at, "content"))
            .filter(|at| matches!(self.tree.value(*at), Value::Object(_)))
            .ok_or_else(|| self.unlike("an object"))
    }

    fn content(self) -> Option<&'a Value<'a>> {
        self.tree
            .member(self.at, "content")
            .map(|at| self.tree.value(at))
    }

    fn all(self, places: std::ops::Range<u32>) -> impl ExactSizeIterator<Item = Self> {
        // A range of `u32` does not know its length, one of `usize` does.
        let places = places.start as usize..places.end as usize;
        places.map(move |at| self.at(u32::try_from(at).unwrap_or(u32::MAX)))
    }

    fn member(self, key: &str) -> Option<Self> {
        self.tree.member(self.at, key).map(|at| self.at(at))
    }

    fn at(self, at: u32) -> Self {
        Self::new(self.tree, at)
    }

    /// A reference stands for the object with its number.
    fn resolved(self) -> Self {
        if self.loader() != "CachedNode" {
            return self;
        }
        let id = self.tree.member(self.at, "__id__");
        let original = id.and_then(|at| match self.tree.value(at) {
            Value::Number(id) => self.tree.original(id),
            _ => None,
        });
        Self {
            tree: self.tree,
            at: original.unwrap_or(self.at),
        }
    }

    fn text_of(self, key: &str) -> Option<&'a str> {
        match self.tree.value(self.tree.member(self.at, key)?) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    fn unlike(self, expected: &str) -> Error {
        match self.loader() {
            "" => Error::new(format!("expected {expected}, found something else")),
            loader => {
                let (class, loader) = (self.class(), clipped(loader));
                Error::new(format!(
                    "expected {expected}, found `{class}` as `{loader}`"
                ))
            }
        }
    }
}
