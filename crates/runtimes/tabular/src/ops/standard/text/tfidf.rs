//! Sequences of words, counted and weighted.

use super::super::{shape, standard};
use crate::data::tensor;
use crate::onnx::{Entry, LowerError, Lowered, Lowering};
use crate::op::{Context, Fault, Inputs, Operator, Outputs, one};
use flowgate_core::{Data, DataType, Shape};
use std::collections::HashMap;
use std::collections::hash_map::Entry as Place;

/// The operators of this file.
pub(in super::super) const LIST: &[Entry] =
    &[standard("TfIdfVectorizer", 9, tf_idf_vectorizer, "")];

/// Counts how often known sequences occur in each row.
struct TfIdfVectorizer {
    words: Words,
    sequences: Sequences,
    /// Where the count of each sequence goes, and its weight.
    outputs: Vec<(usize, f32)>,
    /// How many numbers a row becomes.
    width: usize,
    shortest: usize,
    longest: usize,
    /// How many words may be left out between two of a sequence.
    skips: usize,
    mode: Mode,
}

/// What becomes of a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Nothing.
    Count,
    /// The weight, if there is one.
    Weight,
    /// It is multiplied with the weight.
    Product,
}

/// Numbers of the words that sequences are made of.
enum Words {
    Texts(HashMap<String, u32>),
    Integers(HashMap<i64, u32>),
}

/// A word that is in no sequence.
const UNKNOWN: u32 = u32::MAX;

/// Sequences as paths from word to word.
#[derive(Default)]
struct Sequences {
    /// From a path, by its number, with a word to a longer one. The empty path is 0.
    steps: HashMap<(u32, u32), u32>,
    /// The sequence that each path is, if it is one.
    ends: Vec<Option<usize>>,
}

impl Sequences {
    /// Adds `words` as the sequence `id`; `false` when it is there already.
    fn add(&mut self, words: &[u32], id: usize) -> bool {
        self.ends.resize(self.ends.len().max(1), None);
        let mut path = 0;
        for word in words {
            let next = u32::try_from(self.ends.len()).unwrap_or(UNKNOWN);
            path = match self.steps.entry((path, *word)) {
                Place::Occupied(place) => *place.get(),
                Place::Vacant(place) => {
                    self.ends.push(None);
                    *place.insert(next)
                }
            };
        }
        let end = usize::try_from(path)
            .ok()
            .and_then(|path| self.ends.get_mut(path));
        end.is_some_and(|end| end.replace(id).is_none())
    }
}

fn tf_idf_vectorizer(node: &Lowering<'_>) -> Result<Lowered, LowerError> {
    let size = |name: &str, least: i64| {
        let size = node.int(name, least)?;
        match usize::try_from(size) {
            Ok(count) if size >= least => Ok(count),
            _ => node.refuse(format!("its attribute `{name}` is below {least}")),
        }
    };
    let (shortest, longest) = (size("min_gram_length", 1)?, size("max_gram_length", 1)?);
    let skips = size("max_skip_count", 0)?;
    let mode = match node.node.string("mode")?.unwrap_or_default() {
        "TF" => Mode::Count,
        "IDF" => Mode::Weight,
        "TFIDF" => Mode::Product,
        _ => return node.refuse("its mode is not known"),
    };
    let (words, numbers) = pool(node)?;
    let places = node.ints("ngram_indexes")?;
    let weights = node.floats("weights")?;
    if !weights.is_empty() && weights.len() != places.len() || places.is_empty() {
        return node.refuse("its weights and places do not go together");
    }
    let mut outputs = Vec::with_capacity(places.len());
    let mut width = 0_usize;
    for (nth, place) in places.iter().enumerate() {
        let Ok(place) = usize::try_from(*place) else {
            return node.refuse("a place is negative");
        };
        width = width.max(place.saturating_add(1));
        outputs.push((place, weights.get(nth).copied().unwrap_or(1.0)));
    }
    let counts = node.ints("ngram_counts")?;
    if shortest > longest || longest > counts.len() {
        return node.refuse("its sequences are of other lengths than are asked for");
    }
    let vectorizer = TfIdfVectorizer {
        words,
        sequences: sequences(node, &numbers, counts, shortest..=longest, outputs.len())?,
        outputs,
        width,
        shortest,
        longest,
        skips,
        mode,
    };
    Ok(Lowered::one(vectorizer, DataType::F32))
}

/// The words of all sequences, and their numbers one after the other.
fn pool(node: &Lowering<'_>) -> Result<(Words, Vec<u32>), LowerError> {
    fn number<T: std::hash::Hash + Eq>(words: &mut HashMap<T, u32>, word: T) -> u32 {
        let next = u32::try_from(words.len()).unwrap_or(UNKNOWN);
        *words.entry(word).or_insert(next)
    }
    match node.datatype(0)? {
        DataType::Str => {
            let mut words = HashMap::new();
            let pool = node.strings("pool_strings")?.into_iter();
            let numbers = pool
                .map(|word| number(&mut words, word.to_owned()))
                .collect();
            Ok((Words::Texts(words), numbers))
        }
        DataType::I64 | DataType::I32 => {
            let mut words = HashMap::new();
            let pool = node.ints("pool_int64s")?.iter();
            let numbers = pool.map(|word| number(&mut words, *word)).collect();
            Ok((Words::Integers(words), numbers))
        }
        other => node.refuse(format!("elements of `{other}` are not taken")),
    }
}

/// The sequences of lengths in `lengths` among `pool`, whose sequences of one word begin at the
/// first of `counts`, those of two at the second, and so on.
fn sequences(
    node: &Lowering<'_>,
    pool: &[u32],
    counts: &[i64],
    lengths: std::ops::RangeInclusive<usize>,
    outputs: usize,
) -> Result<Sequences, LowerError> {
    let mut sequences = Sequences::default();
    let mut id = 0;
    for (length, start) in (1..).zip(counts) {
        let begin = usize::try_from(*start).ok();
        let end = match counts.get(length) {
            Some(end) => usize::try_from(*end).ok(),
            None => Some(pool.len()),
        };
        let words = begin.zip(end).and_then(|(begin, end)| pool.get(begin..end));
        let Some(words) = words.filter(|words| words.len().is_multiple_of(length)) else {
            return node.refuse(format!("its sequences of {length} are not all there"));
        };
        for sequence in words.chunks_exact(length) {
            if lengths.contains(&length) && !sequences.add(sequence, id) {
                return node.refuse(format!("a sequence of {length} is there twice"));
            }
            id += 1;
        }
    }
    if id > outputs {
        return node.refuse(format!("it has {id} sequences and places for {outputs}"));
    }
    Ok(sequences)
}

impl TfIdfVectorizer {
    /// The numbers of the words of a value.
    fn numbers(&self, data: &Data) -> Result<Vec<u32>, Fault> {
        let known = |number: Option<&u32>| number.copied().unwrap_or(UNKNOWN);
        match (&self.words, data) {
            (Words::Texts(words), Data::Str(texts)) => {
                Ok(texts.iter().map(|text| known(words.get(text))).collect())
            }
            (Words::Integers(words), Data::I64(numbers)) => Ok(numbers
                .iter()
                .map(|number| known(words.get(number)))
                .collect()),
            (Words::Integers(words), Data::I32(numbers)) => {
                let numbers = numbers.iter().copied().map(i64::from);
                Ok(numbers.map(|number| known(words.get(&number))).collect())
            }
            (_, data) => Err(Fault::failed(format!(
                "found words of `{}`",
                data.datatype()
            ))),
        }
    }

    /// Calls `hit` with every sequence in `row`.
    fn count(&self, row: &[u32], mut hit: impl FnMut(usize)) {
        let mut from = self.shortest;
        if from == 1 {
            // Nothing is left out of sequences of one.
            self.walk(row, 1, 1..=1, &mut hit);
            from = 2;
        }
        if from <= self.longest {
            for distance in 1..=self.skips.saturating_add(1) {
                if distance > row.len() {
                    break;
                }
                self.walk(row, distance, from..=self.longest, &mut hit);
            }
        }
    }

    /// The sequences of lengths in `lengths` whose words lie so far apart.
    fn walk(
        &self,
        row: &[u32],
        distance: usize,
        lengths: std::ops::RangeInclusive<usize>,
        hit: &mut impl FnMut(usize),
    ) {
        for start in 0..row.len() {
            let words = row
                .get(start..)
                .unwrap_or_default()
                .iter()
                .step_by(distance);
            let mut path = 0;
            for (length, word) in (1..=*lengths.end()).zip(words) {
                let Some(next) = self.sequences.steps.get(&(path, *word)) else {
                    break;
                };
                path = *next;
                let end = usize::try_from(path).ok();
                let end = end
                    .and_then(|path| self.sequences.ends.get(path))
                    .copied()
                    .flatten();
                if let Some(id) = end
                    && lengths.contains(&length)
                {
                    hit(id);
                }
            }
        }
    }
}

impl Operator for TfIdfVectorizer {
    fn run(&self, inputs: Inputs<'_>, _: &mut Context) -> Result<Outputs, Fault> {
        let input = inputs.get(0)?;
        let (made, columns) = match *input.shape() {
            [] => (Shape::from_slice(&[self.width]), 1),
            [columns] => (Shape::from_slice(&[self.width]), columns),
            [rows, columns] if rows > 0 => (Shape::from_slice(&[rows, self.width]), columns),
            ref shape => {
                return Err(Fault::refused(format!(
                    "found words of shape {shape:?}, expected rows, one at least"
                )));
            }
        };
        let mut counts = vec![0.0_f32; shape::count(&made)?];
        let words = self.numbers(input.data())?;
        if columns > 0 {
            let rows = words.chunks_exact(columns);
            for (row, made) in rows.zip(counts.chunks_exact_mut(self.width.max(1))) {
                self.count(row, |id| {
                    let Some((place, weight)) = self.outputs.get(id) else {
                        return;
                    };
                    if let Some(count) = made.get_mut(*place) {
                        match self.mode {
                            Mode::Count | Mode::Product => *count += 1.0,
                            Mode::Weight => *count = *weight,
                        }
                    }
                });
            }
        }
        if self.mode == Mode::Product {
            self.weigh(&mut counts);
        }
        Ok(one(tensor(&made, counts)?))
    }
}

impl TfIdfVectorizer {
    /// Multiplies the counts of all rows with the weights.
    fn weigh(&self, counts: &mut [f32]) {
        let mut weights = vec![1.0_f32; self.width];
        for (place, weight) in &self.outputs {
            if let Some(place) = weights.get_mut(*place) {
                *place = *weight;
            }
        }
        for row in counts.chunks_exact_mut(self.width.max(1)) {
            for (count, weight) in row.iter_mut().zip(&weights) {
                *count *= weight;
            }
        }
    }
}
