//! Reading LightGBM's text format, versions v2 (of LightGBM 2.2 and later), v3 and v4.
//!
//! Responsible for every count, index and number of the text: what comes out holds together, but
//! for how the nodes of a tree are linked. The text is read once, line by line; nothing is laid
//! out for a count before the numbers themselves are there.
//!
//! Source: LightGBM 4.7.0, `gbdt_model_text.cpp` and `tree.cpp`, as measured on the real library.
//! It reads every version in one way.

mod categories;
mod header;
mod lines;
mod numbers;
mod objective;
mod tree;

use crate::model::{Model, Tree};
use header::Header;
use lines::{Line, Lines};
use tree::Entries;

/// What a model begins with.
pub(crate) const MAGIC: &str = "tree";

/// What stands behind the last tree.
const END_OF_TREES: &str = "end of trees";

/// What is wrong with a text, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The line, from 1.
    pub(crate) line: usize,
    /// Why.
    pub(crate) reason: String,
}

/// Reads a model.
///
/// # Errors
/// With the first line that is not as LightGBM writes it, or that nothing can be made of.
pub(crate) fn read(text: &str) -> Result<Model, Fault> {
    let mut lines = Lines::new(text);
    match lines.next() {
        Some(line) if line.text.trim_end() == MAGIC => {}
        _ => return Err(Fault::at(1, "expected `tree`, which a model begins with")),
    }
    let (header, first) = Header::read(&mut lines)?;
    let trees = trees(&mut lines, first, &header)?;
    header.check_trees(trees.len())?;
    let rest = categories::Rest::read(lines)?;
    let mut features = header.features;
    rest.mark(&mut features);
    Ok(Model {
        features,
        outputs: header.outputs,
        objective: header.objective,
        averages: header.averages,
        trees,
        categories: rest.names,
    })
}

/// Trees from which on their numbers are read by several threads.
const MANY: usize = 64;

/// The most trees whose lines are held at once: a text may have many times more trees than numbers.
const HELD: usize = 4096;

/// The trees from the line `next` on, up to the line behind the last of them.
fn trees<'a>(lines: &mut Lines<'a>, next: Line<'a>, header: &Header) -> Result<Vec<Tree>, Fault> {
    let features = header.features.len();
    let mut trees = Vec::new();
    let mut next = Some(next);
    while let Some(line) = next {
        let mut entries = Vec::new();
        let cut = cut(lines, line, trees.len(), &mut entries);
        // A fault of a tree is before the one that the cutting ended at.
        trees.extend(read_all(&entries, features)?);
        next = cut?;
    }
    Ok(trees)
}

/// The trees that `entries` tell of, read by several threads where they are many.
fn read_all(entries: &[Entries<'_>], features: usize) -> Result<Vec<Tree>, Fault> {
    let read = |part: &[Entries<'_>]| {
        let trees = part.iter().map(|entries| entries.tree(features));
        trees.collect::<Result<Vec<Tree>, Fault>>()
    };
    if entries.len() < MANY {
        return read(entries);
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = threads.min(entries.len() / (MANY / 2));
    let mut parts = entries.chunks(entries.len().div_ceil(threads));
    let first = parts.next().unwrap_or_default();
    let parts = std::thread::scope(|scope| {
        let spawn = |part| {
            let thread = std::thread::Builder::new().spawn_scoped(scope, move || read(part));
            // Where the machine has no thread to give, this one does it.
            thread.map_err(|_| part)
        };
        let others: Vec<_> = parts.map(spawn).collect();
        let mut all = vec![read(first)];
        all.extend(others.into_iter().map(|other| {
            match other {
                Ok(thread) => thread
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                Err(part) => read(part),
            }
        }));
        // The first fault is the one to tell.
        all.into_iter().collect::<Result<Vec<_>, _>>()
    });
    Ok(parts?.into_iter().flatten().collect())
}

/// Cuts the text from the line `next` on into the lines of each tree, the first of which is the
/// one numbered `first`, until there is none or [`HELD`] are held. Gives the line behind them;
/// none where the trees end.
fn cut<'a>(
    lines: &mut Lines<'a>,
    mut next: Line<'a>,
    first: usize,
    trees: &mut Vec<Entries<'a>>,
) -> Result<Option<Line<'a>>, Fault> {
    while next.text != END_OF_TREES {
        if trees.len() == HELD {
            return Ok(Some(next));
        }
        let number = first + trees.len();
        if next.text.strip_prefix("Tree=") != Some(number.to_string().as_str()) {
            let expected = format!("expected `Tree={number}` or `{END_OF_TREES}`");
            return Err(Fault::at(next.number, expected));
        }
        trees.push(Entries::of(lines, next.number)?);
        next = loop {
            match lines.next() {
                Some(line) if line.text.is_empty() => {}
                Some(line) => break line,
                None => return Err(lines.cut_off()),
            }
        };
    }
    Ok(None)
}

impl Fault {
    fn at(line: usize, reason: impl Into<String>) -> Self {
        Self {
            line,
            reason: reason.into(),
        }
    }
}

#[cfg(test)]
mod tests;
