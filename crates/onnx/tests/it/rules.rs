//! Each structural rule, broken once.

use flowgate_onnx::proto::{FunctionProto, ModelProto, StringStringEntryProto};
use flowgate_onnx::{ElemType, Labels, Limits, build};

use crate::{read, variant};

fn floats() -> flowgate_onnx::proto::TypeProto {
    build::tensor(ElemType::Float, &["n"])
}

fn function(name: &str, calls: &[&str]) -> FunctionProto {
    let mut value = "x".to_owned();
    let mut nodes = Vec::new();
    for (at, call) in calls.iter().enumerate() {
        let next = format!("v{at}");
        nodes.push(build::node(call, &[&value], &[&next]).in_domain("own"));
        value = next;
    }
    FunctionProto {
        name: Some(name.to_owned()),
        domain: Some("own".to_owned()),
        input: vec!["x".to_owned()],
        output: vec![value],
        node: nodes,
        ..FunctionProto::default()
    }
}

fn with_functions(functions: Vec<FunctionProto>) -> ModelProto {
    ModelProto {
        functions,
        ..build::sample::add()
    }
}

fn body_of_one() -> flowgate_onnx::proto::GraphProto {
    build::graph("body")
        .node(build::node("Inner", &[], &["inner"]))
        .build()
}

#[test]
fn sound_samples_are_accepted() {
    for proto in [
        build::sample::add(),
        build::sample::identity_strings(),
        build::sample::mean_of_rows(),
        build::sample::endless_loop(),
        with_functions(vec![
            function("f", &["g"]),
            function("g", &["Relu", "Relu"]),
        ]),
    ] {
        read(&proto).expect("a sound model");
    }
}

#[test]
fn each_broken_rule_has_its_own_error() {
    let cases: Vec<(&str, ModelProto)> = vec![
        ("NoGraph", ModelProto::default()),
        (
            "DuplicateValue",
            build::graph("two inputs")
                .input("x", floats())
                .input("x", floats())
                .model(),
        ),
        (
            "DuplicateValue",
            build::graph("two initializers")
                .initializer("c", build::floats(&[1], &[1.0]))
                .initializer("c", build::floats(&[1], &[2.0]))
                .model(),
        ),
        (
            "DuplicateValue",
            build::graph("two nodes")
                .input("x", floats())
                .node(build::node("Relu", &["x"], &["y"]))
                .node(build::node("Neg", &["x"], &["y"]))
                .model(),
        ),
        (
            "DuplicateValue",
            build::graph("a node and an initializer")
                .initializer("y", build::floats(&[1], &[1.0]))
                .node(build::node("Neg", &["y"], &["y"]))
                .model(),
        ),
        (
            "DuplicateValue",
            build::graph("one node")
                .input("x", floats())
                .node(build::node("Split", &["x"], &["y", "y"]))
                .model(),
        ),
        (
            "UndefinedInput",
            build::graph("g")
                .node(build::node("Relu", &["x"], &["y"]))
                .model(),
        ),
        (
            "OutOfOrder",
            build::graph("order")
                .input("x", floats())
                .node(build::node("Relu", &["y"], &["z"]))
                .node(build::node("Relu", &["x"], &["y"]))
                .model(),
        ),
        (
            "OutOfOrder",
            build::graph("cycle of one")
                .node(build::node("Relu", &["y"], &["y"]))
                .model(),
        ),
        (
            "OutOfOrder",
            build::graph("a body reads what comes later")
                .node(
                    build::node("If", &[], &["y"]).with(
                        "then_branch",
                        build::graph("body")
                            .node(build::node("Relu", &["y"], &["z"]))
                            .build(),
                    ),
                )
                .model(),
        ),
        (
            "UndefinedInput",
            build::graph("values of a body are not seen outside")
                .input("x", floats())
                .node(
                    build::node("If", &[], &["y"]).with(
                        "then_branch",
                        build::graph("body")
                            .node(build::node("Relu", &["x"], &["inner"]))
                            .build(),
                    ),
                )
                .node(build::node("Relu", &["inner"], &["z"]))
                .model(),
        ),
        (
            "UndefinedOutput",
            build::graph("g").output("y", floats()).model(),
        ),
        (
            "DuplicateOutput",
            build::graph("g")
                .input("x", floats())
                .output("x", floats())
                .output("x", floats())
                .model(),
        ),
        ("Unnamed", build::graph("g").input("", floats()).model()),
        ("Unnamed", build::graph("g").output("", floats()).model()),
        (
            "DuplicateAttribute",
            build::graph("g")
                .node(
                    build::node("Op", &[], &["y"])
                        .with("a", 1_i64)
                        .with("a", 2_i64),
                )
                .model(),
        ),
        (
            "ConflictingOpset",
            ModelProto {
                opset_import: vec![build::opset("", 17), build::opset("ai.onnx", 18)],
                ..build::sample::add()
            },
        ),
        (
            "DuplicateFunction",
            with_functions(vec![function("f", &["Relu"]), function("f", &["Neg"])]),
        ),
        (
            "RecursiveFunction",
            with_functions(vec![function("f", &["f"])]),
        ),
        (
            "RecursiveFunction",
            with_functions(vec![
                function("f", &["g"]),
                function("g", &["h", "h"]),
                function("h", &["f"]),
            ]),
        ),
        (
            "UndefinedOutput",
            with_functions(vec![FunctionProto {
                output: vec!["nowhere".to_owned()],
                ..function("f", &["Relu"])
            }]),
        ),
    ];
    for (expected, proto) in cases {
        let name = proto.graph.as_ref().map(|g| g.name().to_owned());
        assert_eq!(variant(read(&proto)), expected, "{name:?}");
    }
}

#[test]
fn a_body_reads_values_of_outer_graphs_and_may_reuse_names() {
    let body = build::graph("body")
        .output("y", floats())
        .output("x", floats())
        .node(build::node("Relu", &["x"], &["y"]))
        .build();
    let proto = build::graph("outer")
        .input("x", floats())
        .node(build::node("Neg", &["x"], &["y"]))
        .node(build::node("If", &[], &["z"]).with("then_branch", body))
        .output("z", floats())
        .model();
    read(&proto).expect("a sound model");
}

#[test]
fn optional_inputs_and_unwanted_outputs_may_be_left_out() {
    let proto = build::graph("g")
        .input("x", floats())
        .node(build::node("Clip", &["x", "", ""], &["y", "", ""]))
        .output("y", floats())
        .model();
    read(&proto).expect("a sound model");
}

#[test]
fn an_input_with_a_default_is_no_input() {
    let proto = build::graph("old style")
        .input("x", floats())
        .input("w", floats())
        .initializer("w", build::floats(&[2], &[1.0, 2.0]))
        .model();
    let model = read(&proto).expect("a sound model");
    let names: Vec<_> = model.inputs().iter().map(|i| i.name.as_str()).collect();
    assert_eq!(names, ["x"]);
    assert!(model.initializer("w").is_some() && model.initializer("x").is_none());
}

#[test]
fn operators_of_bodies_and_functions_are_counted() {
    let proto = ModelProto {
        functions: vec![function("f", &["Relu", "Relu"])],
        ..build::sample::endless_loop()
    };
    let model = read(&proto).expect("a sound model");
    let counts: Vec<String> = model
        .operators()
        .iter()
        .map(|(operator, count)| format!("{operator} {count}"))
        .collect();
    assert_eq!(
        counts,
        ["ai.onnx:Identity 2", "ai.onnx:Loop 1", "own:Relu 2"]
    );
    let walked: Vec<_> = model.all_nodes().map(|node| node.op_type()).collect();
    assert_eq!(walked, ["Loop", "Identity", "Identity", "Relu", "Relu"]);
    assert_eq!(model.functions().len(), 1);
}

#[test]
fn a_body_in_an_attribute_that_claims_another_type_is_still_seen() {
    let mut node = build::node("Op", &[], &["y"]).with("a", body_of_one());
    node.attribute[0].r#type = Some(flowgate_onnx::proto::attribute_type::INT);
    let model = read(&build::graph("g").node(node).model()).expect("a sound model");
    assert_eq!(model.operators().len(), 2);
}

#[test]
fn attributes_are_read_by_type() {
    let proto = build::graph("g")
        .node(
            build::node("Op", &[], &["y"])
                .with("i", 7_i64)
                .with("f", 0.5_f32)
                .with("s", "text")
                .with("is", [1_i64, 2].as_slice())
                .with("fs", [1.0_f32].as_slice())
                .with("ss", ["a", "b"].as_slice())
                .with("t", build::ints(&[2], &[3, 4]))
                .with("g", body_of_one())
                .with("classlabels_int64s", [].as_slice() as &[i64])
                .with("classlabels_strings", ["x"].as_slice()),
        )
        .model();
    let model = read(&proto).expect("a sound model");
    let node = model.nodes().next().expect("one node");
    assert_eq!(node.int("i").expect("int"), Some(7));
    assert_eq!(node.float("f").expect("float"), Some(0.5));
    assert_eq!(node.string("s").expect("string"), Some("text"));
    assert_eq!(node.ints("is").expect("ints"), Some([1, 2].as_slice()));
    assert_eq!(node.floats("fs").expect("floats"), Some([1.0].as_slice()));
    assert_eq!(node.strings("ss").expect("strings"), Some(vec!["a", "b"]));
    let tensor = node.tensor("t").expect("tensor").expect("there");
    assert_eq!(tensor.dims().expect("dims"), [2]);
    assert_eq!(
        node.graph("g")
            .expect("graph")
            .expect("there")
            .nodes()
            .len(),
        1
    );
    assert_eq!(node.int("none").expect("absent"), None);
    assert_eq!(variant(node.int("f")), "AttributeType");
    assert_eq!(variant(node.tensor("i")), "AttributeType");
    let labels = Labels::of(node).expect("labels");
    assert_eq!(labels, Some(Labels::Strings(vec!["x".to_owned()])));
}

#[test]
fn an_empty_domain_and_ai_onnx_are_the_same() {
    let proto = build::graph("g")
        .node(build::node("Op", &[], &["a"]))
        .node(build::node("Op", &[], &["b"]).in_domain("ai.onnx"))
        .model();
    let model = read(&proto).expect("a sound model");
    assert_eq!(model.operators().len(), 1);
    assert_eq!(model.opset(""), model.opset("ai.onnx"));
    assert_eq!(model.opset("ai.onnx"), Some(build::OPSET));
}

#[test]
fn other_files_are_found_wherever_a_tensor_is() {
    let at = |location: &str| build::external(ElemType::Float, &[2], location, Some(4_096));
    let body = build::graph("body")
        .initializer("w", at("body.bin"))
        .build();
    let mut proto = build::graph("g")
        .initializer("w", at("weights/main.bin"))
        .initializer("v", at("weights/main.bin"))
        .node(build::node("If", &[], &["y"]).with("then_branch", body))
        .node(build::node("Constant", &[], &["z"]).with("value", at("./constant.bin")))
        .model();
    let mut called = function("f", &["Relu"]);
    called.node[0] = called.node[0].clone().with("t", at("function.bin"));
    proto.functions.push(called);
    proto
        .training_info
        .push(flowgate_onnx::proto::TrainingInfoProto {
            algorithm: Some(
                build::graph("t")
                    .initializer("w", at("training.bin"))
                    .build(),
            ),
            ..Default::default()
        });
    let model = read(&proto).expect("a sound model");
    let found: Vec<_> = model.external_data().iter().map(String::as_str).collect();
    assert_eq!(
        found,
        [
            "./constant.bin",
            "body.bin",
            "function.bin",
            "training.bin",
            "weights/main.bin"
        ]
    );
}

#[test]
fn locations_that_may_lead_out_of_the_package_are_refused() {
    for location in [
        "",
        "/etc/passwd",
        "../w.bin",
        "a/../../w.bin",
        "a/..",
        "a\\w.bin",
        "C:w.bin",
        "c:/w.bin",
        "w\0.bin",
        "w\n.bin",
        "dir/",
        ".",
        "*/_ORT_MEM_ADDR_/*",
    ] {
        let tensor = build::external(ElemType::Float, &[2], location, None);
        let proto = build::graph("g").initializer("w", tensor).model();
        assert_eq!(variant(read(&proto)), "ExternalLocation", "{location:?}");
    }
    for location in ["w.bin", "a/b..c/w.bin", "model.onnx.data", "..w"] {
        let tensor = build::external(ElemType::Float, &[2], location, None);
        let proto = build::graph("g").initializer("w", tensor).model();
        assert_eq!(variant(read(&proto)), "accepted", "{location:?}");
    }
}

#[test]
fn external_numbers_must_be_numbers_that_fit_the_tensor() {
    let with = |key: &str, value: &str| {
        let mut tensor = build::external(ElemType::Float, &[2], "w.bin", None);
        tensor.external_data.push(StringStringEntryProto {
            key: Some(key.to_owned()),
            value: Some(value.to_owned()),
        });
        variant(read(&build::graph("g").initializer("w", tensor).model()))
    };
    assert_eq!(with("offset", "-1"), "ExternalNumber");
    assert_eq!(with("length", "eight"), "ExternalNumber");
    assert_eq!(with("length", "9"), "TensorLength");
    assert_eq!(with("length", "8"), "accepted");
    assert_eq!(with("checksum", "abc"), "accepted");
    assert_eq!(with("location", "v.bin"), "TensorStorage");
}

#[test]
fn a_model_goes_through_its_bytes_unchanged() {
    for proto in [build::sample::add(), build::sample::endless_loop()] {
        let model = read(&proto).expect("a sound model");
        assert_eq!(model.to_proto(), proto);
        assert_eq!(model.into_proto(), proto);
    }
    let direct = flowgate_onnx::Model::from_proto(build::sample::add(), &Limits::default());
    assert_eq!(direct.expect("a sound model").producer_name(), "flowgate");
}

#[test]
fn fields_that_the_files_do_not_use_have_the_numbers_of_the_format() {
    // functions (25) { name (1), domain (10), overload (13), input (4), output (5) }
    let function = b"\x0a\x01f\x52\x01d\x6a\x01o\x22\x01x\x2a\x01x";
    // graph (7) { quantization_annotation (14) { tensor_name (1) } }
    let mut file = b"\x3a\x05\x72\x03\x0a\x01q\xca\x01".to_vec();
    file.push(function.len() as u8);
    file.extend(function);
    let model = flowgate_onnx::Model::read(file.into(), &Limits::default()).expect("sound");
    let read = model.functions().next().expect("a function");
    assert_eq!((read.name(), read.domain()), ("f", "d"));
    assert_eq!(read.proto().overload(), "o");
    assert_eq!(
        (&read.proto().input, &read.proto().output),
        (&vec!["x".to_owned()], &vec!["x".to_owned()])
    );
    let annotation = &model.graph().proto().quantization_annotation[0];
    assert_eq!(annotation.tensor_name(), "q");
}
