use super::*;
use ::parquet::arrow::ArrowWriter;
use ::parquet::file::properties::WriterProperties;
use arrow_array::types::Int32Type;
use arrow_array::{
    Array, DictionaryArray, Float64Array, Int32Array, Int64Array, NullArray, StringArray,
};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};
use arrow_schema::{Field, Schema as ArrowSchema};
use bytes::Bytes;
use flowgate_core::{Data, Frame, NamedTensor, Signature, Tensor};
use proptest::prelude::*;
use std::sync::Arc;

const LIMITS: Limits = Limits { unpacked: 1 << 20 };

fn signature(columns: &[(&str, &str)]) -> Signature {
    let columns = columns
        .iter()
        .map(|(name, kind)| serde_json::json!({"name": name, "type": kind, "required": true}));
    let columns = serde_json::Value::Array(columns.collect());
    Signature::parse(Some(&columns.to_string()), None, None).expect("a signature")
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let field = |(name, array): &(&str, ArrayRef)| {
        Field::new(*name, array.data_type().clone(), array.is_nullable())
    };
    let schema = ArrowSchema::new(columns.iter().map(field).collect::<Vec<_>>());
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    RecordBatch::try_new(Arc::new(schema), arrays).expect("columns of one length")
}

fn as_parquet(batch: &RecordBatch) -> Bytes {
    let properties = WriterProperties::builder()
        .set_dictionary_page_size_limit(1 << 24)
        .build();
    let mut writer =
        ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).expect("a writer");
    writer.write(batch).expect("written");
    writer.into_inner().expect("closed").into()
}

fn as_stream(batch: &RecordBatch, packing: Option<CompressionType>) -> Bytes {
    let options = IpcWriteOptions::default()
        .try_with_compression(packing)
        .expect("known");
    let mut writer =
        StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), options).expect("a writer");
    writer.write(batch).expect("written");
    writer.into_inner().expect("closed").into()
}

// === how large ===

/// A quarter of a megabyte once in the file, and a thousand rows that have it.
#[test]
fn a_dictionary_of_one_large_text_does_not_become_all_its_rows() {
    let values = StringArray::from(vec!["x".repeat(1 << 18)]);
    let keys = Int32Array::from(vec![0; 1000]);
    let column = DictionaryArray::<Int32Type>::try_new(keys, Arc::new(values)).expect("keys");
    let batch = batch(vec![("s", Arc::new(column) as ArrayRef)]);
    let signature = signature(&[("s", "string")]);
    let limits = Limits { unpacked: 8 << 20 };
    let file = as_parquet(&batch);
    assert!(file.len() < 1 << 20, "{}", file.len());
    let limit = limits.unpacked;
    assert_eq!(
        parquet(&file, &signature, limits),
        Err(ColumnarError::TooLarge { limit })
    );
    assert_eq!(
        arrow_stream(&as_stream(&batch, None), &signature, limits),
        Err(ColumnarError::TooLarge { limit })
    );
}

#[test]
fn what_a_stream_promises_is_counted_before_it_is_unpacked() {
    let column: ArrayRef = Arc::new(Float64Array::from(vec![0.0; 1 << 18]));
    let batch = batch(vec![("x", column)]);
    let signature = signature(&[("x", "double")]);
    for packing in [CompressionType::ZSTD, CompressionType::LZ4_FRAME] {
        let stream = as_stream(&batch, Some(packing));
        assert!(stream.len() < 1 << 14, "{}", stream.len());
        assert_eq!(
            arrow_stream(&stream, &signature, LIMITS),
            Err(ColumnarError::TooLarge { limit: 1 << 20 })
        );
        let enough = Limits { unpacked: 2 << 20 };
        assert!(arrow_stream(&stream, &signature, enough).is_ok());
    }
}

/// Rows that take no octets at all.
#[test]
fn rows_of_nothing_are_counted_too() {
    let batch = batch(vec![(
        "x",
        Arc::new(NullArray::new(ROWS_OF_NOTHING)) as ArrayRef,
    )]);
    let stream = as_stream(&batch, None);
    assert!(stream.len() < 1000, "{}", stream.len());
    for signature in [signature(&[("x", "double")]), Signature::default()] {
        let found = arrow_stream(&stream, &signature, LIMITS);
        assert!(
            matches!(found, Err(ColumnarError::TooLarge { .. })),
            "{found:?}"
        );
    }
}

const ROWS_OF_NOTHING: usize = (1 << 24) + 1;

#[test]
fn columns_that_take_more_than_the_bound_are_refused_whatever_the_file() {
    let column: ArrayRef = Arc::new(Int64Array::from(vec![7; 100_000]));
    let batch = batch(vec![("x", column)]);
    let signature = signature(&[("x", "long")]);
    let file = as_parquet(&batch);
    assert!(file.len() < 1 << 14, "{}", file.len());
    let found = parquet(&file, &signature, LIMITS);
    assert_eq!(found, Err(ColumnarError::TooLarge { limit: 1 << 20 }));
    let enough = Limits { unpacked: 2 << 20 };
    assert!(parquet(&file, &signature, enough).is_ok());
}

#[test]
fn a_panic_of_a_reader_is_a_refusal() {
    for (kind, code) in [
        (super::arrow::ARROW, Code::BadArrow),
        (super::parquet::PARQUET, Code::BadParquet),
    ] {
        let found: Result<(), ColumnarError> = fenced(kind, || panic!("as a reader might"));
        let Err(ColumnarError::Refused(refusal)) = found else {
            panic!("{found:?}");
        };
        assert_eq!(refusal.violations[0].code, code);
    }
}

// === answers ===

#[test]
fn an_answer_as_a_stream_is_read_back() {
    let tensor = |shape: &[usize], data: Data| Tensor::new(shape, data).expect("as many");
    let plain = NamedTensor::new("y", tensor(&[2, 1], vec![1_i64, 2].into()));
    let texts = Data::Str(["a", ""].into_iter().collect());
    let label = NamedTensor::new("label", tensor(&[2], texts));
    let frame = Frame::new(vec![plain.clone(), label]);
    let stream = Bytes::from(arrow(&frame).expect("a table"));
    let back = arrow_stream(&stream, &Signature::default(), LIMITS).expect("read");
    let back = back.request.frame;
    assert_eq!(back.tensors()[0].tensor, Tensor::column(vec![1_i64, 2]));
    assert_eq!(back.tensors()[1], frame.tensors()[1]);
    // Wider outputs are lists of a fixed size, read back as tensors.
    let wide = NamedTensor::new("p", tensor(&[2, 3], vec![0.5_f32; 6].into()));
    let inputs = r#"[{"type": "tensor", "name": "p", "tensor-spec": {"dtype": "float32", "shape": [-1, 3]}}]"#;
    let signature = Signature::parse(Some(inputs), None, None).expect("a signature");
    let stream = Bytes::from(arrow(&Frame::new(vec![wide.clone()])).expect("a table"));
    let back = arrow_stream(&stream, &signature, LIMITS).expect("read");
    assert_eq!(back.request.frame.tensors(), [wide]);
}

#[test]
fn labels_are_the_fields_of_a_struct() {
    let mut map = NamedTensor::new(
        "p",
        Tensor::new([2, 2].as_slice(), vec![0.25, 0.75, 1.0, 0.0]).expect("4"),
    );
    map.labels = Some(flowgate_core::Labels::Ints(vec![0, 7].into()));
    let stream = Bytes::from(arrow(&Frame::new(vec![map])).expect("a table"));
    let inputs =
        r#"[{"type": "map", "name": "p", "values": {"type": "double"}, "required": true}]"#;
    let signature = Signature::parse(Some(inputs), None, None).expect("a signature");
    let back = arrow_stream(&stream, &signature, LIMITS)
        .expect("read")
        .request
        .frame;
    let texts = [r#"{"0": 0.25, "7": 0.75}"#, r#"{"0": 1.0, "7": 0.0}"#];
    assert_eq!(
        back.tensors()[0].tensor.data(),
        &Data::Json(texts.into_iter().collect())
    );
}

#[test]
fn outputs_of_no_rows_keep_their_widths() {
    let none = NamedTensor::new(
        "p",
        Tensor::new([0, 3].as_slice(), Vec::<f64>::new()).expect("0"),
    );
    assert!(arrow(&Frame::new(vec![none])).is_ok());
    let empty = NamedTensor::new(
        "p",
        Tensor::new([2, 0].as_slice(), Vec::<f64>::new()).expect("0"),
    );
    assert!(arrow(&Frame::new(vec![empty])).is_ok());
}

// === whatever is sent ===

proptest! {
    #[test]
    fn no_octets_break_the_readers(octets: Vec<u8>) {
        let body = Bytes::from(octets);
        let _ = parquet(&body, &Signature::default(), LIMITS);
        let _ = arrow_stream(&body, &Signature::default(), LIMITS);
    }
}
