//! From keys to places: one hash a cell, one allocation a column.
//!
//! The keys are those of a model: what a request brings is only looked for. The hash is fast, and
//! seeded, so that no model can be written whose keys all meet.

use flowgate_core::Strings;
use std::hash::{BuildHasher, RandomState};

/// Which of two equal keys counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Twice {
    /// The first.
    First,
    /// The last.
    Last,
}

/// A key's place among its kind; [`ABSENT`] where there is no such key.
pub(super) type Place = u32;

/// The place of what is no key.
pub(super) const ABSENT: Place = Place::MAX;

/// Numbers, as 64 bits that are equal where the numbers are.
#[derive(Debug)]
pub(super) struct Numbers {
    seed: u64,
    /// Hash table with open addresses; half of it is empty at least.
    slots: Vec<(u64, Place)>,
}

/// Texts.
#[derive(Debug)]
pub(super) struct Texts {
    keys: Strings,
    seed: u64,
    /// As in [`Numbers`]: a part of the hash, and the place.
    slots: Vec<(u32, Place)>,
}

impl Numbers {
    /// The places of `keys`; `None` stands for a key that nothing is equal to. `None` for more
    /// keys than places.
    pub(super) fn new(keys: impl Iterator<Item = Option<u64>>, twice: Twice) -> Option<Self> {
        let keys: Vec<Option<u64>> = keys.collect();
        let mut slots = vec![(0, ABSENT); size(keys.len())?];
        let seed = seed();
        for (key, place) in keys.into_iter().zip(0..) {
            let Some(key) = key else { continue };
            let slot = probe(&mut slots, mixed(seed ^ key), |(found, _)| *found == key);
            if slot.1 == ABSENT || twice == Twice::Last {
                *slot = (key, place);
            }
        }
        Some(Self { seed, slots })
    }

    pub(super) fn place(&self, key: u64) -> Place {
        let mask = self.slots.len() - 1;
        let mut at = to_slot(mixed(self.seed ^ key), mask);
        loop {
            let Some((found, place)) = self.slots.get(at) else {
                return ABSENT;
            };
            if *place == ABSENT || *found == key {
                return *place;
            }
            at = (at + 1) & mask;
        }
    }
}

impl Texts {
    /// The places of `keys`; `None` for more keys than places.
    pub(super) fn new(keys: Strings, twice: Twice) -> Option<Self> {
        let mut slots = vec![(0, ABSENT); size(keys.len())?];
        let seed = seed();
        for (key, place) in keys.iter().zip(0..) {
            let hash = hash(seed, key);
            let slot = probe(&mut slots, hash, |(part, place)| {
                *part == hash as u32 && keys.get(*place as usize) == Some(key)
            });
            if slot.1 == ABSENT || twice == Twice::Last {
                *slot = (hash as u32, place);
            }
        }
        Some(Self { keys, seed, slots })
    }

    pub(super) fn place(&self, key: &str) -> Place {
        let hash = hash(self.seed, key);
        let mask = self.slots.len() - 1;
        let mut at = to_slot(hash, mask);
        loop {
            let Some((part, place)) = self.slots.get(at) else {
                return ABSENT;
            };
            if *place == ABSENT
                || (*part == hash as u32 && self.keys.get(*place as usize) == Some(key))
            {
                return *place;
            }
            at = (at + 1) & mask;
        }
    }
}

/// The size of a table for so many keys: a power of two.
fn size(keys: usize) -> Option<usize> {
    if keys >= ABSENT as usize / 4 {
        return None;
    }
    Some((keys * 2 + 1).next_power_of_two())
}

/// The slot that holds what `is_key` is true of, or else the first empty one on the way.
fn probe<T>(
    slots: &mut [(T, Place)],
    hash: u64,
    is_key: impl Fn(&(T, Place)) -> bool,
) -> &mut (T, Place) {
    let mask = slots.len() - 1;
    let mut at = to_slot(hash, mask);
    while slots[at].1 != ABSENT && !is_key(&slots[at]) {
        at = (at + 1) & mask;
    }
    &mut slots[at]
}

/// The highest bits of a hash depend on all others.
fn to_slot(hash: u64, mask: usize) -> usize {
    (hash >> 32) as usize & mask
}

fn seed() -> u64 {
    RandomState::new().hash_one(0_u8)
}

/// An odd number with bits all over: the fraction of the golden ratio.
const MIX: u64 = 0x9E37_79B9_7F4A_7C15;

fn mixed(word: u64) -> u64 {
    let word = word.wrapping_mul(MIX);
    (word ^ (word >> 29)).wrapping_mul(MIX)
}

fn hash(seed: u64, text: &str) -> u64 {
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let mut hash = seed.wrapping_add(text.len() as u64);
    for word in words {
        hash = mixed(hash ^ u64::from_le_bytes(*word));
    }
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    mixed(hash ^ u64::from_le_bytes(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_at_their_places_and_others_are_absent() {
        let keys: Vec<u64> = (0..1000).map(|key| key * 0x1_0000_0000).collect();
        let numbers = Numbers::new(keys.iter().copied().map(Some), Twice::First).expect("few");
        for (key, place) in keys.iter().zip(0..) {
            assert_eq!(numbers.place(*key), place);
            assert_eq!(numbers.place(key + 1), ABSENT);
        }
        let texts: Strings = (0..1000).map(|key| format!("key {key}")).collect();
        let found = Texts::new(texts.clone(), Twice::First).expect("few");
        for (key, place) in texts.iter().zip(0..) {
            assert_eq!(found.place(key), place);
            assert_eq!(found.place(&format!("{key}.")), ABSENT);
        }
        assert_eq!(found.place(""), ABSENT);
    }

    #[test]
    fn of_equal_keys_the_first_or_the_last_counts() {
        let keys = [Some(7), None, Some(7)];
        let first = Numbers::new(keys.into_iter(), Twice::First).expect("few");
        let last = Numbers::new(keys.into_iter(), Twice::Last).expect("few");
        assert_eq!((first.place(7), last.place(7)), (0, 2));
        let keys: Strings = ["a", "b", "a"].into_iter().collect();
        let first = Texts::new(keys.clone(), Twice::First).expect("few");
        let last = Texts::new(keys, Twice::Last).expect("few");
        assert_eq!((first.place("a"), last.place("a")), (0, 2));
    }

    #[test]
    fn nothing_is_found_without_keys() {
        let numbers = Numbers::new(std::iter::empty(), Twice::First).expect("few");
        assert_eq!(numbers.place(0), ABSENT);
        let none: [&str; 0] = [];
        let texts = Texts::new(none.into_iter().collect(), Twice::First).expect("few");
        assert_eq!(texts.place(""), ABSENT);
    }
}
