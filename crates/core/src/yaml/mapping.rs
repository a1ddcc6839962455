use super::Value;

/// A map in the order of its text. Keys are scalars, nearly always strings.
///
/// Looking a key up is linear: manifests have few keys, and their order matters.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mapping {
    entries: Vec<(Value, Value)>,
}

impl Mapping {
    /// A map without keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many keys it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value under a string key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries
            .iter()
            .find(|(k, _)| k.as_str() == Some(key))
            .map(|(_, value)| value)
    }

    /// The value under a string key, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.entries
            .iter_mut()
            .find(|(k, _)| k.as_str() == Some(key))
            .map(|(_, value)| value)
    }

    /// Whether it has the string key.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Sets the value under a string key, which stays where it is or is added at the end.
    /// Returns the value it had.
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<Value>) -> Option<Value> {
        self.set(Value::Str(key.into()), value.into())
    }

    /// Sets the value under any scalar key, as [`Mapping::insert`] does.
    ///
    /// # Errors
    ///
    /// Gives the key back when it is a sequence or a map.
    pub fn insert_scalar(&mut self, key: Value, value: Value) -> Result<Option<Value>, Value> {
        match key {
            Value::Seq(_) | Value::Map(_) => Err(key),
            _ => Ok(self.set(key, value)),
        }
    }

    /// Takes a string key and its value out; the others keep their order.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let index = self
            .entries
            .iter()
            .position(|(k, _)| k.as_str() == Some(key))?;
        Some(self.entries.remove(index).1)
    }

    /// Keys and values in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Value, &Value)> + ExactSizeIterator {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// Keys in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &Value> + ExactSizeIterator {
        self.entries.iter().map(|(key, _)| key)
    }

    /// The entries whose key is a string, in order.
    pub fn str_entries(&self) -> impl DoubleEndedIterator<Item = (&str, &Value)> {
        self.entries
            .iter()
            .filter_map(|(key, value)| Some((key.as_str()?, value)))
    }

    /// A map of entries the caller knows to have scalar keys, each once.
    pub(super) fn from_distinct(entries: Vec<(Value, Value)>) -> Self {
        Self { entries }
    }

    pub(super) fn entries_mut(&mut self) -> &mut Vec<(Value, Value)> {
        &mut self.entries
    }

    fn set(&mut self, key: Value, value: Value) -> Option<Value> {
        match self.entries.iter_mut().find(|(k, _)| *k == key) {
            Some((_, old)) => Some(std::mem::replace(old, value)),
            None => {
                self.entries.push((key, value));
                None
            }
        }
    }
}

impl<K: Into<String>, V: Into<Value>> FromIterator<(K, V)> for Mapping {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::new();
        for (key, value) in entries {
            map.insert(key, value);
        }
        map
    }
}

impl IntoIterator for Mapping {
    type Item = (Value, Value);
    type IntoIter = std::vec::IntoIter<(Value, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}
