//! The two encodings of one tree of keys: JSON and UBJSON, read value by value.
//!
//! Responsible for the grammars and their bounds: what a file announces is compared with the
//! octets that are there before room is made for it. What the keys mean belongs to `model`.
//!
//! Source: XGBoost 3.2.0, `Json::Load` and its readers, as measured on the real library.

mod error;
mod json;
mod ubj;

pub(crate) use error::{Place, Read, ReadError};
pub(crate) use json::Json;
pub(crate) use ubj::Ubj;

/// The most lists and objects inside each other; XGBoost's own have eight.
const DEPTH: usize = 64;

/// An encoding at a place of a file.
pub(crate) trait Source: Sized {
    /// Which of two equal keys counts: the last in JSON, the first in UBJSON.
    const KEEPS_LAST: bool;

    /// A place to come back to.
    type Mark: Copy;

    /// Where it stands.
    fn mark(&self) -> Self::Mark;

    /// Back to a place.
    fn rewind(&mut self, mark: Self::Mark);

    /// Reads an object: `member` reads or skips the value of each key.
    ///
    /// # Errors
    /// When something else stands here; what goes wrong in a member is told under its key.
    fn object(&mut self, member: impl FnMut(&mut Self, &str) -> Read<()>) -> Read<()>;

    /// Reads a list: `item` reads or skips each value.
    ///
    /// # Errors
    /// When something else stands here; what goes wrong in an item is told under its place.
    fn list(&mut self, item: impl FnMut(&mut Self) -> Read<()>) -> Read<()>;

    /// Reads a text.
    ///
    /// # Errors
    /// When something else stands here, or it is not UTF-8.
    fn text(&mut self) -> Read<String>;

    /// Reads one number or text as XGBoost writes parameters: as a text.
    ///
    /// # Errors
    /// When something else stands here.
    fn param(&mut self) -> Read<String>;

    /// Reads one whole number.
    ///
    /// # Errors
    /// When something else stands here.
    fn whole(&mut self) -> Read<i64>;

    /// Reads a list of whole numbers; truth values are 0 and 1.
    ///
    /// # Errors
    /// When something else stands here, or one of them is out of range.
    fn wholes<T: TryFrom<i64>>(&mut self) -> Read<Vec<T>>;

    /// Reads a list of numbers, each rounded to 32 bits once.
    ///
    /// # Errors
    /// When something else stands here.
    fn floats(&mut self) -> Read<Vec<f32>>;

    /// Passes over one value of any kind.
    ///
    /// # Errors
    /// When it is none, or too deep.
    fn skip(&mut self) -> Read<()>;

    /// Reads a list of texts, at most `most`.
    ///
    /// # Errors
    /// When something else stands here, or more of them.
    fn texts(&mut self, most: usize) -> Read<Vec<String>> {
        let mut texts = Vec::new();
        self.list(|source| {
            if texts.len() == most {
                return Err(ReadError::new(format!("more than {most} texts")));
            }
            texts.push(source.text()?);
            Ok(())
        })?;
        Ok(texts)
    }

    /// Puts what `read` reads into `slot`, unless an equal key before it counts.
    ///
    /// # Errors
    /// As `read`.
    fn keep<T>(
        &mut self,
        slot: &mut Option<T>,
        read: impl FnOnce(&mut Self) -> Read<T>,
    ) -> Read<()> {
        if slot.is_some() && !Self::KEEPS_LAST {
            return self.skip();
        }
        *slot = Some(read(self)?);
        Ok(())
    }
}
