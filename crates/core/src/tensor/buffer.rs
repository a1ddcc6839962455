//! Shared, sliceable storage: what makes a tensor cheap to clone and to split.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// Elements of one type, shared by reference count; a slice shares the same storage.
#[derive(Clone)]
pub struct Buffer<T> {
    shared: Arc<Vec<T>>,
    start: usize,
    len: usize,
}

impl<T> Buffer<T> {
    /// The part `range` of this buffer, without copying.
    ///
    /// # Panics
    /// When `range` is not inside the buffer; callers compute it from a checked shape.
    pub fn slice(&self, range: Range<usize>) -> Self {
        assert!(
            range.start <= range.end && range.end <= self.len,
            "slice inside the buffer"
        );
        Self {
            shared: Arc::clone(&self.shared),
            start: self.start + range.start,
            len: range.end - range.start,
        }
    }

    /// The elements as an owned vector: moved out when nobody shares them, else copied.
    pub fn into_vec(self) -> Vec<T>
    where
        T: Clone,
    {
        if self.start == 0 && self.len == self.shared.len() {
            Arc::try_unwrap(self.shared).unwrap_or_else(|shared| shared.as_ref().clone())
        } else {
            self.to_vec()
        }
    }
}

impl<T> From<Vec<T>> for Buffer<T> {
    fn from(elements: Vec<T>) -> Self {
        let len = elements.len();
        Self {
            shared: Arc::new(elements),
            start: 0,
            len,
        }
    }
}

impl<T> Deref for Buffer<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.shared[self.start..self.start + self.len]
    }
}

impl<T: PartialEq> PartialEq for Buffer<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: fmt::Debug> fmt::Debug for Buffer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// Elements of unlike length laid end to end: one allocation for all of them.
macro_rules! runs {
    ($(#[$doc:meta])* $name:ident, $builder:ident, $storage:ty, $item:ty, $push:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name {
            storage: Arc<$storage>,
            /// `bounds[i]..bounds[i + 1]` is element `i`; never empty.
            bounds: Buffer<usize>,
            /// Which elements are missing; `None` where none is.
            missing: Option<Box<Buffer<bool>>>,
        }

        impl $name {
            /// The number of elements.
            pub fn len(&self) -> usize {
                self.bounds.len() - 1
            }

            /// Whether there is no element.
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// Element `index`, an empty one where it is missing; `None` past the end.
            pub fn get(&self, index: usize) -> Option<&$item> {
                let (start, end) = (*self.bounds.get(index)?, *self.bounds.get(index + 1)?);
                self.storage.get(start..end)
            }

            /// Elements of which some, `None`, are missing.
            pub fn from_options<'a>(elements: impl IntoIterator<Item = Option<&'a $item>>) -> Self {
                let mut builder = $builder::new();
                for element in elements {
                    match element {
                        Some(element) => builder.push(element),
                        None => builder.push_missing(),
                    }
                }
                builder.finish()
            }

            /// Whether some element may be missing.
            pub fn has_missing(&self) -> bool {
                self.missing.is_some()
            }

            /// Element `index`; `None` where it is missing, and past the end.
            pub fn option(&self, index: usize) -> Option<&$item> {
                let missing = self.missing.as_ref().and_then(|missing| missing.get(index));
                self.get(index).filter(|_| missing != Some(&true))
            }

            /// The elements in order; `None` for each that is missing.
            pub fn options(&self) -> impl ExactSizeIterator<Item = Option<&$item>> + Clone + '_ {
                (0..self.len()).map(|index| self.option(index))
            }

            /// The elements in order, an empty one for each that is missing.
            pub fn iter(&self) -> impl ExactSizeIterator<Item = &$item> + Clone + '_ {
                self.bounds.windows(2).map(|bound| &self.storage[bound[0]..bound[1]])
            }

            /// The part `range`, without copying.
            ///
            /// # Panics
            /// When `range` is not inside; callers compute it from a checked shape.
            pub fn slice(&self, range: Range<usize>) -> Self {
                let missing = self.missing.as_ref();
                Self {
                    storage: Arc::clone(&self.storage),
                    bounds: self.bounds.slice(range.start..range.end + 1),
                    missing: missing.map(|missing| Box::new(missing.slice(range))),
                }
            }
        }

        /// Elements in the making.
        #[derive(Debug, Clone)]
        pub struct $builder {
            storage: $storage,
            bounds: Vec<usize>,
            /// Empty, or one an element up to the last that is missing.
            missing: Vec<bool>,
        }

        impl $builder {
            /// No elements yet.
            pub fn new() -> Self {
                Self { storage: <$storage>::new(), bounds: vec![0], missing: Vec::new() }
            }

            /// Adds an element.
            pub fn push(&mut self, element: &$item) {
                self.storage.$push(element);
                self.bounds.push(self.storage.len());
            }

            /// Adds an element that is not there.
            pub fn push_missing(&mut self) {
                self.missing.resize(self.len(), false);
                self.missing.push(true);
                self.bounds.push(self.storage.len());
            }

            /// The number of elements.
            pub fn len(&self) -> usize {
                self.bounds.len() - 1
            }

            /// Whether there is no element.
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// The elements, shared from here on.
            pub fn finish(mut self) -> $name {
                let count = self.len();
                let missing = (!self.missing.is_empty()).then(|| {
                    self.missing.resize(count, false);
                    Box::new(self.missing.into())
                });
                $name { storage: Arc::new(self.storage), bounds: self.bounds.into(), missing }
            }
        }

        impl Default for $builder {
            fn default() -> Self {
                Self::new()
            }
        }

        impl<S: AsRef<$item>> FromIterator<S> for $name {
            fn from_iter<I: IntoIterator<Item = S>>(elements: I) -> Self {
                let mut builder = $builder::new();
                for element in elements {
                    builder.push(element.as_ref());
                }
                builder.finish()
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.len() == other.len() && self.options().eq(other.options())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_list().entries(self.iter()).finish()
            }
        }
    };
}

runs!(
    /// Texts, laid end to end in one string.
    Strings, StringsBuilder, String, str, push_str
);
runs!(
    /// Octet strings, laid end to end in one vector.
    Blobs, BlobsBuilder, Vec<u8>, [u8], extend_from_slice
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_of_a_slice_is_counted_from_the_slice() {
        let buffer = Buffer::from(vec![0, 1, 2, 3, 4, 5]);
        assert_eq!(&*buffer.slice(2..6).slice(1..3), &[3, 4]);
    }

    #[test]
    fn a_vector_comes_back_without_a_copy_when_nobody_shares_it() {
        let elements = vec![1_u8, 2, 3];
        let address = elements.as_ptr();
        let elements = Buffer::from(elements).into_vec();
        assert_eq!(elements.as_ptr(), address);
    }

    #[test]
    fn texts_keep_their_order_their_nuls_and_their_emptiness() {
        let texts: Strings = ["a", "", "b\0c", "ü"].into_iter().collect();
        assert_eq!(texts.iter().collect::<Vec<_>>(), ["a", "", "b\0c", "ü"]);
        assert_eq!(texts.slice(1..3).iter().collect::<Vec<_>>(), ["", "b\0c"]);
        assert_eq!((texts.get(3), texts.get(4)), (Some("ü"), None));
        assert!(texts.slice(4..4).is_empty());
    }

    #[test]
    fn a_missing_text_is_no_empty_one() {
        let options = [None, Some("a"), Some(""), None, Some("b")];
        let texts = Strings::from_options(options);
        assert!(texts.options().eq(options));
        assert!(texts.iter().eq(["", "a", "", "", "b"]));
        assert!(texts.slice(2..4).options().eq([Some(""), None]));
        let empty: Strings = ["", "a", "", "", "b"].into_iter().collect();
        assert_ne!(texts, empty);
        assert!(texts.has_missing() && !empty.has_missing());
        assert_eq!(texts.slice(1..3), empty.slice(1..3));
    }
}
