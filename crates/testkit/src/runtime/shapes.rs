//! Rows, dimensions and names: what is taken, in which order it comes back, what is refused.

use super::Case;
use super::bench::{Bench, assert_invalid, assert_runs, frame, named};
use flowgate_core::{
    DataType, Dim, Frame, Model, ModelSignature, NamedTensor, PortKind, Strings, Tensor,
};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "a graph takes any number of rows, one session all of them",
        ask: any_rows,
    },
    Case {
        name: "a fixed number of rows is the only one",
        ask: fixed_rows,
    },
    Case {
        name: "wrong frames are refused and the session lives on",
        ask: wrong_frames,
    },
    Case {
        name: "inputs are found by name and outputs keep the order",
        ask: names_and_order,
    },
    Case {
        name: "inputs of unlike rows are the client's fault where they do not broadcast",
        ask: unlike_rows,
    },
    Case {
        name: "an input that the model does not have is ignored",
        ask: extra_input,
    },
    Case {
        name: "a scalar comes back without dimensions",
        ask: scalar,
    },
    Case {
        name: "types and dimensions may be mixed",
        ask: mixed,
    },
    Case {
        name: "the signature is that of the graph",
        ask: signatures,
    },
];

fn any_rows(bench: &Bench<'_>) {
    let Some(mut session) = bench.session("double") else {
        return;
    };
    for rows in [1, 0, 7, 1000, 2, 0, 1] {
        let x: Vec<f32> = (0_u16..).map(f32::from).take(rows * 3).collect();
        let y: Vec<f32> = x.iter().map(|x| x + x).collect();
        let inputs = frame("x", &[rows, 3], x);
        if bench.refuses_rows(rows) {
            let answer = session.run(inputs);
            assert!(
                answer.is_err(),
                "{rows} rows are said to be refused, and are taken"
            );
        } else {
            assert_runs(&mut *session, &inputs, &frame("y", &[rows, 3], y));
        }
    }
}

fn fixed_rows(bench: &Bench<'_>) {
    let Some(mut session) = bench.session("fixed_rows") else {
        return;
    };
    for rows in [1, 3, 0, 4] {
        let inputs = frame("x", &[rows, 3], vec![1.0_f32; rows * 3]);
        assert_invalid(&mut *session, inputs, &format!("{rows} rows in place of 2"));
    }
    let inputs = frame("x", &[2, 3], vec![1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let outputs = frame("y", &[2, 3], vec![2.0_f32, 4.0, 6.0, 8.0, 10.0, 12.0]);
    assert_runs(&mut *session, &inputs, &outputs);
}

fn wrong_frames(bench: &Bench<'_>) {
    let Some(mut session) = bench.session("double") else {
        return;
    };
    let secret: Strings = ["not to be shown"; 3].into_iter().collect();
    let wrong = [
        ("another width", frame("x", &[1, 4], vec![0.0_f32; 4])),
        ("one dimension too few", frame("x", &[3], vec![0.0_f32; 3])),
        (
            "one dimension too many",
            frame("x", &[1, 3, 1], vec![0.0_f32; 3]),
        ),
        ("no dimension", frame("x", &[], vec![0.0_f32])),
        ("double precision", frame("x", &[1, 3], vec![0.0_f64; 3])),
        ("integers", frame("x", &[1, 3], vec![0_i32; 3])),
        ("texts", frame("x", &[1, 3], secret)),
        ("another name", frame("X", &[1, 3], vec![0.0_f32; 3])),
        ("nothing", Frame::default()),
    ];
    let (inputs, outputs) = (
        frame("x", &[1, 3], vec![1.0_f32; 3]),
        frame("y", &[1, 3], vec![2.0_f32; 3]),
    );
    for (what, wrong) in wrong {
        let message = assert_invalid(&mut *session, wrong, what);
        assert!(
            !message.contains("not to be shown"),
            "{what}: the message repeats the data"
        );
        assert_runs(&mut *session, &inputs, &outputs);
    }
    let Some(mut session) = bench.session("two_inputs") else {
        return;
    };
    let half = frame("minuend", &[2], vec![0.0_f64; 2]);
    assert_invalid(&mut *session, half, "one input of two");
}

/// `a - b`, `a * b` and `-b` for two rows.
fn unlike_rows(bench: &Bench<'_>) {
    let Some(mut session) = bench.session("two_inputs") else {
        return;
    };
    let three = named("minuend", &[3], vec![1.0, 2.0, 3.0]);
    let two = named("subtrahend", &[2], vec![1.0, 2.0]);
    let unlike = Frame::new(vec![three, two]);
    assert_invalid(&mut *session, unlike, "three and two rows");
    let ([a, b], outputs) = two_inputs();
    assert_runs(&mut *session, &Frame::new(vec![a, b]), &outputs);
}

fn two_inputs() -> ([NamedTensor; 2], Frame) {
    let inputs = [
        named("minuend", &[2], vec![7.0, 0.5]),
        named("subtrahend", &[2], vec![2.0, -4.0]),
    ];
    let outputs = Frame::new(vec![
        named("z_difference", &[2], vec![5.0, 4.5]),
        named("a_product", &[2], vec![14.0, -2.0]),
        named("m_negative", &[2], vec![-2.0, 4.0]),
    ]);
    (inputs, outputs)
}

fn names_and_order(bench: &Bench<'_>) {
    let Some(mut session) = bench.session("two_inputs") else {
        return;
    };
    let ([a, b], outputs) = two_inputs();
    assert_runs(
        &mut *session,
        &Frame::new(vec![a.clone(), b.clone()]),
        &outputs,
    );
    assert_runs(&mut *session, &Frame::new(vec![b, a]), &outputs);
}

fn extra_input(bench: &Bench<'_>) {
    let Some(mut session) = bench.session("two_inputs") else {
        return;
    };
    let ([a, b], outputs) = two_inputs();
    let extra = named(
        "further",
        &[2, 1],
        ["one", "two"].into_iter().collect::<Strings>(),
    );
    assert_runs(&mut *session, &Frame::new(vec![a, extra, b]), &outputs);
}

fn scalar(bench: &Bench<'_>) {
    let Some(mut session) = bench.session("scalar") else {
        return;
    };
    let inputs = frame("x", &[2, 3], vec![1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_runs(&mut *session, &inputs, &frame("total", &[], vec![21.0_f32]));
}

fn mixed(bench: &Bench<'_>) {
    let Some(mut session) = bench.session("mixed") else {
        return;
    };
    let texts: Strings = ["ä", ""].into_iter().collect();
    let inputs = Frame::new(vec![
        named("flag", &[2], vec![false, true]),
        named(
            "matrix",
            &[2, 2, 2],
            vec![0.0_f32, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0],
        ),
        named("text", &[2, 1], texts.clone()),
    ]);
    let outputs = Frame::new(vec![
        named(
            "matrix_out",
            &[2, 2, 2],
            vec![0.0_f32, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0],
        ),
        named("flag_out", &[2], vec![false, true]),
        named("text_out", &[2, 1], texts),
    ]);
    assert_runs(&mut *session, &inputs, &outputs);
    // Another size of the free dimension, in the same session.
    let inputs = Frame::new(vec![
        NamedTensor::new(
            "text",
            Tensor::column(one_text())
                .reshape([1, 1].as_slice())
                .expect("one"),
        ),
        named("matrix", &[1, 2, 1], vec![0.5_f32, 0.25]),
        named("flag", &[1], vec![true]),
    ]);
    let outputs = Frame::new(vec![
        named("matrix_out", &[1, 2, 1], vec![1.0_f32, 0.5]),
        named("flag_out", &[1], vec![true]),
        named("text_out", &[1, 1], one_text()),
    ]);
    assert_runs(&mut *session, &inputs, &outputs);
}

fn one_text() -> Strings {
    ["one"].into_iter().collect()
}

fn signatures(bench: &Bench<'_>) {
    use DataType::{Bool, F16, F32, F64, I64, Str};
    use Dim::{Fixed, Free};
    check(
        bench,
        "double",
        &[("x", F32, &[Free, Fixed(3)])],
        &[("y", PortKind::Tensor(F32))],
    );
    check(
        bench,
        "fixed_rows",
        &[("x", F32, &[Fixed(2), Fixed(3)])],
        &[("y", PortKind::Tensor(F32))],
    );
    check(
        bench,
        "identity_f16",
        &[("x", F16, &[Free])],
        &[("y", PortKind::Tensor(F16))],
    );
    check(
        bench,
        "scalar",
        &[("x", F32, &[Free, Fixed(3)])],
        &[("total", PortKind::Tensor(F32))],
    );
    check(
        bench,
        "two_inputs",
        &[("minuend", F64, &[Free]), ("subtrahend", F64, &[Free])],
        &[
            ("z_difference", PortKind::Tensor(F64)),
            ("a_product", PortKind::Tensor(F64)),
            ("m_negative", PortKind::Tensor(F64)),
        ],
    );
    check(
        bench,
        "mixed",
        &[
            ("text", Str, &[Free, Fixed(1)]),
            ("matrix", F32, &[Free, Fixed(2), Free]),
            ("flag", Bool, &[Free]),
        ],
        &[
            ("matrix_out", PortKind::Tensor(F32)),
            ("flag_out", PortKind::Tensor(Bool)),
            ("text_out", PortKind::Tensor(Str)),
        ],
    );
    for (graph, key) in [("zipmap_ints", I64), ("zipmap_strings", Str)] {
        let outputs = [
            ("plain", PortKind::Tensor(F32)),
            ("zipped", PortKind::Map(key)),
        ];
        check(bench, graph, &[("x", F32, &[Free, Fixed(3)])], &outputs);
    }
}

/// Names, types and dimensions of the inputs; of the outputs no dimensions, which are a hint.
fn check(
    bench: &Bench<'_>,
    graph: &str,
    inputs: &[(&str, DataType, &[Dim])],
    outputs: &[(&str, PortKind)],
) {
    let Some(model) = bench.model(graph) else {
        return;
    };
    let ModelSignature {
        inputs: found_inputs,
        outputs: found_outputs,
    } = Model::signature(&*model);
    let found: Vec<_> = found_inputs
        .iter()
        .map(|port| (port.name.to_string(), port.kind.clone(), port.shape.clone()))
        .collect();
    let expected: Vec<_> = inputs
        .iter()
        .map(|(name, datatype, dims)| {
            (
                (*name).to_owned(),
                PortKind::Tensor(*datatype),
                Some(dims.to_vec()),
            )
        })
        .collect();
    assert_eq!(found, expected, "inputs of `{graph}`");
    let found: Vec<_> = found_outputs
        .iter()
        .map(|port| (&*port.name, port.kind.clone()))
        .collect();
    assert_eq!(found, outputs, "outputs of `{graph}`");
}
