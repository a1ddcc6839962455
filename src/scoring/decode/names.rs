//! Finding names again, in time that does not grow with their number.

use std::cell::OnceCell;
use std::collections::HashMap;

/// Up to this many names are compared one by one: faster than hashing them.
const FEW: usize = 8;

/// Names in order of appearance, each with its place.
#[derive(Debug, Default)]
pub(super) struct Names {
    names: Vec<String>,
    places: HashMap<String, usize>,
}

impl Names {
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    pub(super) fn get(&self, place: usize) -> Option<&str> {
        self.names.get(place).map(String::as_str)
    }

    /// The place of `name`, looked for at `hint` first.
    pub(super) fn find(&self, name: &str, hint: usize) -> Option<usize> {
        if self.get(hint) == Some(name) {
            return Some(hint);
        }
        if self.names.len() <= FEW {
            return self.names.iter().position(|known| known == name);
        }
        self.places.get(name).copied()
    }

    /// Adds `name` and gives its place; where it is there twice, the first is found.
    pub(super) fn push(&mut self, name: String) -> usize {
        let place = self.names.len();
        self.names.push(name);
        if self.names.len() == FEW + 1 {
            for (place, name) in self.names.iter().enumerate().rev() {
                self.places.insert(name.clone(), place);
            }
        } else if self.names.len() > FEW {
            self.places
                .entry(self.names[place].clone())
                .or_insert(place);
        }
        place
    }
}

/// The names that a signature declares.
#[derive(Debug)]
pub(super) struct Declared<'s> {
    names: Vec<Option<&'s str>>,
    places: OnceCell<HashMap<&'s str, usize>>,
}

impl<'s> Declared<'s> {
    pub(super) fn new(names: impl Iterator<Item = Option<&'s str>>) -> Self {
        Self {
            names: names.collect(),
            places: OnceCell::new(),
        }
    }

    /// The place of `name`, looked for at `hint` first; where names are not declared, `hint`.
    pub(super) fn find(&self, name: &str, hint: usize) -> Option<usize> {
        match self.names.get(hint) {
            Some(None) => return Some(hint),
            Some(Some(declared)) if *declared == name => return Some(hint),
            _ => {}
        }
        if self.names.len() <= FEW {
            return self
                .names
                .iter()
                .position(|declared| *declared == Some(name));
        }
        let places = self.places.get_or_init(|| {
            let named = self.names.iter().enumerate().rev();
            named
                .filter_map(|(place, name)| Some(((*name)?, place)))
                .collect()
        });
        places.get(name).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_among_few_and_many_wherever_they_are_looked_for_first() {
        for count in [1, FEW, FEW + 1, 100] {
            let mut names = Names::default();
            let texts: Vec<String> = (0..count).map(|index| format!("name {index}")).collect();
            for text in &texts {
                names.push(text.clone());
            }
            let declared = Declared::new(texts.iter().map(|text| Some(text.as_str())));
            for (place, text) in texts.iter().enumerate() {
                for hint in [0, place, count + 1] {
                    assert_eq!(names.find(text, hint), Some(place), "{text} of {count}");
                    assert_eq!(declared.find(text, hint), Some(place), "{text} of {count}");
                }
            }
            assert_eq!(
                (names.find("other", 0), declared.find("other", 0)),
                (None, None)
            );
        }
    }

    #[test]
    fn where_nothing_is_named_the_position_counts() {
        let declared = Declared::new([None, None].into_iter());
        assert_eq!(declared.find("whatever", 1), Some(1));
        assert_eq!(declared.find("whatever", 2), None);
    }
}
