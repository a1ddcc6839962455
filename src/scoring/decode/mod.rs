//! From the octets of a body to a typed frame, under the strict policy.
//!
//! The signature types the values while they are read: JSON and CSV go straight into columns,
//! with no tree of values in between. Everything that is wrong is told at once, with row and
//! column, except where the body cannot be read further.

mod column;
mod elements;
mod infer;
mod list;
mod missing;
mod names;
mod nested;
mod params;
mod plain;
mod report;
mod split;
mod table;
mod tensors;
mod terms;
mod values;

pub(super) use column::{Cells, Column, Width, same};
pub(super) use elements::{A_LIST, Elements, Wrong, is_missing};
pub(super) use infer::{Origin, exact_double};
pub use plain::can_be_plain;
pub(super) use report::{Door, Report, refuse};
pub(super) use table::Table;
pub use terms::{ExtraColumns, Terms, sees_missing_texts};

use crate::csv::Reader;
use crate::json::{KeySet, Kind, Scanner};
use flowgate_core::refusal::clipped;
use flowgate_core::{Code, Form, Frame, InferRequest, Params, Refusal, Schema, Violation};

/// What a body holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The data and the params.
    pub request: InferRequest,
    /// How many columns or tensors were sent that the signature does not have; 0 where nobody is
    /// to be told.
    pub dropped_columns: usize,
}

/// The data of a body, without the params.
struct Data {
    frame: Frame,
    form: Form,
    dropped: usize,
}

impl Data {
    fn of_table(table: Table<'_, '_>, report: Report) -> Result<Self, Refusal> {
        let (frame, form, dropped) = table.finish(report)?;
        Ok(Self {
            frame,
            form,
            dropped,
        })
    }

    fn with(self, params: Params) -> Decoded {
        let request = InferRequest {
            frame: self.frame,
            form: self.form,
            params,
        };
        Decoded {
            request,
            dropped_columns: self.dropped,
        }
    }
}

/// Lists and objects inside each other that a table may have.
const TABLE_DEPTH: usize = 64;

/// The same for a tensor, beyond its dimensions.
const TENSOR_DEPTH: usize = 8;

/// Octets of a body that may be read twice: once as a plain table, and again where it is none.
const SHORT: usize = 4096;

/// The keys that a body of a table or of tensors may have, as hints name them.
const FIELDS: &str = "`dataframe_split`, `dataframe_records`, `instances`, `inputs`, `params`";

/// The hint where another key is sent.
const KNOWN: &str =
    "send `dataframe_split`, `dataframe_records`, `instances` or `inputs`, and `params` beside it";

/// The keys of bodies that are one bare object, as clients of language models send them.
const BARE: [&str; 3] = ["messages", "prompt", "input"];

/// Reads a body in JSON.
///
/// # Errors
/// When it is not JSON, has not exactly one field with data, or holds values that the signature
/// does not take.
pub fn json<'s>(body: &[u8], terms: impl Into<Terms<'s>>) -> Result<Decoded, Refusal> {
    let terms: Terms<'s> = terms.into();
    let mut scanner = Scanner::new(body, depth(terms.inputs()))?;
    if terms.can_be_plain && body.len() <= SHORT {
        let start = scanner.mark();
        if let Some(data) = plain::body(&mut scanner, terms) {
            return terms.params(None).map(|params| data.with(params));
        }
        scanner.rewind(start);
    }
    if scanner.peek()? != Kind::Object {
        scanner.skip_value()?;
        scanner.end()?;
        return Err(
            refuse(Code::TypeMismatch, "an object", "another value").with_summary(format!(
                "Invalid input. The input must be a JSON dictionary with exactly one of the input \
             fields {FIELDS}"
            )),
        );
    }
    let start = scanner.mark();
    let fields = Fields::read(&mut scanner, terms)?;
    scanner.end()?;
    if let Some(bare) = fields.bare {
        if let Some(data) = fields.data_name {
            return Err(ambiguous(bare, data));
        }
        scanner.rewind(start);
        return bare_object(&mut scanner, terms, fields.params);
    }
    if let Some(name) = fields.unknown {
        let unknown = Violation::new(Code::UnknownField, FIELDS, "another key").with_hint(KNOWN);
        return Err(
            Refusal::new(flowgate_core::Stage::Body, unknown.in_column(name)).with_summary(
                format!("the body has a key that nobody reads; known are {FIELDS}"),
            ),
        );
    }
    let params = terms.params(fields.params);
    match fields.data {
        None => Err(missing_field("none of them")),
        Some(Ok(data)) => params.map(|params| data.with(params)),
        Some(Err(data)) => match params {
            Ok(_) => Err(data),
            Err(params) => Err(params.and(data)),
        },
    }
}

/// Reads a body in CSV.
///
/// # Errors
/// When it is not CSV in UTF-8, or holds values that the signature does not take.
pub fn csv<'s>(body: &[u8], terms: impl Into<Terms<'s>>) -> Result<Decoded, Refusal> {
    let terms: Terms<'s> = terms.into();
    let text = std::str::from_utf8(body).map_err(|_| {
        refuse(Code::BadEncoding, "text in UTF-8", "other octets")
            .with_summary("the body is not text in UTF-8")
    })?;
    if let Some(data) = plain::csv(text, terms) {
        return terms.params(None).map(|params| data.with(params));
    }
    let mut reader = Reader::new(text);
    let mut fields = Vec::new();
    if !reader.record(&mut fields)? {
        return Err(refuse(Code::BadCsv, "a line of column names", "nothing")
            .with_summary("the body is empty: a CSV table begins with its column names"));
    }
    let mut report = Report::new(Door::Table, terms.listed);
    let mut table = Table::new(terms, Origin::File);
    table.header(fields.iter().map(|field| field.text.clone()), &mut report);
    let wide = fields.len() > 1;
    while reader.record(&mut fields)? {
        // A line of spaces is blank where a row has more than one field.
        let blank = wide
            && matches!(fields.as_slice(), [only] if !only.quoted && only.text.trim_matches(' ').is_empty());
        if !blank {
            table.record(&fields, &mut report);
        }
    }
    decoded(table, report, terms)
}

/// What a table is where no params can be sent: they have their defaults.
pub(super) fn decoded(
    table: Table<'_, '_>,
    report: Report,
    terms: Terms<'_>,
) -> Result<Decoded, Refusal> {
    let data = Data::of_table(table, report)?;
    Ok(data.with(terms.params(None)?))
}

fn depth(inputs: Option<&Schema>) -> usize {
    match inputs {
        Some(Schema::Tensors(specs)) => {
            specs.iter().map(|spec| spec.shape.len()).max().unwrap_or(0) + TENSOR_DEPTH
        }
        _ => TABLE_DEPTH,
    }
}

/// The top level of a body.
#[derive(Default)]
struct Fields<'a> {
    /// The data; what is wrong with it is told after what is wrong with the body.
    data: Option<Result<Data, Refusal>>,
    data_name: Option<&'static str>,
    params: Option<&'a str>,
    unknown: Option<String>,
    bare: Option<&'static str>,
}

impl<'a> Fields<'a> {
    fn read(scanner: &mut Scanner<'a>, terms: Terms<'_>) -> Result<Self, Refusal> {
        let mut fields = Self::default();
        let mut keys = KeySet::new();
        let mut more = scanner.open_object()?;
        while more {
            let key = scanner.key()?;
            fields.member(&key, scanner, terms)?;
            let end = scanner.mark();
            more = scanner.next_member()?;
            // The only key is not there twice.
            if (more || !keys.is_empty()) && !keys.insert(key.clone()) {
                scanner.rewind(end);
                return Err(scanner.duplicate(key).into());
            }
        }
        Ok(fields)
    }

    fn member(
        &mut self,
        key: &str,
        scanner: &mut Scanner<'a>,
        terms: Terms<'_>,
    ) -> Result<(), Refusal> {
        let start = scanner.mark();
        let known = [
            "dataframe_split",
            "dataframe_records",
            "instances",
            "inputs",
        ];
        if let Some(name) = known.into_iter().find(|name| *name == key) {
            if self
                .data_name
                .replace(name)
                .is_some_and(|other| other != name)
            {
                return Err(missing_field("more than one"));
            }
            let data = match name {
                "dataframe_split" => split::read(scanner, terms),
                "dataframe_records" => records(scanner, terms),
                "instances" => values::read(values::Key::Instances, scanner, terms),
                _ => values::read(values::Key::Inputs, scanner, terms),
            };
            if data.is_err() {
                // The rest of the body is still read: it may be no JSON at all.
                let reached = scanner.mark();
                scanner.rewind(start);
                scanner.skip_any_keys()?;
                // Where terms broke off, keys were not looked at to the end.
                if scanner.mark() != reached {
                    scanner.rewind(start);
                    scanner.skip_value().map_err(|error| error.under(name))?;
                }
            }
            self.data = Some(data);
            return Ok(());
        }
        scanner.skip_value().map_err(|error| error.under(key))?;
        if key == "params" {
            self.params = Some(scanner.text_since(start).trim());
        } else if let Some(bare) = BARE.into_iter().find(|bare| *bare == key) {
            self.bare = Some(bare);
        } else if self.unknown.is_none() {
            self.unknown = Some(clipped(key).to_owned());
        }
        Ok(())
    }
}

fn missing_field(got: &'static str) -> Refusal {
    refuse(Code::MissingField, format!("exactly one of {FIELDS}"), got).with_summary(format!(
        "The input must be a JSON dictionary with exactly one of the input fields {FIELDS}; it \
         has {got}"
    ))
}

fn ambiguous(bare: &str, data: &str) -> Refusal {
    refuse(Code::UnknownField, format!("`{data}` or `{bare}`"), "both").with_summary(format!(
        "the body has both `{data}` and `{bare}`: it cannot be told which of them is the data"
    ))
}

fn records(scanner: &mut Scanner<'_>, terms: Terms<'_>) -> Result<Data, Refusal> {
    if scanner.peek()? != Kind::Array {
        scanner.skip_value()?;
        return Err(
            refuse(Code::TypeMismatch, "a list of records", "another value")
                .with_summary("Invalid input. Dataframe records format must be a list of records."),
        );
    }
    let mut report = Report::new(Door::Table, terms.listed);
    let mut table = Table::new(terms, Origin::Column);
    let mut more = scanner.open_array()?;
    while more {
        table.row(scanner, &mut report)?;
        more = scanner.next_item()?;
    }
    Data::of_table(table, report)
}

/// A body that is one object of columns; members that are params go there.
fn bare_object(
    scanner: &mut Scanner<'_>,
    terms: Terms<'_>,
    params: Option<&str>,
) -> Result<Decoded, Refusal> {
    let Some(Schema::Columns(columns)) = terms.inputs() else {
        return Err(missing_field("none of them"));
    };
    let specs = terms.signature.params.as_deref().unwrap_or_default();
    let start = scanner.mark();
    let mut report = Report::new(Door::Bare, terms.listed);
    let mut table = Table::new(terms, Origin::Column);
    values::object(scanner, columns, &mut table, &mut report)?;
    let mut data = Data::of_table(table, report)?;
    data.form = Form::Bare;
    scanner.rewind(start);
    scanner.skip_value()?;
    let merged = params::members(scanner.text_since(start), specs);
    let params = terms.params(merged.as_deref().or(params))?;
    Ok(data.with(params))
}

#[cfg(test)]
mod tests;
