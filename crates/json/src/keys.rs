//! Telling a key that was there before.

use smallvec::SmallVec;
use std::borrow::Cow;
use std::collections::HashSet;

/// Up to this many keys are compared one by one: faster than hashing them.
const FEW: usize = 8;

/// The keys of one object.
#[derive(Debug, Default)]
pub struct KeySet<'a> {
    few: SmallVec<[Cow<'a, str>; 4]>,
    many: Option<HashSet<Cow<'a, str>>>,
}

impl<'a> KeySet<'a> {
    /// No keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.few.is_empty() && self.many.is_none()
    }

    /// Adds `key`; `false` when it was there.
    pub fn insert(&mut self, key: Cow<'a, str>) -> bool {
        if let Some(many) = &mut self.many {
            return many.insert(key);
        }
        if self.few.contains(&key) {
            return false;
        }
        if self.few.len() < FEW {
            self.few.push(key);
            return true;
        }
        let many = self.many.insert(self.few.drain(..).collect());
        many.insert(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_again_among_few_and_among_many() {
        for count in [1, FEW, FEW + 1, 1000] {
            let mut keys = KeySet::new();
            for index in 0..count {
                assert!(keys.insert(format!("key {index}").into()));
            }
            for index in 0..count {
                assert!(
                    !keys.insert(format!("key {index}").into()),
                    "{index} of {count}"
                );
            }
        }
    }
}
