//! Finding names again, in time that does not grow with their number.

use flowgate_core::Schema;
use smallvec::SmallVec;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;

/// Up to this many names are compared one by one: faster than hashing them.
const FEW: usize = 8;

/// Names in order of appearance, each with its place.
#[derive(Debug, Default)]
pub(super) struct Names<'b> {
    names: SmallVec<[Cow<'b, str>; FEW]>,
    /// The places of many names, made when one is not where it is looked for: most are.
    places: Option<HashMap<Cow<'b, str>, usize>>,
}

impl<'b> Names<'b> {
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    pub(super) fn get(&self, place: usize) -> Option<&str> {
        self.names.get(place).map(|name| &**name)
    }

    /// The place of `name`, looked for at `hint` first; where it is there twice, the first.
    pub(super) fn find(&mut self, name: &str, hint: usize) -> Option<usize> {
        if self.get(hint) == Some(name) {
            return Some(hint);
        }
        let Self { names, places } = self;
        if names.len() <= FEW {
            return names.iter().position(|known| known == name);
        }
        let places = places.get_or_insert_with(|| {
            let named = names.iter().cloned().enumerate().rev();
            named.map(|(place, name)| (name, place)).collect()
        });
        places.get(name).copied()
    }

    /// Adds `name` and gives its place.
    pub(super) fn push(&mut self, name: Cow<'b, str>) -> usize {
        let place = self.names.len();
        if let Some(places) = &mut self.places {
            places.entry(name.clone()).or_insert(place);
        }
        self.names.push(name);
        place
    }
}

/// The names that a signature declares.
#[derive(Debug)]
pub(super) struct Declared<'s> {
    inputs: Option<&'s Schema>,
    places: OnceCell<HashMap<&'s str, usize>>,
}

impl<'s> Declared<'s> {
    pub(super) fn new(inputs: Option<&'s Schema>) -> Self {
        Self {
            inputs,
            places: OnceCell::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.inputs.map_or(0, Schema::len)
    }

    /// The name at `place`; the outer `None` past the end, the inner one where it has no name.
    fn name(&self, place: usize) -> Option<Option<&'s str>> {
        match self.inputs? {
            Schema::Columns(columns) => columns.get(place).map(|spec| spec.name.as_deref()),
            Schema::Tensors(tensors) => tensors.get(place).map(|spec| spec.name.as_deref()),
        }
    }

    /// The place of `name`, looked for at `hint` first; where names are not declared, `hint`.
    pub(super) fn find(&self, name: &str, hint: usize) -> Option<usize> {
        match self.name(hint) {
            Some(None) => return Some(hint),
            Some(Some(declared)) if declared == name => return Some(hint),
            _ => {}
        }
        let len = self.len();
        if len <= FEW {
            return (0..len).find(|place| self.name(*place) == Some(Some(name)));
        }
        let places = self.places.get_or_init(|| {
            let named = (0..len).rev();
            named
                .filter_map(|place| Some((self.name(place)??, place)))
                .collect()
        });
        places.get(name).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowgate_core::{ColumnSpec, ColumnType};

    fn columns<'n>(names: impl Iterator<Item = Option<&'n str>>) -> Schema {
        let column = |name: Option<&str>| ColumnSpec {
            name: name.map(Into::into),
            kind: ColumnType::Any,
            required: true,
        };
        Schema::Columns(names.map(column).collect())
    }

    #[test]
    fn names_are_found_among_few_and_many_wherever_they_are_looked_for_first() {
        for count in [1, FEW, FEW + 1, 100] {
            let texts: Vec<String> = (0..count).map(|index| format!("name {index}")).collect();
            let mut names = Names::default();
            for text in &texts {
                names.push(text.as_str().into());
            }
            let schema = columns(texts.iter().map(|text| Some(text.as_str())));
            let declared = Declared::new(Some(&schema));
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
        let schema = columns([None, None].into_iter());
        let declared = Declared::new(Some(&schema));
        assert_eq!(declared.find("whatever", 1), Some(1));
        assert_eq!(declared.find("whatever", 2), None);
    }
}
