//! How rows go in, and what may be asked for.

use crate::case::{folder, plan};
use crate::changed::Changed;
use flowgate_core::{Answer, DataType, Dim, Format, InputAdapter, Plan, PortKind};

fn methods(plan: &Plan) -> Vec<&str> {
    match &plan.answer {
        Answer::Array(methods) => methods.iter().map(|method| method.name).collect(),
        Answer::Frame => panic!("LightGBM answers with arrays"),
    }
}

fn ports(plan: &Plan) -> Vec<String> {
    plan.inputs
        .ports()
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn numbers_go_in_as_one_matrix_of_doubles() {
    for case in [
        "huber",
        "own_float_tensor",
        "own_column_types",
        "sklearn_binary_skops",
    ] {
        let plan = plan(&folder(case)).expect(case);
        let InputAdapter::Numbers(port) = &plan.inputs else {
            panic!("{case}: {:?}", plan.inputs)
        };
        assert_eq!(port.kind, PortKind::Tensor(DataType::F64), "{case}");
        assert!(
            matches!(port.shape.as_deref(), Some([Dim::Free, Dim::Fixed(_)])),
            "{case}"
        );
        let program = plan.artifact.program.expect("a program");
        assert_eq!(program.inputs(), std::slice::from_ref(port), "{case}");
    }
}

#[test]
fn without_a_signature_numbers_go_in_as_they_come() {
    let plan = Changed::case("own_goss").inputs("").plan().expect("a plan");
    assert_eq!(ports(&plan), [": FP64 [?, 4]"]);
}

#[test]
fn whole_numbers_of_a_tensor_keep_their_type_to_be_rounded_as_the_library_does() {
    let plan = plan(&folder("own_integer_tensor")).expect("a plan");
    assert!(matches!(plan.inputs, InputAdapter::Single(_)));
    assert_eq!(ports(&plan), [": INT64 [?, 2]"]);
}

#[test]
fn columns_of_categories_go_in_by_name() {
    let named = plan(&folder("own_pandas_numbers")).expect("a plan");
    assert!(matches!(named.inputs, InputAdapter::Named(_)));
    assert_eq!(
        ports(&named),
        ["i: INT64 [?]", "x: FP64 [?]", "f: FP64 [?]", "b: BOOL [?]"]
    );
    let texts = plan(&folder("own_pandas_ordered")).expect("a plan");
    assert_eq!(
        ports(&texts),
        ["o: STRING [?]", "x: FP64 [?]", "s: STRING [?]"]
    );
}

#[test]
fn classifiers_can_be_asked_for_probabilities() {
    for (case, expected) in [
        ("multiclass_iris", &["predict"][..]),
        ("sklearn_regressor_skops", &["predict"]),
        ("own_skops_ranker", &["predict"]),
        ("own_skops_bool", &["predict", "predict_proba"]),
        ("own_skops_ova", &["predict", "predict_proba"]),
    ] {
        let plan = plan(&folder(case)).expect(case);
        assert_eq!(methods(&plan), expected, "{case}");
        let artifact = &plan.artifact;
        assert_eq!(artifact.format, Format::Program, "{case}");
        assert!(artifact.companions.is_empty(), "{case}");
        let program = artifact.program.as_ref().expect("a program");
        let outputs: Vec<&str> = program
            .outputs()
            .iter()
            .map(|output| &*output.name)
            .collect();
        assert_eq!(outputs, expected, "{case}");
    }
}
