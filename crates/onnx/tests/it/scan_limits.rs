//! The bounds that hold before anything is decoded.

use flowgate_onnx::proto::{ModelProto, SequenceTypeProto, TypeProto, TypeValue};
use flowgate_onnx::{ElemType, Limits, build};

use crate::{read, read_within, variant};

fn chain(nodes: usize) -> ModelProto {
    let mut graph = build::graph("chain").input("v0", build::tensor(ElemType::Float, &["n"]));
    for at in 0..nodes {
        let (from, to) = (format!("v{at}"), format!("v{}", at + 1));
        graph = graph.node(build::node("Identity", &[&from], &[&to]));
    }
    graph.model()
}

fn nested(levels: usize) -> ModelProto {
    let mut graph = build::graph("innermost");
    for _ in 1..levels {
        graph = build::graph("outer").node(build::node("If", &[], &[]).with("body", graph.build()));
    }
    graph.model()
}

#[test]
fn more_nodes_than_allowed_are_refused() {
    let limits = Limits {
        nodes: 10,
        ..Limits::default()
    };
    assert!(read_within(&chain(10), &limits).is_ok());
    assert_eq!(variant(read_within(&chain(11), &limits)), "TooMany");
    // and where nothing is encoded, by the walk over the graph
    let direct = flowgate_onnx::Model::from_proto(chain(11), &limits);
    assert_eq!(variant(direct), "TooMany");
}

#[test]
fn deeper_graphs_than_allowed_are_refused() {
    assert!(read(&nested(32)).is_ok());
    for levels in [33, 60, 200] {
        assert_eq!(variant(read(&nested(levels))), "TooDeep", "{levels}");
    }
    let wide = Limits {
        depth: usize::MAX,
        ..Limits::default()
    };
    assert_eq!(variant(read_within(&nested(33), &wide)), "TooDeep");
    let direct = flowgate_onnx::Model::from_proto(nested(33), &wide);
    assert_eq!(variant(direct), "TooDeep");
}

#[test]
fn types_nested_past_the_decoders_limit_are_refused() {
    let nest = |levels| {
        let mut r#type = build::tensor(ElemType::Float, &[]);
        for _ in 0..levels {
            r#type = TypeProto {
                value: Some(TypeValue::Sequence(Box::new(SequenceTypeProto {
                    elem_type: Some(r#type),
                }))),
                denotation: None,
            };
        }
        build::graph("types").input("x", r#type).model()
    };
    let model = read(&nest(3)).expect("a sound model");
    assert_eq!(
        model.inputs()[0].kind.to_string(),
        "seq(seq(seq(tensor(float))))"
    );
    for levels in 40..60 {
        let outcome = variant(read(&nest(levels)));
        assert!(
            ["accepted", "TooDeep", "Decode"].contains(&outcome.as_str()),
            "{outcome}"
        );
    }
    assert_eq!(variant(read(&nest(1_000))), "TooDeep");
}

#[test]
fn a_name_longer_than_allowed_is_refused() {
    let long = "n".repeat(16 * 1024 + 1);
    for proto in [
        build::graph(&long).model(),
        build::graph("g")
            .input(&long, build::tensor(ElemType::Float, &[]))
            .model(),
        build::graph("g")
            .input("x", build::tensor(ElemType::Float, &[&long]))
            .model(),
        build::graph("g").node(build::node(&long, &[], &[])).model(),
        build::graph("g")
            .node(build::node("Op", &[], &[&long]))
            .model(),
        build::graph("g")
            .node(build::node("Op", &[], &[]).with(&long, 1_i64))
            .model(),
    ] {
        let result = read(&proto);
        assert!(
            result
                .as_ref()
                .is_err_and(|error| error.to_string().len() < 300)
        );
        assert_eq!(variant(result), "NameTooLong");
    }
}

#[test]
fn a_small_file_that_decodes_to_a_large_one_is_refused_before_it_is_decoded() {
    // two bytes for each node that says nothing
    let empty_nodes = [0x0a, 0x00].repeat(500_000);
    let mut file = vec![0x3a];
    let mut length = empty_nodes.len();
    while length >= 0x80 {
        file.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    file.push(length as u8);
    file.extend(empty_nodes);
    let limits = Limits {
        memory: 50 << 20,
        ..Limits::default()
    };
    let result = flowgate_onnx::Model::read(file.into(), &limits);
    assert_eq!(variant(result), "TooMany");
}
