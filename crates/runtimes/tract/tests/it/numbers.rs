//! Numbers that the engine alone would get wrong.

use crate::bench::{File, floats, graph, ints, invalid, one, x};
use flowgate_core::Data;
use flowgate_onnx::ElemType::{Double, Float, Int32, Int64, Uint32};
use flowgate_onnx::build::{self, node, tensor};
use flowgate_onnx::{ElemType, proto::ModelProto};

#[test]
fn activations_keep_nan_and_do_not_saturate_early() {
    let values = vec![f32::NAN, -30.0, 2.0, f32::INFINITY, -0.5, 9.0];
    let run = |op| {
        let outputs = one(op, Float).run(x(&[2, 3], values.clone()));
        floats(&outputs.expect("a run"), "y")
    };
    for (op, expected) in [
        ("Relu", [0.0, 2.0, f32::INFINITY, 0.0, 9.0]),
        (
            "Sigmoid",
            [9.357_623e-14, 0.880_797, 1.0, 0.377_540_67, 0.999_876_6],
        ),
        ("Tanh", [-1.0, 0.964_027_6, 1.0, -0.462_117_16, 1.0]),
    ] {
        let found = run(op);
        assert!(found[0].is_nan(), "{op} of NaN is {}", found[0]);
        for (found, expected) in found[1..].iter().zip(expected) {
            let close = (found - expected).abs() <= 1e-6 * expected.abs();
            assert!(
                close || *found == expected,
                "{op}: {found} in place of {expected}"
            );
        }
    }
}

fn cast(from: ElemType, to: ElemType) -> File {
    let model: ModelProto = graph(tensor(from, &["n"]), tensor(to, &["n"]))
        .node(node("Cast", &["x"], &["y"]).with("to", i64::from(to.number())))
        .model();
    File::model(&model)
}

#[test]
fn floats_beyond_32_bits_are_cast_to_the_integers_they_are() {
    // The nearest float of 32 bits to 3e10.
    let outputs = cast(Float, Int64).run(x(&[3], vec![3e10_f32, -2.9, 1.0]));
    assert_eq!(ints(&outputs.expect("a run"), "y"), [30_000_001_024, -2, 1]);
    let outputs = cast(Double, Int64).run(x(&[3], vec![1e12, 9_007_199_254_740_993.0, f64::NAN]));
    assert_eq!(
        ints(&outputs.expect("a run"), "y"),
        [1_000_000_000_000, 9_007_199_254_740_992, i64::MIN]
    );
}

#[test]
fn a_number_that_unsigned_integers_do_not_hold_is_refused() {
    let file = cast(Float, Uint32);
    assert!(file.run(x(&[1], vec![4e9_f32])).is_ok());
    for number in [f32::NAN, -1.0, 5e9] {
        invalid(file.run(x(&[1], vec![number])));
    }
}

#[test]
fn integers_are_summed_with_all_their_bits() {
    let model = graph(tensor(Int64, &["n", "2"]), tensor(Int64, &["n"]))
        .initializer("a", build::ints(&[1], &[1]))
        .node(node("ReduceSum", &["x", "a"], &["y"]).with("keepdims", 0_i64))
        .model();
    let outputs = File::model(&model).run(x(&[1, 2], vec![1_i64 << 40, (1 << 40) + 1]));
    assert_eq!(ints(&outputs.expect("a run"), "y"), [(1 << 41) + 1]);
}

#[test]
fn means_of_squares_of_doubles_stay_doubles() {
    // The engine rewrites this to an operator of its own that computes with 32 bits.
    let model = graph(tensor(Double, &["n", "3"]), tensor(Double, &["n", "1"]))
        .node(node("Mul", &["x", "x"], &["squares"]))
        .node(node("ReduceMean", &["squares"], &["y"]).with("axes", &[1_i64][..]))
        .model();
    let values = vec![1.000_000_001, 2.000_000_003, 3.000_000_007];
    let mean = values.iter().map(|x| x * x).sum::<f64>() / 3.0;
    let outputs = File::model(&model).run(x(&[1, 3], values)).expect("a run");
    let Data::F64(found) = outputs.tensors()[0].tensor.data().clone() else {
        panic!("not doubles");
    };
    assert!(
        (found[0] - mean).abs() < 1e-14,
        "{} in place of {mean}",
        found[0]
    );
}

#[test]
fn an_extreme_of_some_nan_is_refused_and_of_only_nan_is_nan() {
    let file = |op: &str, elem| {
        let node = node(op, &["x"], &["y"]).with("keepdims", 0_i64);
        let node = match op {
            "ReduceMax" | "ReduceMin" => node.with("axes", &[1_i64][..]),
            _ => node.with("axis", 1_i64),
        };
        File::model(
            &graph(tensor(Float, &["n", "3"]), tensor(elem, &["n"]))
                .node(node)
                .model(),
        )
    };
    for (op, expected) in [("ReduceMax", 3.0), ("ReduceMin", 1.0)] {
        let file = file(op, Float);
        let outputs = file
            .run(x(&[1, 3], vec![1.0_f32, 3.0, 2.0]))
            .expect("a run");
        assert_eq!(floats(&outputs, "y"), [expected]);
        let outputs = file.run(x(&[1, 3], vec![f32::NAN; 3])).expect("a run");
        assert!(floats(&outputs, "y")[0].is_nan());
        invalid(file.run(x(&[1, 3], vec![1.0, f32::NAN, 2.0])));
    }
    for (op, expected) in [("ArgMax", 1), ("ArgMin", 0)] {
        let file = file(op, Int64);
        let outputs = file
            .run(x(&[1, 3], vec![1.0_f32, 3.0, 2.0]))
            .expect("a run");
        assert_eq!(ints(&outputs, "y"), [expected]);
        invalid(file.run(x(&[1, 3], vec![f32::NAN, 1.0, 2.0])));
    }
}

#[test]
fn an_index_outside_of_its_axis_is_refused_and_does_not_read_the_next_row() {
    let model = build::graph("g")
        .input("x", tensor(Int64, &["k"]))
        .output("y", tensor(Int32, &["2", "k"]))
        .initializer(
            "table",
            build::raw(
                Int32,
                &[2, 3],
                (1..=6_i32).flat_map(i32::to_le_bytes).collect::<Vec<_>>(),
            ),
        )
        .node(node("Gather", &["table", "x"], &["y"]).with("axis", 1_i64))
        .model();
    let file = File::model(&model);
    let outputs = file.run(x(&[2], vec![2_i64, -3])).expect("a run");
    assert_eq!(
        outputs.tensors()[0].tensor.data(),
        &Data::from(vec![3_i32, 1, 6, 4])
    );
    for index in [3_i64, -4, i64::MAX, i64::MIN] {
        invalid(file.run(x(&[1], vec![index])));
    }
}

#[test]
fn pooling_refuses_what_it_would_lose() {
    let dims = ["n", "1", "2", "2"];
    let model = graph(tensor(Float, &dims), tensor(Float, &["n", "1", "1", "1"]))
        .node(node("MaxPool", &["x"], &["y"]).with("kernel_shape", &[2_i64, 2][..]))
        .model();
    let file = File::model(&model);
    let outputs = file
        .run(x(&[1, 1, 2, 2], vec![1.0_f32, 4.0, -2.0, 3.0]))
        .expect("a run");
    assert_eq!(floats(&outputs, "y"), [4.0]);
    for lost in [f32::NAN, f32::NEG_INFINITY] {
        let message = invalid(file.run(x(&[1, 1, 2, 2], vec![1.0, lost, -2.0, 3.0])));
        assert!(message.contains("pooling"), "{message}");
    }
}

#[test]
fn features_are_not_counted_from_the_end() {
    let model = build::graph("g")
        .input("x", tensor(Int64, &["1"]))
        .output("y", tensor(Int64, &["1", "1"]))
        .initializer("values", build::ints(&[3], &[7, 8, 9]))
        .node(node("ArrayFeatureExtractor", &["values", "x"], &["y"]).in_domain("ai.onnx.ml"))
        .model();
    let file = File::model(&model);
    let outputs = file.run(x(&[1], vec![2_i64])).expect("a run");
    assert_eq!(ints(&outputs, "y"), [9]);
    for index in [-1_i64, 3] {
        invalid(file.run(x(&[1], vec![index])));
    }
}
