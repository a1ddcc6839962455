//! The values of `schema.json`.
//!
//! All of them lie in one list; a list or an object names the run of it that its own values are.

use crate::archive::Archive;
use crate::node::Node;
use crate::{Error, Limits};
use flowgate_json::{Fault, KeySet, Kind, Scanner};
use std::borrow::Cow;
use std::ops::Range;

/// The entry that says what the object is made of.
const SCHEMA: &str = "schema.json";

/// The newest protocol of skops that is known.
const PROTOCOL: u64 = 2;

/// A file of skops whose zip is open.
#[derive(Debug)]
pub struct Skops<'a> {
    archive: Archive<'a>,
    schema: Vec<u8>,
    limits: Limits,
}

/// What `schema.json` says.
#[derive(Debug)]
pub struct Tree<'a> {
    archive: &'a Archive<'a>,
    values: Vec<Value<'a>>,
    root: u32,
}

/// A value of a JSON text.
#[derive(Debug, Clone)]
pub(crate) enum Value<'a> {
    /// `null` or a truth value, which no node is made of.
    Plain,
    /// As it is written.
    Number(&'a str),
    Text(Cow<'a, str>),
    /// Places of the items.
    List(Range<u32>),
    /// Places of the keys, each a text with its value behind it.
    Object(Range<u32>),
}

impl<'a> Skops<'a> {
    /// Opens the zip in `octets` and unpacks `schema.json`.
    ///
    /// # Errors
    /// When `octets` are no zip, or one that breaks the limits, or there is no `schema.json`.
    pub fn open(octets: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        let archive = Archive::open(octets, limits)?;
        let schema = archive.read(SCHEMA)?;
        Ok(Self {
            archive,
            schema,
            limits: *limits,
        })
    }

    /// Reads `schema.json`.
    ///
    /// # Errors
    /// When it is not JSON, breaks the limits, or is of a protocol that is not known.
    pub fn tree(&self) -> Result<Tree<'_>, Error> {
        let depth = self.limits.depth.min(Limits::MAX_DEPTH);
        let scanner = Scanner::new(&self.schema, depth).map_err(|error| json(&error))?;
        let mut reader = Reader {
            scanner,
            values: Vec::new(),
            most: self.limits.values,
        };
        let root = reader.whole().map_err(|error| error.inside(SCHEMA))?;
        let tree = Tree {
            archive: &self.archive,
            values: reader.values,
            root,
        };
        tree.check_protocol()?;
        Ok(tree)
    }
}

impl Tree<'_> {
    /// The object that the file is of.
    pub fn root(&self) -> Node<'_> {
        Node::new(self, self.root)
    }

    pub(crate) fn archive(&self) -> &Archive<'_> {
        self.archive
    }

    pub(crate) fn value(&self, at: u32) -> &Value<'_> {
        self.values.get(at as usize).unwrap_or(&Value::Plain)
    }

    /// The place of the value under `key` in the object at `at`.
    pub(crate) fn member(&self, at: u32, key: &str) -> Option<u32> {
        let Value::Object(places) = self.value(at) else {
            return None;
        };
        places
            .clone()
            .step_by(2)
            .find(|place| matches!(self.value(*place), Value::Text(name) if name == key))
            .map(|place| place + 1)
    }

    /// The first object under the number `id` that is more than a reference to it.
    pub(crate) fn original(&self, id: &str) -> Option<u32> {
        let count = u32::try_from(self.values.len()).ok()?;
        (0..count).find(|at| {
            let same = |place| matches!(self.value(place), Value::Number(found) if *found == id);
            self.member(*at, "__id__").is_some_and(same)
                && !matches!(self.member(*at, "__loader__").map(|at| self.value(at)),
                             Some(Value::Text(loader)) if loader == "CachedNode")
        })
    }

    fn check_protocol(&self) -> Result<(), Error> {
        let protocol = self.member(self.root, "protocol");
        let protocol = protocol.and_then(|at| match self.value(at) {
            Value::Number(digits) => digits.parse::<u64>().ok(),
            _ => None,
        });
        match protocol {
            Some(protocol) if protocol <= PROTOCOL => Ok(()),
            Some(protocol) => Err(Error::new(format!(
                "it is of protocol {protocol} of skops, up to {PROTOCOL} is known"
            ))),
            None => Err(Error::new(
                "it does not say which protocol of skops it is of",
            )),
        }
    }
}

/// Reads values into one list.
struct Reader<'a> {
    scanner: Scanner<'a>,
    values: Vec<Value<'a>>,
    most: usize,
}

impl<'a> Reader<'a> {
    fn whole(&mut self) -> Result<u32, Error> {
        let value = self.value()?;
        self.scanner.end().map_err(|error| json(&error))?;
        Ok(self.push_all(vec![value])?.start)
    }

    /// Recurses as deep as the scanner lets lists and objects nest.
    fn value(&mut self) -> Result<Value<'a>, Error> {
        let scanner = &mut self.scanner;
        let value = match scanner.peek().map_err(|error| json(&error))? {
            Kind::Null => scanner.null().map(|()| Value::Plain),
            Kind::Bool => scanner.bool().map(|_| Value::Plain),
            Kind::Number => {
                let start = scanner.mark();
                let number = scanner.number();
                number.map(|_| Value::Number(scanner.text_since(start).trim_start()))
            }
            Kind::String => match scanner.string().map_err(|error| json(&error))? {
                Ok(text) => Ok(Value::Text(text)),
                Err(_) => return Err(Error::new("a text holds half a character")),
            },
            Kind::Array => return self.list(),
            Kind::Object => return self.object(),
        };
        value.map_err(|error| json(&error))
    }

    fn list(&mut self) -> Result<Value<'a>, Error> {
        let mut items = Vec::new();
        let mut more = self.scanner.open_array().map_err(|error| json(&error))?;
        while more {
            items.push(self.value()?);
            more = self.scanner.next_item().map_err(|error| json(&error))?;
        }
        Ok(Value::List(self.push_all(items)?))
    }

    fn object(&mut self) -> Result<Value<'a>, Error> {
        let mut members = Vec::new();
        let mut keys = KeySet::new();
        let mut more = self.scanner.open_object().map_err(|error| json(&error))?;
        while more {
            let key = self.scanner.key().map_err(|error| json(&error))?;
            if !keys.insert(key.clone()) {
                let key = crate::error::clipped(&key);
                return Err(Error::new(format!("the key `{key}` is there twice")));
            }
            members.push(Value::Text(key));
            members.push(self.value()?);
            more = self.scanner.next_member().map_err(|error| json(&error))?;
        }
        Ok(Value::Object(self.push_all(members)?))
    }

    /// Values that lie together, behind all that are inside of them.
    fn push_all(&mut self, values: Vec<Value<'a>>) -> Result<Range<u32>, Error> {
        let count = self.values.len() + values.len();
        if count > self.most {
            let most = self.most;
            return Err(Error::new(format!("it has more than {most} values")));
        }
        let place = |at: usize| u32::try_from(at).map_err(|_| Error::new("it is too long"));
        let places = place(self.values.len())?..place(count)?;
        self.values.extend(values);
        Ok(places)
    }
}

/// What is wrong with a JSON text that comes from a file.
pub(crate) fn json(error: &flowgate_json::Error) -> Error {
    let (line, column) = (error.line(), error.column());
    let what = match error.fault() {
        Fault::Encoding => "it is not text in UTF-8".to_owned(),
        Fault::Syntax(expected) => format!("it is not JSON: expected {expected}"),
        Fault::TooLong(digits) => format!("a number has more than {digits} digits"),
        Fault::TooDeep(limit) => format!("it is nested deeper than {limit} levels"),
        Fault::BadKey => "a key holds half a character".to_owned(),
        Fault::DuplicateKey(_) => "a key is there twice".to_owned(),
    };
    Error::new(format!("{what} at line {line}, column {column}"))
}
