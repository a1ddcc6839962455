//! Tables and signatures, of which many fit and many do not.

use flowgate_core::Signature;
use proptest::prelude::*;
use serde_json::{Value, json};

/// A table and what is declared of it.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) declares: Declares,
    /// The columns as they are sent: name and cells.
    pub(super) columns: Vec<(String, Cells)>,
    pub(super) rows: usize,
    /// Whether a gap is left out of a record, where the first row has all keys.
    pub(super) sparse: bool,
}

/// What kind of signature it is.
#[derive(Debug, Clone)]
pub(super) enum Declares {
    /// Columns by name: type and whether each is required.
    Named(Vec<(String, Kind, bool)>),
    /// Columns by position.
    Unnamed(Vec<Kind>),
    /// One tensor without a name, with all columns side by side.
    Matrix(&'static str, usize),
    Nothing,
}

/// MLflow's types of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Scalar(&'static str),
    Array(&'static str),
    Map(&'static str),
    Object,
    Any,
}

/// What a map holds.
type Members = Vec<(String, Option<i64>)>;

/// The cells of a column, all of one type of Arrow.
#[derive(Debug, Clone)]
pub(super) enum Cells {
    Flags(Vec<Option<bool>>),
    Whole(Vec<Option<i64>>),
    /// The same in 32 bits.
    Short(Vec<Option<i32>>),
    Floats(Vec<Option<f64>>),
    /// The same in 32 bits.
    Singles(Vec<Option<f32>>),
    Texts(Vec<Option<String>>),
    /// The same as a dictionary.
    Categories(Vec<Option<String>>),
    Octets(Vec<Option<Vec<u8>>>),
    /// Nanoseconds.
    Dates(Vec<Option<i64>>),
    WholeLists(Vec<Option<Vec<Option<i64>>>>),
    FloatLists(Vec<Option<Vec<Option<f64>>>>),
    TextLists(Vec<Option<Vec<Option<String>>>>),
    /// Text keys, whole numbers.
    Maps(Vec<Option<Members>>),
    /// `id` and `label`.
    Objects(Vec<Option<(Option<i64>, Option<String>)>>),
    Nulls(usize),
}

const SCALARS: [&str; 8] = [
    "boolean", "integer", "long", "float", "double", "string", "binary", "datetime",
];

/// The types of tensors that a table can be.
const DTYPES: [&str; 13] = [
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16",
    "float32", "float64", "str",
];

impl Case {
    pub(super) fn signature(&self) -> Signature {
        let Some(inputs) = self.declares.inputs() else {
            return Signature::default();
        };
        Signature::parse(Some(&inputs.to_string()), None, None).expect("a signature")
    }
}

impl Declares {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Named(_) => "named",
            Self::Unnamed(_) => "unnamed",
            Self::Matrix(_, _) => "matrix",
            Self::Nothing => "nothing",
        }
    }

    /// What is declared of the column called `name` at `place`; `None` where it is dropped or
    /// nothing is declared.
    pub(super) fn kind(&self, name: &str, place: usize) -> Option<Kind> {
        match self {
            Self::Named(columns) => {
                let found = columns.iter().find(|(declared, _, _)| declared == name);
                found.map(|(_, kind, _)| *kind)
            }
            Self::Unnamed(kinds) => kinds.get(place).copied(),
            Self::Matrix(dtype, _) => Some(Kind::Scalar(dtype)),
            Self::Nothing => None,
        }
    }

    /// Whether a column has parts: then an object under `inputs` is one row.
    pub(super) fn has_parts(&self) -> bool {
        let has = |kind: &Kind| !matches!(kind, Kind::Scalar(_));
        match self {
            Self::Named(columns) => columns.iter().any(|(_, kind, _)| has(kind)),
            Self::Unnamed(kinds) => kinds.iter().any(has),
            Self::Matrix(_, _) | Self::Nothing => false,
        }
    }

    fn inputs(&self) -> Option<Value> {
        match self {
            Self::Named(columns) => Some(Value::Array(
                columns
                    .iter()
                    .map(|(name, kind, required)| {
                        let mut column = kind.declared();
                        column["name"] = json!(name);
                        column["required"] = json!(required);
                        column
                    })
                    .collect(),
            )),
            Self::Unnamed(kinds) => {
                let column = |kind: &Kind| {
                    let mut column = kind.declared();
                    column["required"] = json!(true);
                    column
                };
                Some(kinds.iter().map(column).collect())
            }
            Self::Matrix(dtype, width) => Some(json!([
                {"type": "tensor", "tensor-spec": {"dtype": dtype, "shape": [-1, width]}}
            ])),
            Self::Nothing => None,
        }
    }
}

impl Kind {
    fn declared(self) -> Value {
        match self {
            Self::Scalar(name) => json!({ "type": name }),
            Self::Array(items) => json!({"type": "array", "items": {"type": items}}),
            Self::Map(values) => json!({"type": "map", "values": {"type": values}}),
            Self::Object => json!({"type": "object", "properties": {
                "id": {"type": "long", "required": true},
                "label": {"type": "string", "required": false},
            }}),
            Self::Any => json!({"type": "any"}),
        }
    }
}

// === strategies ===

pub(super) fn case() -> impl Strategy<Value = Case> {
    let rows = 0_usize..5;
    let declares = prop_oneof![
        4 => prop::collection::vec((kind(), prop::bool::weighted(0.7)), 1..4).prop_map(|kinds| {
            let column = |(place, (kind, required))| (format!("c{place}"), kind, required);
            Declares::Named(kinds.into_iter().enumerate().map(column).collect())
        }),
        2 => prop::collection::vec(kind(), 1..4).prop_map(Declares::Unnamed),
        2 => (prop::sample::select(&DTYPES[..]), 2_usize..4)
            .prop_map(|(dtype, width)| Declares::Matrix(dtype, width)),
        2 => Just(Declares::Nothing),
    ];
    (declares, rows, any::<bool>()).prop_flat_map(|(declares, rows, sparse)| {
        columns(&declares, rows).prop_map(move |columns| Case {
            declares: declares.clone(),
            columns,
            rows,
            sparse,
        })
    })
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        8 => prop::sample::select(&SCALARS[..]).prop_map(Kind::Scalar),
        1 => prop::sample::select(vec!["long", "double", "string"]).prop_map(Kind::Array),
        1 => prop::sample::select(vec!["long", "double", "string"]).prop_map(Kind::Map),
        1 => Just(Kind::Object),
        1 => Just(Kind::Any),
    ]
}

/// The columns that are sent: mostly those that are declared, in any order, with others.
fn columns(declares: &Declares, rows: usize) -> BoxedStrategy<Vec<(String, Cells)>> {
    let declared: Vec<(String, Option<Kind>)> = match declares {
        Declares::Named(columns) => columns
            .iter()
            .map(|(name, kind, _)| (name.clone(), Some(*kind)))
            .collect(),
        Declares::Unnamed(kinds) => kinds
            .iter()
            .enumerate()
            .map(|(place, kind)| (format!("u{place}"), Some(*kind)))
            .collect(),
        Declares::Matrix(dtype, width) => (0..*width)
            .map(|place| (format!("m{place}"), Some(Kind::Scalar(dtype))))
            .collect(),
        Declares::Nothing => (0..3).map(|place| (format!("n{place}"), None)).collect(),
    };
    let shuffled = matches!(declares, Declares::Named(_));
    let column = |(name, kind): (String, Option<Kind>)| {
        let there = prop::bool::weighted(0.93);
        (there, cells(kind, rows))
            .prop_map(move |(there, cells)| there.then(|| (name.clone(), cells)))
    };
    let declared: Vec<_> = declared
        .into_iter()
        .map(|one| column(one).boxed())
        .collect();
    let extra = prop::option::weighted(0.15, cells(None, rows));
    let columns = (declared, extra).prop_map(|(declared, extra)| {
        let extra = extra.map(|cells| ("x".to_owned(), cells));
        let mut columns: Vec<(String, Cells)> =
            declared.into_iter().flatten().chain(extra).collect();
        if columns.is_empty() {
            columns.push(("x".to_owned(), Cells::Nulls(0)));
        }
        columns
    });
    let columns = columns.prop_map(move |mut columns| {
        for (_, cells) in &mut columns {
            if let Cells::Nulls(count) = cells {
                *count = rows;
            }
        }
        columns
    });
    if shuffled {
        columns.prop_shuffle().boxed()
    } else {
        columns.boxed()
    }
}

/// Cells that mostly fit `kind`.
fn cells(kind: Option<Kind>, rows: usize) -> BoxedStrategy<Cells> {
    let fitting = match kind {
        Some(Kind::Scalar("boolean" | "bool")) => flags(rows),
        Some(Kind::Scalar("string" | "str")) => prop_oneof![texts(rows), whole(rows)].boxed(),
        Some(Kind::Scalar("binary")) => octets(rows),
        Some(Kind::Scalar("datetime")) => dates(rows),
        Some(Kind::Scalar(_)) => prop_oneof![whole(rows), floats(rows), number_texts(rows)].boxed(),
        Some(Kind::Array(_)) => lists(rows),
        Some(Kind::Map(_)) => maps(rows),
        Some(Kind::Object) => objects(rows),
        Some(Kind::Any) | None => any_cells(rows),
    };
    prop_oneof![6 => fitting, 1 => any_cells(rows)].boxed()
}

fn any_cells(rows: usize) -> BoxedStrategy<Cells> {
    prop_oneof![
        flags(rows),
        whole(rows),
        floats(rows),
        texts(rows),
        number_texts(rows),
        octets(rows),
        dates(rows),
        lists(rows),
        maps(rows),
        objects(rows),
        Just(Cells::Nulls(rows)),
    ]
    .boxed()
}

/// So many cells, a few of them missing.
fn some<T: std::fmt::Debug + Clone + 'static>(
    cell: impl Strategy<Value = T> + Clone + 'static,
    rows: usize,
) -> BoxedStrategy<Vec<Option<T>>> {
    let gaps = prop::collection::vec(prop::option::weighted(0.85, cell.clone()), rows);
    let full = prop::collection::vec(cell.prop_map(Some), rows);
    prop_oneof![2 => full, 1 => gaps].boxed()
}

fn flags(rows: usize) -> BoxedStrategy<Cells> {
    some(any::<bool>(), rows).prop_map(Cells::Flags).boxed()
}

fn number() -> impl Strategy<Value = i64> + Clone {
    prop_oneof![
        4 => -3_i64..300,
        1 => any::<i32>().prop_map(i64::from),
        1 => any::<i64>(),
        1 => prop::sample::select(vec![0, 1, i64::MIN, i64::MAX, 1 << 53, (1 << 53) + 1, 1 << 31]),
    ]
}

fn whole(rows: usize) -> BoxedStrategy<Cells> {
    prop_oneof![
        some(number(), rows).prop_map(Cells::Whole),
        some(any::<i32>(), rows).prop_map(Cells::Short),
    ]
    .boxed()
}

fn float() -> impl Strategy<Value = f64> + Clone {
    let special = vec![
        0.0,
        -0.0,
        1.0,
        0.5,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        1e300,
        3.5e38,
        65504.0,
        65520.0,
        1e-320,
        9_223_372_036_854_775_808.0,
        1e25,
    ];
    prop_oneof![
        3 => any::<f64>(),
        3 => (-200_i32..300).prop_map(f64::from),
        2 => any::<i64>().prop_map(|value| value as f64),
        2 => prop::sample::select(special),
    ]
}

fn floats(rows: usize) -> BoxedStrategy<Cells> {
    prop_oneof![
        some(float(), rows).prop_map(Cells::Floats),
        some(any::<f32>(), rows).prop_map(Cells::Singles),
    ]
    .boxed()
}

fn text() -> impl Strategy<Value = String> + Clone {
    let special = [
        "",
        " ",
        "5",
        "true",
        "NA",
        "null",
        "nan",
        "AQID",
        "2021-01-01",
        "a,b",
        "\"",
        "\r\n",
        "\u{FEFF}",
        "\u{1F600}",
    ];
    prop_oneof![
        any::<String>(),
        prop::sample::select(special.map(str::to_owned).to_vec()),
    ]
}

fn texts(rows: usize) -> BoxedStrategy<Cells> {
    prop_oneof![
        some(text(), rows).prop_map(Cells::Texts),
        some(text(), rows).prop_map(Cells::Categories),
    ]
    .boxed()
}

/// Texts of numbers, and such that are nearly.
fn number_texts(rows: usize) -> BoxedStrategy<Cells> {
    let texts = [
        "5",
        "5.0",
        " 7 ",
        "+1",
        ".5",
        "1e3",
        "1e400",
        "-1e400",
        "1_0",
        "0x10",
        "NaN",
        "Infinity",
        "-inf",
        "1.7",
        "9223372036854775808",
        "5.",
        "1e-400",
    ];
    let text = prop::sample::select(texts.map(str::to_owned).to_vec());
    some(text, rows).prop_map(Cells::Texts).boxed()
}

fn octets(rows: usize) -> BoxedStrategy<Cells> {
    some(prop::collection::vec(any::<u8>(), 0..5), rows)
        .prop_map(Cells::Octets)
        .boxed()
}

fn dates(rows: usize) -> BoxedStrategy<Cells> {
    some(any::<i64>(), rows).prop_map(Cells::Dates).boxed()
}

fn lists(rows: usize) -> BoxedStrategy<Cells> {
    fn list<T: std::fmt::Debug + Clone + 'static>(
        item: impl Strategy<Value = T> + Clone + 'static,
        rows: usize,
    ) -> BoxedStrategy<Vec<Option<Vec<Option<T>>>>> {
        let items = prop::collection::vec(prop::option::weighted(0.9, item), 0..4);
        some(items, rows)
    }
    let finite = float().prop_filter("JSON to compare", |float| float.is_finite());
    prop_oneof![
        list(number(), rows).prop_map(Cells::WholeLists),
        list(finite, rows).prop_map(Cells::FloatLists),
        list(text(), rows).prop_map(Cells::TextLists),
    ]
    .boxed()
}

fn maps(rows: usize) -> BoxedStrategy<Cells> {
    let keys = prop::sample::subsequence(vec!["", "a", "b.c", "\u{e9}"], 0..4);
    let map = keys.prop_flat_map(|keys| {
        let values = prop::collection::vec(prop::option::weighted(0.9, number()), keys.len());
        values.prop_map(move |values| {
            let keys = keys.iter().map(|key| (*key).to_owned());
            keys.zip(values).collect::<Vec<_>>()
        })
    });
    // Made anew for each strategy: it is not to be cloned.
    let maps = prop::collection::vec(prop::option::weighted(0.9, map), rows);
    maps.prop_map(Cells::Maps).boxed()
}

fn objects(rows: usize) -> BoxedStrategy<Cells> {
    let object = (
        prop::option::weighted(0.9, number()),
        prop::option::weighted(0.7, text()),
    );
    let objects = prop::collection::vec(prop::option::weighted(0.9, object), rows);
    objects.prop_map(Cells::Objects).boxed()
}
