//! Files that are damaged, hostile or incomplete.

use crate::bench::{File, floats, graph, x};
use flowgate_core::{ErrorKind, LoadOptions, Runtime, RuntimeError, Support};
use flowgate_onnx::ElemType::{Float, Uint32, Uint64};
use flowgate_onnx::build::{self, node, tensor};
use flowgate_onnx::encode;
use flowgate_onnx::proto::ModelProto;
use runtime_tract::Tract;
use std::time::Duration;

fn double() -> ModelProto {
    graph(tensor(Float, &["n", "3"]), tensor(Float, &["n", "3"]))
        .node(node("Add", &["x", "x"], &["y"]).named("a node"))
        .model()
}

#[test]
fn hostile_octets_are_refused_without_a_panic() {
    let files: [&[u8]; 4] = [
        b"",
        b"not a model",
        &[0xff; 4096],
        b"\x3a\xff\xff\xff\xff\x0f",
    ];
    for octets in files {
        assert!(File::of(octets, &[]).refusal().operators.is_empty());
    }
}

#[test]
fn a_file_that_ends_early_is_refused_wherever_it_ends() {
    let whole = encode(&double());
    for length in 0..whole.len() {
        let file = File::of(&whole[..length], &[]);
        // What is cut off may be the version of the operators, and nothing is left that is wrong.
        if let Ok(model) = file.load() {
            assert!(model.session().is_ok());
            assert_eq!(Tract::new().supports(&file.artifact), Support::Yes);
        }
    }
}

#[test]
fn two_changed_octets_make_nobody_panic() {
    let whole = encode(&double());
    let mut state = 1_u64;
    for _ in 0..300 {
        let mut octets = whole.clone();
        for _ in 0..2 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let place = usize::try_from(state >> 33).expect("fits") % octets.len();
            octets[place] = state.to_le_bytes()[2];
        }
        let file = File::of(&octets, &[]);
        let _ = Tract::new().supports(&file.artifact);
        if let Ok(model) = file.load() {
            let mut session = model.session().expect("a session");
            let _ = session.run(x(&[1, 3], vec![1.0_f32; 3]));
        }
    }
}

fn with_constant(constant: flowgate_onnx::proto::TensorProto) -> Vec<u8> {
    let graph = graph(tensor(Float, &["n", "2"]), tensor(Float, &["n", "2"]))
        .initializer("c", constant)
        .node(node("Add", &["x", "c"], &["y"]));
    encode(&graph.model())
}

#[test]
fn data_is_read_from_the_files_of_the_package_alone() {
    let octets: Vec<u8> = [7.0_f32, 0.5, -2.0]
        .into_iter()
        .flat_map(f32::to_le_bytes)
        .collect();
    let model = with_constant(build::external(Float, &[2], "./data.bin", Some(4)));
    let file = File::of(&model, &[("data.bin", &octets)]);
    let outputs = file.run(x(&[1, 2], vec![1.0_f32, 1.0])).expect("a run");
    assert_eq!(floats(&outputs, "y"), [1.5, -1.0]);

    // There, and not a file of the package.
    let mut file = File::of(&model, &[("data.bin", &octets)]);
    file.artifact.companions.clear();
    assert!(file.refusal().to_string().contains("data.bin"));
    let error = file.load().err().expect("an error");
    assert_eq!(error.kind(), ErrorKind::InvalidPackage);

    // Of another length than the model asks for.
    for length in [11, 13] {
        let mut octets = octets.clone();
        octets.resize(length, 0);
        let whole = with_constant(build::external(Float, &[2], "data.bin", Some(4)));
        let file = File::of(&whole, &[("data.bin", &octets)]);
        assert_eq!(
            file.load().err().map(|error| error.kind()),
            Some(ErrorKind::InvalidPackage),
            "{length}"
        );
    }
}

#[test]
fn a_file_that_is_named_again_and_again_does_not_fill_the_memory() {
    let mut graph = graph(tensor(Float, &["n", "2"]), tensor(Float, &["n", "2"])).node(node(
        "Add",
        &["x", "c0"],
        &["y"],
    ));
    for number in 0..9 {
        let constant = build::external(Float, &[2], "data.bin", None);
        graph = graph.initializer(&format!("c{number}"), constant);
    }
    let file = File::of(&encode(&graph.model()), &[("data.bin", &[0; 8])]);
    let error = file.load().err().expect("an error").to_string();
    assert!(error.contains("too often"), "{error}");
}

#[test]
fn constants_of_wide_unsigned_integers_are_read_from_their_field() {
    for elem in [Uint32, Uint64] {
        let mut constant = build::ints(&[2], &[]);
        constant.data_type = Some(elem.number());
        constant.uint64_data = vec![7, u64::from(u32::MAX)];
        let graph = build::graph("g")
            .input("x", tensor(Float, &["n"]))
            .output("y", tensor(elem, &["2"]))
            .output("z", tensor(Float, &["n"]))
            .initializer("c", constant)
            .node(node("Identity", &["c"], &["y"]))
            .node(node("Neg", &["x"], &["z"]));
        let outputs = File::model(&graph.model())
            .run(x(&[1], vec![1.0_f32]))
            .expect("a run");
        let found = format!("{:?}", outputs.tensors()[0].tensor.data());
        assert!(found.ends_with("[7, 4294967295])"), "{found}");
    }
}

#[test]
fn a_load_past_its_limit_is_given_up() {
    let file = File::model(&double());
    let options = LoadOptions {
        time_limit: Duration::ZERO,
        ..LoadOptions::default()
    };
    let error = Tract::new().load(&file.artifact, &options).err();
    assert!(
        matches!(error, Some(RuntimeError::TimedOut { .. })),
        "{error:?}"
    );
}
