//! What must hold of a body that was accepted.

use flowgate::json::Scanner;
use flowgate::scoring::columnar::{self, Limits};
use flowgate::scoring::decode::Decoded;
use flowgate::scoring::encode;
use flowgate_core::{
    Code, Compat, DataType, Form, Frame, NamedTensor, Refusal, Schema, Signature, Violation,
    element_count,
};
use serde::de::IgnoredAny;

/// Lists inside each other in an answer: those of a body, and those around them.
const DEPTH: usize = 100;

/// The frame of `decoded` is whole and what `signature` asks for, and can be written as an answer
/// in every form, which is read again.
///
/// # Panics
/// Where it is not.
pub(crate) fn check(decoded: &Decoded, signature: &Signature) {
    let (frame, form) = (&decoded.request.frame, decoded.request.form);
    if let Err(refusal) = signature.check(frame, Refusal::LISTED) {
        // The sizes of a tensor are looked at by the gate alone, which every request passes.
        let sizes = |violation: &Violation| violation.code == Code::BadShape;
        let tensors = matches!(signature.inputs, Some(Schema::Tensors(_)));
        let late = tensors && refusal.violations.iter().all(sizes);
        assert!(late, "accepted, and then refused: {refusal:?}");
    }
    let rows = frame
        .tensors()
        .first()
        .and_then(|tensor| tensor.tensor.rows());
    for named in frame.tensors() {
        let tensor = &named.tensor;
        let elements = element_count(tensor.shape());
        assert_eq!(elements, Some(tensor.data().len()), "`{}`", named.name);
        // A bare object that no signature speaks of goes to the model as MLflow hands it on.
        if form == Form::Table {
            assert_eq!(tensor.shape().len(), 1, "a column of a table");
            assert_eq!(tensor.rows(), rows, "columns of one length");
        }
    }
    if let Some(params) = &signature.params {
        assert!(decoded.request.params.len() >= params.len(), "defaults");
    }
    let mut text = Vec::new();
    if encode::json(frame, form, Compat::Strict.rules(), &mut text).is_ok() {
        assert!(is_json(frame, &text), "the answer is no JSON");
    } else {
        assert!(form != Form::Table, "a table has rows of one number");
    }
    by_column(frame);
}

/// Whether `text` is JSON. What a request says in JSON inside of a cell is kept as it was, and may
/// be one of Python's words for what is not finite, which another reader would not take.
fn is_json(frame: &Frame, text: &[u8]) -> bool {
    let in_cells = |named: &NamedTensor| named.tensor.datatype() == DataType::Json;
    if frame.tensors().iter().any(in_cells) {
        let scanner = Scanner::new(text, DEPTH);
        return scanner.is_ok_and(|mut scanner| {
            let read = scanner.skip_value().and_then(|()| scanner.end());
            read.is_ok()
        });
    }
    serde_json::from_slice::<IgnoredAny>(text).is_ok()
}

/// Writes `frame` in CSV and as an Arrow stream where it has these forms, and reads them again.
fn by_column(frame: &Frame) {
    let mut text = Vec::new();
    let _ = columnar::csv(frame, &mut text);
    assert!(std::str::from_utf8(&text).is_ok(), "CSV is text");
    if let Ok(stream) = columnar::arrow(frame) {
        let limits = Limits { unpacked: 64 << 20 };
        let again = columnar::arrow_stream(&stream.into(), &Signature::default(), limits);
        // Lists, and whole numbers beyond a double, have no type of their own without a signature;
        // a single value has no rows, and is written as one.
        if let (Ok(again), Some(rows)) = (again, frame.rows()) {
            assert_eq!(again.request.frame.rows(), Some(rows));
        }
    }
}
