//! Sizes that are free, unknown or unlike.

use crate::bench::{File, floats, graph, invalid, x};
use flowgate_core::{Frame, NamedTensor, Shape, Tensor};
use flowgate_onnx::ElemType::Float;
use flowgate_onnx::build::{self, node, tensor};
use flowgate_onnx::proto::{TypeProto, TypeValue};

fn without_shape() -> TypeProto {
    let mut unknown = tensor(Float, &[]);
    if let Some(TypeValue::Tensor(tensor)) = &mut unknown.value {
        tensor.shape = None;
    }
    unknown
}

#[test]
fn a_value_of_any_shape_is_taken_as_it_comes() {
    let file = File::model(
        &graph(without_shape(), without_shape())
            .node(node("Neg", &["x"], &["y"]))
            .model(),
    );
    for shape in [&[2][..], &[1, 2], &[2, 1, 1]] {
        let outputs = file.run(x(shape, vec![1.0_f32, -2.0])).expect("a run");
        assert_eq!(floats(&outputs, "y"), [-1.0, 2.0]);
        assert_eq!(outputs.tensors()[0].tensor.shape(), shape);
    }
}

fn two(rows: [usize; 2]) -> Frame {
    let named = |name: &str, rows: usize| {
        let tensor = Tensor::new(Shape::from_slice(&[rows, 1]), vec![1.0_f32; rows]);
        NamedTensor::new(name, tensor.expect("one a row"))
    };
    Frame::new(vec![named("x", rows[0]), named("z", rows[1])])
}

#[test]
fn inputs_of_unlike_rows_are_taken_where_the_graph_takes_them() {
    let with = |op: &str| {
        let node = node(op, &["x", "z"], &["y"]);
        let node = if op == "Concat" {
            node.with("axis", 0_i64)
        } else {
            node
        };
        let graph = build::graph("g")
            .input("x", tensor(Float, &["n", "1"]))
            .input("z", tensor(Float, &["m", "1"]))
            .output("y", tensor(Float, &["k", "1"]))
            .node(node);
        File::model(&graph.model())
    };
    let joined = with("Concat");
    for rows in [[2, 2], [2, 3], [0, 3], [1, 0]] {
        let outputs = joined.run(two(rows)).expect("a run");
        assert_eq!(floats(&outputs, "y").len(), rows[0] + rows[1]);
    }
    let sum = with("Add");
    assert!(sum.run(two([3, 3])).is_ok());
    assert!(sum.run(two([3, 1])).is_ok());
    invalid(sum.run(two([3, 2])));
}

#[test]
fn a_slice_of_the_rows_is_cut_to_those_that_are_there() {
    let model = graph(tensor(Float, &["n", "1"]), tensor(Float, &["m", "1"]))
        .initializer("from", build::ints(&[1], &[0]))
        .initializer("to", build::ints(&[1], &[2]))
        .initializer("axes", build::ints(&[1], &[0]))
        .node(node("Slice", &["x", "from", "to", "axes"], &["y"]))
        .model();
    let file = File::model(&model);
    for rows in [3, 2, 1, 0] {
        let outputs = file.run(x(&[rows, 1], vec![1.0_f32; rows])).expect("a run");
        assert_eq!(floats(&outputs, "y").len(), rows.min(2));
    }
}
