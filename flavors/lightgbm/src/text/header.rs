//! The lines before the first tree.

use super::lines::{Line, Lines};
use super::numbers::integer;
use super::{END_OF_TREES, Fault};
use crate::model::{Feature, Objective};

/// The versions that are read.
const VERSIONS: [&str; 3] = ["v2", "v3", "v4"];

/// The most sums, and the most columns of a row, as programs have it.
const MOST: usize = 1 << 20;

/// What the model is made of.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) features: Vec<Feature>,
    pub(super) outputs: usize,
    pub(super) objective: Objective,
    pub(super) averages: bool,
    /// The trees that `tree_sizes` announces, and its line.
    announced: Option<(usize, usize)>,
}

/// The lines that are looked at.
#[derive(Debug, Default)]
struct Entries<'a> {
    version: Option<Line<'a>>,
    num_class: Option<Line<'a>>,
    num_tree_per_iteration: Option<Line<'a>>,
    max_feature_idx: Option<Line<'a>>,
    objective: Option<Line<'a>>,
    feature_names: Option<Line<'a>>,
    feature_infos: Option<Line<'a>>,
    tree_sizes: Option<Line<'a>>,
    average_output: Option<Line<'a>>,
}

impl Header {
    /// Reads up to the first tree, whose line is given back.
    pub(super) fn read<'a>(lines: &mut Lines<'a>) -> Result<(Self, Line<'a>), Fault> {
        let mut entries = Entries::default();
        let first = loop {
            match lines.next() {
                Some(line) if line.text.starts_with("Tree=") || line.text == END_OF_TREES => {
                    break line;
                }
                Some(line) => entries.take(line)?,
                None => return Err(lines.cut_off()),
            }
        };
        Ok((entries.header(first)?, first))
    }

    /// Whether `found` trees are whole rounds, and as many as are announced.
    pub(super) fn check_trees(&self, found: usize) -> Result<(), Fault> {
        if let Some((announced, line)) = self.announced
            && announced != found
        {
            return Err(Fault::at(
                line,
                format!("`tree_sizes` announces {announced} trees, found {found}"),
            ));
        }
        let outputs = self.outputs;
        let rounds = found.is_multiple_of(outputs) && (found > 0 || outputs == 1);
        match rounds {
            true => Ok(()),
            false => Err(Fault::at(
                1,
                format!("{found} trees are no rounds of {outputs} trees"),
            )),
        }
    }
}

impl<'a> Entries<'a> {
    fn take(&mut self, line: Line<'a>) -> Result<(), Fault> {
        let (key, value) = line.entry().unwrap_or((line.text, line));
        let place = match key {
            "version" => &mut self.version,
            "num_class" => &mut self.num_class,
            "num_tree_per_iteration" => &mut self.num_tree_per_iteration,
            "max_feature_idx" => &mut self.max_feature_idx,
            "objective" => &mut self.objective,
            "feature_names" => &mut self.feature_names,
            "feature_infos" => &mut self.feature_infos,
            "tree_sizes" => &mut self.tree_sizes,
            "average_output" => &mut self.average_output,
            _ => return Ok(()),
        };
        match place.replace(value) {
            None => Ok(()),
            Some(_) => Err(line.fault(format!("`{key}` is there twice"))),
        }
    }

    /// All of it put together; faults of what is missing are at the line `first` of the trees.
    fn header(self, first: Line<'_>) -> Result<Header, Fault> {
        if let Some(line) = self.version
            && !VERSIONS.contains(&line.text)
        {
            let known = VERSIONS.join("`, `");
            let hint = "load the model with LightGBM 4.7.0 and save it again";
            let reason = format!("expected version `{known}`, found another\n  hint: {hint}");
            return Err(line.fault(reason));
        }
        let objective = match self.objective {
            Some(line) => Objective::parse(line)?,
            None => Objective::NONE,
        };
        let line = need(self.num_class, "num_class", first)?;
        let classes: usize = integer(line, "num_class")?;
        let outputs = match self.num_tree_per_iteration {
            Some(line) => integer(line, "num_tree_per_iteration")?,
            None => classes,
        };
        let named = objective.classes.unwrap_or(classes);
        if outputs == 0 || outputs > MOST || outputs != classes || outputs != named {
            return Err(line.fault(format!(
                "the model has {classes} classes, {outputs} trees in a round, and its objective \
                 names {named} classes: they must be one number from 1 to {MOST}"
            )));
        }
        let announced = self.tree_sizes.map(|line| {
            let sizes = line.text.split(' ').filter(|word| !word.is_empty());
            (sizes.count(), line.number)
        });
        Ok(Header {
            features: self.features(first)?,
            outputs,
            objective,
            averages: self.average_output.is_some(),
            announced,
        })
    }

    fn features(&self, first: Line<'_>) -> Result<Vec<Feature>, Fault> {
        let line = need(self.max_feature_idx, "max_feature_idx", first)?;
        let last: usize = integer(line, "max_feature_idx")?;
        if last >= MOST {
            return Err(line.fault(format!("more than {MOST} features")));
        }
        let names = need(self.feature_names, "feature_names", first)?;
        let infos = need(self.feature_infos, "feature_infos", first)?;
        let words = |line: Line<'a>| line.text.split(' ').filter(|word| !word.is_empty());
        for (line, what) in [(names, "feature_names"), (infos, "feature_infos")] {
            let found = words(line).count();
            if last.checked_add(1) != Some(found) {
                return Err(line.fault(format!(
                    "`{what}` has {found} entries, the last feature is {last}"
                )));
            }
        }
        let feature = |(name, info): (&str, &str)| {
            let largest = largest_code(info);
            Feature {
                name: name.to_owned(),
                categorical: largest.is_some(),
                largest,
            }
        };
        Ok(words(names).zip(words(infos)).map(feature).collect())
    }
}

/// The largest category of a column whose numbers stand for such: `-1:0:2`. A column of numbers
/// has a range, `[0:2]`, and one that no tree uses may be `none`.
fn largest_code(info: &str) -> Option<i64> {
    let codes: Option<Vec<i64>> = info.split(':').map(|code| code.parse().ok()).collect();
    codes?.into_iter().max()
}

fn need<'a>(entry: Option<Line<'a>>, key: &str, first: Line<'_>) -> Result<Line<'a>, Fault> {
    entry.ok_or_else(|| first.fault(format!("`{key}` is missing before the first tree")))
}
