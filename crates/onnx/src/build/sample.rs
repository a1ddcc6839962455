//! Graphs that several tests want.

use super::{bools, graph, node, tensor};
use crate::elem::ElemType;
use crate::proto::ModelProto;

/// `sum = a + b` on floats `[n]`.
pub fn add() -> ModelProto {
    graph("add")
        .input("a", tensor(ElemType::Float, &["n"]))
        .input("b", tensor(ElemType::Float, &["n"]))
        .output("sum", tensor(ElemType::Float, &["n"]))
        .node(node("Add", &["a", "b"], &["sum"]))
        .model()
}

/// `same = text` on strings `[n, 1]`.
pub fn identity_strings() -> ModelProto {
    graph("identity")
        .input("text", tensor(ElemType::String, &["n", "1"]))
        .output("same", tensor(ElemType::String, &["n", "1"]))
        .node(node("Identity", &["text"], &["same"]))
        .model()
}

/// `mean = mean(x)` over rows: floats `[n, 3]` in, `[1, 3]` out. Its rows are not independent, so
/// it must not be batched across requests.
pub fn mean_of_rows() -> ModelProto {
    graph("mean")
        .input("x", tensor(ElemType::Float, &["n", "3"]))
        .output("mean", tensor(ElemType::Float, &["1", "3"]))
        .node(
            node("ReduceMean", &["x"], &["mean"])
                .with("axes", [0_i64].as_slice())
                .with("keepdims", 1_i64),
        )
        .model()
}

/// A `Loop` on floats `[n]` without a trip count whose condition is always true: it never ends.
pub fn endless_loop() -> ModelProto {
    let body = graph("body")
        .input("turn", tensor(ElemType::Int64, &[]))
        .input("go", tensor(ElemType::Bool, &[]))
        .input("carried", tensor(ElemType::Float, &["n"]))
        .output("go_on", tensor(ElemType::Bool, &[]))
        .output("carried_on", tensor(ElemType::Float, &["n"]))
        .node(node("Identity", &["go"], &["go_on"]))
        .node(node("Identity", &["carried"], &["carried_on"]))
        .build();
    graph("endless")
        .input("x", tensor(ElemType::Float, &["n"]))
        .output("y", tensor(ElemType::Float, &["n"]))
        .initializer("yes", bools(&[], &[true]))
        .node(node("Loop", &["", "yes", "x"], &["y"]).with("body", body))
        .model()
}
