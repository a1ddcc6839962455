//! The head of a `.npy` file: a Python dictionary that says what follows it.

use super::elements::Kind;
use super::literal::{Literal, Reader};
use crate::Error;
use crate::error::clipped;

/// What every file begins with.
const MAGIC: &[u8] = b"\x93NUMPY";

/// The longest head that is read, in octets; numpy's own limit for what it does not trust is
/// 10 000.
const HEAD_LIMIT: usize = 1 << 16;

/// The most dimensions, as numpy has it.
const MAX_DIMENSIONS: usize = 64;

/// What the elements are and how they lie.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) kind: Kind,
    pub(super) shape: Vec<usize>,
    /// Whether the first index runs fastest; else the last.
    pub(super) column_major: bool,
}

impl Header {
    /// The head of a file, and the octets behind it.
    pub(super) fn read(octets: &[u8]) -> Result<(Self, &[u8]), Error> {
        let (text, elements) = split(octets)?;
        let text = std::str::from_utf8(text);
        let text = text.map_err(|_| Error::new("the head of the array is not text"))?;
        let header = Self::parse(text).map_err(|error| error.inside("head"))?;
        Ok((header, elements))
    }

    /// The three keys that numpy writes, each once, and no other.
    fn parse(text: &str) -> Result<Self, Error> {
        let mut reader = Reader::new(text);
        let (mut kind, mut order, mut shape) = (None, None, None);
        for (key, value) in reader.dictionary()? {
            let twice = match (key.as_str(), value) {
                ("descr", Literal::Text(name)) => kind.replace(Kind::parse(&name)?).is_some(),
                ("descr", _) => {
                    return Err(Error::new("arrays of records are not read"));
                }
                ("fortran_order", Literal::Bool(is)) => order.replace(is).is_some(),
                ("shape", Literal::Tuple(sizes)) => shape.replace(sizes).is_some(),
                (key, _) => {
                    let key = clipped(key);
                    return Err(Error::new(format!("the key `{key}` is unknown or wrong")));
                }
            };
            if twice {
                return Err(Error::new("a key is there twice"));
            }
        }
        reader.end()?;
        let (Some(kind), Some(column_major), Some(shape)) = (kind, order, shape) else {
            return Err(Error::new("`descr`, `fortran_order` or `shape` is missing"));
        };
        if shape.len() > MAX_DIMENSIONS {
            return Err(Error::new(format!("more than {MAX_DIMENSIONS} dimensions")));
        }
        Ok(Self {
            kind,
            shape,
            column_major,
        })
    }

    /// The first sizes of the shape.
    pub(super) fn shown_shape(&self) -> String {
        clipped(&format!("{:?}", self.shape))
    }
}

/// The text of the head, and what follows it.
fn split(octets: &[u8]) -> Result<(&[u8], &[u8]), Error> {
    let not_numpy = || Error::new("it is no array of numpy");
    let rest = octets.strip_prefix(MAGIC).ok_or_else(not_numpy)?;
    let (version, rest) = rest.split_first_chunk::<2>().ok_or_else(not_numpy)?;
    let (length, rest) = match version {
        [1, 0] => {
            let (length, rest) = rest.split_first_chunk::<2>().ok_or_else(not_numpy)?;
            (usize::from(u16::from_le_bytes(*length)), rest)
        }
        [2 | 3, 0] => {
            let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(not_numpy)?;
            let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
            (length, rest)
        }
        [major, minor] => {
            return Err(Error::new(format!(
                "version {major}.{minor} of numpy's format is unknown"
            )));
        }
    };
    if length > HEAD_LIMIT {
        return Err(Error::new(format!(
            "its head has {length} octets, at most {HEAD_LIMIT} are taken"
        )));
    }
    rest.split_at_checked(length)
        .ok_or_else(|| Error::new("its head is cut off"))
}
