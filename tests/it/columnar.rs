//! Bodies by column: files that pandas and pyarrow wrote (`tests/columnar/`), what may be wrong
//! with them, and how large they may become.

use crate::support::root;
use bytes::Bytes;
use flowgate::scoring::columnar::{ColumnarError, Limits, arrow_stream, parquet};
use flowgate::scoring::decode::{self, Decoded};
use flowgate_core::{Data, NamedTensor, Refusal, Schema, Signature};
use proptest::prelude::*;
use serde_json::Value;
use std::path::PathBuf;

const LIMITS: Limits = Limits { unpacked: 16 << 20 };

fn folder() -> PathBuf {
    root().join("tests/columnar")
}

fn cases() -> Vec<Value> {
    let text = fs_err::read_to_string(folder().join("cases.json")).expect("cases");
    serde_json::from_str(&text).expect("JSON")
}

fn signature(inputs: &Value) -> Signature {
    if inputs.is_null() {
        return Signature::default();
    }
    Signature::parse(Some(&inputs.to_string()), None, None).expect("a signature")
}

fn read(name: &str, body: Bytes, signature: &Signature) -> Result<Decoded, ColumnarError> {
    if name.ends_with(".parquet") {
        parquet(&body, signature, LIMITS)
    } else {
        arrow_stream(&body, signature, LIMITS)
    }
}

fn file(name: &str) -> Bytes {
    fs_err::read(folder().join(name)).expect("a file").into()
}

/// What a tensor is, with NaN equal to itself and JSON compared by its meaning.
fn shown(tensor: &NamedTensor) -> String {
    let data = match tensor.tensor.data() {
        Data::Json(texts) => {
            let parsed = texts.iter().map(serde_json::from_str::<Value>);
            format!("{:?}", parsed.collect::<Result<Vec<_>, _>>().expect("JSON"))
        }
        data => format!("{data:?}"),
    };
    let (datatype, shape) = (tensor.tensor.datatype(), tensor.tensor.shape());
    format!("{}: {datatype} {shape:?} {data}", tensor.name)
}

fn frame(decoded: &Decoded) -> Vec<String> {
    decoded.request.frame.tensors().iter().map(shown).collect()
}

/// How a case differs from what is wanted.
fn difference(case: &Value) -> Option<String> {
    let name = case["file"].as_str().expect("a file");
    let signature = signature(&case["inputs"]);
    let found = read(name, file(name), &signature);
    let wrong = |what: String| Some(format!("{name} as {}: {what}", case["inputs"]));
    if let Some(refused) = case["refused"].as_array() {
        let Err(ColumnarError::Refused(Refusal { violations, .. })) = &found else {
            return wrong(format!("not refused: {found:?}"));
        };
        let first = &violations[0];
        let found = serde_json::json!([first.code.name(), first.row, first.column]);
        return (found != Value::Array(refused.clone()))
            .then(|| wrong(format!("refused as {found}, wanted {refused:?}")))?;
    }
    let found = match found {
        Ok(found) => found,
        Err(error) => return wrong(format!("refused: {error:?}")),
    };
    if let Some(types) = case["types"].as_array() {
        let tensors = found.request.frame.tensors();
        let names = tensors.iter().map(|tensor| match tensor.tensor.datatype() {
            flowgate_core::DataType::Json => "object",
            datatype => flowgate_core::TensorType::Data(datatype).name(),
        });
        let names: Vec<Value> = names.map(Value::from).collect();
        return (names != *types).then(|| wrong(format!("types {names:?}")))?;
    }
    if let Some(dropped) = case["dropped"].as_u64()
        && found.dropped_columns as u64 != dropped
    {
        return wrong(format!("dropped {}", found.dropped_columns));
    }
    let same = decode::json(case["json"].to_string().as_bytes(), &signature).expect("a request");
    if (frame(&found), found.request.form) != (frame(&same), same.request.form) {
        return wrong(format!(
            "\n  wanted {:?}\n  found {:?}",
            frame(&same),
            frame(&found)
        ));
    }
    None
}

#[test]
fn files_of_pandas_and_pyarrow_are_read_as_the_same_request_in_json() {
    let cases = cases();
    assert!(cases.len() > 80, "{} cases", cases.len());
    let differences: Vec<String> = cases.iter().filter_map(difference).collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn every_file_of_the_folder_has_a_case() {
    let cases = cases();
    for entry in fs_err::read_dir(folder()).expect("a folder") {
        let name = entry
            .expect("an entry")
            .file_name()
            .to_string_lossy()
            .into_owned();
        let is_file = name.ends_with(".parquet") || name.ends_with(".arrow");
        if is_file && name != "bomb.parquet" {
            assert!(cases.iter().any(|case| case["file"] == *name), "{name}");
        }
    }
}

#[test]
fn a_file_cut_off_anywhere_is_refused() {
    for name in [
        "numbers_zstd.parquet",
        "pandas.parquet",
        "lists.parquet",
        "texts.parquet",
    ] {
        let whole = file(name);
        for end in 0..whole.len() {
            let found = read(name, whole.slice(..end), &Signature::default());
            assert!(
                matches!(found, Err(ColumnarError::Refused(_))),
                "{name} at {end}: {found:?}"
            );
        }
    }
}

/// A stream may end without its last mark, as writers that are not closed leave it; but a message
/// that is not whole is refused.
#[test]
fn a_stream_cut_off_inside_of_a_message_is_refused() {
    for name in [
        "numbers_none.arrow",
        "numbers_lz4.arrow",
        "pandas_index.arrow",
    ] {
        let whole = file(name);
        let mut whole_ones = 0;
        for end in 0..whole.len() {
            whole_ones +=
                usize::from(read(name, whole.slice(..end), &Signature::default()).is_ok());
        }
        // After the schema, after each batch of two rows, and inside of the last mark at 4.
        assert!(whole_ones <= 5, "{name}: {whole_ones} prefixes were taken");
    }
}

#[test]
fn other_files_are_refused_in_mlflows_words() {
    let json = Bytes::from_static(b"{\"inputs\": [1]}");
    let refused = |found: Result<Decoded, ColumnarError>| match found {
        Err(ColumnarError::Refused(refusal)) => {
            let code = refusal.violations.first().map(|first| first.code.name());
            format!("{}: {refusal}", code.expect("a violation"))
        }
        other => panic!("{other:?}"),
    };
    let signature = Signature::default();
    let other = file("numbers_none.parquet");
    for body in [json.clone(), Bytes::new(), file("numbers_none.arrow")] {
        let found = refused(parquet(&body, &signature, LIMITS));
        assert!(found.starts_with("bad_parquet: "), "{found}");
        assert!(found.contains("valid Parquet Pandas DataFrame"), "{found}");
    }
    for body in [json, Bytes::new(), other] {
        let found = refused(arrow_stream(&body, &signature, LIMITS));
        assert!(found.starts_with("bad_arrow: "), "{found}");
        assert!(found.contains("Arrow's IPC format"), "{found}");
    }
    // A Parquet file that is one, and encrypted.
    let found = refused(parquet(
        &Bytes::from_static(b"PAR1....PARE"),
        &signature,
        LIMITS,
    ));
    assert!(
        found.starts_with("bad_parquet: ") && found.contains("encryption"),
        "{found}"
    );
}

/// The signatures that files are broken under: those of the cases.
fn signatures() -> Vec<(String, Signature)> {
    let mut found: Vec<(String, Signature)> = Vec::new();
    for case in cases() {
        let name = case["file"].as_str().expect("a file").to_owned();
        found.push((name, signature(&case["inputs"])));
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    /// Whatever is done to a file, it is read or refused: no panic goes through, and nothing
    /// takes more memory than it may.
    #[test]
    fn files_that_were_tampered_with_are_read_or_refused(
        which: prop::sample::Index,
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::weighted(0.1, any::<prop::sample::Index>()),
    ) {
        let signatures = signatures();
        let (name, signature) = which.get(&signatures);
        let mut octets = file(name).to_vec();
        for (place, value) in flips {
            let place = place.index(octets.len());
            octets[place] = value;
        }
        if let Some(cut) = cut {
            octets.remove(cut.index(octets.len()));
        }
        if let Ok(found) = read(name, octets.into(), signature) {
            let fits = signature.check(&found.request.frame, Refusal::LISTED);
            let tensors = matches!(signature.inputs, Some(Schema::Tensors(_)));
            prop_assert!(fits.is_ok() || tensors, "{fits:?}");
        }
    }
}
