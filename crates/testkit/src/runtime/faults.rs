//! Files that are not what they should be give an error, never a panic and never a model.

use super::Case;
use super::bench::{Bench, assert_runs, frame, plain_artifact};
use crate::graphs;
use flowgate_core::{ErrorKind, LoadOptions, Support};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "garbage is refused",
        ask: garbage,
    },
    Case {
        name: "a file cut off anywhere is refused",
        ask: cut_off,
    },
    Case {
        name: "a file with one octet changed makes nobody panic",
        ask: changed_octet,
    },
    Case {
        name: "a file that is not there is refused",
        ask: not_there,
    },
    Case {
        name: "data in another file is read",
        ask: external_data,
    },
    Case {
        name: "missing and short data in another file is refused",
        ask: no_external_data,
    },
    Case {
        name: "a foreign operator is named and refused",
        ask: custom_operator,
    },
    Case {
        name: "an operator that does not exist is refused",
        ask: unknown_operator,
    },
];

fn garbage(bench: &Bench<'_>) {
    let folder = tempfile::tempdir().expect("a folder");
    let noise = {
        // Knuth's MMIX generator: the same octets every time.
        let mut state = 1_u64;
        let step = |_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        };
        (0..4096).map(step).collect::<Vec<u8>>()
    };
    let files: [(&str, &[u8]); 6] = [
        ("an empty file", b""),
        ("noise", &noise),
        ("zeros", &[0; 1024]),
        ("a text", b"this is a text and no model\n"),
        ("a length past the end", b"\x3a\xff\xff\xff\xff\x0f"),
        ("a zip file", b"PK\x03\x04\x14\0\0\0\0\0"),
    ];
    for (what, octets) in files {
        let file = folder.path().join("model.onnx");
        fs_err::write(&file, octets).expect("written");
        bench.assert_bad_file(&file, what);
    }
}

fn cut_off(bench: &Bench<'_>) {
    let folder = tempfile::tempdir().expect("a folder");
    for (graph, step) in [("double", 1), ("zipmap_strings", 7), ("layers", 37)] {
        if bench.refuses_graph(graph) {
            continue;
        }
        let whole = graphs::octets(graph);
        for length in (0..whole.len()).step_by(step) {
            let file = folder.path().join(format!("{graph}-{length}.onnx"));
            fs_err::write(&file, &whole[..length]).expect("written");
            bench.assert_bad_file(&file, &format!("`{graph}` cut off after {length} octets"));
        }
    }
}

fn changed_octet(bench: &Bench<'_>) {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = graphs::octets("double");
    for place in 0..whole.len() {
        let mut octets = whole.clone();
        octets[place] ^= 0x15;
        let file = folder.path().join(format!("{place}.onnx"));
        fs_err::write(&file, &octets).expect("written");
        let artifact = plain_artifact(&file);
        let _ = bench.runtime.supports(&artifact);
        // Many are still models, with other names or sizes; what they answer is not asked here.
        let Ok(model) = bench.runtime.load(&artifact, &LoadOptions::default()) else {
            continue;
        };
        let mut session = model
            .session()
            .expect("a session of a model that was loaded");
        let _ = session.run(frame("x", &[1, 3], vec![1.0_f32; 3]));
    }
}

fn not_there(bench: &Bench<'_>) {
    let folder = tempfile::tempdir().expect("a folder");
    bench.assert_bad_file(&folder.path().join("nothing.onnx"), "no file");
    bench.assert_bad_file(folder.path(), "a folder in place of a file");
}

fn external_data(bench: &Bench<'_>) {
    let Some(mut session) = bench.session("external") else {
        return;
    };
    let inputs = frame("x", &[2, 3], vec![0.0_f32, 0.0, 0.0, 1.0, 2.0, 3.0]);
    let outputs = frame("y", &[2, 3], vec![0.5_f32, -2.0, 1024.0, 1.5, 0.0, 1027.0]);
    assert_runs(&mut *session, &inputs, &outputs);
}

fn no_external_data(bench: &Bench<'_>) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("model.onnx");
    fs_err::write(&file, graphs::octets("external")).expect("written");
    bench.assert_bad_file(&file, "data that is not there");
    fs_err::write(folder.path().join("external.bin"), [0; 11]).expect("written");
    bench.assert_bad_file(&file, "data that is one octet short");
}

fn custom_operator(bench: &Bench<'_>) {
    let artifact = graphs::artifact("custom_operator");
    let Support::No(unsupported) = bench.runtime.supports(&artifact) else {
        panic!("an operator of the domain `my.custom` is supported");
    };
    assert!(
        matches!(&*unsupported.operators, [one] if one.contains("my.custom") && one.contains("Mystery")),
        "{:?} does not name the one operator in the way",
        unsupported.operators
    );
    assert!(!unsupported.reasons.is_empty(), "refused without a reason");
    let error = bench.load_error(&artifact, "a foreign operator");
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error:?}");
}

fn unknown_operator(bench: &Bench<'_>) {
    bench.assert_bad_file(
        &graphs::path("unknown_operator"),
        "an operator that does not exist",
    );
}
