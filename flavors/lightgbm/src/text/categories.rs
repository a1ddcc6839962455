//! What stands behind the trees: which columns hold categories, and their names.

use super::Fault;
use super::lines::{Line, Lines};
use crate::model::{Feature, Names};
use flowgate_json::{Error, Kind, Number, Scanner};

/// The line that Python adds at the end.
const PANDAS: &str = "pandas_categorical:";

/// The setting that names columns of categories by number.
const SETTING: &str = "[categorical_feature: ";

/// The last line of the settings.
const END_OF_SETTINGS: &str = "end of parameters";

/// Lists inside each other in the names.
const DEPTH: usize = 3;

/// What is read of the rest of a text.
#[derive(Debug)]
pub(super) struct Rest {
    /// The numbers of the columns that the settings name.
    columns: Vec<usize>,
    /// The names of the categories, for each column of pandas' type `category`.
    pub(super) names: Vec<Names>,
}

impl Rest {
    /// Reads the lines behind the trees.
    pub(super) fn read(lines: Lines<'_>) -> Result<Self, Fault> {
        let mut columns = Vec::new();
        let mut in_settings = false;
        let mut last = None;
        for line in lines {
            match line.text {
                "" => continue,
                "parameters:" => in_settings = true,
                END_OF_SETTINGS => in_settings = false,
                text if in_settings => {
                    if let Some(value) = text.strip_prefix(SETTING) {
                        columns = numbers(value.trim_end_matches(']'));
                    }
                }
                _ => {}
            }
            last = Some(line);
        }
        let names = match last.and_then(|line| Some((line, line.text.strip_prefix(PANDAS)?))) {
            Some((line, text)) => names(line, text)?,
            None => Vec::new(),
        };
        Ok(Self { columns, names })
    }

    /// Marks the columns that the settings name.
    pub(super) fn mark(&self, features: &mut [Feature]) {
        for column in &self.columns {
            if let Some(feature) = features.get_mut(*column) {
                feature.categorical = true;
            }
        }
    }
}

/// Numbers between commas; nothing where they are something else, such as `name:` and names.
fn numbers(text: &str) -> Vec<usize> {
    let numbers: Result<Vec<usize>, _> = text.split(',').map(str::parse).collect();
    numbers.unwrap_or_default()
}

/// A list of lists of names, or `null` where the model was not trained on a table of pandas.
fn names(line: Line<'_>, text: &str) -> Result<Vec<Names>, Fault> {
    // Errors of one line: only the column says something.
    let fault = |error: Error| {
        let column = error.column();
        line.fault(format!(
            "`{PANDAS}` is not lists of names at column {column}"
        ))
    };
    let mut scanner = Scanner::new(text.as_bytes(), DEPTH).map_err(fault)?;
    let mut lists = Vec::new();
    if scanner.peek().map_err(fault)? == Kind::Null {
        scanner.null().map_err(fault)?;
    } else {
        let mut more = scanner.open_array().map_err(fault)?;
        while more {
            lists.push(list(&mut scanner).map_err(fault)?);
            more = scanner.next_item().map_err(fault)?;
        }
    }
    scanner.end().map_err(fault)?;
    Ok(lists)
}

fn list(scanner: &mut Scanner<'_>) -> Result<Names, Error> {
    let mut names = None;
    let mut more = scanner.open_array()?;
    while more {
        let name = name(scanner)?;
        names = Some(match names {
            None => name,
            Some(names) => joined(names, name),
        });
        more = scanner.next_item()?;
    }
    Ok(names.unwrap_or(Names::None))
}

/// A list of one name.
fn name(scanner: &mut Scanner<'_>) -> Result<Names, Error> {
    Ok(match scanner.peek()? {
        Kind::String => match scanner.string()? {
            Ok(text) => Names::Texts(vec![text.into_owned()]),
            Err(_) => Names::Mixed(1),
        },
        Kind::Bool => Names::Bools(vec![scanner.bool()?]),
        Kind::Number => match scanner.number()? {
            Number::Integer(digits) => match digits.parse() {
                Ok(number) => Names::Integers(vec![number]),
                Err(_) => Names::Mixed(1),
            },
            number => Names::Floats(vec![number.to_f64()]),
        },
        Kind::Null | Kind::Array | Kind::Object => {
            scanner.skip_value()?;
            Names::Mixed(1)
        }
    })
}

/// Both lists as one.
fn joined(one: Names, other: Names) -> Names {
    match (one, other) {
        (Names::Texts(mut one), Names::Texts(other)) => {
            one.extend(other);
            Names::Texts(one)
        }
        (Names::Integers(mut one), Names::Integers(other)) => {
            one.extend(other);
            Names::Integers(one)
        }
        (Names::Floats(mut one), Names::Floats(other)) => {
            one.extend(other);
            Names::Floats(one)
        }
        (Names::Bools(mut one), Names::Bools(other)) => {
            one.extend(other);
            Names::Bools(one)
        }
        (one, other) => Names::Mixed(one.len() + other.len()),
    }
}
