//! The elements of an array: what numpy's type strings mean, and reading them.

use crate::Error;
use crate::error::clipped;
use flowgate_core::{Data, StringsBuilder};
use half::f16;

/// The octets of a character of a text.
const CHARACTER: usize = 4;

/// What the elements of an array are.
#[derive(Debug)]
pub(super) struct Kind {
    /// As numpy calls it: `<i8`.
    pub(super) name: String,
    /// The octets of one.
    pub(super) size: usize,
    class: Class,
    big_endian: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Bool,
    Signed,
    Unsigned,
    Float,
    Text,
}

impl Kind {
    /// The type that numpy calls `name`: the byte order, a letter and a number.
    pub(super) fn parse(name: &str) -> Result<Self, Error> {
        let refuse = |why: &str| Err(Error::new(format!("arrays of `{}` {why}", clipped(name))));
        let mut letters = name.chars();
        let (order, letter) = (letters.next(), letters.next());
        let number: Option<usize> = letters.as_str().parse().ok();
        let class = match letter {
            Some('b') => Class::Bool,
            Some('i') => Class::Signed,
            Some('u') => Class::Unsigned,
            Some('f') => Class::Float,
            Some('U') => Class::Text,
            Some('O') => return refuse("hold pickles, which are never read"),
            _ => return refuse("are not read"),
        };
        let size = match (class, number) {
            (Class::Bool, Some(1)) => 1,
            (Class::Signed | Class::Unsigned, Some(size @ (1 | 2 | 4 | 8))) => size,
            (Class::Float, Some(size @ (2 | 4 | 8))) => size,
            (Class::Text, Some(length @ 1..)) => match length.checked_mul(CHARACTER) {
                Some(size) => size,
                None => return refuse("are not read"),
            },
            _ => return refuse("are not read"),
        };
        let big_endian = match order {
            Some('<') => false,
            Some('>') => true,
            Some('|') if size == 1 => false,
            _ => return refuse("are not read"),
        };
        Ok(Self {
            name: clipped(name),
            size,
            class,
            big_endian,
        })
    }

    /// The elements; `octets` is a whole number of them.
    pub(super) fn read(&self, octets: &[u8]) -> Result<Data, Error> {
        macro_rules! numbers {
            ($number:ty) => {
                Ok(Data::from(self.numbers(
                    octets,
                    <$number>::from_le_bytes,
                    <$number>::from_be_bytes,
                )))
            };
        }
        match (self.class, self.size) {
            (Class::Bool, _) => self.truths(octets),
            (Class::Text, _) => self.texts(octets),
            (Class::Signed, 1) => numbers!(i8),
            (Class::Signed, 2) => numbers!(i16),
            (Class::Signed, 4) => numbers!(i32),
            (Class::Signed, _) => numbers!(i64),
            (Class::Unsigned, 1) => numbers!(u8),
            (Class::Unsigned, 2) => numbers!(u16),
            (Class::Unsigned, 4) => numbers!(u32),
            (Class::Unsigned, _) => numbers!(u64),
            (Class::Float, 2) => numbers!(f16),
            (Class::Float, 4) => numbers!(f32),
            (Class::Float, _) => numbers!(f64),
        }
    }

    fn numbers<const SIZE: usize, T>(
        &self,
        octets: &[u8],
        little: impl Fn([u8; SIZE]) -> T,
        big: impl Fn([u8; SIZE]) -> T,
    ) -> Vec<T> {
        let (chunks, _) = octets.as_chunks::<SIZE>();
        match self.big_endian {
            true => chunks.iter().map(|chunk| big(*chunk)).collect(),
            false => chunks.iter().map(|chunk| little(*chunk)).collect(),
        }
    }

    fn truths(&self, octets: &[u8]) -> Result<Data, Error> {
        let truth = |octet: &u8| match octet {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Error::new("a truth value is neither 0 nor 1")),
        };
        let truths: Vec<bool> = octets.iter().map(truth).collect::<Result<_, _>>()?;
        Ok(truths.into())
    }

    /// Texts of one length in characters of four octets, filled up with NULs.
    fn texts(&self, octets: &[u8]) -> Result<Data, Error> {
        let mut texts = StringsBuilder::default();
        let mut text = String::new();
        for element in octets.chunks_exact(self.size) {
            text.clear();
            for code in self.numbers(element, u32::from_le_bytes, u32::from_be_bytes) {
                let letter = char::from_u32(code);
                text.push(letter.ok_or_else(|| Error::new("a text is not Unicode"))?);
            }
            texts.push(text.trim_end_matches('\0'));
        }
        Ok(texts.finish().into())
    }
}
